"""What we keep of the ads platform: which audience is whose, and whether purchases are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.errors import NotReached
from headwater.base.sql import statements
from headwater.connect.tencent_ads import bounds
from headwater.connect.tencent_ads.audiences import Audiences

sql = statements(__file__)

# Longer than making one takes, so that of two processes only one makes it.
_MAKES: Final = timedelta(minutes=5)
_PAGES_MOST: Final = 100


@dataclass(frozen=True)
class Telling:
    """Purchases are told into this set of actions since then."""

    set_id: int
    since_at: datetime


@dataclass(frozen=True)
class _Kept:
    audience_id: int | None


@dataclass(frozen=True)
class _Named:
    key: str
    audience_id: int


async def audience(pool: Pool, audiences: Audiences, key: str, now: datetime) -> int:
    """Give the audience that belongs to a key, and make it the first time.

    One process makes it; the others are NotReached meanwhile, and ask again later. After silence
    it is looked for by its name before another one is made.
    """
    async with pool.transaction(SYSTEM) as db:
        kept = await db.maybe(sql.audience, _Kept, key=key)
        if kept is not None and kept.audience_id is not None:
            return kept.audience_id
        given = {"key": key, "now": now, "leased_until": now + _MAKES}
        is_mine = await db.value(sql.take, **given) is not None
    if not is_mine:
        raise NotReached("another process makes this audience at the moment")
    name = _name(key)
    found = await _found(audiences, name) if kept is not None else None
    made = found if found is not None else await audiences.create(name, key)
    async with pool.transaction(SYSTEM) as db:
        await db.run(sql.made, key=key, audience_id=made, now=now)
    return made


async def audience_ids(db: Db) -> Mapping[str, int]:
    """Say which audiences were made, by what they belong to."""
    return {each.key: each.audience_id for each in await db.all(sql.audiences, _Named)}


async def telling(db: Db) -> Telling | None:
    """Say into which set purchases are told; None where they are not."""
    return await db.maybe(sql.telling, Telling)


async def begin_telling(db: Db, set_id: int, by: UUID, now: datetime) -> None:
    """Tell of purchases from now on; where they are told already this changes nothing."""
    await db.run(sql.begin_telling, set_id=set_id, by=by, now=now)


async def end_telling(db: Db, by: UUID, now: datetime) -> bool:
    """Tell of no purchase any more; say whether any was told before."""
    return await db.run(sql.end_telling, by=by, now=now) == 1


def _name(key: str) -> str:
    """A name within the platform's bytes; the end of a key is what tells one from another."""
    return f"hw-{key}"[: bounds.AUDIENCE_NAME_BYTES] if len(key) < 30 else f"hw-{key[-29:]}"


async def _found(audiences: Audiences, name: str) -> int | None:
    for number in range(1, _PAGES_MOST + 1):
        page = await audiences.list(number)
        for each in page.items:
            if each.name == name:
                return each.audience_id
        if page.is_last:
            return None
    return None

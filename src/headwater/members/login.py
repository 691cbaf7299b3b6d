"""Login: by a code sent to the phone, or by an open id that WeChat vouches for."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from headwater.base import ids, limits
from headwater.base.crypto import Keys
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.members import consents, identities, members, merging
from headwater.members.errors import WrongCode
from headwater.members.identities import Id
from headwater.members.members import NewMember

sql = statements(__file__)

CODE_SECONDS = 300
CODE_TRIES = 5
_BY_CODE = "code sent to the phone"
_MAINLAND = re.compile(r"1[3-9][0-9]{9}")


@dataclass(frozen=True)
class Arrival:
    """How somebody came: through which door, at which store, speaking what."""

    source: str
    home_store_id: UUID | None = None
    language: str = "zh"


def tidy_phone(typed: str) -> str:
    """Read a mainland phone number as people type it."""
    digits = re.sub(r"[\s-]", "", typed)
    digits = digits.removeprefix("+86")
    if not _MAINLAND.fullmatch(digits):
        raise BadInput("phone", "not_a_phone")
    return digits


async def count_request(db: Db, keys: Keys, phone: str, address: str, now: datetime) -> None:
    """Count a request for a code, by phone and by network address."""
    index = Id("phone", tidy_phone(phone)).index(keys).hex()
    await limits.count(db, f"phone-code:{index}", 5, 3600, now)
    await limits.count(db, f"phone-code-from:{address}", 60, 3600, now)


async def make_code(db: Db, keys: Keys, phone: str, now: datetime) -> str:
    """Make a login code for a phone; the caller sends it, we keep only its hash."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    index = Id("phone", tidy_phone(phone)).index(keys)
    await db.run(
        sql.keep_code,
        bucket=ids.hash_bucket(index),
        phone_index=index,
        code_hash=_hash(index, code),
        tries=CODE_TRIES,
        expires_at=now + timedelta(seconds=CODE_SECONDS),
    )
    return code


async def try_code(db: Db, keys: Keys, phone: str, code: str, now: datetime) -> bool:
    """Tell whether the code is right; every try counts, so the caller lets this commit."""
    index = Id("phone", tidy_phone(phone)).index(keys)
    kept = await db.value(sql.try_code, bucket=ids.hash_bucket(index), phone_index=index, now=now)
    if kept is None or not hmac.compare_digest(kept, _hash(index, code.strip())):
        return False
    await db.run(sql.forget_code, bucket=ids.hash_bucket(index), phone_index=index)
    return True


async def with_phone(db: Db, keys: Keys, phone: str, arrival: Arrival, now: datetime) -> UUID:
    """Log in whoever owns this phone, after `try_code` said yes; a new phone joins."""
    phone = tidy_phone(phone)
    who = await _enter(db, keys, Id("phone", phone), arrival, now)
    await members.set_phone(db, keys, who, phone)
    return who


async def with_open_id(
    db: Db, keys: Keys, app_id: str, open_id: str, arrival: Arrival, now: datetime
) -> UUID:
    """Log in whoever owns this open id, for which WeChat has vouched; a new one joins."""
    return await _enter(db, keys, Id("open_id", open_id, app_id), arrival, now)


async def with_any(
    db: Db, keys: Keys, found: Sequence[Id], arrival: Arrival, now: datetime
) -> UUID:
    """Find whom these ids find, and link those that find nobody; a stranger joins.

    The platform says that all of them are one person's, so two members whom they find are one.
    """
    known = [who for id in found if (who := await identities.find(db, keys, id)) is not None]
    who = known[0] if known else await _enter(db, keys, found[0], arrival, now)
    for other in known[1:]:
        who = await merging.join(db, who, other, f"ids of one person, by {arrival.source}", now)
    for id in found:
        if await identities.claim(db, keys, id, who):
            await identities.link(db, keys, id, who, arrival.source, now)
    return who


async def add_phone(
    db: Db, keys: Keys, member_id: UUID, phone: str, now: datetime, are_both_theirs: bool = False
) -> UUID:
    """Link a phone whose code was right to somebody who is logged in, and tell who that is now.

    Numbers are given out again, so a phone that finds another member stays theirs until the person
    says that both accounts are their own; then the two become one.
    """
    id = Id("phone", tidy_phone(phone))
    if await identities.claim(db, keys, id, member_id):
        await identities.link(db, keys, id, member_id, _BY_CODE, now)
        await members.set_phone(db, keys, member_id, id.value)
        return member_id
    other = await identities.find(db, keys, id)
    if other is None or other == member_id:
        return member_id
    if not are_both_theirs:
        raise WrongCode(why="this phone belongs to another account")
    return await merging.join(db, member_id, other, _BY_CODE, now)


async def _enter(db: Db, keys: Keys, id: Id, arrival: Arrival, now: datetime) -> UUID:
    known = await identities.find(db, keys, id)
    if known is not None:
        return known
    member_id = ids.new_member()
    if not await identities.claim(db, keys, id, member_id):
        came_first = await identities.find(db, keys, id)
        assert came_first is not None
        return came_first
    new = NewMember(
        member_id,
        arrival.source,
        home_store_id=arrival.home_store_id,
        language=arrival.language,
    )
    await members.join(db, keys, new, now)
    await identities.link(db, keys, id, member_id, arrival.source, now)
    await consents.say(db, member_id, consents.Said("service", "any", True, arrival.source), now)
    return member_id


def _hash(index: bytes, code: str) -> bytes:
    return hashlib.sha256(index + code.encode()).digest()

"""Tokens in the database, sealed: what one process renews, all processes use."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from headwater.base import crypto
from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import Forged
from headwater.base.sql import statements
from headwater.base.times import Clock
from headwater.connect.tokens import FORCED_A_DAY, FORCED_APART_SECONDS, Kept, Lease, Tokens

sql = statements(__file__)
log = logging.getLogger(__name__)

_PURPOSE: Final = "connect.tokens"


@dataclass(frozen=True)
class _Sealed:
    version: int
    sealed: bytes | None = field(repr=False)
    fresh_until: datetime | None
    ends_at: datetime | None


class DatabaseRows:
    """One row a credential; every verb is a short transaction of its own."""

    def __init__(self, pool: Pool, keys: Callable[[], Keys]) -> None:
        self._pool = pool
        self._keys = keys

    async def read(self, name: str) -> tuple[int, Kept | None]:
        """Give the version and the token, if there is one and our keys open it."""
        async with self._pool.transaction(SYSTEM) as db:
            row = await db.maybe(sql.read, _Sealed, name=name)
        if row is None:
            return 0, None
        if row.sealed is None or row.fresh_until is None or row.ends_at is None:
            return row.version, None
        try:
            token = crypto.unseal(self._keys(), row.sealed, f"{_PURPOSE}:{name}")
        except Forged:
            log.warning("the kept token of %s does not open with our keys; it is renewed", name)
            return row.version, None
        return row.version, Kept(row.version, token, row.fresh_until, row.ends_at)

    async def take(self, lease: Lease, version: int, now: datetime) -> bool:
        """Take the lease if it is free; of many who try at once one gets it."""
        async with self._pool.transaction(SYSTEM) as db:
            taken = await db.value(
                sql.take,
                name=lease.name,
                until=lease.until,
                holder=lease.holder,
                version=version,
                now=now,
            )
        return taken is not None

    async def put(self, lease: Lease, kept: Kept, now: datetime) -> bool:
        """Keep a new token, sealed, and end the lease."""
        sealed = crypto.seal(self._keys(), kept.token, f"{_PURPOSE}:{lease.name}")
        async with self._pool.transaction(SYSTEM) as db:
            touched = await db.run(
                sql.put,
                name=lease.name,
                holder=lease.holder,
                version=kept.version,
                sealed=sealed,
                fresh_until=kept.fresh_until,
                ends_at=kept.ends_at,
                now=now,
            )
        return touched == 1

    async def give_up(self, lease: Lease, until: datetime | None) -> None:
        """End the lease at once or at a moment."""
        async with self._pool.transaction(SYSTEM) as db:
            await db.run(sql.give_up, name=lease.name, holder=lease.holder, until=until)

    async def may_force(self, name: str, day: date, now: datetime) -> bool:
        """Count one forced renewal if budget and pause allow it, for all processes together."""
        pause = timedelta(seconds=FORCED_APART_SECONDS)
        async with self._pool.transaction(SYSTEM) as db:
            counted = await db.value(
                sql.may_force, name=name, day=day, now=now, not_since=now - pause, most=FORCED_A_DAY
            )
        return counted is not None


def shared(pool: Pool, keys: Callable[[], Keys], now: Clock) -> Tokens:
    """Make the store that all processes on this database share; the keys may change meanwhile."""
    return Tokens(DatabaseRows(pool, keys), now)

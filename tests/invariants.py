"""The house's own checker, for tests that end by asking whether everything still holds."""

from __future__ import annotations

from headwater.app import invariants
from headwater.base.db import SYSTEM, Db, Pool


async def check(db: Db) -> list[str]:
    """Name everything that does not hold in this transaction."""
    return await invariants.check(db)


async def check_all(pool: Pool) -> list[str]:
    """Name everything that does not hold in what is committed, at one moment."""
    async with pool.transaction(SYSTEM) as db:
        await invariants.snapshot(db)
        return await invariants.check(db)

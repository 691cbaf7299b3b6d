"""Switches: in which stores an offer counts that does not count everywhere.

Whoever decides it tells it once, ahead; nobody is asked at a checkout.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


async def turn_on(db: Db, code: str, since: Mapping[UUID, datetime]) -> None:
    """Let stores be on from their moments on; one that has its moment already keeps it."""
    await db.run(
        sql.turn_on, code=code, store_ids=list(since), on_at=list(since.values())
    )  # fmt: skip


async def turn_off(db: Db, code: str, now: datetime) -> None:
    """Switch every store off, also those whose moment has not come."""
    await db.run(sql.turn_off, code=code, now=now)

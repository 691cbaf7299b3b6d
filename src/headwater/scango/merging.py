"""Merging: a visit that an account began is gone on with by the member whom it became."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.members import merging

sql = statements(__file__)


async def follow(db: Db, member_id: UUID, gone_id: UUID, now: datetime) -> None:
    """Give the visits of one id to the other; again finds nothing more to give.

    They stay where they lie, since a phone in a store shows the address of the open one.
    """
    buckets = await merging.buckets_of(db, gone_id)
    await db.run(sql.end, buckets=buckets, member_id=member_id, gone_id=gone_id, now=now)
    await db.run(sql.follow, buckets=buckets, member_id=member_id, gone_id=gone_id)

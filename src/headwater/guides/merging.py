"""Merging: a person who had two accounts has one guide, and the touches and credits of both."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.guides import shares
from headwater.members import merging

sql = statements(__file__)


async def follow(db: Db, member_id: UUID, gone_id: UUID, now: datetime) -> None:
    """Move relations and touches to who stays; credits and commissions change their member only.

    What was credited stays whose it was: pay is not decided anew.
    """
    gone = {"gone_bucket": ids.bucket_of(gone_id), "gone_id": gone_id}
    kept = {"bucket": ids.bucket_of(member_id), "member_id": member_id}
    await db.run(sql.end, **kept, **gone, now=now)
    await db.run(sql.follow, **kept, **gone)
    await shares.adopt(db, gone_id, member_id)
    # Credits lie where their orders lie.
    buckets = await merging.buckets_of(db, gone_id)
    await db.run(sql.credits, buckets=buckets, member_id=member_id, gone_id=gone_id)
    await db.run(sql.commissions, buckets=buckets, member_id=member_id, gone_id=gone_id)

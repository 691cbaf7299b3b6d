"""Merging: orders of an account that became another's are theirs, and stay where they lie."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.members import merging
from headwater.trade import carts

sql = statements(__file__)


async def follow(db: Db, member_id: UUID, gone_id: UUID, now: datetime) -> None:
    """Give orders and the cart of one id to the other; again finds nothing more to give.

    An order's id carries its bucket, and so do its number and what the provider knows of it; so
    it changes its member and not its place.
    """
    buckets = await merging.buckets_of(db, gone_id)
    await db.run(sql.orders, buckets=buckets, member_id=member_id, gone_id=gone_id)
    await db.run(sql.parts, buckets=buckets, member_id=member_id, gone_id=gone_id)
    await carts.merge(db, gone_id, member_id, now)

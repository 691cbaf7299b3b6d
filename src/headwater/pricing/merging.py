"""Merging: the coupons of two accounts are in one hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.members import merging

sql = statements(__file__)


@dataclass(frozen=True)
class _Id:
    id: UUID


async def follow(db: Db, member_id: UUID, gone_id: UUID) -> None:
    """Give the coupons of an id that became this member; again finds none.

    Those that orders have taken stay beside their orders, and change hands there.
    """
    buckets = await merging.buckets_of(db, gone_id)
    await db.run(sql.tie, buckets=buckets, member_id=member_id, gone_id=gone_id)
    gone_bucket = ids.bucket_of(gone_id)
    unused = await db.all(sql.unused, _Id, gone_bucket=gone_bucket, gone_id=gone_id)
    await bring(db, gone_bucket, member_id, [each.id for each in unused])


async def bring(db: Db, from_bucket: int, member_id: UUID, coupon_ids: Sequence[UUID]) -> None:
    """Move unused coupons to where this member's lie."""
    bucket = ids.bucket_of(member_id)
    await db.run(
        sql.follow,
        gone_bucket=from_bucket,
        bucket=bucket,
        member_id=member_id,
        old_ids=list(coupon_ids),
        ids=[ids.named_in(bucket, "merged coupon", str(each)) for each in coupon_ids],
    )

"""Coupons: an offer in somebody's hand, used once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.pricing import merging
from headwater.pricing.errors import CouponGone

sql = statements(__file__)


@dataclass(frozen=True)
class Coupon:
    """A coupon that can still be used, with what it gives."""

    id: UUID
    offer_id: UUID
    kind: str
    floor_fen: int
    off_fen: int
    label_zh: str
    label_en: str
    expires_at: datetime


@dataclass(frozen=True)
class _Back:
    bucket: int
    id: UUID
    member_id: UUID


@dataclass(frozen=True)
class Issue:
    """One offer to be put into many hands, from one source, until a moment."""

    offer_id: UUID
    source: str
    expires_at: datetime


async def usable(db: Db, member_id: UUID, now: datetime) -> list[Coupon]:
    """List the coupons a member could use now, the best first."""
    return await db.all(
        sql.usable, Coupon, bucket=ids.bucket_of(member_id), member_id=member_id, now=now
    )


async def use(db: Db, member_id: UUID, coupon_id: UUID, order_id: UUID, now: datetime) -> None:
    """Tie a coupon to an order; it can be tied once."""
    used = await db.run(
        sql.use,
        bucket=ids.bucket_of(member_id),
        id=coupon_id,
        member_id=member_id,
        order_id=order_id,
        now=now,
    )
    if not used:
        raise CouponGone(coupon_id=str(coupon_id))


async def give_back(db: Db, order_id: UUID, member_id: UUID) -> None:
    """Return the coupon of an order that closed unpaid.

    One whose order lies elsewhere, since its account became this member's, comes to the member.
    """
    buckets = _buckets(order_id, member_id)
    for each in await db.all(sql.give_back, _Back, buckets=buckets, order_id=order_id):
        if each.bucket != ids.bucket_of(each.member_id):
            await merging.bring(db, each.bucket, each.member_id, [each.id])


async def use_again(db: Db, order_id: UUID, member_id: UUID, now: datetime) -> bool:
    """Tie a returned coupon to its order again, unless another order has taken it meanwhile."""
    buckets = _buckets(order_id, member_id)
    return await db.run(sql.use_again, buckets=buckets, order_id=order_id, now=now) == 1


async def issue(db: Db, member_ids: Sequence[UUID], what: Issue, now: datetime) -> None:
    """Put one coupon of an offer into each hand; a repeat from the same source gives no second."""
    buckets = [ids.bucket_of(member_id) for member_id in member_ids]
    await db.run(
        sql.issue,
        buckets=buckets,
        ids=[
            ids.named_in(bucket, "coupon", f"{what.source}:{what.offer_id}:{member_id}")
            for bucket, member_id in zip(buckets, member_ids, strict=True)
        ],
        member_ids=list(member_ids),
        offer_id=what.offer_id,
        source=what.source,
        expires_at=what.expires_at,
        now=now,
    )


def _buckets(order_id: UUID, member_id: UUID) -> list[int]:
    return sorted({ids.bucket_of(order_id), ids.bucket_of(member_id)})

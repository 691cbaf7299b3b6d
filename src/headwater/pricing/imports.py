"""Prices and coupons from another system, written as sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.postgres.bulk import arrays
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class PriceRow:
    """The price of a variant at a brand or at one store; `change_id` names its history row."""

    variant_id: UUID
    place_id: UUID
    price_fen: int
    member_price_fen: int | None
    change_id: UUID


@dataclass(frozen=True)
class CouponOfferRow:
    """A coupon that was given out: what it took off, and when."""

    id: UUID
    brand_id: UUID
    code: str
    label_zh: str
    label_en: str
    off_fen: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class UsedCouponRow:
    """A coupon that somebody redeemed; the order is known where the data tell."""

    bucket: int
    id: UUID
    member_id: UUID
    offer_id: UUID
    issued_at: datetime
    expires_at: datetime
    order_id: UUID | None
    used_at: datetime


async def put_prices(db: Db, rows: Sequence[PriceRow], by_whom: str, now: datetime) -> int:
    """Write prices with their history, and tell how many changed."""
    return await db.run(sql.put_prices, **arrays(rows, PriceRow), by_whom=by_whom, now=now)


async def put_coupon_offers(db: Db, rows: Sequence[CouponOfferRow]) -> int:
    """Write coupon offers by code, and tell how many are new."""
    return await db.run(sql.put_coupon_offers, **arrays(rows, CouponOfferRow))


async def put_used_coupons(db: Db, rows: Sequence[UsedCouponRow], source: str) -> int:
    """Write redeemed coupons, and tell how many are new."""
    return await db.run(sql.put_used_coupons, **arrays(rows, UsedCouponRow), source=source)


async def count_used_coupons(db: Db, source: str) -> int:
    """Count the redeemed coupons that came from one source."""
    return int(await db.value(sql.count_used_coupons, source=source))

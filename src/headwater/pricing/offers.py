"""Offers: what a brand gives off, and from which amount on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class CouponOffer:
    """A coupon that a brand could put into hands."""

    id: UUID
    code: str
    label_zh: str
    label_en: str
    floor_fen: int
    off_fen: int
    ends_at: datetime


@dataclass(frozen=True)
class Running:
    """Money off that everybody gets by themselves, once the goods reach a floor."""

    id: UUID
    label_zh: str
    label_en: str
    floor_fen: int
    off_fen: int
    ends_at: datetime


@dataclass(frozen=True)
class NewOffer:
    """Money off once the goods reach a floor, between two moments.

    With a switch it counts only in stores in which the switch is on.
    """

    code: str
    brand_id: UUID
    kind: str
    label_zh: str
    label_en: str
    floor_fen: int
    off_fen: int
    starts_at: datetime
    ends_at: datetime
    switch_code: str | None = None


async def coupons_of(db: Db, brand_id: UUID, now: datetime, most: int = 100) -> list[CouponOffer]:
    """List the coupons that a brand could give out now, the one that lasts longest first."""
    return await db.all(sql.coupons_of, CouponOffer, brand_id=brand_id, now=now, most=most)


async def running(db: Db, brand_id: UUID, store_id: UUID, now: datetime) -> list[Running]:
    """List what a brand gives off to everybody in a store now, the lowest floor first."""
    return await db.all(sql.running, Running, brand_id=brand_id, store_id=store_id, now=now)


async def put(db: Db, offer: NewOffer) -> bool:
    """Put an offer in force; one with the same code stays as it is, and the answer is no."""
    added = await db.run(
        sql.put,
        id=ids.named("offer", offer.code),
        brand_id=offer.brand_id,
        code=offer.code,
        kind=offer.kind,
        label_zh=offer.label_zh,
        label_en=offer.label_en,
        floor_fen=offer.floor_fen,
        off_fen=offer.off_fen,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        switch_code=offer.switch_code,
    )
    return added > 0

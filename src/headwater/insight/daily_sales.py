"""Daily sales: what each store sold on each day, rebuilt from orders whenever asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.base.times import business_day, day_start

sql = statements(__file__)

# Returns change the day of their sale, so that so many days are looked at each night.
RETURNS_DAYS: Final = 35


@dataclass(frozen=True)
class Day:
    """A day of some stores together."""

    day: date
    orders: int
    units: int
    paid_fen: int
    refunded_fen: int


@dataclass(frozen=True)
class StoreWeek:
    """What one store sold in a week that begins on a Monday, less what came back of it."""

    store_id: UUID
    week: date
    net_fen: int


async def rebuild(db: Db, first: date, last: date) -> int:
    """Count each store's days anew, both ends included; tell how many store-days there are.

    A day is the shop's own. What came back is booked on the day of the sale it belongs to.
    """
    await db.run(sql.clear, first=first, last=last)
    return await db.run(
        sql.count, from_at=day_start(first), until_at=day_start(last + timedelta(days=1))
    )


async def rebuild_lately(db: Db, now: datetime, days: int = 1) -> int:
    """Count today and so many days before it anew."""
    today = business_day(now)
    return await rebuild(db, today - timedelta(days=days), today)


async def of_stores(db: Db, store_ids: Sequence[UUID], first: date, last: date) -> list[Day]:
    """Add up the days of some stores, for those who may see them."""
    return await db.all(sql.of_stores, Day, store_ids=list(store_ids), first=first, last=last)


async def weeks_of(db: Db, store_ids: Sequence[UUID], first: date, last: date) -> list[StoreWeek]:
    """Give each store's weeks, for drawing and judging waves; a week without a sale has no row."""
    return await db.all(sql.weeks_of, StoreWeek, store_ids=list(store_ids), first=first, last=last)

"""Closing: an order that nobody pays ends by itself, and its stock is free again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.events import announce
from headwater.base.sql import statements
from headwater.pricing import coupons
from headwater.stock import holds
from headwater.trade.events import OrderClosed

sql = statements(__file__)


@dataclass(frozen=True)
class Due:
    """An order whose time to be paid has passed."""

    id: UUID
    member_id: UUID


@dataclass(frozen=True)
class _Closed:
    id: UUID
    member_id: UUID
    store_id: UUID


@dataclass(frozen=True)
class _OutTradeNo:
    out_trade_no: str


async def claim_due(db: Db, now: datetime, most: int = 50) -> list[Due]:
    """Take orders whose time has passed; a worker that dies leaves them due again in a minute."""
    return await db.all(
        sql.claim_due, Due, now=now, again_at=now + timedelta(seconds=60), most=most
    )


async def open_attempts(db: Db, order_id: UUID) -> list[str]:
    """List the tries that the provider must close before the order may."""
    found = await db.all(
        sql.open_attempts, _OutTradeNo, bucket=ids.bucket_of(order_id), order_id=order_id
    )
    return [each.out_trade_no for each in found]


async def close(db: Db, order_id: UUID, reason: str, by_whom: str, now: datetime) -> bool:
    """Close an order that still waits for its money; one that was paid meanwhile stays paid."""
    bucket = ids.bucket_of(order_id)
    closed = await db.maybe(
        sql.close,
        _Closed,
        bucket=bucket,
        order_id=order_id,
        reason=reason,
        by_whom=by_whom,
        log_id=ids.new(bucket),
        now=now,
    )
    if closed is None:
        return False
    await coupons.give_back(db, order_id, closed.member_id)
    fact = OrderClosed(order_id, closed.member_id, closed.store_id, reason, now)
    await announce(db, fact, now=now)
    await holds.release(db, [order_id])
    return True

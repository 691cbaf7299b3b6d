"""The exit: a member of staff checks a pass, and it lets out once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from headwater.base import ids
from headwater.base.crypto import Keys
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.scango import passes
from headwater.scango.errors import NotPaidYet, PassExpired, PassUnknown, PassUsed
from headwater.trade import orders
from headwater.trade.errors import OrderGone
from headwater.trade.orders import Order, OrderLine

sql = statements(__file__)


@dataclass(frozen=True)
class Exit:
    """Somebody was let out: what they should be carrying."""

    order: Order
    lines: list[OrderLine]
    checked_at: datetime

    @property
    def pieces(self) -> int:
        """Count what should be in the bag."""
        return sum(line.quantity - line.refunded_quantity for line in self.lines)


@dataclass(frozen=True)
class _Earlier:
    verdict: str
    checked_at: datetime


async def check(db: Db, keys: Keys, staff_id: UUID, shown: str, now: datetime) -> Exit:
    """Let somebody out on a pass, scanned or typed, once.

    The walls of the transaction decide whose store it may be: elsewhere the pass is unknown.
    """
    order = await _order(db, keys, shown, now)
    if order.kind != "scan_and_go":
        raise PassUnknown()
    if not passes.is_ready(order) or order.paid_at is None:
        raise NotPaidYet(order_id=str(order.id))
    if now >= order.paid_at + timedelta(minutes=passes.VALID_MINUTES):
        raise PassExpired()
    bucket = ids.bucket_of(order.id)
    written = await db.run(
        sql.let_out,
        bucket=bucket,
        order_id=order.id,
        store_id=order.store_id,
        staff_id=staff_id,
        now=now,
    )
    if not written:
        earlier = await db.one(sql.earlier, _Earlier, bucket=bucket, order_id=order.id)
        raise PassUsed(checked_at=earlier.checked_at.isoformat())
    if order.state == "paid":
        await orders.hand_over(db, order.id, "walked out with it", "staff", now)
    return Exit(order, await orders.lines(db, order.id), now)


async def _order(db: Db, keys: Keys, shown: str, now: datetime) -> Order:
    shown = shown.strip()
    is_typed = len(ids.tidy_code(shown)) == 12
    number = shown if is_typed else passes.read(keys, shown, now)
    try:
        return await orders.one(db, await orders.id_by_number(db, number))
    except OrderGone as error:
        raise PassUnknown() from error

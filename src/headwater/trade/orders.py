"""Orders: what was bought, as shoppers, guides and HQ read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.members.errors import StillOpen
from headwater.trade.errors import OrderGone, WrongState

sql = statements(__file__)


@dataclass(frozen=True)
class OrderRow:
    """An order in a list."""

    id: UUID
    number: str
    kind: str
    state: str
    store_id: UUID
    payable_fen: int
    refunded_fen: int
    placed_at: datetime
    due_at: datetime | None
    lines: int


@dataclass(frozen=True)
class Order:
    """An order on its own page."""

    id: UUID
    number: str
    kind: str
    state: str
    door: str
    fulfilment: str
    member_id: UUID
    store_id: UUID
    touch_code: str | None
    goods_fen: int
    discount_fen: int
    payable_fen: int
    refunded_fen: int
    placed_at: datetime
    due_at: datetime | None
    paid_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class OrderLine:
    """A line, with every fen of its price explained in `parts`."""

    line_no: int
    variant_id: UUID
    product_id: UUID
    title_zh: str
    title_en: str
    size_label: str
    category_code: str
    picture: str | None
    quantity: int
    unit_fen: int
    goods_fen: int
    discount_fen: int
    payable_fen: int
    refunded_fen: int
    refunded_quantity: int
    parts: list[dict[str, Any]]


@dataclass(frozen=True)
class Step:
    """One change of an order's state."""

    from_state: str | None
    to_state: str
    why: str
    by_whom: str
    logged_at: datetime


@dataclass(frozen=True)
class Listing:
    """Which orders HQ wants to see: of these stores, in this state, before this moment."""

    store_ids: tuple[UUID, ...]
    state: str | None = None
    before: datetime | None = None
    most: int = 50


@dataclass(frozen=True)
class _Id:
    order_id: UUID


async def of_member(db: Db, member_id: UUID, most: int = 20, skip: int = 0) -> list[OrderRow]:
    """List a member's orders, the newest first."""
    return await db.all(
        sql.of_member,
        OrderRow,
        bucket=ids.bucket_of(member_id),
        member_id=member_id,
        most=most,
        skip=skip,
    )


async def make_sure_none_is_open(db: Db, member_id: UUID) -> None:
    """Refuse to let a member go whose order is unpaid, not yet handed over or being refunded."""
    if await db.value(sql.has_open, bucket=ids.bucket_of(member_id), member_id=member_id):
        raise StillOpen()


async def own(db: Db, member_id: UUID, order_id: UUID) -> Order:
    """Find a member's own order; somebody else's does not exist."""
    order = await one(db, order_id)
    if order.member_id != member_id:
        raise OrderGone(order_id=str(order_id))
    return order


async def one(db: Db, order_id: UUID) -> Order:
    """Find an order within the walls of this transaction."""
    found = await db.maybe(sql.one, Order, bucket=ids.bucket_of(order_id), order_id=order_id)
    if found is None:
        raise OrderGone(order_id=str(order_id))
    return found


async def id_by_number(db: Db, number: str) -> UUID:
    """Find an order's id by the number a shopper reads out."""
    bucket = ids.bucket_of_number(number)
    found = (
        None
        if bucket is None
        else await db.value(sql.id_by_number, bucket=bucket, number=ids.tidy_code(number))
    )
    if found is None:
        raise OrderGone(number=number)
    return UUID(str(found))


async def lines(db: Db, order_id: UUID) -> list[OrderLine]:
    """List an order's lines."""
    return await db.all(sql.lines, OrderLine, bucket=ids.bucket_of(order_id), order_id=order_id)


async def log(db: Db, order_id: UUID) -> list[Step]:
    """List what happened to an order, in order."""
    return await db.all(sql.log, Step, bucket=ids.bucket_of(order_id), order_id=order_id)


async def recent(db: Db, listing: Listing) -> Sequence[OrderRow]:
    """List orders of the stores somebody may see, the newest first."""
    return await db.all(
        sql.recent,
        OrderRow,
        store_ids=list(listing.store_ids),
        state=listing.state,
        before=listing.before,
        most=listing.most,
    )


async def hand_over(db: Db, order_id: UUID, why: str, by_whom: str, now: datetime) -> None:
    """Note that the goods are with the shopper; the order is paid and its money stays."""
    bucket = ids.bucket_of(order_id)
    handed = await db.maybe(
        sql.hand_over,
        _Id,
        bucket=bucket,
        order_id=order_id,
        why=why,
        by_whom=by_whom,
        log_id=ids.new(bucket),
        now=now,
    )
    if handed is None:
        raise WrongState(order_id=str(order_id))

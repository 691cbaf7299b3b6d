"""Sales that happened before us: orders that are already handed over, loaded or written as sets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.postgres import bulk
from headwater.base.sql import statements

sql = statements(__file__)

ORDERS = "trade.orders"
LINES = "trade.order_lines"
LOG = "trade.order_log"
LINE_COLUMNS = (
    "bucket", "order_id", "line_no", "member_id", "store_id", "variant_id", "quantity",
    "unit_fen", "goods_fen", "discount_fen", "payable_fen", "parts",
)  # fmt: skip


@dataclass(frozen=True)
class PastOrder:
    """An order of another system, paid and handed over there."""

    bucket: int
    id: UUID
    number: str
    member_id: UUID
    store_id: UUID
    door: str
    goods_fen: int
    discount_fen: int
    payable_fen: int
    external_id: str
    placed_at: datetime


@dataclass(frozen=True)
class PastLine:
    """A line of such an order."""

    bucket: int
    order_id: UUID
    line_no: int
    member_id: UUID
    store_id: UUID
    variant_id: UUID
    quantity: int
    unit_fen: int
    goods_fen: int
    discount_fen: int
    payable_fen: int
    parts: Any


@dataclass(frozen=True)
class SoldLine:
    """A line of an imported order."""

    order_id: UUID
    line_no: int
    member_id: UUID
    store_id: UUID
    variant_id: UUID
    quantity: int
    payable_fen: int
    refunded_quantity: int
    sold_at: datetime


@dataclass(frozen=True)
class BackLine:
    """Pieces of such a line that came back, and what was given for them."""

    bucket: int
    order_id: UUID
    line_no: int
    quantity: int
    amount_fen: int


@dataclass(frozen=True)
class Sums:
    """What came from one source, line by line and order by order."""

    orders: int
    lines: int
    goods_fen: int
    discount_fen: int
    payable_fen: int
    orders_payable_fen: int
    member_fen: int
    match_fen: int
    maker_fen: int


@dataclass(frozen=True)
class _Here:
    id: UUID
    payable_fen: int


def order_id(member_id: UUID, external_id: str) -> UUID:
    """Give the id that another system's order has here; it carries the member's bucket."""
    return ids.named_in(ids.bucket_of(member_id), "order", external_id)


def number(id: UUID) -> str:
    """Give the number of an imported order: ten places of its own id, then the bucket in two.

    An import runs again, so the number is not drawn; the id is a hash, so it tells nothing.
    """
    places = [ids.ALPHABET[(id.int >> shift) & 31] for shift in range(59, 9, -5)]
    bucket = ids.bucket_of(id)
    return "".join(places) + ids.ALPHABET[bucket >> 5] + ids.ALPHABET[bucket & 31]


async def load(
    db: Db,
    orders: Mapping[str, bulk.Array],
    lines: Iterable[Mapping[str, bulk.Array]],
    log: Mapping[str, bulk.Array],
) -> None:
    """COPY a whole history of sales as the owner of the tables; no fact of it is announced.

    What is past is not heard again: no credit, no commission and no message follows from it.
    """
    await bulk.put(db, ORDERS, orders)
    await bulk.put_from(db, LINES, LINE_COLUMNS, lines)
    await bulk.put(db, LOG, log)


async def put(db: Db, orders: Sequence[PastOrder], lines: Sequence[PastLine]) -> int:
    """Write past orders with their lines, and tell how many are new; one that is here stays."""
    new = await db.all(sql.put_orders, _New, **bulk.arrays(orders, PastOrder))
    fresh = {each.id for each in new}
    kept = [line for line in lines if line.order_id in fresh]
    await db.run(sql.put_lines, **bulk.arrays(kept, PastLine))
    logged = [each for each in orders if each.id in fresh]
    await db.run(
        sql.put_log,
        bucket=[each.bucket for each in logged],
        order_id=[each.id for each in logged],
        id=[ids.named_in(each.bucket, "order log", str(each.id)) for each in logged],
        logged_at=[each.placed_at for each in logged],
    )
    return len(fresh)


@dataclass(frozen=True)
class _New:
    id: UUID


async def here(db: Db, order_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Tell which of these orders are here already, and what each came to."""
    found = await db.all(
        sql.here,
        _Here,
        buckets=[ids.bucket_of(each) for each in order_ids],
        ids=list(order_ids),
    )
    return {each.id: each.payable_fen for each in found}


async def sold_at_tills(db: Db, order_ids: Collection[UUID]) -> list[SoldLine]:
    """List the lines of imported orders, with what of them came back already."""
    return await db.all(
        sql.sold_at_tills,
        SoldLine,
        buckets=[ids.bucket_of(each) for each in order_ids],
        ids=list(order_ids),
    )


async def take_back(db: Db, lines: Sequence[BackLine]) -> None:
    """Write down what tills took back; it is their word, as the sale was, and nobody is told."""
    await db.run(sql.take_back, **bulk.arrays(lines, BackLine))


async def sums(db: Db, prefix: str) -> Sums:
    """Add up the imported orders whose external id begins with this."""
    return await db.one(sql.sums, Sums, prefix=prefix)

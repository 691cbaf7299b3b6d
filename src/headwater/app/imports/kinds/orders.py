"""Past orders out of a file: one row a line, gathered by order, kept as handed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from headwater.app.imports.cells import amount, code, moment, whole
from headwater.app.imports.columns import Column, Record
from headwater.app.imports.errors import Problem
from headwater.app.imports.kinds.kind import Act, Kind, by_group, unknown
from headwater.base import ids
from headwater.base.db import Db
from headwater.books import imports as books
from headwater.catalog import imports as catalog
from headwater.members import imports as members
from headwater.members import merging
from headwater.stores import imports as stores
from headwater.trade import imports
from headwater.trade import merging as trade_merging
from headwater.trade.imports import PastLine, PastOrder

POS = "pos:external"
LINES_MOST = 1_000
_SAME = ("store_code", "member_id", "sold_at")


def columns(now: datetime) -> tuple[Column, ...]:
    """List the columns of an orders file."""
    return (
        Column("order_id", code, "your receipt or order number", is_required=True),
        Column("store_code", code, "where it was sold", is_required=True),
        Column("member_id", code, "the member's external_id; empty for a passer-by"),
        Column("sold_at", moment(now), "when, by the shop's clock", is_required=True),
        Column("item_number", code, "the item", is_required=True),
        Column("quantity", whole(1, 999), "pieces", is_required=True),
        Column("unit_price", amount, "price of one, in yuan", is_required=True),
        Column("discount", amount, "taken off this line, in yuan; default 0", False, 0),
    )


async def check(db: Db, act: Act, records: Sequence[Record]) -> list[Problem]:
    """Find what nobody knows, orders that contradict themselves, and orders that were changed."""
    items = await catalog.known_variants(db, [record["item_number"] for record in records])
    people = await members.known(db, {each["member_id"] for each in records if each["member_id"]})
    found = unknown(records, "store_code", await stores.known_stores(db), "store")
    found += unknown(records, "item_number", items, "item")
    found += unknown(records, "member_id", people, "member")
    for record in records:
        if record["discount"] > record["quantity"] * record["unit_price"]:
            why = "is more than the line costs"
            found.append(Problem(record.line, "discount", str(record["discount"] / 100), why))
    groups = by_group(records, "order_id")
    for order, lines in groups.items():
        found += _contradictions(order, lines)
    return found + await _changed(db, groups)


async def write(db: Db, act: Act, records: Sequence[Record]) -> int:
    """Write the orders that are new, and what they brought into the books; tell how many."""
    known = await stores.known_stores(db)
    items = await catalog.known_variants(db, [record["item_number"] for record in records])
    orders, rows = [], []
    for external_id, group in by_group(records, "order_id").items():
        store_id = known[group[0]["store_code"]].id
        lines = [
            _line(each, number, store_id, items[each["item_number"]])
            for number, each in enumerate(group, start=1)
        ]
        orders.append(_order(external_id, group[0], lines))
        rows += lines
    new = await imports.put(db, orders, rows)
    sales = [_sale(each) for each in orders if each.payable_fen > 0]
    await books.put(db, sales, POS)
    others = await merging.became_others(db, [each.member_id for each in orders])
    for gone_id, member_id in others.items():
        await trade_merging.follow(db, member_id, gone_id, act.now)
    return new


def _contradictions(order: str, lines: Sequence[Record]) -> list[Problem]:
    first = lines[0]
    found = [
        Problem(each.line, column, str(each[column]), f"line {first.line} says otherwise")
        for each in lines[1:]
        for column in _SAME
        if each[column] != first[column]
    ]
    if len(lines) > LINES_MOST:
        why = f"has {len(lines)} lines; at most {LINES_MOST}"
        found.append(Problem(first.line, "order_id", order, why))
    return found


async def _changed(db: Db, groups: dict[str, list[Record]]) -> list[Problem]:
    """Find orders that are here already with another amount: the past is not rewritten."""
    given = {order_id(order, lines[0]): lines for order, lines in groups.items()}
    found = []
    for id, payable_fen in (await imports.here(db, list(given))).items():
        lines = given[id]
        total = sum(each["quantity"] * each["unit_price"] - each["discount"] for each in lines)
        if total != payable_fen:
            why = f"is here already and came to {payable_fen / 100:.2f}, not {total / 100:.2f}"
            found.append(Problem(lines[0].line, "order_id", lines[0]["order_id"], why))
    return found


def _member_id(order: str, record: Record) -> UUID:
    """Give the member's id; a passer-by gets one of their own, as visitors do."""
    if record["member_id"]:
        return members.member_id(record["member_id"])
    return ids.named_member("passer-by", order)


def order_id(order: str, record: Record) -> UUID:
    """Give the id that an order of another system has here; it follows from the member's."""
    return imports.order_id(_member_id(order, record), order)


def _line(record: Record, number: int, store_id: UUID, variant_id: UUID) -> PastLine:
    member_id = _member_id(record["order_id"], record)
    goods = record["quantity"] * record["unit_price"]
    off = record["discount"]
    return PastLine(
        ids.bucket_of(member_id),
        imports.order_id(member_id, record["order_id"]),
        number,
        member_id,
        store_id,
        variant_id,
        record["quantity"],
        record["unit_price"],
        goods,
        off,
        goods - off,
        [{"kind": "till", "fen": off, "offer": None}] if off else [],
    )


def _order(external_id: str, first: Record, lines: Sequence[PastLine]) -> PastOrder:
    id = lines[0].order_id
    return PastOrder(
        lines[0].bucket,
        id,
        imports.number(id),
        lines[0].member_id,
        lines[0].store_id,
        "store",
        sum(line.goods_fen for line in lines),
        sum(line.discount_fen for line in lines),
        sum(line.payable_fen for line in lines),
        external_id,
        first["sold_at"],
    )


def _sale(order: PastOrder) -> books.SaleRow:
    key = f"imported:{order.id}"
    return books.SaleRow(
        order.bucket,
        ids.named_in(order.bucket, "transfer", key),
        f"sales:store:{order.store_id}",
        order.payable_fen,
        key,
        order.member_id,
        order.placed_at,
    )


ORDERS = Kind("orders", "orders", columns, check, write, group_by="order_id")

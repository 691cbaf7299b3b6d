"""What was brought back to a till, out of a file: one row a thing, of an order that is here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from headwater.app.imports.cells import code, moment, whole
from headwater.app.imports.columns import Column, Record
from headwater.app.imports.errors import Problem
from headwater.app.imports.kinds.kind import Act, Kind, repeated
from headwater.app.imports.kinds.orders import POS, order_id
from headwater.base import ids
from headwater.base.db import Db
from headwater.books import imports as books
from headwater.catalog import imports as catalog
from headwater.trade import imports, refunds
from headwater.trade.imports import BackLine, SoldLine

# An order may name one thing on several lines; what comes back is taken off them one by one.
Sold = Mapping[tuple[UUID, UUID], list[SoldLine]]


def columns(now: datetime) -> tuple[Column, ...]:
    """List the columns of a returns file."""
    return (
        Column("return_id", code, "your number of this return", is_required=True),
        Column("order_id", code, "the receipt it was bought with", is_required=True),
        Column("member_id", code, "the member of that receipt; empty for a passer-by"),
        Column("item_number", code, "the item", is_required=True),
        Column("quantity", whole(1, 999), "pieces", is_required=True),
        Column("returned_at", moment(now), "when, by the shop's clock", is_required=True),
    )


async def check(db: Db, act: Act, records: Sequence[Record]) -> list[Problem]:
    """Find orders and items that nobody sold, and more coming back than went out."""
    found = repeated(records, "return_id")
    sold, items = await _sold(db, records)
    done = await books.known_keys(db, {_key(each): _bucket(each) for each in records})
    left = {key: sum(_left(each) for each in lines) for key, lines in sold.items()}
    orders = {order for order, _variant in sold}
    for record in records:
        if _key(record) in done:
            continue
        order, wanted = _order(record), record["quantity"]
        key = (order, items.get(record["item_number"], order))
        if order not in orders:
            why = "is no receipt that was taken in for this member"
            found.append(Problem(record.line, "order_id", record["order_id"], why))
        elif key not in sold:
            why = "is not on this receipt"
            found.append(Problem(record.line, "item_number", record["item_number"], why))
        elif wanted > left[key]:
            why = f"is more than the {left[key]} that have not come back yet"
            found.append(Problem(record.line, "quantity", str(wanted), why))
        elif record["returned_at"] < sold[key][0].sold_at:
            why = "lies before the receipt"
            found.append(Problem(record.line, "returned_at", str(record["returned_at"]), why))
        else:
            left[key] -= wanted
    return found


async def write(db: Db, act: Act, records: Sequence[Record]) -> int:
    """Take off the orders what is new, and give the money back in the books; tell how much."""
    sold, items = await _sold(db, records)
    done = await books.known_keys(db, {_key(each): _bucket(each) for each in records})
    gone: dict[tuple[UUID, int], int] = defaultdict(int)
    rows, lines = [], []
    for record in records:
        if _key(record) in done:
            continue
        here = sold[(_order(record), items[record["item_number"]])]
        parts = _parts(record, here, gone)
        amount_fen = sum(each.amount_fen for each in parts)
        # What cost nothing gives nothing back: no money moves, so nothing is written.
        if amount_fen:
            lines += parts
            rows.append(_booked(record, here[0], amount_fen))
    await imports.take_back(db, lines)
    await books.put_back(db, rows, POS)
    return len(rows)


def _parts(
    record: Record, lines: Sequence[SoldLine], gone: dict[tuple[UUID, int], int]
) -> list[BackLine]:
    """Take pieces off the lines of an order until all that came back is found."""
    wanted, found = int(record["quantity"]), []
    for line in lines:
        key = (line.order_id, line.line_no)
        first = line.refunded_quantity + gone[key]
        taken = min(wanted, line.quantity - first)
        if taken:
            amount = refunds.part_of_line(line.payable_fen, line.quantity, first, first + taken)
            bucket = ids.bucket_of(line.order_id)
            found.append(BackLine(bucket, line.order_id, line.line_no, taken, amount))
            gone[key] += taken
            wanted -= taken
    return found


def _booked(record: Record, line: SoldLine, amount_fen: int) -> books.BackRow:
    bucket = _bucket(record)
    return books.BackRow(
        bucket,
        ids.named_in(bucket, "transfer", _key(record)),
        f"sales:store:{line.store_id}",
        amount_fen,
        _key(record),
        line.member_id,
        record["returned_at"],
    )


async def _sold(db: Db, records: Sequence[Record]) -> tuple[Sold, dict[str, UUID]]:
    items = await catalog.known_variants(db, [each["item_number"] for each in records])
    lines = await imports.sold_at_tills(db, {_order(each) for each in records})
    sold = defaultdict(list)
    for line in lines:
        sold[(line.order_id, line.variant_id)].append(line)
    return dict(sold), items


def _left(line: SoldLine) -> int:
    return line.quantity - line.refunded_quantity


def _order(record: Record) -> UUID:
    return order_id(record["order_id"], record)


def _bucket(record: Record) -> int:
    return ids.bucket_of(_order(record))


def _key(record: Record) -> str:
    return f"returned:{_order(record)}:{record['return_id']}"


RETURNS = Kind("returns", "returns", columns, check, write)

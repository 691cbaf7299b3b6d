"""Stock out of a file: what was counted, as movements that make up the difference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from headwater.app.imports.cells import code, whole
from headwater.app.imports.columns import Column, Record
from headwater.app.imports.errors import Problem
from headwater.app.imports.kinds.kind import Act, Kind, unknown
from headwater.base.db import Db
from headwater.catalog import imports as catalog
from headwater.stock import imports
from headwater.stock.imports import CountRow
from headwater.stores import imports as stores

PIECES_MOST = 10_000_000


def columns(now: datetime) -> tuple[Column, ...]:
    """List the columns of a stock file."""
    return (
        Column("store_code", code, "the store", is_required=True),
        Column("item_number", code, "the item", is_required=True),
        Column("quantity", whole(0, PIECES_MOST), "pieces that are there", is_required=True),
    )


async def check(db: Db, act: Act, records: Sequence[Record]) -> list[Problem]:
    """Find stores and items nobody knows, doubled counts, and counts below what is held."""
    known_stores = await stores.known_stores(db)
    variants = await catalog.known_variants(db, [record["item_number"] for record in records])
    found = unknown(records, "store_code", known_stores, "store")
    found += unknown(records, "item_number", variants, "item")
    seen: dict[tuple[str, str], Record] = {}
    for record in records:
        key = (record["store_code"], record["item_number"])
        if key in seen:
            why = f"this store and item stand in line {seen[key].line} already"
            found.append(Problem(record.line, "item_number", key[1], why))
        seen.setdefault(key, record)
    bad = {problem.line for problem in found}
    good = [record for record in records if record.line not in bad]
    rows = {(row.store_id, row.variant_id): record for row, record in await _rows(db, good)}
    for held in await imports.below_held(db, [row for row, _ in await _rows(db, good)]):
        record = rows[held.store_id, held.variant_id]
        why = f"orders that are being paid hold {held.held}"
        found.append(Problem(record.line, "quantity", str(record["quantity"]), why))
    return found


async def write(db: Db, act: Act, records: Sequence[Record]) -> int:
    """Bring the counters to what was counted; tell how many changed."""
    rows = [row for row, _ in await _rows(db, records)]
    return await imports.put_counts(db, rows, act.cause, act.now)


async def _rows(db: Db, records: Sequence[Record]) -> list[tuple[CountRow, Record]]:
    known = await stores.known_stores(db)
    variants = await catalog.known_variants(db, [record["item_number"] for record in records])
    return [
        (
            CountRow(
                known[record["store_code"]].id,
                variants[record["item_number"]],
                record["quantity"],
            ),
            record,
        )
        for record in records
    ]


STOCK = Kind("stock", "counters", columns, check, write)

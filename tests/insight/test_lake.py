"""A day in the lake is an open file, and the row beside it tells what it must hold."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
from tests import make_audience as make

from headwater.base.db import Db
from headwater.insight import daily_sales, lake

JUNE = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
NEXT, LATER = datetime(2026, 6, 2, 1, tzinfo=UTC), datetime(2026, 6, 3, 1, tzinfo=UTC)


async def sold(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 3)
    orders = await make.orders(db, where, [(m, 100 + n, NOON) for n, m in enumerate(members)])
    await make.lines(db, where, orders, "MILK")


async def test_the_file_holds_what_its_row_says(db: Db, tmp_path: Path) -> None:
    await sold(db)
    export = await lake.export_day(db, tmp_path, JUNE, NEXT)
    file = tmp_path / export.file
    assert hashlib.sha256(file.read_bytes()).digest() == export.sha256
    table = pq.read_table(file, partitioning=None)
    assert (table.num_rows, sum(table["payable_fen"].to_pylist())) == (3, 303)
    assert (export.row_count, export.amount_fen) == (3, 303)
    assert table["paid_at"].to_pylist() == [NOON] * 3


async def test_exporting_again_changes_nothing(db: Db, tmp_path: Path) -> None:
    await sold(db)
    first = await lake.export_day(db, tmp_path, JUNE, NEXT)
    assert await lake.export_day(db, tmp_path, JUNE, LATER) == first
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == [Path(first.file).name]


async def test_a_return_makes_a_new_file_and_moves_the_row_to_it(db: Db, tmp_path: Path) -> None:
    await sold(db)
    first = await lake.export_day(db, tmp_path, JUNE, NEXT)
    await db.raw.execute("UPDATE trade.order_lines SET refunded_fen = 1")
    second = await lake.export_day(db, tmp_path, JUNE, LATER)
    assert second.file != first.file
    assert second.exported_at == LATER
    assert pq.read_table(tmp_path / second.file, partitioning=None)["refunded_fen"].to_pylist() == (
        [1] * 3
    )
    # Whoever reads the older file still finds it whole.
    assert (tmp_path / first.file).exists()
    assert await lake.exports(db) == [second]


async def test_days_that_are_over_wait_until_they_are_exported(db: Db, tmp_path: Path) -> None:
    await sold(db)
    await daily_sales.rebuild(db, JUNE, JUNE)
    assert await lake.waiting_days(db, NOON) == []
    assert await lake.waiting_days(db, NEXT) == [JUNE]
    await lake.export_day(db, tmp_path, JUNE, NEXT)
    assert await lake.waiting_days(db, NEXT) == []
    assert await lake.days_since(db, LATER, 35) == [JUNE]
    assert await lake.days_since(db, datetime(2026, 9, 1, tzinfo=UTC), 35) == []


async def test_a_day_without_sales_is_an_empty_file(db: Db, tmp_path: Path) -> None:
    export = await lake.export_day(db, tmp_path, JUNE, NEXT)
    assert export.row_count == 0
    assert pq.read_table(tmp_path / export.file, partitioning=None).num_rows == 0

"""The documented example files are what they claim: taken in whole, once, in three formats."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.imports.inside import NOW, copied, take, take_examples
from tests.make import KEYS

from headwater.app.imports.run import KINDS, Wish
from headwater.base.db import Db
from headwater.catalog import imports as catalog
from headwater.members import identities
from headwater.members import imports as members
from headwater.members.identities import Id
from headwater.stock import movements
from headwater.stores import imports as stores
from headwater.trade import imports as trade

ORDER = ("stores", "products", "stock", "members", "orders", "returns")
CHANGED = {"stores": 3, "products": 3, "stock": 5, "members": 3, "orders": 2, "returns": 2}


async def test_every_example_is_taken_in_once(db: Db, tmp_path: Path) -> None:
    for kind in ORDER:
        file = copied(tmp_path, kind)
        first = await take(db, kind, file)
        again = await take(db, kind, file, cause="import:2")
        assert (first.problems, first.changed) == ([], CHANGED[kind]), kind
        assert (again.problems, again.changed) == ([], 0), kind


async def test_what_the_examples_say_is_there_afterwards(db: Db, tmp_path: Path) -> None:
    await take_examples(db, tmp_path, *ORDER)
    assert set(await catalog.known_variants(db, ["1001", "1003"])) == {"1001", "1003"}
    found = await identities.find(db, KEYS, Id("phone", "19900010001"))
    assert found == members.member_id("M-7001")
    sums = await trade.sums(db, "R-9000")
    assert (sums.orders, sums.lines) == (2, 3)
    assert sums.goods_fen == 2 * 1290 + 990 + 1290
    assert sums.payable_fen == sums.goods_fen - 280
    assert await movements.drift(db) == []


async def test_a_dry_run_says_the_same_and_leaves_nothing(db: Db, tmp_path: Path) -> None:
    file = copied(tmp_path, "stores")
    outcome = await take(db, "stores", Wish(file, is_dry_run=True))
    assert (outcome.changed, outcome.was_written) == (3, False)
    assert "SH001" not in await stores.known_stores(db)


@pytest.mark.parametrize("ending", ["xlsx", "parquet"])
async def test_spreadsheets_and_parquet_mean_the_same_as_csv(
    db: Db, tmp_path: Path, ending: str
) -> None:
    for kind in ORDER:
        csv_file = copied(tmp_path, kind)
        other = tmp_path / f"{kind}.{ending}"
        _save_as(csv_file, other)
        outcome = await take(db, kind, other)
        assert (outcome.problems, outcome.changed) == ([], CHANGED[kind]), kind
        assert (await take(db, kind, csv_file)).changed == 0


def test_the_examples_show_every_column() -> None:
    for kind in KINDS.values():
        file = Path("docs/examples") / f"{kind.name}.csv"
        first = (Path(__file__).resolve().parents[2] / file).read_text("utf-8").splitlines()[0]
        assert first.split(",") == [column.name for column in kind.columns(NOW)]


def test_the_manual_names_every_column() -> None:
    manual = (Path(__file__).resolve().parents[2] / "docs" / "import.md").read_text("utf-8")
    for kind in KINDS.values():
        for column in kind.columns(NOW):
            assert f"`{column.name}`" in manual, f"{kind.name}: {column.name}"


def _save_as(source: Path, target: Path) -> None:
    with source.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    if target.suffix == ".xlsx":
        book = openpyxl.Workbook()
        assert book.active is not None
        for row in rows:
            book.active.append(row)
        book.save(target)
    else:
        columns = {name: [row[place] for row in rows[1:]] for place, name in enumerate(rows[0])}
        pq.write_table(pa.table(columns), target)

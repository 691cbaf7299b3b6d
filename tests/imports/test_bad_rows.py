"""A row that cannot be taken says where and why, and nothing is taken by halves."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.imports.inside import copied, take, take_examples, written

from headwater.app.imports import errors
from headwater.app.imports.run import Wish
from headwater.base.db import Db
from headwater.catalog import imports as catalog
from headwater.members import imports as members
from headwater.members.identities import Id
from headwater.stores import imports as stores
from headwater.trade import imports as trade

PRODUCTS = "external_id,title_zh,barcode,department_code,category_code,price"
ORDERS = "order_id,store_code,member_id,sold_at,item_number,quantity,unit_price,discount"
RETURNS = "return_id,order_id,member_id,item_number,quantity,returned_at"
MEMBERS = "external_id,name,phone,home_store_code,joined_at"


@pytest.mark.parametrize(
    "row, column, why",
    [
        ("A-1,牛奶,,dairy,milk,-1.00", "price", "cannot be negative"),
        ("A-1,牛奶,,dairy,milk,1.005", "price", "two decimals"),
        ("A-1,牛奶,,dairy,milk,很贵", "price", "not an amount"),
        ("A-1,牛奶,,dairy,milk,=1+1", "price", "formula"),
        ("A-1,=HYPERLINK(1),,dairy,milk,1.00", "title_zh", "formula"),
        ("A-1,@sum,,dairy,milk,1.00", "title_zh", "formula"),
        ("A-1,,,dairy,milk,1.00", "title_zh", "must not be empty"),
        ("A-1,牛奶,6901234567890,dairy,milk,1.00", "barcode", "check digit"),
        ("A-1,牛奶,6.9E+12,dairy,milk,1.00", "barcode", "saved as a number"),
        ("A 1,牛奶,,dairy,milk,1.00", "external_id", "letters, digits"),
        ("A-1,牛奶,6901234567908,dairy,milk,1.00", "barcode", "belongs to product P-1002"),
        ("A-1,牛奶,,dairy,milk,1e400", "price", "not an amount"),
    ],
)
async def test_a_bad_product_is_named_with_line_column_and_reason(
    db: Db, tmp_path: Path, row: str, column: str, why: str
) -> None:
    await take_examples(db, tmp_path, "stores", "products")
    outcome = await take(db, "products", written(tmp_path, "products", PRODUCTS, row))
    assert [(each.line, each.column) for each in outcome.problems] == [(2, column)]
    assert why in outcome.problems[0].why
    assert not outcome.was_written


@pytest.mark.parametrize(
    "row, column, why",
    [
        ("R-1,NOWHERE,,2026-05-01,1001,1,1.00,", "store_code", "no store"),
        ("R-1,SH001,,2026-05-01,9999,1,1.00,", "item_number", "no item"),
        ("R-1,SH001,M-0,2026-05-01,1001,1,1.00,", "member_id", "no member"),
        ("R-1,SH001,,2026-02-30,1001,1,1.00,", "sold_at", "not a date"),
        ("R-1,SH001,,01.05.2026,1001,1,1.00,", "sold_at", "not a date"),
        ("R-1,SH001,,2027-01-01,1001,1,1.00,", "sold_at", "future"),
        ("R-1,SH001,,2026-05-01,1001,0,1.00,", "quantity", "from 1 to 999"),
        ("R-1,SH001,,2026-05-01,1001,1.5,1.00,", "quantity", "whole number"),
        ("R-1,SH001,,2026-05-01,1001,1,1.00,2.00", "discount", "more than the line"),
        ("R-90002,SH002,,2026-05-01 18:40,1001,1,13.90,0", "order_id", "came to 12.90, not 13.90"),
    ],
)
async def test_a_bad_order_is_named_with_line_column_and_reason(
    db: Db, tmp_path: Path, row: str, column: str, why: str
) -> None:
    await take_examples(db, tmp_path, "stores", "products", "members", "orders")
    outcome = await take(db, "orders", written(tmp_path, "orders", ORDERS, row))
    assert [(each.line, each.column) for each in outcome.problems] == [(2, column)]
    assert why in outcome.problems[0].why
    assert not outcome.was_written


async def test_one_bad_row_keeps_all_rows_out(db: Db, tmp_path: Path) -> None:
    await take_examples(db, tmp_path, "stores")
    rows = ("A-1,牛奶,,dairy,milk,1.00", "A-2,牛奶,,dairy,milk,-1")
    outcome = await take(db, "products", written(tmp_path, "products", PRODUCTS, *rows))
    assert (outcome.taken, outcome.changed, outcome.was_written) == (1, 0, False)
    assert await catalog.count_products(db, "A-") == 0


async def test_bad_rows_are_left_out_on_request(db: Db, tmp_path: Path) -> None:
    await take_examples(db, tmp_path, "stores")
    rows = ("A-1,牛奶,,dairy,milk,1.00", "A-2,牛奶,,dairy,milk,-1", "A-1,牛奶,,dairy,milk,1.00")
    file = written(tmp_path, "products", PRODUCTS, *rows)
    outcome = await take(db, "products", Wish(file, skips_bad=True))
    assert (outcome.taken, outcome.changed, outcome.was_written) == (1, 1, True)
    assert [each.line for each in outcome.problems] == [3, 4]
    assert await catalog.count_products(db, "A-") == 1


async def test_an_order_with_one_bad_line_is_left_out_whole(db: Db, tmp_path: Path) -> None:
    await take_examples(db, tmp_path, "stores", "products")
    rows = (
        "R-1,SH001,,2026-05-01,1001,1,1.00,",
        "R-1,SH001,,2026-05-01,1002,none,1.00,",
        "R-2,SH001,,2026-05-01,1001,1,1.00,",
    )
    file = written(tmp_path, "orders", ORDERS, *rows)
    outcome = await take(db, "orders", Wish(file, skips_bad=True))
    assert (outcome.taken, outcome.changed) == (1, 1)
    assert (await trade.sums(db, "R-")).lines == 1


async def test_lines_of_one_order_must_agree(db: Db, tmp_path: Path) -> None:
    await take_examples(db, tmp_path, "stores", "products")
    rows = ("R-1,SH001,,2026-05-01,1001,1,1.00,", "R-1,SH002,,2026-05-01,1001,1,1.00,")
    outcome = await take(db, "orders", written(tmp_path, "orders", ORDERS, *rows))
    assert [(each.line, each.column, each.why) for each in outcome.problems] == [
        (3, "store_code", "line 2 says otherwise")
    ]


async def test_a_barcode_stands_in_a_file_once(db: Db, tmp_path: Path) -> None:
    await take_examples(db, tmp_path, "stores")
    rows = [f"A-{each},牛奶,6901234567892,dairy,milk,1.00" for each in (1, 2)]
    outcome = await take(db, "products", written(tmp_path, "products", PRODUCTS, *rows))
    assert [(each.line, each.column, each.why) for each in outcome.problems] == [
        (3, "barcode", "stands in line 2 already")
    ]


async def test_a_phone_belongs_to_one_member(db: Db, tmp_path: Path) -> None:
    await take_examples(db, tmp_path, "stores", "members")
    row = "M-9,王,19900010001,SH001,2026-01-01"
    outcome = await take(db, "members", written(tmp_path, "members", MEMBERS, row))
    assert [(each.column, each.what) for each in outcome.problems] == [("phone", "199****0001")]


async def test_a_changed_phone_finds_the_member_afterwards(db: Db, tmp_path: Path) -> None:
    from tests.make import KEYS

    await take_examples(db, tmp_path, "stores", "members")
    row = "M-7002,陈一诺,19900019992,SH002,2025-11-11 10:30"
    file = written(tmp_path, "members", MEMBERS, row)
    assert (await take(db, "members", file)).changed == 1
    holders = await members.holders(db, KEYS, [Id("phone", "19900019992")])
    assert holders == {"19900019992": members.member_id("M-7002")}
    assert (await take(db, "members", file)).changed == 0


@pytest.mark.parametrize(
    "row, column, why",
    [
        ("B-1,R-1,M-7001,1001,1,2026-05-09", "order_id", "no receipt"),
        ("B-1,R-90001,M-7002,1001,1,2026-05-09", "order_id", "no receipt"),
        ("B-1,R-90001,M-7001,1002,1,2026-05-09", "item_number", "not on this receipt"),
        ("B-1,R-90001,M-7001,1001,3,2026-05-09", "quantity", "more than the 2"),
        ("B-1,R-90001,M-7001,1001,1,2026-04-30", "returned_at", "before the receipt"),
        ("B-1,R-90001,M-7001,1001,1,2027-04-30", "returned_at", "future"),
    ],
)
async def test_a_return_of_what_nobody_sold_is_refused(
    db: Db, tmp_path: Path, row: str, column: str, why: str
) -> None:
    await take_examples(db, tmp_path, "stores", "products", "members", "orders")
    outcome = await take(db, "returns", written(tmp_path, "returns", RETURNS, row))
    assert [(each.line, each.column) for each in outcome.problems] == [(2, column)]
    assert why in outcome.problems[0].why
    assert not outcome.was_written


async def test_pieces_that_come_back_one_by_one_give_back_every_fen_once(
    db: Db, tmp_path: Path
) -> None:
    await take_examples(db, tmp_path, "stores", "products", "members", "orders")
    rows = [f"B-{piece},R-90001,M-7001,1001,1,2026-05-09" for piece in (1, 2)]
    one = written(tmp_path, "returns", RETURNS, rows[0])
    assert (await take(db, "returns", one)).changed == 1
    both = written(tmp_path, "returns", RETURNS, *rows)
    assert (await take(db, "returns", both)).changed == 1
    assert (await take(db, "returns", both)).changed == 0
    order = trade.order_id(members.member_id("M-7001"), "R-90001")
    back = await db.raw.fetchrow("SELECT * FROM trade.orders WHERE id = $1", order)
    lines = await db.raw.fetch(
        "SELECT refunded_quantity, refunded_fen, payable_fen FROM trade.order_lines"
        " WHERE order_id = $1 ORDER BY line_no",
        order,
    )
    # Two pieces of 12.90 less a discount of 2.80.
    assert [tuple(each) for each in lines] == [(2, 2300, 2300), (0, 0, 990)]
    assert back["refunded_fen"] == 2300


async def test_an_open_id_finds_the_follower_and_belongs_to_one_member(
    db: Db, tmp_path: Path
) -> None:
    await take_examples(db, tmp_path, "stores")
    columns = "external_id,joined_at,open_id"
    file = written(tmp_path, "members", columns, "M-1,2026-01-01,oX1", "M-2,2026-01-01,oX2")
    assert (await take(db, "members", file)).changed == 2
    file = written(tmp_path, "members", columns, "M-3,2026-01-01,oX1")
    problems = (await take(db, "members", file)).problems
    assert [(each.column, each.why) for each in problems] == [
        ("open_id", "is the open id of another member already")
    ]


async def test_a_stock_count_below_what_orders_hold_needs_a_person(db: Db, tmp_path: Path) -> None:
    from tests.make import NOON, later

    from headwater.base import ids
    from headwater.stock import holds

    await take_examples(db, tmp_path, "stores", "products", "stock")
    store = (await stores.known_stores(db))["SH001"].id
    variant = (await catalog.known_variants(db, ["1001"]))["1001"]
    basket = holds.Basket(ids.new(), store, (holds.Wanted(variant, 5),))
    await holds.take(db, basket, later(15), NOON)
    rows = ("store_code,item_number,quantity", "SH001,1001,4")
    outcome = await take(db, "stock", written(tmp_path, "stock", *rows))
    assert [(each.line, each.why) for each in outcome.problems] == [
        (2, "orders that are being paid hold 5")
    ]


async def test_the_error_file_opens_in_excel_and_runs_nothing(db: Db, tmp_path: Path) -> None:
    await take_examples(db, tmp_path, "stores")
    rows = ("A-1,=1+1,,dairy,milk,1.00", "A-2,牛奶,,dairy,milk,-1")
    file = written(tmp_path, "products", PRODUCTS, *rows)
    outcome = await take(db, "products", file)
    assert outcome.error_file == errors.file_for(file)
    raw = outcome.error_file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    told = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert told[0] == ["line", "column", "what", "why"]
    assert told[1][:3] == ["2", "title_zh", "'=1+1"]
    assert told[2][:3] == ["3", "price", "'-1"]


async def test_a_mended_file_takes_its_error_file_away(db: Db, tmp_path: Path) -> None:
    stale = errors.file_for(copied(tmp_path, "stores"))
    stale.write_text("line,column,what,why\n", encoding="utf-8")
    await take_examples(db, tmp_path, "stores")
    assert not stale.exists()

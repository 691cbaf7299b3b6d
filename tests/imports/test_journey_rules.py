"""The rules by which the source becomes ours: money, sizes, titles, prices, barcodes, dates."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.app.imports.cells import barcode as read_barcode
from headwater.app.imports.complete_journey import (
    prices,
    receipts,
    shelf,
    sizes,
    source,
    titles,
)
from headwater.app.imports.complete_journey.source import Sales
from headwater.app.imports.complete_journey.titles import OWN_BRAND
from headwater.base import ids
from headwater.trade import imports as trade

MAKER = titles.maker(1)
_FEN = st.integers(0, 999_999)
_LINES = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 5_000), _FEN, _FEN, _FEN, _FEN),
    min_size=1,
    max_size=30,
)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_every_cell_of_two_decimals_becomes_its_fen(amounts: list[int]) -> None:
    assert source.fen(np.array([amount / 100 for amount in amounts])).tolist() == amounts


def test_an_amount_of_three_decimals_is_refused_rather_than_rounded() -> None:
    with pytest.raises(ValueError, match="whole cents"):
        source.fen(np.array([1.005]))


@given(_LINES)
def test_receipts_keep_every_fen(lines: list[tuple[int, int, int, int, int, int]]) -> None:
    sales, known = _sales(lines)
    found = receipts.arrange(sales, known)
    blocks = list(receipts.lines(sales, found, known))
    payable = sum(int(block["payable_fen"].sum()) for block in blocks)
    goods = sum(int(block["goods_fen"].sum()) for block in blocks)
    discount = sum(int(block["discount_fen"].sum()) for block in blocks)
    parts = [
        part for block in blocks for raw in block["parts"] for part in json.loads(bytes(raw)[1:])
    ]
    assert payable == int(sales.sales_fen.sum()) == int(found.payable_fen.sum())
    assert goods - discount == payable
    assert goods == int(found.goods_fen.sum())
    assert sum(part["fen"] for part in parts) == discount
    assert sum(part.get("paid", 0) for part in parts) == int(sales.maker_fen.sum())
    assert sum(len(block["parts"]) for block in blocks) == len(lines)
    assert all(int(block["quantity"].min()) >= 1 for block in blocks)


@given(_LINES)
def test_lines_are_numbered_within_their_order_and_sorted_by_key(
    lines: list[tuple[int, int, int, int, int, int]],
) -> None:
    found = receipts.arrange(*_sales(lines))
    keys = [(ids.bucket_of(each), each.bytes) for each in found.order_ids]
    assert keys == sorted(keys)
    for order in range(len(found.order_ids)):
        numbers = found.line_no[found.line_order == order]
        assert sorted(numbers.tolist()) == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    "label, zh, en",
    [
        ("16 OZ", "454克", "454 g"),
        ("2 LB", "907克", "907 g"),
        ("1 GA", "3.79升", "3.79 L"),
        ("1/2 GAL", "1.89升", "1.89 L"),
        ("10 3/4 OZ", "305克", "305 g"),
        ("12 PK/12 OZ", "340克×12", "12 × 340 g"),
        ("12 OZ/12 PK", "340克×12", "12 × 340 g"),
        ("750 ML", "750毫升", "750 ml"),
        ("8 CT", "8件装", "8 count"),
        ("LARGE", "大号", "large"),
        ("", "", ""),
        ("AB    8 OZ", "227克", "227 g"),
        ("5-7 LINKS", "5-7 links", "5-7 links"),
    ],
)
def test_sizes_are_metric_where_they_can_be(label: str, zh: str, en: str) -> None:
    assert sizes.read(label) == sizes.Size(zh, en)


def test_every_maker_of_the_source_has_a_name_of_its_own() -> None:
    numbers = range(1, 6_478)
    assert len({titles.maker(number)[0] for number in numbers}) == len(numbers)


def test_titles_read_like_a_shelf_label_in_both_languages() -> None:
    title = titles.compose(
        "GROCERY", "FLUID MILK PRODUCTS", "FLUID MILK WHITE ONLY", OWN_BRAND, "1 GA"
    )
    assert (title.zh, title.en) == ("栖木优选 纯牛奶 3.79升", "Qimu Select White Milk 3.79 L")
    crate = titles.compose("PRODUCE", "TROPICAL FRUIT", "BANANAS", MAKER, "40 LB")
    assert (crate.size_label, "40" in crate.en, "18" in crate.zh) == ("", False, False)
    assert titles.compose("PRODUCE", "APPLES", "", MAKER, "3 LB").size_label != ""
    unknown = titles.compose("PRODUCE", "", "", MAKER, "")
    assert (unknown.zh, unknown.en) == ("晴堂 蔬菜水果", "Qingtang Fruit and Vegetables")


def test_every_department_and_category_has_both_names() -> None:
    assert (len(titles.departments()), len(titles.categories())) == (32, 303)
    for names in (titles.departments(), titles.categories(), titles.types()):
        for word, said in names.items():
            assert said.en, word
            assert said.zh, word
    chinese = [said.zh for said in titles.categories().values()]
    assert len(set(chinese)) == 303


@given(st.integers(0, 99_999_999))
def test_demo_barcodes_are_valid(number: int) -> None:
    made = shelf.barcode(number)
    assert read_barcode(made) == made
    assert made.startswith("690")


def test_a_price_is_the_median_and_a_member_price_needs_a_quarter_of_the_sales() -> None:
    sold = prices.Sold(
        product=np.array([0, 0, 0, 1, 1, 1, 1, 1]),
        quantity=np.array([1, 1, 1, 1, 1, 2, 1, 1]),
        goods_fen=np.array([100, 120, 110, 500, 500, 1000, 500, 500]),
        member_fen=np.array([10, 20, 0, 100, 0, 0, 0, 0]),
    )
    found = prices.shelf(sold, category=np.array([0, 0, 0, 1]), count=4)
    # The third never sold and takes its category's median, the fourth everybody's.
    assert found.price_fen.tolist() == [110, 500, 110, 305]
    assert found.is_derived.tolist() == [False, False, True, True]
    assert found.member_price_fen.tolist() == [90, -1, -1, -1]


@pytest.mark.parametrize("day", range(7))
def test_dates_move_by_whole_weeks_and_end_on_the_sunday_before(day: int) -> None:
    now = datetime(2026, 11, 16 + day, 12, tzinfo=UTC)
    shift = source.shift_to(now)
    last = source.LAST_DAY + shift
    assert shift.days % 7 == 0
    assert last.isoweekday() == 7
    assert timedelta() < now.date() - last <= timedelta(days=7)


def test_the_shop_clock_of_the_source_becomes_the_shop_clock_here() -> None:
    # Half past eight in the morning in winter and in summer, US Eastern time.
    stamps = np.array(["2017-01-05T13:30", "2017-07-05T12:30"], dtype="datetime64[us]")
    moved = source.shop_time(stamps, timedelta(weeks=1))
    shanghai = (moved + np.timedelta64(8, "h")).astype("datetime64[m]")
    assert [str(each) for each in shanghai] == ["2017-01-12T08:30", "2017-07-12T08:30"]


def test_an_order_number_leads_to_its_bucket() -> None:
    order = ids.named_in(777, "order", "cj-1")
    assert ids.bucket_of_number(trade.number(order)) == 777


def _sales(lines: list[tuple[int, int, int, int, int, int]]) -> tuple[Sales, receipts.Ids]:
    """Make receipts: basket, quantity, sales, member, maker and match of each line."""
    basket, quantity, sales, member, maker, match = np.array(lines, dtype=np.int64).T
    count = len(lines)
    made = Sales(
        household=(basket % 2).astype(np.int32),
        store=np.zeros(count, dtype=np.int32),
        basket=basket + 10,
        product=np.arange(count, dtype=np.int32),
        quantity=quantity.astype(np.int32),
        sales_fen=sales,
        member_fen=member,
        maker_fen=maker,
        match_fen=match,
        sold_at=np.full(count, np.datetime64("2026-01-01T00:00:00", "us")),
    )
    members = [ids.named_member("member", str(each)) for each in (0, 1)]
    stores = [ids.named("store", "1")]
    variants = [ids.named("variant", str(each)) for each in range(count)]
    known = receipts.Ids(
        np.array([0, 1]), members, np.array([0]), stores, np.arange(count), variants
    )
    return made, known

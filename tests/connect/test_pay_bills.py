"""Bills: nothing of them is shown before hash and sums agree, and yuan become fen exactly."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some
from tests.connect.pay_bills import (
    DAY,
    FUND_HEADER,
    TRADE_HEADER,
    TRADE_SUMS,
    URL,
    announces,
    fund_bill,
    line,
    paid_row,
    refunded_row,
    serves,
    trade_bill,
)
from tests.connect.provider import NOON, Provider, credentials

from headwater.base.errors import BadInput, Forged, NotReached, Trouble
from headwater.connect.errors import NoBill, ProviderRefused
from headwater.connect.sending import traffic_of
from headwater.connect.wechat_pay import Bill, BillKind, Bills, FundAccount, TradeRow
from headwater.connect.wechat_pay.bill_rows import FUND_FLOW, TRADE, fen, millifen, parsed
from headwater.connect.wechat_pay.bills import MOST_LINE_BYTES
from headwater.connect.wechat_pay.exchange import Line


async def rows_of(bill: bytes, zipped: bool = True) -> list[TradeRow]:
    provider = Provider()
    serves(provider, bill, zipped)
    with await provider.client().bills.trade(DAY) as fetched:
        assert list(fetched.rows()) == list(fetched.rows())
        return list(fetched.rows())


@pytest.mark.parametrize("zipped", [True, False])
async def test_a_trade_bill_is_read_in_fen_and_utc(zipped: bool) -> None:
    paid, back = await rows_of(trade_bill(), zipped)
    assert (paid.order_fen, paid.settled_fen, paid.fee_millifen) == (19_900, 19_900, 119_000)
    assert paid.happened_at == datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    assert (paid.out_trade_no, paid.transaction_id) == ("R20261121-0001", "4200001")
    assert (paid.refund_id, paid.out_refund_no, paid.sub_mchid) == (None, None, None)
    assert paid.description == "羊绒围巾, 灰 😀"
    assert (back.state_word, back.out_refund_no, back.refund_fen) == ("REFUND", "RF-1", 40)
    assert (back.asked_refund_fen, back.fee_millifen) == (40, -1_000)


async def test_a_bill_is_asked_for_signed_and_fetched_signed_though_nobody_signs_it() -> None:
    provider = Provider()
    serves(provider, trade_bill())
    with await provider.client().bills.trade(DAY, BillKind.PAID):
        asked, fetched = provider.asked
    assert asked.url.path == "/v3/bill/tradebill"
    assert asked.url.query == b"bill_date=2026-11-21&bill_type=SUCCESS&tar_type=GZIP"
    assert str(fetched.url) == URL


async def test_a_fund_bill_is_read_with_its_two_directions() -> None:
    provider = Provider()
    serves(provider, fund_bill())
    with await provider.client().bills.fund_flow(DAY, FundAccount.FEES) as bill:
        income, spent = bill.rows()
    query = b"bill_date=2026-11-21&account_type=FEES&tar_type=GZIP"
    assert provider.asked[0].url.query == query
    assert (income.is_income, income.amount_fen, income.balance_fen) == (True, 19_900, 19_900)
    assert (spent.is_income, spent.amount_fen, spent.note) == (False, 119, "缺货, 已退")


async def test_a_day_that_is_not_over_has_no_bill_yet() -> None:
    for day in (date(2026, 11, 22), date(2026, 11, 23)):
        with pytest.raises(BadInput):
            await Provider().client().bills.trade(day)


@pytest.mark.parametrize(
    "code,kind",
    [
        ("NO_STATEMENT_EXIST", NoBill),
        ("STATEMENT_CREATING", NotReached),
        ("PARAM_ERROR", ProviderRefused),
    ],
)
async def test_no_bill_and_not_yet_a_bill_are_told_apart(code: str, kind: type[Exception]) -> None:
    provider = Provider()
    provider.will(400, {"code": code, "message": "x"})
    with pytest.raises(kind):
        await provider.client().bills.trade(DAY)


@pytest.mark.parametrize("bit", range(0, 8 * 200, 31))
async def test_one_flipped_bit_anywhere_in_the_file_is_refused(bit: int) -> None:
    provider, bill = Provider(), trade_bill()
    announces(provider, bill)
    flipped = bytearray(bill)
    flipped[bit // 8 * len(bill) // 200] ^= 1 << bit % 8
    provider.will_send(200, gzip.compress(bytes(flipped)), {})
    with pytest.raises(Trouble):
        await provider.client().bills.trade(DAY)


@pytest.mark.parametrize(
    "told",
    [
        {"hash_value": "0" * 40},
        {"hash_value": "short"},
        {"hash_type": "MD5"},
        {"download_url": "https://elsewhere.example/file?token=1"},
        {"download_url": "http://pay.example/file"},
        {"download_url": "https://pay.example.evil.example/file"},
        {"download_url": "https://pay.example@evil.example/file"},
        {"download_url": "https://[/"},
        {"download_url": ""},
    ],
)
async def test_a_strange_announcement_is_trouble(told: dict[str, str]) -> None:
    provider, bill = Provider(), trade_bill()
    announces(provider, bill, **told)
    provider.will_send(200, gzip.compress(bill), {})
    with pytest.raises(Trouble):
        await provider.client().bills.trade(DAY)
    if "download_url" in told:
        assert len(provider.asked) == 1


async def test_an_announcement_must_be_signed_though_the_file_is_not() -> None:
    provider = Provider()
    provider.will_send(200, b'{"hash_type": "SHA1"}', {})
    with pytest.raises(Forged):
        await provider.client().bills.trade(DAY)


@pytest.mark.parametrize(
    "status,content,kind",
    [
        (404, b'{"code": "RESOURCE_NOT_EXISTS"}', ProviderRefused),
        (403, b"x" * 200_000, ProviderRefused),
        (429, b"", NotReached),
        (302, b"", Trouble),
        (500, b"", Trouble),
        (200, b"", Trouble),
        (200, gzip.compress(trade_bill())[:-9], Trouble),
        (200, gzip.compress(trade_bill()) + b"more", Trouble),
        (200, b"\x1f\x8bnot gzip at all", Trouble),
    ],
)
async def test_a_download_that_fails_is_refused(
    status: int, content: bytes, kind: type[Exception]
) -> None:
    provider = Provider()
    announces(provider, trade_bill())
    provider.will_send(status, content, {"Location": "https://elsewhere.example/"})
    with pytest.raises(kind):
        await provider.client().bills.trade(DAY)
    assert len(provider.asked) == 2


@pytest.mark.parametrize(
    "error,kind", [(httpx2.ConnectError("no"), NotReached), (httpx2.ReadTimeout("slow"), Trouble)]
)
async def test_a_broken_road_is_named(error: Exception, kind: type[Exception]) -> None:
    provider = Provider()
    announces(provider, trade_bill())
    provider.will_raise(error)
    with pytest.raises(kind):
        await provider.client().bills.trade(DAY)


async def test_a_download_takes_the_same_road_as_every_other_call() -> None:
    provider = Provider()
    serves(provider, trade_bill())
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(provider.handle))
    (await Bills(Line(credentials(), http, lambda: NOON)).trade(DAY)).close()
    announces(provider, trade_bill())
    provider.will_send(500, b"", {})
    with pytest.raises(Trouble):
        await Bills(Line(credentials(), http, lambda: NOON)).trade(DAY)
    counted = [kind for kind, _ in traffic_of(http).counted() if "billdownload" in str(kind)]
    assert sorted(each.outcome for each in counted) == ["done", "trouble"]


@pytest.mark.parametrize("too_many,is_refused", [(0, False), (1, True)])
async def test_a_bomb_goes_off_outside(too_many: int, is_refused: bool) -> None:
    bill = trade_bill()
    provider = Provider()
    serves(provider, bill)
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(provider.handle))
    line = Line(credentials(), http, lambda: NOON)
    bills = Bills(line, most_bytes=len(bill) - too_many)
    if is_refused:
        with pytest.raises(Trouble):
            await bills.trade(DAY)
        return
    (await bills.trade(DAY)).close()


async def test_a_bill_of_many_megabytes_is_read_row_by_row() -> None:
    row, count = paid_row(goods="围巾" * 500), 6_000
    total = f"{199 * count}.00"
    fees = f"{119 * count // 100}.00000"
    sums = line(str(count), total, "0.00", "0.00", fees, total, "0.00")
    read = await rows_of(trade_bill(*[row] * count, sums=sums))
    assert sum(each.order_fen for each in read) == 19_900 * count


@pytest.mark.parametrize(
    "sums",
    [
        line("3", "199.00", "0.40", "0.00", "1.18000", "199.00", "0.40"),
        line("2", "199.01", "0.40", "0.00", "1.18000", "199.00", "0.40"),
        line("2", "199.00", "0.41", "0.00", "1.18000", "199.00", "0.40"),
        line("2", "199.00", "0.40", "0.01", "1.18000", "199.00", "0.40"),
        line("2", "199.00", "0.40", "0.00", "1.18001", "199.00", "0.40"),
        line("2", "199.00", "0.40", "0.00", "1.18000", "198.99", "0.40"),
        line("2", "199.00", "0.40", "0.00", "1.18000", "199.00", "0.00"),
    ],
)
async def test_rows_and_sums_that_differ_are_trouble(sums: str) -> None:
    with pytest.raises(Trouble, match="bill"):
        await rows_of(trade_bill(sums=sums))


@pytest.mark.parametrize(
    "bill",
    [
        b"",
        b"\n\n",
        TRADE_HEADER.encode(),
        trade_bill()[:-40],
        trade_bill() + b"more\n",
        trade_bill(header=FUND_HEADER),
        trade_bill(header=TRADE_HEADER.replace("手续费,", "")),
        trade_bill(header=TRADE_HEADER + ",手续费"),
        trade_bill(paid_row(order="1,000.00"), refunded_row()),
        trade_bill(paid_row(order="199.005"), refunded_row()),
        trade_bill(paid_row(order="1e2"), refunded_row()),
        trade_bill(paid_row(order="１９９.00"), refunded_row()),
        trade_bill(paid_row(order=""), refunded_row()),
        trade_bill(paid_row(currency="USD"), refunded_row()),
        trade_bill(paid_row(at="2026-11-21T10:00:00"), refunded_row()),
        trade_bill(paid_row(at="2026-13-21 10:00:00"), refunded_row()),
        trade_bill(paid_row(at="0001-01-01 00:00:00"), refunded_row()),
        trade_bill(paid_row(number="has space"), refunded_row()),
        trade_bill(paid_row(goods="a,`b"), refunded_row()),
        trade_bill(paid_row(goods="a\nb"), refunded_row()),
        trade_bill(paid_row(goods="a\0b"), refunded_row()),
        trade_bill(paid_row(goods="x" * MOST_LINE_BYTES), refunded_row()),
        trade_bill().replace("围巾".encode(), b"\xff\xfe"),
        trade_bill(sums="no backticks at all"),
    ],
)
async def test_a_bill_in_another_shape_is_trouble(bill: bytes) -> None:
    with pytest.raises(Trouble):
        await rows_of(bill)


async def test_columns_are_found_by_name_and_new_ones_are_let_pass() -> None:
    header = "\ufeff" + TRADE_HEADER + ",明天的新列"
    rows = [row + ",`new" for row in (paid_row(), refunded_row())]
    assert len(await rows_of(trade_bill(*rows, header=header))) == 2


async def test_merchants_of_the_first_years_name_two_columns_otherwise() -> None:
    header = TRADE_HEADER.replace("应结订单金额", "总金额").replace("代金券金额", "企业红包金额")
    paid, _ = await rows_of(trade_bill(header=header))
    assert (paid.settled_fen, paid.coupon_fen) == (19_900, 0)


async def test_a_bill_of_payments_only_lacks_the_columns_of_refunds() -> None:
    refunds = ("微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态")
    names = TRADE_HEADER.split(",")
    kept = [at for at, name in enumerate(names) if name not in (*refunds, "申请退款金额")]
    cells = paid_row(goods="围巾").split(",")
    bill = "\n".join(
        [
            ",".join(names[at] for at in kept),
            ",".join(cells[at] for at in kept),
            "总交易单数,应结订单总金额,手续费总金额,订单总金额",
            line("1", "199.00", "1.19000", "199.00"),
        ]
    )
    (paid,) = await rows_of(bill.encode())
    assert (paid.order_fen, paid.refund_fen, paid.refund_id) == (19_900, 0, None)


@given(fen_amount=some.integers(min_value=-(10**13), max_value=10**13))
def test_every_amount_survives_its_way_through_yuan(fen_amount: int) -> None:
    sign, rest = ("-" if fen_amount < 0 else ""), abs(fen_amount)
    assert fen(f"{sign}{rest // 100}.{rest % 100:02}") == fen_amount
    assert millifen(f"{sign}{rest // 100}.{rest % 100:02}000") == fen_amount * 1_000


def test_amounts_have_an_end() -> None:
    assert fen("999999999999.99") == 99_999_999_999_999
    for text in ("1000000000000.00", "0.000001", "0.005", ".5", "5.", "+5", " 5", "--5", "NaN"):
        with pytest.raises(Trouble):
            fen(text)


_cells = some.lists(some.text(max_size=12), min_size=1, max_size=30)
_lines = some.lists(
    some.text(max_size=60)
    | some.just(TRADE_HEADER)
    | some.just(FUND_HEADER)
    | some.just(TRADE_SUMS)
    | some.just(paid_row())
    | _cells.map(lambda cells: line(*cells)),
    max_size=8,
)


@settings(max_examples=400, deadline=None)
@given(lines=_lines)
@example(lines=[TRADE_HEADER, TRADE_SUMS, line(*["0"] * 7)])
def test_no_lines_crash_the_reader(lines: list[str]) -> None:
    layouts: tuple[Any, ...] = (TRADE, FUND_FLOW)
    for layout in layouts:
        try:
            assert len(list(parsed(lines, layout))) <= len(lines)
        except Trouble:
            continue


@settings(max_examples=300, deadline=timedelta(seconds=2))
@given(raw=some.binary(max_size=400), place=some.integers(0, 900), cut=some.booleans())
def test_no_bytes_crash_the_reader_or_make_it_hang(raw: bytes, place: int, cut: bool) -> None:
    good = trade_bill()
    spoiled = good[:place] + raw + (b"" if cut else good[place:])
    try:
        rows = list(Bill(io.BytesIO(spoiled), TRADE).rows())
    except Trouble:
        return
    assert sum(row.order_fen for row in rows) == 19_900

"""Bills: their exact form, when there is one, and what it adds up to."""

from __future__ import annotations

import gzip
import hashlib
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.sandbox.merchant import Town

from headwater.sandbox.pay.bills.form import bill_bytes, escaped, fee_of, yuan
from headwater.sandbox.pay.bills.trade import HEADS, SUMS

TRADE = "/v3/bill/tradebill?bill_date=2026-11-22"
FUNDS = "/v3/bill/fundflowbill?bill_date=2026-11-22"
REFUNDS = "/v3/refund/domestic/refunds"
# Three rows that the real server sent in 2021, kept with their hash in an open client's tests.
PUBLISHED_SHA1 = "dcd7ceb3d382a1181798368bb15d8437de46c00f"
PUBLISHED = [
    "2021-01-28 17:07:11,4200000925202101284997714292,S20210128170702357723",
    "2021-01-28 15:35:18,4200000910202101282955148400,S20210128153505214586",
    "2021-01-28 16:59:46,4200000926202101281412639609,S20210128165824499930",
]


def published_row(three: str) -> dict[str, str]:
    at, theirs, ours = three.split(",")
    head = HEADS["ALL"].split(",")
    values = [
        *(at, "wx81be3101902f7cb2", "1601959334", "0", "", theirs, ours),
        *("ofyak5qR_1wYsC99CsWA6R9MJazA", "NATIVE", "SUCCESS", "OTHERS", "CNY", "0.01", "0.00"),
        *("0", "0", "0.00", "0.00", "", "", "for testing", "cipher code"),
        *("0.00000", "1.00%", "0.01", "0.00", ""),
    ]
    return dict(zip(head, values, strict=True))


def test_a_published_bill_has_its_published_hash() -> None:
    sums = ("3", "0.03", "0.00", "0.00", "0.00000", "0.03", "0.00")
    made = bill_bytes(HEADS["ALL"], [published_row(one) for one in PUBLISHED], SUMS, sums)
    assert hashlib.sha1(made).hexdigest() == PUBLISHED_SHA1


@pytest.mark.parametrize(
    "fen, words", [(0, "0.00"), (1, "0.01"), (100, "1.00"), (-6, "-0.06"), (123_456, "1234.56")]
)
def test_money_is_written_in_yuan(fen: int, words: str) -> None:
    assert yuan(fen) == words


def test_what_a_merchant_wrote_cannot_break_a_row() -> None:
    assert escaped('茶, "大"\n\\') == '茶\\  \\"大\\"\\n\\\\'


@pytest.mark.parametrize("fen, fee", [(1, 0), (83, 0), (84, 1), (10_000, 60)])
def test_the_fee_rounds_half_a_fen_up(fen: int, fee: int) -> None:
    assert fee_of(fen) == fee


async def fetched(town: Town, asked: dict[str, Any]) -> httpx2.Response:
    url = urlsplit(asked["download_url"])
    return await town.get(f"{url.path}?{url.query}")


async def bill(town: Town, path: str) -> list[list[str]]:
    """A bill by its rows, after its hash and its missing signature were looked at."""
    asked = await town.get(path)
    assert asked.status_code == 200, asked.text
    town.believes(asked.headers, asked.content)
    answer = await fetched(town, asked.json())
    assert "wechatpay-signature" not in answer.headers
    content = gzip.decompress(answer.content) if "GZIP" in path else answer.content
    assert hashlib.sha1(content).hexdigest() == asked.json()["hash_value"]
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines.pop() == ""
    return [line.split(",") for line in lines]


def by_name(rows: list[list[str]]) -> list[dict[str, str]]:
    """The rows between the two heads, each value without its backtick."""
    for row in (*rows[1:-2], rows[-1]):
        assert all(value.startswith("`") for value in row)
    return [dict(zip(rows[0], (v[1:] for v in row), strict=True)) for row in rows[1:-2]]


async def a_day(town: Town) -> None:
    """Two payments, one refund settled and one that is not yet; then half past ten next day."""
    await town.paid("T-000001", attach="门店,1")
    await town.paid("T-000002", amount={"total": 10_000, "currency": "CNY"})
    await town.prepay("T-000003")
    for place, number in ((1, "R1"), (2, "R2")):
        total = 3_990 if place == 1 else 10_000
        body = {
            "out_trade_no": f"T-00000{place}",
            "out_refund_no": number,
            "amount": {"refund": 1_000, "total": total, "currency": "CNY"},
        }
        assert (await town.post(REFUNDS, body)).status_code == 200
    town.sandbox.refunds.settle_due(town.clock.move(seconds=5))
    town.clock.move(hours=22, minutes=30)


async def test_a_trade_bill_lists_and_sums_a_day(town: Town) -> None:
    await a_day(town)
    rows = await bill(town, TRADE)
    listed = by_name(rows)
    assert [(one["商户订单号"], one["交易状态"]) for one in listed] == [
        ("T-000001", "SUCCESS"),
        ("T-000002", "SUCCESS"),
        ("T-000001", "REFUND"),
        ("T-000002", "REFUND"),
    ]
    assert (listed[0]["订单金额"], listed[0]["申请退款金额"]) == ("39.90", "0.00")
    assert (listed[2]["订单金额"], listed[2]["申请退款金额"]) == ("0.00", "10.00")
    assert listed[0]["商户数据包"] == "门店\\ 1"
    assert [one["手续费"] for one in listed] == ["0.24000", "0.60000", "-0.06000", "-0.06000"]
    assert listed[2]["退款状态"] == "SUCCESS"
    assert rows[-2] == SUMS.split(",")
    assert rows[-1] == ["`4", "`139.90", "`20.00", "`0.00", "`0.72000", "`139.90", "`20.00"]


@pytest.mark.parametrize("kind, states", [("SUCCESS", {"SUCCESS"}), ("REFUND", {"REFUND"})])
async def test_the_other_bills_have_columns_of_their_own(
    town: Town, kind: str, states: set[str]
) -> None:
    await a_day(town)
    rows = await bill(town, f"{TRADE}&bill_type={kind}&tar_type=GZIP")
    assert rows[0] == HEADS[kind].split(",")
    assert {one["交易状态"] for one in by_name(rows)} == states
    assert ("退款成功时间" in rows[0]) == (kind == "REFUND")


async def test_a_bill_is_a_picture_of_nine_o_clock(town: Town) -> None:
    await town.paid("T-000001")
    body = {"refund": 1_000, "total": 3_990, "currency": "CNY"}
    refund = {"out_trade_no": "T-000001", "out_refund_no": "R1", "amount": body}
    await town.post(REFUNDS, refund)
    # Nobody asked and no clock ticked until noon of the next day, so it settled after the picture.
    town.clock.move(days=1)
    town.sandbox.refunds.settle_due(town.clock())
    back = by_name(await bill(town, TRADE))[1]
    assert (back["退款状态"], (await town.get(f"{REFUNDS}/R1")).json()["status"]) == (
        "PROCESSING",
        "SUCCESS",
    )


async def test_a_fund_bill_keeps_the_balance(town: Town) -> None:
    await a_day(town)
    rows = await bill(town, FUNDS)
    listed = by_name(rows)
    assert [one["业务类型"] for one in listed] == [
        *("交易", "扣除交易手续费", "交易", "扣除交易手续费", "退款", "退款")
    ]
    assert [one["收支类型"] for one in listed] == ["收入", "支出", "收入", "支出", "支出", "支出"]
    assert listed[-1]["账户结余(元)"] == "119.18"
    assert listed[-1]["备注"] == "退款总金额10.00元;含手续费0.06元"
    assert rows[-1] == ["`6", "`2", "`139.90", "`4", "`20.72"]
    for account in ("OPERATION", "FEES"):
        empty = await town.get(f"{FUNDS}&account_type={account}")
        assert empty.json()["code"] == "NO_STATEMENT_EXIST"


async def test_a_bill_is_there_from_nine_o_clock_on(town: Town) -> None:
    await town.paid()
    assert (await town.get(TRADE)).json()["code"] == "STATEMENT_CREATING"
    town.clock.move(hours=20, minutes=59, seconds=59)
    assert (await town.get(TRADE)).json()["code"] == "STATEMENT_CREATING"
    town.clock.move(seconds=1)
    assert (await town.get(TRADE)).status_code == 200


async def test_a_bill_goes_three_months_back(town: Town) -> None:
    town.clock.move(days=100)
    # It is the second of March; the second of December is the first day still to be had.
    for day, code in (("2026-12-02", "NO_STATEMENT_EXIST"), ("2026-12-01", "PARAM_ERROR")):
        answer = await town.get(f"/v3/bill/tradebill?bill_date={day}")
        assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    "query",
    ["", "?bill_date=20261121", "?bill_date=2026-13-01", "?bill_date=2026-11-23"]
    + [f"?bill_date=2026-11-21&{more}" for more in ("bill_type=SOME", "tar_type=ZIP")],
)
async def test_a_bill_that_cannot_be_is_a_parameter_error(town: Town, query: str) -> None:
    assert (await town.get("/v3/bill/tradebill" + query)).json()["code"] == "PARAM_ERROR"


async def test_a_link_is_good_for_five_minutes_and_needs_a_signature(town: Town) -> None:
    await a_day(town)
    asked = (await town.get(TRADE)).json()
    assert (await town.http.get(asked["download_url"])).status_code == 401
    town.clock.move(minutes=4, seconds=59)
    assert (await fetched(town, asked)).status_code == 200
    town.clock.move(seconds=1)
    assert (await fetched(town, asked)).status_code == 400

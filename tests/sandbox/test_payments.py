"""Orders at the pay host."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.sandbox.merchant import NOON, Town
from tests.sandbox.merchant import town as new_town

JSAPI = "/v3/pay/transactions/jsapi"
NATIVE = "/v3/pay/transactions/native"
NUMBER = "T20261122-0001"


def order_path(town: Town, number: str = NUMBER) -> str:
    return f"/v3/pay/transactions/out-trade-no/{number}?mchid={town.pay['mchid']}"


async def test_a_paid_order_is_found_by_both_numbers(town: Town) -> None:
    await town.paid(attach="门店😀")
    by_ours = (await town.get(order_path(town))).json()
    path = f"/v3/pay/transactions/id/{by_ours['transaction_id']}?mchid={town.pay['mchid']}"
    by_theirs = (await town.get(path)).json()
    assert by_ours == by_theirs
    assert by_ours["trade_state"] == "SUCCESS"
    assert by_ours["attach"] == "门店😀"
    assert by_ours["payer"] == {"openid": town.openid()}
    assert by_ours["success_time"] == "2026-11-22T12:00:00+08:00"
    assert by_ours["amount"]["payer_total"] == 3_990


async def test_an_unpaid_order_waits(town: Town) -> None:
    await town.prepay()
    assert (await town.get(order_path(town))).json()["trade_state"] == "NOTPAY"


async def test_asking_again_with_the_same_parameters_gives_a_new_prepay_id(town: Town) -> None:
    first, second = await town.prepay(), await town.prepay()
    assert first != second
    assert len(town.sandbox.payments.everything()) == 1


@pytest.mark.parametrize(
    "change",
    [{"amount": {"total": 3_989, "currency": "CNY"}}, {"description": "别的"}, {"attach": "x"}],
)
async def test_a_number_is_not_reused_for_something_else(
    town: Town, change: dict[str, Any]
) -> None:
    await town.prepay()
    answer = await town.post(JSAPI, town.body(**change))
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
    assert "商户订单号重复" in answer.json()["message"]


async def test_the_end_of_an_order_cannot_be_changed(town: Town) -> None:
    end = {"time_expire": (NOON + timedelta(minutes=5)).isoformat()}
    await town.prepay(**end)
    later = town.body(time_expire=(NOON + timedelta(hours=1)).isoformat())
    assert (await town.post(JSAPI, later)).json()["message"] == "201 商户订单号重复"
    again = await town.prepay(**end)
    town.clock.move(minutes=5)
    answer = await town.side("POST", "/payments", {"prepay_id": again})
    assert (answer.status_code, answer.json()["error"]) == (409, "该订单已过期")


async def test_a_paid_number_is_used_up(town: Town) -> None:
    await town.paid()
    answer = await town.post(JSAPI, town.body())
    assert (answer.status_code, answer.json()["code"]) == (403, "OUT_TRADE_NO_USED")


async def test_a_closed_order_takes_no_money_and_no_second_prepay(town: Town) -> None:
    prepay_id = await town.prepay()
    close = f"/v3/pay/transactions/out-trade-no/{NUMBER}/close"
    closed = await town.post(close, {"mchid": town.pay["mchid"]})
    assert (closed.status_code, closed.content) == (204, b"")
    town.believes(closed.headers, b"")
    assert (await town.post(JSAPI, town.body())).json()["code"] == "ORDER_CLOSED"
    assert (await town.side("POST", "/payments", {"prepay_id": prepay_id})).status_code == 409
    assert (await town.side("GET", "/bill")).json()["paid_fen"] == 0


async def test_a_paid_order_is_not_closed(town: Town) -> None:
    await town.paid()
    close = f"/v3/pay/transactions/out-trade-no/{NUMBER}/close"
    assert (await town.post(close, {"mchid": town.pay["mchid"]})).status_code == 400
    assert (await town.get(order_path(town))).json()["trade_state"] == "SUCCESS"


async def test_nobody_pays_twice(town: Town) -> None:
    prepay_id = await town.paid()
    again = await town.side("POST", "/payments", {"prepay_id": prepay_id})
    assert again.status_code == 409
    assert (await town.side("GET", "/bill")).json()["paid_fen"] == 3_990


async def test_somebody_else_cannot_pay_an_order_of_a_named_payer(town: Town) -> None:
    prepay_id = await town.prepay()
    body = {"prepay_id": prepay_id, "person_id": "p2"}
    assert (await town.side("POST", "/payments", body)).status_code == 409


async def test_a_prepay_id_ends_after_two_hours(town: Town) -> None:
    prepay_id = await town.prepay()
    town.clock.move(hours=2)
    assert (await town.side("POST", "/payments", {"prepay_id": prepay_id})).status_code == 409


async def test_a_scanned_code_is_paid_by_whoever_scans_it(town: Town) -> None:
    body = {name: value for name, value in town.body().items() if name != "payer"}
    code_url = (await town.post(NATIVE, body)).json()["code_url"]
    assert code_url.startswith("weixin://wxpay/bizpayurl?pr=")
    paid = await town.side("POST", "/payments", {"code_url": code_url, "person_id": "p3"})
    assert paid.json()["payer"] == {"openid": town.openid("p3")}


@pytest.mark.parametrize(
    "change",
    [
        {"out_trade_no": "short"},
        {"out_trade_no": "x" * 33},
        {"out_trade_no": "T20261122#01"},
        {"out_trade_no": "T20261122-01\n"},
        {"description": "字" * 128},
        {"amount": {"total": 0}},
        {"amount": {"total": -1}},
        {"amount": {"total": 1.5}},
        {"amount": {"total": "100"}},
        {"amount": {"total": 100, "currency": "USD"}},
        {"notify_url": "http://shop.test/hooks/pay?x=1"},
        {"notify_url": "ftp://shop.test/hooks"},
        {"notify_url": "/hooks/pay"},
        {"notify_url": "https://shop.test/" + "x" * 240},
        {"payer": {"openid": "o-of-another-app"}},
        {"payer": None},
        {"time_expire": "2026-11-22T13:00:00"},
        {"attach": "x" * 129},
    ],
)
async def test_a_field_out_of_bounds_is_refused_and_opens_nothing(
    town: Town, change: dict[str, Any]
) -> None:
    answer = await town.post(JSAPI, town.body() | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")
    assert next(iter(change)) in answer.json()["detail"]["field"]
    assert town.sandbox.payments.everything() == []


@pytest.mark.parametrize("length", [6, 32])
async def test_a_number_at_the_limit_is_taken(town: Town, length: int) -> None:
    assert await town.prepay("N" * length)


async def test_an_app_of_another_merchant_is_refused(town: Town) -> None:
    for change in ({"mchid": "1900000001"}, {"appid": "wxdeadbeefdeadbeef"}):
        answer = await town.post(JSAPI, town.body(**change))
        assert answer.json()["code"] == "APPID_MCHID_NOT_MATCH"


async def test_an_unknown_order_is_not_there(town: Town) -> None:
    answer = await town.get(order_path(town, "NOBODYS-ORDER"))
    assert (answer.status_code, answer.json()["code"]) == (404, "ORDER_NOT_EXIST")


@pytest.mark.parametrize("junk", [b"\xff{", b"", b"[1", b'{"x":' + b"[" * 3_000])
async def test_a_body_that_is_no_json_is_a_parameter_error(town: Town, junk: bytes) -> None:
    headers = town.signed("POST", JSAPI, junk)
    answer = await town.send("POST", JSAPI, junk, headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


@pytest.mark.parametrize("junk", [b"\xff{", b"[1", b'{"x":' + b"[" * 3_000])
@pytest.mark.parametrize("door", ["/payments", "/people", "/scenario", "/callbacks"])
async def test_junk_at_a_side_door_is_said_and_changes_nothing(
    town: Town, door: str, junk: bytes
) -> None:
    url = town.sandbox.credentials["side_doors"]["base_url"] + door
    method = "PUT" if door == "/scenario" else "POST"
    assert (await town.http.request(method, url, content=junk)).status_code == 422


async def test_the_same_seed_makes_the_same_world() -> None:
    async with new_town() as one, new_town() as other:
        assert await one.prepay() == await other.prepay()
        assert one.sandbox.people.everybody() == other.sandbox.people.everybody()

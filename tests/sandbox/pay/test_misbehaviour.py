"""The pay host on a bad day: what it does when it was asked to misbehave."""

from __future__ import annotations

import json

import pytest
from cryptography.exceptions import InvalidSignature
from tests.sandbox.merchant import NOTIFY_URL, Town

JSAPI = "/v3/pay/transactions/jsapi"
REFUNDS = "/v3/refund/domestic/refunds"
TOTAL = 3_990


def refund(number: str = "R1", amount: int = 100) -> dict[str, object]:
    return {
        "out_trade_no": "T20261122-0001",
        "out_refund_no": number,
        "notify_url": NOTIFY_URL,
        "amount": {"refund": amount, "total": TOTAL, "currency": "CNY"},
    }


async def test_a_probe_in_an_answer_has_its_effect_and_a_wrong_signature(town: Town) -> None:
    town.sandbox.faults.answer_probe_next = 1
    answer = await town.post(JSAPI, town.body())
    assert answer.headers["wechatpay-signature"].startswith("WECHATPAY/SIGNTEST/")
    with pytest.raises((InvalidSignature, ValueError)):
        town.believes(answer.headers, answer.content)
    assert len(town.sandbox.payments.everything()) == 1
    again = await town.post(JSAPI, town.body())
    town.believes(again.headers, again.content)


async def test_too_many_requests_have_no_effect(town: Town) -> None:
    town.sandbox.faults.frequency_next = 1
    answer = await town.post(JSAPI, town.body())
    assert (answer.status_code, answer.json()["code"]) == (429, "FREQUENCY_LIMITED")
    assert town.sandbox.payments.everything() == []


async def test_parameter_errors_come_unsigned_and_other_refusals_signed(town: Town) -> None:
    unsigned = await town.post(JSAPI, town.body(description=""))
    assert "wechatpay-signature" not in unsigned.headers
    unknown = f"/v3/pay/transactions/out-trade-no/NOBODYS-ORDER?mchid={town.pay['mchid']}"
    signed = await town.get(unknown)
    assert signed.json()["code"] == "ORDER_NOT_EXIST"
    town.believes(signed.headers, signed.content)


async def test_a_refund_that_ends_abnormal_waits_for_a_person(town: Town) -> None:
    await town.paid()
    await town.sandbox.deliver_due(town.clock())
    town.sandbox.faults.abnormal_next = 1
    await town.post(REFUNDS, refund())
    await town.sandbox.deliver_due(town.clock.move(seconds=3))
    assert json.loads(town.shop.heard[-1][1])["event_type"] == "REFUND.ABNORMAL"
    assert town.notice()["refund_status"] == "ABNORMAL"
    assert "success_time" not in town.notice()
    assert (await town.get(f"{REFUNDS}/R1")).json()["status"] == "ABNORMAL"
    bill = (await town.side("GET", "/bill")).json()
    assert (bill["refunds_accepted_fen"], bill["refunded_fen"]) == (100, 0)
    settled = await town.side("POST", "/refunds/R1", {"outcome": "SUCCESS"})
    assert settled.json()["status"] == "SUCCESS"
    await town.sandbox.deliver_due(town.clock())
    assert town.notice()["refund_status"] == "SUCCESS"
    assert (await town.side("POST", "/refunds/R1", {"outcome": "CLOSED"})).status_code == 409


async def test_an_abnormal_refund_that_is_given_up_frees_its_money(town: Town) -> None:
    await town.paid()
    town.sandbox.faults.abnormal_next = 1
    await town.post(REFUNDS, refund(amount=TOTAL))
    town.clock.move(minutes=1)
    closed = await town.side("POST", "/refunds/R1", {"outcome": "CLOSED"})
    assert closed.json()["status"] == "CLOSED"
    assert (await town.post(REFUNDS, refund("R2", TOTAL))).status_code == 200


async def test_a_balance_too_small_refuses_and_the_same_number_works_later(town: Town) -> None:
    await town.paid()
    town.sandbox.faults.not_enough_next = 1
    answer = await town.post(REFUNDS, refund())
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ENOUGH")
    assert (await town.post(REFUNDS, refund())).status_code == 200


async def test_an_order_is_refunded_once_a_minute(town: Town) -> None:
    await town.paid()
    assert (await town.post(REFUNDS, refund("R1"))).status_code == 200
    town.clock.move(seconds=59)
    early = await town.post(REFUNDS, refund("R2"))
    assert (early.status_code, early.json()["code"]) == (429, "FREQUENCY_LIMITED")
    assert (await town.post(REFUNDS, refund("R1"))).status_code == 200
    town.clock.move(seconds=1)
    assert (await town.post(REFUNDS, refund("R2"))).status_code == 200


async def test_six_failing_refunds_a_second_are_the_limit(town: Town) -> None:
    await town.paid()
    wrong = refund(amount=TOTAL + 1)
    codes = [(await town.post(REFUNDS, wrong)).json()["code"] for _ in range(7)]
    assert codes == ["INVALID_REQUEST"] * 6 + ["FREQUENCY_LIMITED"]
    assert (await town.post(REFUNDS, refund())).status_code == 429
    town.clock.move(seconds=1)
    assert (await town.post(REFUNDS, refund())).status_code == 200


async def test_a_hundred_and_fifty_refunds_a_second_are_the_limit(town: Town) -> None:
    await town.paid()
    statuses = [(await town.post(REFUNDS, refund())).status_code for _ in range(151)]
    assert statuses == [200] * 150 + [429]
    town.clock.move(seconds=1)
    assert (await town.post(REFUNDS, refund())).status_code == 200


async def test_where_the_money_comes_from_must_add_up(town: Town) -> None:
    await town.paid()
    parts = [{"account": "AVAILABLE", "amount": 60}, {"account": "UNAVAILABLE", "amount": 41}]
    amount = {"refund": 100, "total": TOTAL, "currency": "CNY", "from": parts}
    answer = await town.post(REFUNDS, refund() | {"amount": amount})
    assert answer.json()["detail"]["field"] == "/amount/from"
    parts[1]["amount"] = 40
    assert (await town.post(REFUNDS, refund() | {"amount": amount})).status_code == 200


async def test_pushes_have_addresses_that_a_side_door_sets(town: Town) -> None:
    assert (await town.side("GET", "/callbacks")).json()["wecom"] is None
    urls = {"wecom": "http://shop.test/hooks/wecom"}
    changed = await town.side("POST", "/callbacks", urls)
    assert changed.json() == {"official_account": None, "mini_program": None, **urls}
    assert (await town.side("POST", "/callbacks", {"wecom": "shop"})).status_code == 422
    assert (await town.side("POST", "/callbacks", {"wecom": None})).json()["wecom"] is None


async def test_a_person_is_known_by_every_id(town: Town) -> None:
    (first, *_) = (await town.side("GET", "/people")).json()["people"]
    assert first["openids"]["official_account"] == town.openid()
    assert first["openids"]["mini_program"] != town.openid()
    assert first["external_userid"].startswith("wm")

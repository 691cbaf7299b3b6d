"""Refunds at the pay host: once per number, never more than was paid."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.merchant import NOTIFY_URL, Town

REFUNDS = "/v3/refund/domestic/refunds"


def body(number: str = "R1", refund: int = 1_000, **changes: Any) -> dict[str, Any]:
    plain = {
        "out_trade_no": "T20261122-0001",
        "out_refund_no": number,
        "reason": "不合适",
        "notify_url": NOTIFY_URL,
        "amount": {"refund": refund, "total": 3_990, "currency": "CNY"},
    }
    return {**plain, **changes}


async def test_a_refund_is_accepted_then_settled_then_told(town: Town) -> None:
    await town.paid()
    await town.sandbox.deliver_due(town.clock())
    asked = (await town.post(REFUNDS, body())).json()
    assert asked["status"] == "PROCESSING"
    assert asked["amount"]["refund"] == 1_000
    town.clock.move(seconds=3)
    assert await town.sandbox.deliver_due(town.clock()) == 1
    answer = await town.get(f"{REFUNDS}/R1")
    town.believes(answer.headers, answer.content)
    assert (answer.json()["status"], answer.json()["refund_id"]) == ("SUCCESS", asked["refund_id"])
    told = town.notice()
    assert (told["refund_status"], told["out_refund_no"]) == ("SUCCESS", "R1")
    assert told["amount"] == {
        "total": 3_990,
        "refund": 1_000,
        "payer_total": 3_990,
        "payer_refund": 1_000,
    }
    path = f"/v3/pay/transactions/out-trade-no/T20261122-0001?mchid={town.pay['mchid']}"
    assert (await town.get(path)).json()["trade_state"] == "REFUND"


async def test_the_query_alone_finds_a_refund_settled(town: Town) -> None:
    await town.paid()
    await town.post(REFUNDS, body())
    town.clock.move(seconds=2)
    assert (await town.get(f"{REFUNDS}/R1")).json()["status"] == "PROCESSING"
    town.clock.move(seconds=1)
    assert (await town.get(f"{REFUNDS}/R1")).json()["status"] == "SUCCESS"


async def test_the_same_number_refunds_once(town: Town) -> None:
    await town.paid()
    answers = [(await town.post(REFUNDS, body())).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    town.clock.move(seconds=3)
    bill = (await town.side("GET", "/bill")).json()
    assert (bill["paid_fen"], bill["refunded_fen"]) == (3_990, 1_000)


async def test_the_same_number_for_another_amount_is_refused(town: Town) -> None:
    await town.paid()
    await town.post(REFUNDS, body())
    answer = await town.post(REFUNDS, body(refund=1_001))
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")


async def test_parts_may_add_up_to_the_whole_and_no_fen_more(town: Town) -> None:
    await town.paid()
    assert (await town.post(REFUNDS, body("R1", 3_000))).status_code == 200
    town.clock.move(minutes=1)
    assert (await town.post(REFUNDS, body("R2", 991))).status_code == 400
    assert (await town.post(REFUNDS, body("R2", 990))).status_code == 200
    assert (await town.post(REFUNDS, body("R3", 1))).status_code == 400
    bill = (await town.side("GET", "/bill")).json()
    assert bill["refunds_accepted_fen"] == 3_990


async def test_fifty_parts_are_the_limit(town: Town) -> None:
    await town.paid()
    for part in range(50):
        town.clock.move(minutes=1)
        assert (await town.post(REFUNDS, body(f"R{part}", 1))).status_code == 200
    town.clock.move(minutes=1)
    answer = await town.post(REFUNDS, body("R50", 1))
    assert (answer.status_code, answer.json()["code"]) == (403, "RULE_LIMIT")


async def test_a_year_later_nothing_goes_back(town: Town) -> None:
    await town.paid()
    town.clock.move(days=365)
    assert (await town.post(REFUNDS, body("R1"))).status_code == 200
    town.clock.move(seconds=1)
    assert (await town.post(REFUNDS, body("R2"))).status_code == 400


async def test_an_unpaid_order_has_nothing_to_give_back(town: Town) -> None:
    await town.prepay()
    assert (await town.post(REFUNDS, body())).json()["code"] == "INVALID_REQUEST"


@pytest.mark.parametrize(
    "change",
    [
        {"out_refund_no": "R 1"},
        {"out_refund_no": "R" * 65},
        {"reason": "字" * 81},
        {"amount": {"refund": 0, "total": 3_990, "currency": "CNY"}},
        {"amount": {"refund": 10, "total": 3_990}},
        {"notify_url": "http://shop.test/x?y=1"},
        {"transaction_id": "4200000000"},
    ],
)
async def test_a_field_out_of_bounds_is_refused(town: Town, change: dict[str, Any]) -> None:
    await town.paid()
    answer = await town.post(REFUNDS, body(**change))
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


async def test_a_total_that_was_never_paid_is_refused(town: Town) -> None:
    await town.paid()
    amount = {"refund": 10, "total": 4_000, "currency": "CNY"}
    assert (await town.post(REFUNDS, body(amount=amount))).json()["code"] == "INVALID_REQUEST"


async def test_an_unknown_order_or_refund_is_not_there(town: Town) -> None:
    for answer in (await town.post(REFUNDS, body()), await town.get(f"{REFUNDS}/R1")):
        assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_EXISTS")

"""Shipping information, whose upload lets an order's money go, as it goes over the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.connect.weixin.stub import NOON, OK, Weixin, refusal

from headwater.base.errors import BadInput, Trouble
from headwater.connect.errors import NotKnownYet, ProviderRefused, ShippingFinal
from headwater.connect.mini_program.shipping import (
    Parcel,
    PaymentKey,
    Shipment,
    Way,
    masked,
    wait_before,
)
from headwater.connect.mini_program.shipping_orders import Stage, Wanted

OURS = PaymentKey(mchid="1900000001", out_trade_no="R20261122-0001")
THEIRS = PaymentKey(transaction_id="4200001")
HANDED_OVER = Shipment(OURS, Way.PICKED_UP, (Parcel("羊绒围巾 😀*1"),))
SENT = Parcel("围巾*1", "ST123", "STO")
AT = 1_670_563_533


async def test_a_pick_up_is_uploaded_with_our_number_and_the_shops_clock() -> None:
    weixin = Weixin()
    weixin.will(OK)
    assert await weixin.program.shipping.upload(HANDED_OVER, "o-1", NOON)
    assert weixin.path == "/wxa/sec/order/upload_shipping_info"
    assert "羊绒围巾 😀*1".encode() in weixin.raw
    assert weixin.body == {
        "order_key": {
            "order_number_type": 1,
            "mchid": "1900000001",
            "out_trade_no": "R20261122-0001",
        },
        "logistics_type": 4,
        "delivery_mode": 1,
        "shipping_list": [{"item_desc": "羊绒围巾 😀*1"}],
        "upload_time": "2026-11-22T12:00:00.000+08:00",
        "payer": {"openid": "o-1"},
    }


async def test_parcels_are_uploaded_as_they_leave() -> None:
    weixin = Weixin()
    weixin.will(OK)
    masked_phone = masked("13800138000")
    parcels = (SENT, Parcel("手套*1", "SF9", "SF", receiver_phone=masked_phone))
    shipment = Shipment(THEIRS, Way.EXPRESS, parcels, is_split=True, is_complete=False)
    await weixin.program.shipping.upload(shipment, "o-1", NOON)
    assert weixin.body["order_key"] == {"order_number_type": 2, "transaction_id": "4200001"}
    assert (weixin.body["delivery_mode"], weixin.body["is_all_delivered"]) == (2, False)
    assert weixin.body["shipping_list"][1] == {
        "item_desc": "手套*1",
        "tracking_no": "SF9",
        "express_company": "SF",
        "contact": {"receiver_contact": "138****8000"},
    }


async def test_a_repeat_is_told_that_nothing_changed() -> None:
    weixin = Weixin()
    weixin.will(refusal(10060023))
    assert not await weixin.program.shipping.upload(HANDED_OVER, "o-1", NOON)


@pytest.mark.parametrize(
    "errcode,kind",
    [
        (10060001, NotKnownYet),
        (10060002, ShippingFinal),
        (10060003, ShippingFinal),
        (10060004, ShippingFinal),
        (10060012, Trouble),
        (10060019, Trouble),
        (10060031, ProviderRefused),
        (268485216, ProviderRefused),
    ],
)
async def test_what_is_refused_says_whether_later_helps(errcode: int, kind: Any) -> None:
    weixin = Weixin()
    weixin.will(refusal(errcode))
    with pytest.raises(kind) as refused:
        await weixin.program.shipping.upload(HANDED_OVER, "o-1", NOON)
    assert type(refused.value) is kind


def test_one_waits_ten_seconds_first_and_half_an_hour_in_the_end() -> None:
    waits = [wait_before(tries) for tries in range(14)]
    assert waits[1] == timedelta(seconds=10)
    assert waits[4] == timedelta(seconds=80)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=30)


def sent(**changes: Any) -> Parcel:
    return Parcel(**({"description": "x", "tracking_number": "S", "carrier": "STO"} | changes))


@pytest.mark.parametrize(
    "wrong",
    [
        Shipment(OURS, Way.PICKED_UP, ()),
        Shipment(OURS, Way.EXPRESS, (SENT, SENT)),
        Shipment(OURS, Way.EXPRESS, (SENT,) * 11, is_split=True),
        Shipment(OURS, Way.SAME_CITY, (SENT,), is_split=True),
        Shipment(OURS, Way.EXPRESS, (sent(description=""),)),
        Shipment(OURS, Way.EXPRESS, (sent(description="围" * 121),)),
        Shipment(OURS, Way.EXPRESS, (sent(tracking_number=""),)),
        Shipment(OURS, Way.EXPRESS, (sent(carrier=""),)),
        Shipment(OURS, Way.EXPRESS, (sent(tracking_number="x" * 129),)),
        Shipment(OURS, Way.EXPRESS, (sent(carrier="SF"),)),
    ],
)
async def test_a_shipment_beyond_the_rules_is_not_sent(wrong: Shipment) -> None:
    weixin = Weixin()
    with pytest.raises(BadInput):
        await weixin.program.shipping.upload(wrong, "o-1", NOON)
    assert weixin.asked == []


@pytest.mark.parametrize(
    "most",
    [
        Shipment(OURS, Way.EXPRESS, (SENT,) * 10, is_split=True),
        Shipment(OURS, Way.EXPRESS, (sent(description="围" * 120),)),
        Shipment(OURS, Way.EXPRESS, (sent(tracking_number="x" * 128),)),
        Shipment(OURS, Way.EXPRESS, (sent(carrier="SF", sender_phone="138****8000"),)),
    ],
)
async def test_a_shipment_at_the_limits_is_sent(most: Shipment) -> None:
    weixin = Weixin()
    weixin.will(OK)
    assert await weixin.program.shipping.upload(most, "o-1", NOON)


@pytest.mark.parametrize(
    "numbers",
    [
        {},
        {"mchid": "19"},
        {"out_trade_no": "R"},
        {"transaction_id": "4", "mchid": "1", "out_trade_no": "R"},
    ],
)
def test_a_payment_is_named_in_one_way(numbers: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        PaymentKey(**numbers)


def test_a_phone_is_masked_but_for_its_last_four() -> None:
    assert masked("+86-13800138000") == "+86-138****8000"
    with pytest.raises(BadInput):
        masked("8000")


async def test_the_orders_of_one_payment_are_uploaded_together() -> None:
    weixin = Weixin()
    weixin.will(OK)
    second = PaymentKey(mchid="1900000001", out_trade_no="R20261122-0002")
    whole = PaymentKey(mchid="1900000001", out_trade_no="C20261122-0001")
    shipments = [HANDED_OVER, Shipment(second, Way.EXPRESS, (SENT,))]
    await weixin.program.shipping.upload_combined(whole, shipments, "o-1", NOON)
    assert weixin.path == "/wxa/sec/order/upload_combined_shipping_info"
    assert weixin.body["order_key"]["out_trade_no"] == "C20261122-0001"
    assert [each["logistics_type"] for each in weixin.body["sub_orders"]] == [4, 1]
    for wrong in ([], [HANDED_OVER, HANDED_OVER], [Shipment(THEIRS, Way.EXPRESS, (SENT,))]):
        with pytest.raises(BadInput):
            await weixin.program.shipping.upload_combined(whole, wrong, "o-1", NOON)


def wire(**changes: Any) -> dict[str, Any]:
    return {
        "transaction_id": "4200001",
        "merchant_trade_no": "R-1",
        "merchant_id": "19",
        "description": "🍌*1",
        "paid_amount": 916,
        "openid": "o-1",
        "pay_time": AT,
        "in_complaint": False,
        "order_state": 2,
        "shipping": {"finish_shipping": True, "finish_shipping_count": 1},
    } | changes


@pytest.mark.parametrize(
    "number,stage", [(1, Stage.TO_SHIP), (4, Stage.DONE), (6, Stage.SETTLING), (7, None)]
)
async def test_an_order_has_a_stage_also_one_that_is_new(number: int, stage: Any) -> None:
    weixin = Weixin()
    weixin.will({**OK, "order": wire(order_state=number)})
    order = await weixin.program.shipping_orders.get(OURS)
    assert weixin.body == {"merchant_id": "1900000001", "merchant_trade_no": "R20261122-0001"}
    assert (order.stage, order.stage_number) == (stage or Stage.UNKNOWN, number)
    assert (order.paid_fen, order.paid_at) == (916, datetime.fromtimestamp(AT, UTC))
    assert (order.is_shipped, order.times_shipped) == (True, 1)


async def test_an_unpaid_order_is_not_known_yet() -> None:
    weixin = Weixin()
    weixin.will(refusal(10060001))
    with pytest.raises(NotKnownYet):
        await weixin.program.shipping_orders.get(THEIRS)
    assert weixin.body == {"transaction_id": "4200001"}


async def test_orders_are_listed_page_by_page() -> None:
    weixin = Weixin()
    orders = weixin.program.shipping_orders
    weixin.will(
        {**OK, "order_list": [wire(shipping=None)], "has_more": True, "last_index": "i-1"},
        {**OK, "order_list": [], "has_more": False, "last_index": "i-1"},
    )
    wanted = Wanted(paid_from=NOON, stage=Stage.TO_SHIP, openid="o-1")
    first = await orders.page(wanted)
    assert weixin.body == {
        "page_size": 100,
        "pay_time_range": {"begin_time": int(NOON.timestamp())},
        "openid": "o-1",
        "order_state": 1,
    }
    assert (first.orders[0].is_shipped, first.next_index) == (False, "i-1")
    last = await orders.page(Wanted(), first.next_index)
    assert weixin.body == {"page_size": 100, "last_index": "i-1"}
    assert (last.orders, last.next_index) == ((), None)


async def test_the_service_is_asked_about_and_told_where_its_message_leads() -> None:
    weixin = Weixin()
    orders = weixin.program.shipping_orders
    weixin.will({**OK, "is_trade_managed": True}, {**OK, "completed": False}, OK, OK)
    assert await orders.is_managed()
    assert weixin.body == {"appid": "wx34"}
    assert not await orders.is_confirmed()
    await orders.set_message_page("pages/order")
    assert weixin.body == {"path": "pages/order"}
    await orders.remind_to_confirm(THEIRS, NOON)
    assert weixin.body == {
        "transaction_id": "4200001",
        "received_time": int(NOON.timestamp()),
    }


@pytest.mark.parametrize("answer", [b"", b"[]", OK, {"order": {}}, {"order": wire(paid_amount=-1)}])
async def test_an_order_that_is_none_is_trouble(answer: Any) -> None:
    weixin = Weixin()
    weixin.will(answer)
    with pytest.raises(Trouble):
        await weixin.program.shipping_orders.get(OURS)

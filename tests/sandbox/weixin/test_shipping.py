"""Order shipping: the state machine, the seconds after a payment, and the one correction."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.sandbox.weixin.brand import Brand

NUMBER = "T20261122-0001"
SHANGHAI = ZoneInfo("Asia/Shanghai")


async def pay(brand: Brand, number: str = NUMBER) -> str:
    """A paid order of the mini program; gives the platform's number."""
    town, app = brand.town, brand.app("mini_program")
    openid = brand.openid(kind="mini_program")
    await town.paid(number, appid=app.appid, payer={"openid": openid})
    return str(town.sandbox.payments.find(number).transaction_id)


def moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def package(number: str = "SF1", **changes: Any) -> dict[str, Any]:
    contact = {"receiver_contact": "189****1234"}
    plain = {"tracking_no": number, "express_company": "SF", "item_desc": "茶", "contact": contact}
    return plain | changes


def body(brand: Brand, **changes: Any) -> dict[str, Any]:
    key = {"order_number_type": 1, "mchid": brand.town.pay["mchid"], "out_trade_no": NUMBER}
    plain = {
        "order_key": key,
        "logistics_type": 1,
        "delivery_mode": 1,
        "shipping_list": [package()],
        "upload_time": moment(brand.town.clock()),
        "payer": {"openid": brand.openid(kind="mini_program")},
    }
    return plain | changes


async def upload(brand: Brand, **changes: Any) -> int:
    path = "/wxa/sec/order/upload_shipping_info"
    return int((await brand.program(path, body(brand, **changes)))["errcode"])


async def state(brand: Brand, number: str = NUMBER) -> int:
    which = {"merchant_id": brand.town.pay["mchid"], "merchant_trade_no": number}
    said = await brand.program("/wxa/sec/order/get_order", which)
    return int(said["order"]["order_state"])


async def test_an_order_is_unknown_for_ten_seconds_after_its_payment(brand: Brand) -> None:
    assert await upload(brand) == 10060001
    await pay(brand)
    brand.town.clock.move(seconds=9)
    assert await upload(brand) == 10060001
    brand.town.clock.move(seconds=1)
    assert await upload(brand) == 0


async def test_an_order_of_the_account_is_none_of_the_programs(brand: Brand) -> None:
    await brand.town.paid(NUMBER)
    brand.town.clock.move(minutes=1)
    assert await upload(brand) == 10060001


async def test_an_order_walks_from_paid_to_settled(brand: Brand) -> None:
    transaction_id = await pay(brand)
    brand.town.clock.move(seconds=10)
    assert await state(brand) == 1
    assert await upload(brand) == 0
    assert await state(brand) == 2
    assert brand.messages(chat="program")[-1].title == "商品已发货"
    brand.acts.program.receive(brand.person(), NUMBER, brand.town.clock())
    assert await state(brand) == 3
    brand.town.clock.move(minutes=1)
    assert await state(brand) == 6
    brand.town.clock.move(days=1)
    assert await state(brand) == 4
    assert await upload(brand) == 10060004
    listed = await brand.program("/wxa/sec/order/get_order_list", {"order_state": 4})
    assert [one["transaction_id"] for one in listed["order_list"]] == [transaction_id]


@pytest.mark.parametrize("kind, days", [(1, 10), (2, 2), (3, 2), (4, 2)])
async def test_an_order_counts_as_received_by_itself(brand: Brand, kind: int, days: int) -> None:
    await pay(brand)
    brand.town.clock.move(seconds=10)
    goods = [package() if kind == 1 else {"item_desc": "茶"}]
    assert await upload(brand, logistics_type=kind, shipping_list=goods) == 0
    brand.town.clock.move(days=days, seconds=-1)
    assert await state(brand) == 2
    brand.town.clock.move(seconds=1)
    assert await state(brand) == 3


async def test_money_that_went_back_needs_no_shipping(brand: Brand) -> None:
    await pay(brand)
    refund = {
        "out_trade_no": NUMBER,
        "out_refund_no": "R1",
        "amount": {"refund": 3_990, "total": 3_990, "currency": "CNY"},
    }
    assert (await brand.town.post("/v3/refund/domestic/refunds", refund)).status_code == 200
    await brand.told(seconds=60)
    assert await state(brand) == 5
    assert await upload(brand) == 10060004


async def test_there_is_one_correction_and_no_second(brand: Brand) -> None:
    await pay(brand)
    brand.town.clock.move(seconds=10)
    assert await upload(brand) == 0
    assert await upload(brand, shipping_list=[package("SF2")]) == 10060023
    brand.town.clock.move(seconds=1)
    assert await upload(brand) == 10060023
    assert await upload(brand, shipping_list=[package("SF2")]) == 0
    brand.town.clock.move(seconds=1)
    assert await upload(brand, shipping_list=[package("SF3")]) == 10060003


async def test_a_split_order_is_shipped_once_all_of_it_is(brand: Brand) -> None:
    await pay(brand)
    split = {"delivery_mode": 2}
    for number, is_last in (("SF1", False), ("SF2", False), ("SF3", True)):
        brand.town.clock.move(seconds=10)
        sent = [package(number)]
        assert await upload(brand, **split, shipping_list=sent, is_all_delivered=is_last) == 0
        assert await state(brand) == (2 if is_last else 1)
    which = {"transaction_id": brand.town.sandbox.payments.find(NUMBER).transaction_id}
    order = (await brand.program("/wxa/sec/order/get_order", which))["order"]
    numbers = [one["tracking_no"] for one in order["shipping"]["shipping_list"]]
    assert numbers == ["SF1", "SF2", "SF3"]


async def test_ten_packages_and_no_more(brand: Brand) -> None:
    await pay(brand)
    brand.town.clock.move(seconds=10)
    split = {"delivery_mode": 2, "is_all_delivered": False}
    eleven = [package(f"SF{number}") for number in range(11)]
    assert await upload(brand, **split, shipping_list=eleven) == 10060024
    assert await upload(brand, **split, shipping_list=eleven[:10]) == 0
    brand.town.clock.move(seconds=1)
    assert await upload(brand, **split, shipping_list=eleven[10:]) == 10060024


KEY = {"order_number_type": 1, "mchid": "x", "out_trade_no": NUMBER}


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"shipping_list": [package(item_desc="茶" * 120)]}, 0),
        ({"shipping_list": [package(item_desc="茶" * 121)]}, 10060009),
        ({"shipping_list": [package(item_desc="")]}, 10060008),
        ({"shipping_list": [package(tracking_no="")]}, 268485226),
        ({"shipping_list": [package(express_company="")]}, 268485227),
        ({"shipping_list": [package("x" * 128)]}, 0),
        ({"shipping_list": [package("x" * 129)]}, 10060026),
        ({"shipping_list": [package(contact=None)]}, 47003),
        ({"shipping_list": [package(contact=None, express_company="ZTO")]}, 0),
        ({"shipping_list": [package(contact={"receiver_contact": "1893456****"})]}, 47003),
        ({"shipping_list": []}, 268485228),
        ({"shipping_list": [package(), package("SF2")]}, 268485228),
        ({"logistics_type": 5}, 10060005),
        ({"delivery_mode": 3}, 268485224),
        ({"delivery_mode": 2}, 10060007),
        ({"delivery_mode": 2, "logistics_type": 4, "is_all_delivered": True}, 10060006),
        ({"upload_time": "2026-11-22 12:00:00"}, 268485216),
        ({"upload_time": "2026-13-22T12:00:00.000+08:00"}, 268485216),
        ({"payer": {"openid": "o-other"}}, 10060031),
        ({"order_key": {"order_number_type": 3}}, 268485194),
        ({"order_key": {"order_number_type": 2}}, 268485195),
        ({"order_key": {"order_number_type": 1, "out_trade_no": NUMBER}}, 268485196),
        ({"order_key": {"order_number_type": 1, "mchid": "x"}}, 268485197),
        ({"order_key": KEY}, 10060001),
    ],
)
async def test_an_upload_is_refused_with_the_platforms_numbers(
    brand: Brand, changes: dict[str, Any], expected: int
) -> None:
    await pay(brand)
    brand.town.clock.move(seconds=10)
    assert await upload(brand, **changes) == expected


async def test_a_combined_upload_ships_all_orders_or_none(brand: Brand) -> None:
    first, second = await pay(brand), await pay(brand, "T20261122-0002")
    brand.town.clock.move(seconds=10)

    def sub(transaction_id: str) -> dict[str, Any]:
        return {
            "order_key": {"order_number_type": 2, "transaction_id": transaction_id},
            "logistics_type": 4,
            "delivery_mode": 1,
            "shipping_list": [{"item_desc": "茶"}],
        }

    async def combined(*transaction_ids: str) -> int:
        wanted = {
            "order_key": {"order_number_type": 2, "transaction_id": first},
            "sub_orders": [sub(one) for one in transaction_ids],
            "upload_time": moment(brand.town.clock()),
            "payer": {"openid": brand.openid(kind="mini_program")},
        }
        path = "/wxa/sec/order/upload_combined_shipping_info"
        return int((await brand.program(path, wanted))["errcode"])

    assert await combined(first, "42nobody") == 10060001
    assert [await state(brand), await state(brand, "T20261122-0002")] == [1, 1]
    assert await combined(first, second) == 0
    assert [await state(brand), await state(brand, "T20261122-0002")] == [2, 2]


async def test_the_buyer_is_asked_once_to_confirm(brand: Brand) -> None:
    await pay(brand)
    brand.town.clock.move(seconds=10)
    await upload(brand)

    async def ask(received: float) -> int:
        which = {
            "merchant_id": brand.town.pay["mchid"],
            "merchant_trade_no": NUMBER,
            "received_time": int(received),
        }
        said = await brand.program("/wxa/sec/order/notify_confirm_receive", which)
        return int(said["errcode"])

    now = brand.town.clock.move(days=2).timestamp()
    assert await ask(now * 1_000) == 10060029
    assert await ask(now) == 0
    assert brand.messages(chat="program")[-1].title == "请确认收货"
    assert await ask(now) != 0


async def test_shipped_settled_and_late_orders_are_told(brand: Brand) -> None:
    settings = {"mini_program": {"mode": "plain", "format": "json"}}
    await brand.town.side("PUT", "/weixin/push-settings", settings)
    await pay(brand)
    await pay(brand, "T20261122-0002")
    brand.town.clock.move(seconds=10)
    await upload(brand)
    (shipped,) = [json.loads(one.body) for one in await brand.told(seconds=1)]
    assert shipped["Event"] == "trade_manage_order_settlement"
    assert "settlement_time" not in shipped
    (late,) = [json.loads(one.body) for one in await brand.told(seconds=48 * 3_600)]
    assert (late["Event"], late["merchant_trade_no"]) == (
        "trade_manage_remind_shipping",
        "T20261122-0002",
    )
    (settled,) = [json.loads(one.body) for one in await brand.told(seconds=12 * 86_400)]
    assert (settled["merchant_trade_no"], settled["confirm_receive_method"]) == (NUMBER, 1)
    assert await brand.told(seconds=86_400) == []


async def test_the_small_settings_answer(brand: Brand) -> None:
    program = brand.app("mini_program")
    start = "/wxa/sec/order/"
    managed = await brand.program(start + "is_trade_managed", {"appid": program.appid})
    assert managed["is_trade_managed"] is True
    other = await brand.program(start + "is_trade_managed", {"appid": "wx1"})
    assert other["errcode"] == 40013
    path = await brand.program(start + "set_msg_jump_path", {"path": "pages/order/order"})
    assert path["errcode"] == 0
    await pay(brand)
    brand.town.clock.move(seconds=10)
    await upload(brand)
    assert brand.messages(chat="program")[-1].pagepath == "pages/order/order"
    listed = "/cgi-bin/express/delivery/open_msg/get_delivery_list"
    assert (await brand.program(listed, {}))["count"] > 0

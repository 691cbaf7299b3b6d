"""Subscription messages: one acceptance is one message, and each field has its rule."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.weixin.brand import Brand

from headwater.sandbox.weixin.errors import WeixinError
from headwater.sandbox.weixin.led import CannotAct
from headwater.sandbox.weixin.speaking.fields import check


def template(brand: Brand, name: str = "pickup_ready") -> str:
    return str(brand.town.sandbox.credentials["mini_program"]["template_ids"][name])


async def send(brand: Brand, **changes: Any) -> int:
    plain = {
        "touser": brand.openid(kind="mini_program"),
        "template_id": template(brand),
        "page": "pages/order/order?id=1",
        "data": {
            "thing1": {"value": "龙井茶 50g"},
            "thing2": {"value": "人民广场店"},
            "character_string3": {"value": "A-1024"},
        },
    }
    said = await brand.program("/cgi-bin/message/subscribe/send", plain | changes)
    return int(said["errcode"])


def accept(brand: Brand, is_accepted: bool = True) -> dict[str, str]:
    choices = {template(brand): is_accepted}
    return brand.acts.subscribe(brand.person(), choices, brand.town.clock())


async def test_each_acceptance_lets_one_message_through(brand: Brand) -> None:
    assert await send(brand) == 43101
    accept(brand)
    accept(brand)
    assert [await send(brand) for _ in range(3)] == [0, 0, 43101]
    (first, second) = brand.messages(chat="program")
    assert (first.title, first.pagepath) == ("取货提醒", "pages/order/order?id=1")
    assert ("取货码", "A-1024") in first.lines
    assert second.template_id == template(brand)


async def test_a_refusal_lets_nothing_through(brand: Brand) -> None:
    assert accept(brand, is_accepted=False) == {template(brand): "reject"}
    assert await send(brand) == 43101


async def test_a_switched_off_template_takes_the_rest_along(brand: Brand) -> None:
    accept(brand)
    brand.acts.program.unsubscribe(brand.person(), template(brand), brand.town.clock())
    assert await send(brand) == 43101
    events = [one.fields["Event"] for one in brand.host.pushes.everything()]
    assert events == ["subscribe_msg_popup_event", "subscribe_msg_change_event"]


async def test_a_message_that_is_refused_uses_nothing_up(brand: Brand) -> None:
    accept(brand)
    for changes, expected in (
        ({"touser": brand.openid()}, 40003),
        ({"template_id": "x"}, 40037),
        ({"page": "pages//x"}, 41030),
        ({"miniprogram_state": "x"}, 47003),
        ({"lang": "de"}, 47003),
        ({"data": {}}, 47003),
        ({"data": {"thing1": {"value": "x"}}}, 47003),
        ({"data": "x"}, 47003),
    ):
        assert await send(brand, **changes) == expected
    assert await send(brand) == 0


async def test_three_templates_in_a_prompt_and_no_more(brand: Brand) -> None:
    listed = list(brand.acts.program.templates())
    now = brand.town.clock()
    brand.acts.subscribe(brand.person(), dict.fromkeys(listed[:3], True), now)
    for wrong in (dict.fromkeys(listed[:4], True), {}, {"x": True}):
        with pytest.raises(CannotAct):
            brand.acts.subscribe(brand.person(), wrong, now)
    assert list(brand.acts.accepted(brand.person()).values()) == [1, 1, 1, 0, 0]


async def test_the_templates_are_listed(brand: Brand) -> None:
    listed = (await brand.program("/wxaapi/newtmpl/gettemplate"))["data"]
    assert template(brand) in [one["priTmplId"] for one in listed]


@pytest.mark.parametrize(
    "name, good, bad",
    [
        ("thing1", "茶" * 20, "茶" * 21),
        ("number1", "1" * 32, "1" * 33),
        ("number1", "3.5", "三"),
        ("letter1", "a" * 32, "a" * 33),
        ("symbol1", "!" * 5, "!" * 6),
        ("character_string1", "A-1" + "x" * 29, "A-1" + "x" * 30),
        ("character_string1", "T20261122-0001", "单号一"),
        ("time1", "15:01", "1501"),
        ("time1", "2026年10月1日 15:01", "十月一日"),
        ("time1", "2026-10-01 15:01~2026-10-02 15:01", "soon"),
        ("date1", "2026年10月1日", "15:01"),
        ("amount1", "¥1234567890.00", "¥12345678901"),
        ("amount1", "39.9元", "三十九元"),
        ("phone_number1", "+86-0766-66888866", "0" * 18),
        ("car_number1", "粤A8Z888挂", "粤A8Z88888挂"),
        ("name1", "王" * 10, "王" * 11),
        ("name1", "a" * 20, "a" * 21),
        ("phrase1", "配送中", "配送中了吗呢"),
        ("phrase1", "茶" * 5, "abc"),
        ("thing1", "x", "  "),
    ],
)
def test_each_field_has_its_rule(name: str, good: str, bad: str) -> None:
    check([name], {name: good})
    with pytest.raises(WeixinError, match=f"47003.*data.{name}.value"):
        check([name], {name: bad})

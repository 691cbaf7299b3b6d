"""The menu under the chat: sizes, variants, and what a press leads to."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.weixin.brand import Brand

from headwater.sandbox.weixin.acts import CannotAct


def click(name: str = "查积分", key: str = "points") -> dict[str, Any]:
    return {"type": "click", "name": name, "key": key}


def view(url: str = "http://shop.test/") -> dict[str, Any]:
    return {"type": "view", "name": "商城", "url": url}


def above(*below: dict[str, Any]) -> dict[str, Any]:
    return {"name": "服务", "sub_button": list(below)}


async def create(brand: Brand, *buttons: dict[str, Any]) -> int:
    return int((await brand.account("menu/create", {"button": list(buttons)}))["errcode"])


@pytest.mark.parametrize(
    "buttons, code",
    [
        ([click()] * 3, 0),
        ([click()] * 4, 40016),
        ([], 40016),
        ([above(*[click()] * 5)], 0),
        ([above(*[click()] * 6)], 40023),
        ([above(above(click()))], 40022),
        ([click("茶" * 5 + "x")], 0),
        ([click("茶" * 5 + "xx")], 40018),
        ([click("")], 40018),
        ([above(click("茶" * 20))], 0),
        ([above(click("茶" * 20 + "x"))], 40025),
        ([click(key="k" * 128)], 0),
        ([click(key="k" * 129)], 40019),
        ([click(key="")], 40019),
        ([{"type": "dance", "name": "x"}], 40017),
        ([view("http://shop.test/" + "x" * 1_007)], 0),
        ([view("http://shop.test/" + "x" * 1_008)], 40020),
        ([view("shop.test")], 40055),
        ([{"type": "miniprogram", "name": "x", "url": "http://shop.test/"}], 40017),
    ],
)
async def test_a_menu_has_its_sizes(brand: Brand, buttons: list[dict[str, Any]], code: int) -> None:
    assert await create(brand, *buttons) == code


async def test_without_a_menu_there_is_none(brand: Brand) -> None:
    assert (await brand.account("menu/get"))["errcode"] == 46003
    await create(brand, click())
    assert (await brand.account("menu/get"))["menu"]["button"][0]["key"] == "points"
    shown = await brand.account("get_current_selfmenu_info")
    assert shown["selfmenu_info"]["button"][0]["name"] == "查积分"
    assert (await brand.account("menu/delete"))["errcode"] == 0
    assert brand.acts.menu(brand.person()) == []


async def test_a_variant_is_for_those_with_its_tag(brand: Brand) -> None:
    body: dict[str, Any] = {"button": [click("金卡专享")]}
    assert (await brand.account("menu/addconditional", body))["errcode"] == 65303
    await create(brand, click())
    assert (await brand.account("menu/addconditional", body))["errcode"] == 65304
    number = (await brand.account("tags/create", {"tag": {"name": "金卡"}}))["tag"]["id"]
    body["matchrule"] = {"tag_id": str(number)}
    made = await brand.account("menu/addconditional", body)
    worn = {"openid_list": [brand.openid()], "tagid": number}
    await brand.account("tags/members/batchtagging", worn)
    assert brand.acts.menu(brand.person())[0].name == "金卡专享"
    assert brand.acts.menu(brand.person("p3"))[0].name == "查积分"
    tried = await brand.account("menu/trymatch", {"user_id": brand.openid()})
    assert tried["button"][0]["name"] == "金卡专享"
    gone = {"menuid": made["menuid"]}
    assert (await brand.account("menu/delconditional", gone))["errcode"] == 0
    assert (await brand.account("menu/delconditional", gone))["errcode"] == 65301


async def test_a_press_is_told_and_leads_on(brand: Brand) -> None:
    pages = {
        "type": "miniprogram",
        "name": "小程序",
        "url": "http://shop.test/",
        "appid": brand.app("mini_program").appid,
        "pagepath": "pages/shop/shop?from=menu",
    }
    await create(brand, above(click(), view()), pages)
    now = brand.town.clock()
    assert brand.acts.press(brand.person(), (0, 0), now).kind == "account"
    assert brand.acts.press(brand.person(), (0, 1), now).url == "http://shop.test/"
    led = brand.acts.press(brand.person(), (1,), now)
    assert (led.kind, led.path, led.query) == ("program", "pages/shop/shop", "from=menu")
    events = [one.fields["Event"] for one in brand.host.pushes.everything()]
    assert events == ["CLICK", "VIEW", "view_miniprogram"]
    with pytest.raises(CannotAct):
        brand.acts.press(brand.person(), (2,), now)
    with pytest.raises(CannotAct):
        brand.acts.press(brand.person(), (), now)

"""The phone in the browser: pay sheet, chats, scanner; all of it without its script."""

from __future__ import annotations

import base64
import html
import re
from urllib.parse import urlencode

import httpx2
import pytest
from tests.sandbox.merchant import Town

from headwater.sandbox.people import Message

BACK = "http://shop.test/orders/1"


async def phone(town: Town, path: str, **query: str) -> httpx2.Response:
    return await town.http.get(town.sandbox.credentials["phone"]["base_url"] + path, params=query)


async def post(town: Town, path: str, data: dict[str, str]) -> httpx2.Response:
    return await town.http.post(town.sandbox.credentials["phone"]["base_url"] + path, data=data)


def hidden(page: httpx2.Response) -> dict[str, str]:
    """What the form on the page would send, as a browser reads it."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: html.unescape(value) for name, value in found}


async def paid_fen(town: Town) -> int:
    return int((await town.side("GET", "/bill")).json()["paid_fen"])


async def test_the_sheet_shows_what_is_paid_and_approval_pays(town: Town) -> None:
    sheet = await phone(town, "/phone/pay", **town.call(await town.prepay()))
    for shown in ("活水演示商户", "龙井茶 50g", "¥39.90", "林晓", "T20261122-0001"):
        assert shown in sheet.text
    assert await paid_fen(town) == 0
    done = await post(
        town, "/phone/pay", {**hidden(sheet), "decision": "approve", "password": "123456"}
    )
    assert (done.status_code, done.headers["location"]) == (303, BACK)
    assert await paid_fen(town) == 3_990


@pytest.mark.parametrize("decision", ["refuse", "wait"])
async def test_refusing_and_waiting_change_nothing(town: Town, decision: str) -> None:
    sheet = await phone(town, "/phone/pay", **town.call(await town.prepay()))
    done = await post(town, "/phone/pay", {**hidden(sheet), "decision": decision})
    assert (done.status_code, done.headers["location"]) == (303, BACK)
    assert await paid_fen(town) == 0
    later = await post(town, "/phone/pay", {**hidden(sheet), "decision": "approve"})
    assert later.status_code == 303
    assert await paid_fen(town) == 3_990


async def test_the_same_sheet_sent_twice_pays_once(town: Town) -> None:
    sheet = await phone(town, "/phone/pay", **town.call(await town.prepay()))
    form = {**hidden(sheet), "decision": "approve"}
    assert (await post(town, "/phone/pay", form)).status_code == 303
    again = await post(town, "/phone/pay", form)
    assert again.status_code == 400
    assert "该订单已支付" in again.text
    assert BACK in again.text
    assert await paid_fen(town) == 3_990


@pytest.mark.parametrize("name", ["appId", "timeStamp", "nonceStr", "package", "paySign"])
async def test_a_call_changed_after_signing_opens_no_sheet(town: Town, name: str) -> None:
    call = town.call(await town.prepay())
    call[name] = call[name] + "0"
    for answer in (
        await phone(town, "/phone/pay", **call),
        await post(town, "/phone/pay", {**call, "decision": "approve"}),
    ):
        assert answer.status_code == 400
        assert "支付验证签名失败" in answer.text
    assert await paid_fen(town) == 0


async def test_another_prepay_id_than_the_signed_one_opens_no_sheet(town: Town) -> None:
    call = town.call(await town.prepay())
    call["prepay_id"] = await town.prepay("T20261122-0002")
    assert (await phone(town, "/phone/pay", **call)).status_code == 400


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.test/", "/orders", "ftp://x/"])
async def test_an_address_to_return_to_is_http_or_nothing_opens(town: Town, address: str) -> None:
    call = town.call(await town.prepay(), address)
    page = await phone(town, "/phone/pay", **call)
    assert page.status_code == 400
    assert address not in page.text


async def test_a_wrong_password_pays_nothing(town: Town) -> None:
    sheet = await phone(town, "/phone/pay", **town.call(await town.prepay()))
    form = {**hidden(sheet), "decision": "approve", "password": "12345"}
    assert (await post(town, "/phone/pay", form)).status_code == 400
    assert await paid_fen(town) == 0


async def test_a_code_is_scanned_and_paid_by_whoever_holds_the_phone(town: Town) -> None:
    body = {name: value for name, value in town.body().items() if name != "payer"}
    code = (await town.post("/v3/pay/transactions/native", body)).json()["code_url"]
    nobody = await post(town, "/phone/scan", {"code": code})
    assert (nobody.status_code, "请先选择" in nobody.text) == (400, True)
    link = f"/phone/pay?{urlencode({'code': code})}&as=p4"
    assert html.escape(link) in nobody.text
    led = await phone(town, "/phone/pay", code=code, **{"as": "p4"})
    assert led.headers["location"] == f"/phone/pay?{urlencode({'code': code})}"
    sheet = await post(town, "/phone/scan", {"code": code})
    assert "王建国" in sheet.text
    done = await post(town, "/phone/pay", {**hidden(sheet), "decision": "approve"})
    assert "支付成功" in done.text
    order = town.sandbox.payments.find("T20261122-0001")
    assert order.payer_openid == town.openid("p4")
    assert (await post(town, "/phone/scan", {"code": "weixin://x"})).status_code == 400


async def test_the_phone_is_handed_over_and_shows_its_owners_messages(town: Town) -> None:
    assert "这是谁的手机？" in (await phone(town, "/phone")).text
    assert (await phone(town, "/phone", **{"as": "p3"})).status_code == 303
    assert "陈一诺" in (await phone(town, "/phone")).text
    await post(town, "/phone/words", {"text": "<b>有货吗</b>"})
    home = await phone(town, "/phone")
    assert "&lt;b&gt;有货吗" in home.text
    await post(town, "/phone/following", {"follows": "no"})
    assert not town.sandbox.people.get("p3").follows


async def test_a_number_typed_into_a_shop_shows_its_codes(town: Town) -> None:
    town.sandbox.people.text(
        "13900003333", Message("sms", "【活水】482913", (), None, town.clock())
    )
    assert "13900003333" in (await phone(town, "/phone/people")).text
    assert "482913" in (await phone(town, "/phone/texts", number="13900003333")).text
    assert "还没有短信" in (await phone(town, "/phone/texts", number="13900004444")).text
    assert "13900004444" not in (await phone(town, "/phone/people")).text


async def test_a_new_person_gets_the_phone(town: Town) -> None:
    await post(town, "/phone/people", {"nickname": "小新"})
    assert "小新" in (await phone(town, "/phone")).text


async def test_the_pages_run_only_their_own_script_and_speak_two_languages(town: Town) -> None:
    page = await phone(town, "/phone/people", lang="en")
    assert "Whose phone is this?" in page.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert page.text.count("<script") == 1
    assert '<script src="/_static/phone.js" defer></script>' in page.text
    assert " on" + "click=" not in page.text
    assert 'style="' not in page.text
    assert (await phone(town, "/_static/phone.css")).status_code == 200


async def test_a_side_door_makes_people_with_numbers_of_their_own(town: Town) -> None:
    made = await town.side("POST", "/people", {"nickname": "甲", "phone_number": "13900002222"})
    assert made.status_code == 201
    assert made.json()["openid"].startswith("o")
    again = await town.side("POST", "/people", {"nickname": "乙", "phone_number": "13900002222"})
    assert again.status_code == 409
    assert (await town.side("POST", "/people", {"nickname": ""})).status_code == 422
    assert (await town.side("GET", "/people/p999/messages")).status_code == 404
    assert len((await town.side("GET", "/people")).json()["people"]) == 7


async def test_a_page_that_is_not_there_says_so_on_the_phone_that_looked(town: Town) -> None:
    for path, home in (("/phone/nowhere", "/phone"), ("/phone/guide/nowhere", "/phone/guide")):
        page = await phone(town, path)
        assert (page.status_code, "这里什么也没有" in page.text) == (404, True)
        assert f'href="{home}">回到手机' in page.text
    assert (await phone(town, "/_sandbox/nowhere")).status_code == 404


async def test_an_h5_address_leads_back_to_where_its_shop_wants(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p1"})
    body = {name: value for name, value in town.body().items() if name != "payer"}
    code = (await town.post("/v3/pay/transactions/native", body)).json()["code_url"]
    sheet = await phone(town, "/phone/pay", code=code, redirect_url=BACK)
    done = await post(town, "/phone/pay", {**hidden(sheet), "decision": "approve"})
    assert (done.status_code, done.headers["location"]) == (303, BACK)


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8"
    "z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


async def send_picture(town: Town, content: bytes) -> httpx2.Response:
    url = town.sandbox.credentials["phone"]["base_url"] + "/phone/chats/account/picture"
    return await town.http.post(url, files={"picture": ("a.png", content, "image/png")})


async def test_a_picture_is_sent_to_the_account_and_shown_in_the_chat(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p1"})
    await post(town, "/phone/following", {"follows": "yes"})
    assert (await send_picture(town, PNG)).status_code == 303
    chat = (await phone(town, "/phone/chats/account")).text
    found = re.findall(r'<img src="(http://weixin[^"]+)"', chat)
    assert (await town.http.get(found[0])).content == PNG


@pytest.mark.parametrize("content", [b"", b"<html>", PNG + bytes(2_000_000)])
async def test_what_is_no_picture_or_too_large_is_not_sent(town: Town, content: bytes) -> None:
    await phone(town, "/phone", **{"as": "p1"})
    assert (await send_picture(town, content)).status_code == 409
    assert town.sandbox.people.messages(town.sandbox.people.get("p1")) == []


async def test_the_programs_service_and_a_friends_card_stand_among_the_chats(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p1"})
    await post(town, "/phone/chats/service/entering", {"path": "pages/index/index"})
    await post(town, "/phone/chats/service", {"text": "怎么退货"})
    person, friend = town.sandbox.people.get("p1"), town.sandbox.people.get("p2")
    card = Message(
        "miniprogrampage", "圣诞礼盒", (), None, town.clock(), pagepath="pages/index/index?id=1"
    )
    town.sandbox.people.deliver(person, card, f"friend:{friend.id}")
    home = (await phone(town, "/phone")).text
    assert "怎么退货" in home
    assert "圣诞礼盒" in home
    chat = (await phone(town, "/phone/chats/friend/p2")).text
    led = html.unescape(re.findall(r'href="(/phone/program[^"]+)"', chat)[0])
    program = await town.http.get(town.sandbox.credentials["phone"]["base_url"] + led)
    assert "id=1" in program.text
    assert (await phone(town, "/phone/chats/friend/p3")).status_code == 409


async def test_the_accounts_menu_is_pressed_at_the_foot_of_its_chat(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p1"})
    await post(town, "/phone/following", {"follows": "yes"})
    base = town.account["api_base_url"]
    asked = {"grant_type": "client_credential", "secret": town.account["secret"]}
    answer = await town.http.post(
        f"{base}/cgi-bin/stable_token", json=asked | {"appid": town.account["appid"]}
    )
    orders = {"name": "订单", "type": "view", "url": "http://shop.test/orders"}
    below = {"name": "找人", "type": "click", "key": "guide"}
    menu = {"button": [orders, {"name": "更多", "sub_button": [below]}]}
    made = await town.http.post(
        f"{base}/cgi-bin/menu/create?access_token={answer.json()['access_token']}", json=menu
    )
    assert made.json()["errcode"] == 0
    chat = (await phone(town, "/phone/chats/account")).text
    assert re.findall(r'name="path" value="([^"]+)"', chat) == ["0", "1-0"]
    led = await post(town, "/phone/chats/account/menu", {"path": "0"})
    assert led.headers["location"].startswith("/phone/web?url=http")
    pressed = await post(town, "/phone/chats/account/menu", {"path": "1-0"})
    assert pressed.headers["location"] == "/phone/chats/account"
    for path in ("9", "", "1-7", "x"):
        assert (await post(town, "/phone/chats/account/menu", {"path": path})).status_code == 409

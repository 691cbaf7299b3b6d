"""Web login and the official account's API."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from tests.sandbox.merchant import Town

BACK = "http://shop.test/login/back?next=%2Fcart"


def asked(town: Town, **changes: str) -> dict[str, str]:
    plain = {
        "appid": town.account["appid"],
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "snsapi_userinfo",
        "state": "s1",
    }
    return plain | changes


async def open_login(town: Town, **changes: str) -> httpx2.Response:
    address = town.account["open_base_url"] + "/connect/oauth2/authorize"
    return await town.http.get(address, params=asked(town, **changes))


async def code_for(town: Town, person_id: str = "p2", **changes: str) -> str:
    answer = await open_login(town, **changes, **{"as": person_id})
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


async def trade(town: Town, code: str, **changes: str) -> dict[str, Any]:
    plain = {
        "appid": town.account["appid"],
        "secret": town.account["secret"],
        "code": code,
        "grant_type": "authorization_code",
    }
    return await api(town, "GET", "/sns/oauth2/access_token", plain | changes)


async def api(
    town: Town, method: str, path: str, query: dict[str, str], body: Any = None
) -> dict[str, Any]:
    url = town.account["api_base_url"] + path
    answer = await town.http.request(method, url, params=query, json=body)
    assert answer.status_code == 200
    said: dict[str, Any] = answer.json()
    return said


async def token(town: Town, **changes: Any) -> dict[str, Any]:
    plain = {
        "grant_type": "client_credential",
        "appid": town.account["appid"],
        "secret": town.account["secret"],
    }
    return await api(town, "POST", "/cgi-bin/stable_token", {}, plain | changes)


async def send(town: Town, kind: str, body: dict[str, Any], key: str | None = None) -> int:
    query = {"access_token": (await token(town))["access_token"] if key is None else key}
    answer = await api(town, "POST", f"/cgi-bin/message/{kind}/send", query, body)
    return int(answer["errcode"])


def template(town: Town, **changes: Any) -> dict[str, Any]:
    plain = {
        "touser": town.openid("p2"),
        "template_id": town.account["template_ids"]["order_paid"],
        "url": "http://shop.test/orders/1",
        "data": {"thing1": {"value": "龙井茶😀"}, "amount2": {"value": "¥39.90"}},
    }
    return plain | changes


async def inbox(town: Town, person_id: str = "p2") -> list[dict[str, Any]]:
    answer = await town.side("GET", f"/people/{person_id}/messages")
    found: list[dict[str, Any]] = answer.json()["messages"]
    return found


async def test_a_stranger_is_asked_who_is_there(town: Town) -> None:
    page = await open_login(town)
    assert page.status_code == 200
    assert "林晓" in page.text
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "form-action 'self' http://shop.test" in page.headers["content-security-policy"]


async def test_one_of_thousands_is_found_by_name_or_number(town: Town) -> None:
    for number in range(100):
        await town.side("POST", "/people", {"nickname": f"会员{number:03d}"})
    assert "会员099" not in (await open_login(town)).text
    sought = town.sandbox.people.get("p50")
    assert sought.nickname in (await open_login(town, find=sought.phone_number)).text
    found = (await open_login(town, find="会员099")).text
    assert "会员099" in found
    assert "会员098" not in found
    link = re.search(r'href="(/connect[^"]+as=p106)"', found)
    assert link is not None
    answer = await town.http.get(town.account["open_base_url"] + html.unescape(link[1]))
    assert answer.headers["location"].startswith("http://shop.test/login/back")


async def test_the_chosen_person_goes_back_with_code_and_state(town: Town) -> None:
    answer = await open_login(town, **{"as": "p2"})
    back = urlsplit(answer.headers["location"])
    query = parse_qs(back.query)
    assert (back.netloc, back.path) == ("shop.test", "/login/back")
    assert (query["state"], query["next"]) == (["s1"], ["/cart"])


async def test_the_phone_remembers_and_goes_straight(town: Town) -> None:
    town.http.cookies.set("sandbox_person", "p3")
    assert (await open_login(town)).status_code == 302


async def test_a_new_person_can_log_in(town: Town) -> None:
    url = f"{town.account['open_base_url']}/connect/oauth2/authorize?{urlencode(asked(town))}"
    answer = await town.http.post(url, data={"nickname": "新来的"})
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    traded = await trade(town, code)
    query = {"access_token": traded["access_token"], "openid": traded["openid"]}
    assert (await api(town, "GET", "/sns/userinfo", query))["nickname"] == "新来的"


@pytest.mark.parametrize(
    "change",
    [
        {"appid": "wx0000000000000000"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "//evil.test"},
        {"redirect_uri": "http://shop.test;script-src%20*/"},
        {"redirect_uri": "http://a@shop.test/"},
        {"response_type": "token"},
        {"scope": "everything"},
        {"state": "x" * 129},
    ],
)
async def test_a_wrong_login_address_goes_nowhere(town: Town, change: dict[str, str]) -> None:
    answer = await open_login(town, **change, **{"as": "p2"})
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_code_is_good_once(town: Town) -> None:
    code = await code_for(town)
    first = await trade(town, code)
    assert first["openid"] == town.openid("p2")
    assert first["unionid"] == town.sandbox.people.get("p2").unionid
    assert (await trade(town, code))["errcode"] == 40163


async def test_a_code_ends_after_five_minutes(town: Town) -> None:
    code = await code_for(town)
    town.clock.move(minutes=5)
    assert (await trade(town, code))["errcode"] == 40029
    assert (await trade(town, "nonsense"))["errcode"] == 40029


async def test_wrong_credentials_do_not_use_up_the_code(town: Town) -> None:
    code = await code_for(town)
    assert (await trade(town, code, secret="x"))["errcode"] == 40125
    assert (await trade(town, code, appid="x"))["errcode"] == 40013
    assert "openid" in await trade(town, code)


async def test_the_silent_scope_tells_only_the_open_id(town: Town) -> None:
    traded = await trade(town, await code_for(town, scope="snsapi_base"))
    assert "unionid" not in traded
    query = {"access_token": traded["access_token"], "openid": traded["openid"]}
    assert (await api(town, "GET", "/sns/userinfo", query))["errcode"] == 48001


async def test_a_profile_needs_the_right_token_and_open_id(town: Town) -> None:
    traded = await trade(town, await code_for(town))
    query = {"access_token": traded["access_token"], "openid": town.openid("p3")}
    assert (await api(town, "GET", "/sns/userinfo", query))["errcode"] == 40003
    query = {"access_token": "x", "openid": traded["openid"]}
    assert (await api(town, "GET", "/sns/userinfo", query))["errcode"] == 40001
    town.clock.move(seconds=7_200)
    query = {"access_token": traded["access_token"], "openid": traded["openid"]}
    assert (await api(town, "GET", "/sns/userinfo", query))["errcode"] == 42001


async def test_the_stable_token_stays_until_shortly_before_its_end(town: Town) -> None:
    first = await token(town)
    assert first["expires_in"] == 7_200
    town.clock.move(seconds=6_899)
    assert (await token(town))["access_token"] == first["access_token"]
    town.clock.move(seconds=1)
    second = await token(town)
    assert second["access_token"] != first["access_token"]
    assert await send(town, "template", template(town), first["access_token"]) == 0
    town.clock.move(minutes=5)
    assert await send(town, "template", template(town), first["access_token"]) == 42001
    assert await send(town, "template", template(town), second["access_token"]) == 0


async def test_a_forced_token_ends_the_old_one_and_is_rationed(town: Town) -> None:
    first = await token(town)
    await token(town, force_refresh=True)
    assert await send(town, "template", template(town), first["access_token"]) == 40001
    assert (await token(town, force_refresh=True))["errcode"] == 45009


async def test_a_token_needs_the_right_credentials(town: Town) -> None:
    assert (await token(town, secret="x"))["errcode"] == 40125
    assert (await token(town, appid="x"))["errcode"] == 40013
    assert (await token(town, grant_type="x"))["errcode"] == 40002


async def test_a_template_message_reaches_the_phone(town: Town) -> None:
    assert await send(town, "template", template(town)) == 0
    (message,) = await inbox(town)
    assert message["title"] == "订单支付成功通知"
    assert ["商品", "龙井茶😀"] in message["lines"]
    assert message["url"] == "http://shop.test/orders/1"


async def test_the_same_client_id_arrives_once_in_ten_minutes(town: Town) -> None:
    body = template(town, client_msg_id="m1")
    for _ in range(3):
        assert await send(town, "template", body) == 0
    assert len(await inbox(town)) == 1
    town.clock.move(minutes=10)
    await send(town, "template", body)
    assert len(await inbox(town)) == 2


async def test_a_template_message_is_refused_with_the_platforms_numbers(town: Town) -> None:
    assert await send(town, "template", template(town, touser="o-nobody")) == 40003
    assert await send(town, "template", template(town, template_id="x")) == 40037
    assert await send(town, "template", template(town, data="x")) == 47003
    assert await send(town, "template", template(town), key="") == 41001
    assert await send(town, "template", template(town), key="wrong") == 40001
    await town.side("PUT", "/people/p2/following", {"follows": False})
    assert await send(town, "template", template(town)) == 43004
    assert await inbox(town) == []


def words(town: Town, text: str = "您好") -> dict[str, Any]:
    return {"touser": town.openid("p2"), "msgtype": "text", "text": {"content": text}}


async def test_free_words_need_a_window(town: Town) -> None:
    assert await send(town, "custom", words(town)) == 45015


async def test_after_a_message_there_are_five_answers_in_two_days(town: Town) -> None:
    await town.side("POST", "/people/p2/words", {"text": "有货吗"})
    assert [await send(town, "custom", words(town)) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    town.clock.move(hours=48)
    assert await send(town, "custom", words(town)) == 45015
    kinds = [message["kind"] for message in await inbox(town)]
    assert kinds == ["own", *["text"] * 5]


async def test_following_opens_a_minute_for_three(town: Town) -> None:
    await town.side("PUT", "/people/p2/following", {"follows": False})
    await town.side("PUT", "/people/p2/following", {"follows": True})
    assert [await send(town, "custom", words(town)) for _ in range(4)] == [0, 0, 0, 45047]
    town.clock.move(minutes=1)
    assert await send(town, "custom", words(town)) == 45015


async def test_a_body_that_is_no_json_is_a_format_error(town: Town) -> None:
    query = {"access_token": (await token(town))["access_token"]}
    url = town.account["api_base_url"] + "/cgi-bin/message/template/send"
    answer = await town.http.post(url, params=query, content=b"{")
    assert json.loads(answer.content)["errcode"] == 47001

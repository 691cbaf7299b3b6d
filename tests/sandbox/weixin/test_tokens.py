"""API tokens: kinds that do not mix, lives, rations, and early deaths."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from tests.sandbox.merchant import NOON
from tests.sandbox.weixin.brand import Brand

from headwater.sandbox.weixin.errors import WeixinError
from headwater.sandbox.weixin.limits import LIMITS
from headwater.sandbox.weixin.tokens import TokenRequest


async def plain(brand: Brand) -> str:
    app = brand.app("official_account")
    query = {"grant_type": "client_credential", "appid": app.appid, "secret": app.secret}
    return str((await brand.send("GET", "/cgi-bin/token", params=query)).json()["access_token"])


async def works(brand: Brand, token: str, path: str = "/cgi-bin/user/get") -> int:
    answer = await brand.send("GET", path, params={"access_token": token})
    return int(answer.json().get("errcode", 0))


async def test_each_plain_token_replaces_the_one_before_within_five_minutes(brand: Brand) -> None:
    first = await plain(brand)
    second = await plain(brand)
    assert first != second
    assert [await works(brand, first), await works(brand, second)] == [0, 0]
    brand.town.clock.move(minutes=5)
    assert [await works(brand, first), await works(brand, second)] == [42001, 0]


async def test_a_plain_token_leaves_the_stable_one_alone(brand: Brand) -> None:
    stable = (await brand.token("official_account"))["access_token"]
    await plain(brand)
    brand.town.clock.move(minutes=5)
    assert await works(brand, stable) == 0
    assert (await brand.token("official_account"))["access_token"] == stable


async def test_a_token_of_one_app_opens_nothing_of_the_other(brand: Brand) -> None:
    program = (await brand.token("mini_program"))["access_token"]
    account = (await brand.token("official_account"))["access_token"]
    assert await works(brand, program) == 48001
    ticket = await brand.send(
        "GET", "/cgi-bin/ticket/getticket", params={"access_token": program, "type": "jsapi"}
    )
    assert ticket.json()["errcode"] == 48001
    path = "/wxa/sec/order/get_order_list"
    answer = await brand.send("POST", path, params={"access_token": account}, json={})
    assert answer.json()["errcode"] == 48001


async def test_an_api_token_is_no_web_token(brand: Brand) -> None:
    token = (await brand.token("official_account"))["access_token"]
    query = {"access_token": token, "openid": brand.openid()}
    answer = await brand.send("GET", "/sns/userinfo", params=query)
    assert answer.json()["errcode"] == 40001
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("token, code", [("", 41001), ("x y", 40014), ("x" * 513, 40014)])
async def test_what_is_no_token_is_named_so(brand: Brand, token: str, code: int) -> None:
    assert await works(brand, token) == code


async def test_a_token_may_die_early_and_a_new_one_works(brand: Brand) -> None:
    token = (await brand.token("official_account"))["access_token"]
    brand.town.sandbox.faults.tokens_die_next = 1
    assert await works(brand, token) == 40001
    assert await works(brand, token) == 40001
    fresh = (await brand.token("official_account"))["access_token"]
    assert fresh != token
    assert await works(brand, fresh) == 0


async def test_a_busy_host_does_nothing(brand: Brand) -> None:
    brand.town.sandbox.faults.weixin_fail_next = 1
    token = await brand.token("official_account")
    assert token["errcode"] == -1
    assert "access_token" in await brand.token("official_account")


async def test_an_effect_may_come_without_its_answer(brand: Brand) -> None:
    token = (await brand.token("official_account"))["access_token"]
    brand.town.sandbox.faults.weixin_hang_next = 1
    url = brand.town.account["api_base_url"] + "/cgi-bin/tags/create"
    tag = {"tag": {"name": "会员"}}
    lost = await brand.town.http.post(url, params={"access_token": token}, json=tag)
    assert lost.status_code == 502
    again = await brand.account("tags/create", tag)
    assert again["errcode"] == 45157


async def test_an_answer_may_come_late(brand: Brand) -> None:
    brand.town.sandbox.faults.weixin_slow_seconds = 0.05
    began = time.monotonic()
    await brand.token("official_account")
    assert time.monotonic() - began >= 0.05


async def test_twenty_forced_tokens_a_day_and_no_more(brand: Brand) -> None:
    seen = set()
    for _ in range(20):
        brand.town.clock.move(seconds=30)
        seen.add((await brand.token("official_account", force_refresh=True))["access_token"])
    assert len(seen) == 20
    brand.town.clock.move(seconds=30)
    assert (await brand.token("official_account", force_refresh=True))["errcode"] == 45009
    brand.town.clock.move(days=1)
    assert "access_token" in await brand.token("official_account", force_refresh=True)


async def test_a_forced_token_waits_thirty_seconds_after_the_last(brand: Brand) -> None:
    await brand.token("official_account", force_refresh=True)
    brand.town.clock.move(seconds=29)
    assert (await brand.token("official_account", force_refresh=True))["errcode"] == 45009
    brand.town.clock.move(seconds=1)
    assert "access_token" in await brand.token("official_account", force_refresh=True)


async def test_ten_thousand_tokens_a_minute_and_no_more(brand: Brand) -> None:
    tokens = brand.host.keyring.of(brand.app("official_account"))
    asked = TokenRequest()
    for _ in range(LIMITS["token.minute"].most):
        tokens.stable(asked, NOON)
    with pytest.raises(WeixinError, match="45011"):
        tokens.stable(asked, NOON + timedelta(seconds=59))
    tokens.stable(asked, NOON + timedelta(seconds=60))


async def test_the_ticket_stays_as_the_stable_token_does(brand: Brand) -> None:
    first = await brand.account("ticket/getticket", type="jsapi")
    assert first["expires_in"] == 7_200
    brand.town.clock.move(seconds=6_899)
    assert (await brand.account("ticket/getticket", type="jsapi"))["ticket"] == first["ticket"]
    brand.town.clock.move(seconds=1)
    assert (await brand.account("ticket/getticket", type="jsapi"))["ticket"] != first["ticket"]
    assert (await brand.account("ticket/getticket", type="agent_config"))["errcode"] == 40097


async def test_the_wrong_method_is_named(brand: Brand) -> None:
    answer = await brand.send("GET", "/cgi-bin/stable_token")
    assert answer.json()["errcode"] == 43002
    token = (await brand.token("official_account"))["access_token"]
    answer = await brand.send("POST", "/cgi-bin/user/get", params={"access_token": token})
    assert answer.json()["errcode"] == 43001
    assert "rid: " in answer.json()["errmsg"]
    answer = await brand.send("POST", "/cgi-bin/menu/create", params={"access_token": token})
    assert answer.json()["errcode"] == 44002


def test_every_limit_says_where_it_is_from() -> None:
    assert all(limit.source and limit.as_of for limit in LIMITS.values())


async def test_five_hundred_lists_a_day_and_no_more_until_the_count_is_cleared(
    brand: Brand,
) -> None:
    token = (await brand.token("official_account"))["access_token"]
    assert [await works(brand, token) for _ in range(501)] == [0] * 500 + [45009]
    body = {"appid": brand.app("official_account").appid}
    wrong = {"appid": brand.app("mini_program").appid}
    assert (await brand.account("clear_quota", wrong))["errcode"] == 40013
    for _ in range(10):
        assert (await brand.account("clear_quota", body))["errcode"] == 0
        assert await works(brand, token) == 0
    assert (await brand.account("clear_quota", body))["errcode"] == 48006
    assert (await brand.program("/cgi-bin/clear_quota", wrong))["errcode"] == 0


async def test_two_thousand_plain_tokens_a_day_and_no_more(brand: Brand) -> None:
    tokens = brand.host.keyring.of(brand.app("official_account"))
    for _ in range(LIMITS["token"].most):
        tokens.plain(NOON)
    with pytest.raises(WeixinError, match="45009"):
        tokens.plain(NOON)
    # The day is Shanghai's: it ends at four in the afternoon of Greenwich.
    with pytest.raises(WeixinError, match="45009"):
        tokens.plain(NOON.replace(hour=15, minute=59))
    tokens.plain(NOON.replace(hour=16))

"""The official account: login by code, templates, and a token that one asks for once."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from tests.connect.provider import NOON

from headwater.base.errors import BadInput, Trouble
from headwater.connect.errors import CannotReach, LoginCodeSpent, ProviderRefused
from headwater.connect.official_account import (
    OfficialAccount,
    OfficialAccountCredentials,
    WebLogin,
)
from headwater.connect.sending import ask

KNOWN = OfficialAccountCredentials(appid="wx12", secret="s3cret", api_url="https://api.example")


class Weixin:
    """Answers as api.weixin.qq.com does: 200 whatever happens, and text/plain."""

    def __init__(self) -> None:
        self.now = NOON
        self.asked: list[httpx2.Request] = []
        self.tokens = [f"token-{number}" for number in range(1, 9)]
        self.expires_in = 7200
        self.dead: dict[str, int] = {}
        self.answers: list[Any] = []
        self.forced = 0
        self.account = OfficialAccount(KNOWN, self.http(), lambda: self.now)

    def http(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self.answer))

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        await asyncio.sleep(0)  # Lets others run, as a network would.
        if request.url.path == "/cgi-bin/stable_token":
            return self.said(self.issue(json.loads(request.content)))
        token = request.url.params.get("access_token")
        if token in self.dead:
            return self.said({"errcode": self.dead[token], "errmsg": "invalid rid: 1-2"})
        return self.said(self.answers.pop(0))

    def issue(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert (asked["appid"], asked["secret"]) == ("wx12", "s3cret")
        if asked["force_refresh"]:
            self.forced += 1
            self.tokens.pop(0)
        return {"access_token": self.tokens[0], "expires_in": self.expires_in}

    def said(self, body: Any) -> httpx2.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx2.Response(200, content=content, headers={"Content-Type": "text/plain"})

    def paths(self) -> list[str]:
        return [request.url.path.rsplit("/", 1)[-1] for request in self.asked]

    async def send(self) -> str:
        self.answers.append({"errcode": 0, "errmsg": "ok", "msgid": 200228332})
        return await self.account.templates.send(
            "o-1", "t-1", {"thing1": "围巾"}, "https://b.example"
        )


def test_a_login_address_carries_state_and_comes_back_to_us() -> None:
    address = Weixin().account.web_login.url("https://brand.example/back?x=1", "st.ate-1")
    parts = urlsplit(address)
    assert (parts.netloc, parts.path) == ("open.weixin.qq.com", "/connect/oauth2/authorize")
    assert parts.fragment == "wechat_redirect"
    assert parse_qs(parts.query) == {
        "appid": ["wx12"],
        "redirect_uri": ["https://brand.example/back?x=1"],
        "response_type": ["code"],
        "scope": ["snsapi_base"],
        "state": ["st.ate-1"],
    }


def test_consent_is_asked_only_on_request() -> None:
    assert "scope=snsapi_userinfo" in Weixin().account.web_login.url("https://b", "s", True)


@pytest.mark.parametrize("state", ["", "x" * 129])
def test_a_state_that_would_be_cut_is_refused(state: str) -> None:
    with pytest.raises(BadInput):
        Weixin().account.web_login.url("https://b", state)


async def test_a_code_becomes_a_person() -> None:
    weixin = Weixin()
    weixin.answers.append(
        {"openid": "o-1", "unionid": "u-1", "scope": "snsapi_userinfo", "is_snapshotuser": 1}
    )
    login = await weixin.account.web_login.exchange("c0de")
    assert login == WebLogin("o-1", "u-1", is_snapshot=True, scope="snsapi_userinfo")
    assert weixin.asked[0].url.params["code"] == "c0de"


async def test_a_person_may_come_without_a_union_id() -> None:
    weixin = Weixin()
    weixin.answers.append({"openid": "o-1", "scope": "snsapi_base"})
    assert (await weixin.account.web_login.exchange("c0de")).unionid is None


async def test_a_login_is_kept_alive_and_shows_a_profile() -> None:
    weixin = Weixin()
    token = {"openid": "o-1", "access_token": "w-1", "refresh_token": "r-1", "scope": "s"}
    weixin.answers += [token, token | {"access_token": "w-2"}]
    login = await weixin.account.web_login.exchange("c0de")
    again = await weixin.account.web_login.refresh(login.refresh_token)
    assert (again.token, weixin.asked[-1].url.params["refresh_token"]) == ("w-2", "r-1")
    assert "w-2" not in repr(again)
    weixin.answers.append({"openid": "o-1", "nickname": "小满 😀", "headimgurl": ""})
    profile = await weixin.account.web_login.profile(again)
    assert weixin.asked[-1].url.params["access_token"] == "w-2"
    assert (profile.nickname, profile.picture_url, profile.unionid) == ("小满 😀", None, None)


@pytest.mark.parametrize("errcode", [40001, 42001])
async def test_a_web_token_that_is_over_is_no_reason_to_renew_the_apps_own(errcode: int) -> None:
    weixin = Weixin()
    weixin.answers += [{"openid": "o-1", "access_token": "w-1"}, {"errcode": errcode}]
    login = await weixin.account.web_login.exchange("c0de")
    with pytest.raises(LoginCodeSpent):
        await weixin.account.web_login.profile(login)
    assert weixin.paths().count("stable_token") == 0


@pytest.mark.parametrize("errcode", [40030, 42002])
async def test_after_thirty_days_the_visitor_logs_in_again(errcode: int) -> None:
    weixin = Weixin()
    weixin.answers.append({"errcode": errcode, "errmsg": "refresh_token expired"})
    with pytest.raises(LoginCodeSpent):
        await weixin.account.web_login.refresh("r-1")


@pytest.mark.parametrize("errcode", [40029, 40163])
async def test_a_used_or_bad_code_starts_the_login_again(errcode: int) -> None:
    weixin = Weixin()
    weixin.answers.append({"errcode": errcode, "errmsg": "code been used, rid: 1"})
    with pytest.raises(LoginCodeSpent):
        await weixin.account.web_login.exchange("c0de")
    assert len(weixin.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[]", b"\xff", b"{}", {"openid": ""}, {"openid": 5}, {"errcode": -1}],
)
async def test_junk_and_a_busy_server_are_trouble(answer: Any) -> None:
    weixin = Weixin()
    weixin.answers.append(answer)
    with pytest.raises(Trouble):
        await weixin.account.web_login.exchange("c0de")


async def test_a_template_goes_out_as_plain_utf_8() -> None:
    weixin = Weixin()
    assert await weixin.send() == "200228332"
    assert weixin.asked[-1].url.params["access_token"] == "token-1"
    assert "围巾".encode() in weixin.asked[-1].content
    assert json.loads(weixin.asked[-1].content) == {
        "touser": "o-1",
        "template_id": "t-1",
        "url": "https://b.example",
        "data": {"thing1": {"value": "围巾"}},
    }


async def test_a_once_key_travels_with_the_message() -> None:
    weixin = Weixin()
    weixin.answers.append({"errcode": 0, "msgid": 1})
    await weixin.account.templates.send("o-1", "t-1", {}, None, once_key="message-7")
    sent = json.loads(weixin.asked[-1].content)
    assert sent["client_msg_id"] == "message-7"
    assert "url" not in sent


async def test_who_does_not_follow_cannot_be_reached() -> None:
    weixin = Weixin()
    weixin.answers.append({"errcode": 43004, "errmsg": "require subscribe"})
    with pytest.raises(CannotReach):
        await weixin.account.templates.send("o-1", "t-1", {}, None)


async def test_twenty_messages_at_once_ask_for_one_token() -> None:
    weixin = Weixin()
    await asyncio.gather(*(weixin.send() for _ in range(20)))
    assert weixin.paths().count("stable_token") == 1


async def test_a_token_is_renewed_shortly_before_its_end() -> None:
    weixin = Weixin()
    await weixin.send()
    weixin.now = NOON + timedelta(seconds=7200 - 241)
    await weixin.send()
    assert weixin.paths().count("stable_token") == 1
    weixin.now = NOON + timedelta(seconds=7200 - 240)
    weixin.tokens.pop(0)
    await weixin.send()
    assert weixin.paths().count("stable_token") == 2
    assert weixin.asked[-1].url.params["access_token"] == "token-2"


async def test_a_token_that_is_short_of_life_is_not_asked_for_at_every_call() -> None:
    weixin = Weixin()
    weixin.expires_in = 100
    await weixin.send()
    await weixin.send()
    assert weixin.paths().count("stable_token") == 1
    weixin.now = NOON + timedelta(seconds=50)
    await weixin.send()
    assert weixin.paths().count("stable_token") == 2


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_token_that_died_early_is_replaced_once(errcode: int) -> None:
    weixin = Weixin()
    await weixin.send()
    weixin.dead = {"token-1": errcode}
    weixin.tokens.pop(0)
    await asyncio.gather(*(weixin.send() for _ in range(5)))
    assert weixin.paths().count("stable_token") == 2
    assert weixin.forced == 0


async def test_a_dead_token_that_the_server_repeats_is_forced_away_seldom() -> None:
    weixin = Weixin()
    await weixin.send()
    weixin.dead = {"token-1": 40001, "token-2": 40001}
    with pytest.raises(ProviderRefused) as refused:
        await weixin.send()
    assert (refused.value.provider_code, weixin.forced) == ("40001", 1)
    with pytest.raises(ProviderRefused):
        await weixin.send()
    assert weixin.forced == 1
    weixin.now = NOON + timedelta(seconds=30)
    await weixin.send()
    assert weixin.forced == 2


async def test_a_failed_token_leaves_the_next_caller_free_to_ask() -> None:
    weixin = Weixin()
    weixin.expires_in = 0
    with pytest.raises(Trouble):
        await weixin.send()
    weixin.expires_in = 7200
    assert await weixin.send()


def test_credentials_do_not_show_their_secret() -> None:
    assert "s3cret" not in repr(KNOWN)


async def test_no_secret_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    weixin = Weixin()
    weixin.answers.append({"openid": "o-1"})
    with caplog.at_level(logging.INFO):
        await weixin.account.web_login.exchange("c0de")
    assert "/sns/oauth2/access_token" in caplog.text
    assert "s3cret" not in caplog.text
    assert "c0de" not in caplog.text


@pytest.mark.parametrize("status,outcome", [(404, ProviderRefused), (302, Trouble), (502, Trouble)])
async def test_a_status_that_is_never_sent_in_peace_is_not_a_success(
    status: int, outcome: type[Exception]
) -> None:
    http = answering(lambda request: httpx2.Response(status, json={"openid": "o-1"}))
    account = OfficialAccount(KNOWN, http, lambda: NOON)
    with pytest.raises(outcome):
        await account.web_login.exchange("c0de")


async def test_trouble_does_not_repeat_the_address() -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectTimeout("slow", request=request)

    http = answering(fail)
    request = http.build_request("GET", "https://api.example/x?secret=s3cret")
    with pytest.raises(Trouble) as trouble:
        await ask(http, request, "WeChat")
    assert "s3cret" not in str(trouble.value) + str(trouble.value.__cause__)


def answering(handle: Callable[[httpx2.Request], httpx2.Response]) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.MockTransport(handle))

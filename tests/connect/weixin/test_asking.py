"""How one asks WeChat: looks again where that is harmless, once where it is not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import msgspec
import pytest
from tests.connect.weixin.stub import OK, said

from headwater.base.errors import NotReached, Trouble
from headwater.connect.errors import ProviderRefused
from headwater.connect.weixin_api import Said, WeixinApi

SILENCE = httpx2.ReadTimeout("silence")
NO_ROAD = httpx2.ConnectError("no road")


class Tags(msgspec.Struct):
    tags: list[int]


class Line:
    """A line to WeChat that answers or breaks as laid out, and notes the pauses."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[httpx2.Request] = []
        self.pauses: list[float] = []
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.handle))
        self.api = WeixinApi(http, "https://api.example/", self.rest)

    async def rest(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx2.Response) else said(answer)


@pytest.mark.parametrize("failure", [SILENCE, NO_ROAD, httpx2.Response(502)])
async def test_a_look_is_repeated_when_nobody_answers(failure: Any) -> None:
    line = Line(failure, failure, {"tags": [1]})
    assert (await line.api.look("/cgi-bin/tags/get", {}, Tags)).tags == [1]
    assert len(line.pauses) == 2
    broken = Line(failure, failure, failure)
    with pytest.raises(Trouble):
        await broken.api.look("/cgi-bin/tags/get", {}, Tags)


async def test_a_refused_look_is_not_repeated() -> None:
    line = Line({"errcode": 40003, "errmsg": "invalid openid"})
    with pytest.raises(ProviderRefused):
        await line.api.look("/cgi-bin/user/info", {}, Tags)
    assert (len(line.asked), line.pauses) == (1, [])


@pytest.mark.parametrize("failure,kind", [(SILENCE, Trouble), (NO_ROAD, NotReached)])
async def test_codes_of_one_use_and_changes_go_out_once(failure: Any, kind: Any) -> None:
    asks: list[Callable[[WeixinApi], Awaitable[Any]]] = [
        lambda api: api.get("/sns/jscode2session", {"js_code": "c"}, Tags),
        lambda api: api.post("/cgi-bin/message/custom/send", {}, {"a": 1}, Said),
        lambda api: api.fetch("/wxa/getwxacodeunlimit", {}, {"a": 1}),
    ]
    for ask in asks:
        line = Line(failure)
        with pytest.raises(Trouble) as trouble:
            await ask(line.api)
        assert type(trouble.value) is kind
        assert len(line.asked) == 1


async def test_a_token_is_asked_for_again_and_forced_only_once() -> None:
    issued = {"access_token": "t-1", "expires_in": 7200}
    line = Line(SILENCE, issued)
    assert (await line.api.stable_token("wx12", "s", is_forced=False)).access_token == "t-1"
    line = Line(SILENCE)
    with pytest.raises(Trouble):
        await line.api.stable_token("wx12", "s", is_forced=True)


async def test_text_goes_out_as_utf_8_without_escapes() -> None:
    line = Line(OK)
    words = '围巾 😀 "quoted" \u2028 <b>'
    await line.api.post("/x", {}, {"content": words}, Said)
    sent = line.asked[0].content
    assert "围巾 😀".encode() in sent
    assert b"\\u4" not in sent
    assert msgspec.json.decode(sent) == {"content": words}

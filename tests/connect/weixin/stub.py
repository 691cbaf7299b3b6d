"""A small api.weixin.qq.com for tests: 200 whatever happens, text/plain, and counted tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2

from headwater.connect.mini_program import MiniProgram, MiniProgramCredentials
from headwater.connect.official_account import OfficialAccount, OfficialAccountCredentials

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
OK = {"errcode": 0, "errmsg": "ok"}

Answerer = Callable[[httpx2.Request], httpx2.Response]


def refusal(errcode: int, errmsg: str = "refused") -> dict[str, Any]:
    return {"errcode": errcode, "errmsg": f"{errmsg} rid: 6a1b2c3d-0f"}


@dataclass
class Weixin:
    """Answers what the test lays out, and remembers what it was asked beside tokens."""

    answers: list[Any] = field(default_factory=list)
    asked: list[httpx2.Request] = field(default_factory=list)
    tokens_asked: int = 0
    now: datetime = NOON

    def __post_init__(self) -> None:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.handle))
        known = OfficialAccountCredentials("wx12", "s3cret", "https://api.example")
        self.account = OfficialAccount(known, http, lambda: self.now)
        ours = MiniProgramCredentials("wx34", "pr0gram", "https://api.example")
        self.program = MiniProgram(ours, http, lambda: self.now)

    def will(self, *answers: Any) -> None:
        """Answer next with these, one for each call: a body, bytes, or an error to raise."""
        self.answers += answers

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/cgi-bin/stable_token":
            self.tokens_asked += 1
            return said({"access_token": f"token-{self.tokens_asked}", "expires_in": 7200})
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return said(answer)

    @property
    def path(self) -> str:
        return str(self.asked[-1].url.path)

    @property
    def query(self) -> Mapping[str, str]:
        return dict(self.asked[-1].url.params)

    @property
    def body(self) -> Any:
        return json.loads(self.asked[-1].content)

    @property
    def raw(self) -> bytes:
        return self.asked[-1].content


def said(body: Any) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return httpx2.Response(200, content=content, headers={"Content-Type": "text/plain"})

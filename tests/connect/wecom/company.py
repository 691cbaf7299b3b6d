"""A small WeCom for tests: it answers what the test lays out, always with 200."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx2

from headwater.connect.wecom import Wecom, WecomCredentials

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
KNOWN = WecomCredentials(
    corpid="ww12",
    agentid=1000002,
    secret="app-s3cret",
    contact_secret="contact-s3cret",
    api_url="https://qyapi.example/",
)
HINT = ", hint: [1588070216_61_9e1f], from ip: 192.0.2.7, more info at https://open.example/e=1"


class Company:
    """Issues tokens per secret, kills them when told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.now = NOON
        self.asked: list[httpx2.Request] = []
        self.issued = {"app-s3cret": 0, "contact-s3cret": 0}
        self.dead: dict[str, int] = {}
        self.answers: list[Any] = []
        self.tickets = 0
        self.silent = 0
        self.http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.handle))
        self.wecom = Wecom(KNOWN, self.http, lambda: self.now)

    async def handle(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        await asyncio.sleep(0)  # Lets others run, as a network would.
        if self.silent:
            self.silent -= 1
            raise httpx2.ReadTimeout("silence", request=request)
        path, query = request.url.path, request.url.params
        if path == "/cgi-bin/gettoken":
            return said(self.issue(query["corpid"], query["corpsecret"]))
        if query["access_token"] in self.dead:
            code = self.dead[query["access_token"]]
            return said({"errcode": code, "errmsg": "access_token expired" + HINT})
        if path in ("/cgi-bin/get_jsapi_ticket", "/cgi-bin/ticket/get"):
            self.tickets += 1
            kind = query.get("type", "company")
            ticket = f"{kind}-ticket-{self.tickets}"
            return said({"errcode": 0, "errmsg": "ok", "ticket": ticket, "expires_in": 7200})
        return said(self.answers.pop(0))

    def issue(self, corpid: str, secret: str) -> dict[str, Any]:
        assert corpid == "ww12"
        name = secret.removesuffix("-s3cret")
        token = f"{name}-token-{self.issued[secret] + 1}"
        if token in self.dead:
            self.issued[secret] += 1
            token = f"{name}-token-{self.issued[secret] + 1}"
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200}

    def will(self, **fields: Any) -> None:
        """Answer next with these fields."""
        self.answers.append({"errcode": 0, "errmsg": "ok"} | fields)

    def will_refuse(self, code: int, words: str = "no") -> None:
        self.answers.append({"errcode": code, "errmsg": words + HINT})

    def paths(self) -> list[str]:
        return [request.url.path.removeprefix("/cgi-bin/") for request in self.asked]

    def body(self, index: int = -1) -> Any:
        return json.loads(self.asked[index].content)

    def token_used(self, index: int = -1) -> str:
        return str(self.asked[index].url.params["access_token"])


def said(body: Any) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.Response(200, content=content)

"""A brand written for these tests alone: calls the API of both apps and hears what is pushed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.sandbox.merchant import Town

from headwater.sandbox.people import Person
from headwater.sandbox.simulated import in_process
from headwater.sandbox.weixin.acts import Acts
from headwater.sandbox.weixin.apps import App, Kind
from headwater.sandbox.weixin.host import WeixinHost

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
JPEG = b"\xff\xd8\xff" + b"\0" * 24
ADDRESSES = {
    "official_account": "http://brand.test/hooks/official-account",
    "mini_program": "http://brand.test/hooks/mini-program",
}


@dataclass
class Heard:
    """One push as it arrived."""

    path: str
    query: dict[str, str]
    body: bytes


@dataclass
class Server:
    """The brand's server: keeps every push, and answers as it is told."""

    answer: Callable[[Heard], Response] = field(default=lambda heard: Response(b"success"))
    heard: list[Heard] = field(default_factory=list)

    def app(self) -> Starlette:
        async def hear(request: Request) -> Response:
            one = Heard(request.url.path, dict(request.query_params), await request.body())
            self.heard.append(one)
            return self.answer(one)

        return Starlette(routes=[Route("/hooks/{app}", hear, methods=["GET", "POST"])])


@dataclass
class Brand:
    """The brand beside a town: its tokens, its calls, its server."""

    town: Town
    server: Server
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> WeixinHost:
        return self.town.sandbox.others.the(WeixinHost)

    @property
    def acts(self) -> Acts:
        return self.host.acts

    def app(self, kind: Kind) -> App:
        return self.host.apps[kind]

    def person(self, person_id: str = "p2") -> Person:
        return self.town.sandbox.people.get(person_id)

    def openid(self, person_id: str = "p2", kind: Kind = "official_account") -> str:
        return self.town.sandbox.people.openid(self.person(person_id), self.app(kind).appid)

    async def token(self, kind: Kind, **more: Any) -> dict[str, Any]:
        app = self.app(kind)
        body = {"grant_type": "client_credential", "appid": app.appid, "secret": app.secret}
        answer = await self.send("POST", "/cgi-bin/stable_token", json=body | more)
        said: dict[str, Any] = answer.json()
        return said

    async def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        answer = await self.town.http.request(
            method, self.town.account["api_base_url"] + path, **more
        )
        assert answer.status_code == 200, answer.text
        return answer

    async def raw(self, kind: Kind, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        """A call with a good token; a body makes it a POST."""
        self.tokens[kind] = (await self.token(kind))["access_token"]
        query = {"access_token": self.tokens[kind], **more.pop("query", {})}
        if "files" in more:
            return await self.send("POST", path, params=query, **more)
        if body is None:
            return await self.send("GET", path, params=query)
        content = json.dumps(body, ensure_ascii=False).encode()
        return await self.send("POST", path, params=query, content=content)

    async def account(self, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """Call the service account's API."""
        said: dict[str, Any] = (
            await self.raw("official_account", f"/cgi-bin/{path}", body, query=query)
        ).json()
        return said

    async def program(self, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """Call the mini program's API."""
        said: dict[str, Any] = (await self.raw("mini_program", path, body, query=query)).json()
        return said

    async def upload(
        self, path: str, content: bytes = PNG, kind: Kind = "official_account", **query: str
    ) -> dict[str, Any]:
        """Upload a file."""
        files = {"media": ("picture.png", content, "image/png")}
        said: dict[str, Any] = (await self.raw(kind, path, files=files, query=query)).json()
        return said

    async def draft(self, *titles: str) -> str:
        """A draft with these articles, under a cover of its own."""
        cover = await self.upload("/cgi-bin/material/add_material", type="image")
        articles = [
            {"title": title, "content": f"<p>{title}</p>", "thumb_media_id": cover["media_id"]}
            for title in titles or ("秋日新茶",)
        ]
        return str((await self.account("draft/add", {"articles": articles}))["media_id"])

    async def told(self, seconds: float = 0.0) -> list[Heard]:
        """Let the clock run and give what the server heard in that time."""
        before = len(self.server.heard)
        await self.town.sandbox.deliver_due(self.town.clock.move(seconds=seconds))
        return self.server.heard[before:]

    def messages(self, person_id: str = "p2", chat: str = "account") -> list[Any]:
        return self.town.sandbox.people.messages(self.person(person_id), chat)


def in_brand(town: Town) -> Brand:
    """The brand in this town, its addresses told to the platform."""
    server = Server()
    mounts: dict[str, httpx2.AsyncBaseTransport | None] = {
        "http://brand.test": httpx2.ASGITransport(server.app())
    }
    town.sandbox.notify_through(lambda: in_process(mounts))
    town.sandbox.ground.callbacks.set(ADDRESSES)
    return Brand(town, server)

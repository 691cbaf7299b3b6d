"""A brand with our WeCom client and a hook of its own, beside the simulated company."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from tests.connect.wecom.company import NOON

from headwater.connect.callbacks import CallbackKeys, open_sealed
from headwater.connect.pushes import read_fields, sealed_in
from headwater.connect.wecom import Wecom, WecomCredentials
from headwater.connect.wecom.customers.ways import NewWay
from headwater.connect.wecom.pushes import CustomerCame, Happened, happened
from headwater.sandbox import Credentials, Sandbox, make_credentials, make_sandbox
from headwater.sandbox.people import Person
from headwater.sandbox.wecom import Acts, WecomHost

HOOK = "http://brand.test/hooks/wecom"


@dataclass
class Brand:
    """A brand with our client, and a hook that opens what is pushed to it."""

    sandbox: Sandbox
    http: httpx2.AsyncClient
    clock: list[datetime]
    heard: list[Happened] = field(default_factory=list)

    def __post_init__(self) -> None:
        known = self.sandbox.credentials["wecom"]
        self.keys = CallbackKeys(known["token"], known["encoding_aes_key"], known["corpid"])
        self.wecom = Wecom(self.credentials(), self.http, self.now)

    def credentials(self, **changes: Any) -> WecomCredentials:
        known = self.sandbox.credentials["wecom"]
        values: dict[str, Any] = {
            "corpid": known["corpid"],
            "agentid": known["agentid"],
            "secret": known["secret"],
            "contact_secret": known["contact_secret"],
            "api_url": known["base_url"],
            "login_url": known["login_url"],
        }
        return WecomCredentials(**(values | changes))

    def now(self) -> datetime:
        return self.clock[0]

    @property
    def acts(self) -> Acts:
        return self.sandbox.others.the(WecomHost).acts

    def person(self, number: int = 1) -> Person:
        return self.sandbox.people.get(f"p{number}")

    def external(self, number: int = 1) -> str:
        return self.sandbox.people.external_userid(self.person(number))

    async def wait(self, **duration: float) -> None:
        self.clock[0] += timedelta(**duration)
        await self.sandbox.deliver_due()

    async def befriends(self, number: int = 1, state: str = "share-7") -> CustomerCame:
        """Let a person scan a contact way of one guide's, and hear of it."""
        made = await self.wecom.ways.create(NewWay(("zhangmin",), state=state))
        assert made.code_url is not None
        self.acts.add(self.person(number), made.way_id, self.now())
        await self.sandbox.deliver_due()
        came = [each for each in self.heard if isinstance(each, CustomerCame)]
        return came[-1]

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hooks/wecom", self._hear, methods=["GET", "POST"])])

    async def _hear(self, request: Request) -> Response:
        asked = request.query_params
        sealed = asked.get("echostr") or sealed_in(await request.body())
        signed = (asked["msg_signature"], asked["timestamp"], asked["nonce"])
        plain = open_sealed(self.keys, *signed, sealed, self.now())
        if request.method == "GET":
            return PlainTextResponse(plain)
        self.heard.append(happened(read_fields(plain)))
        return PlainTextResponse("success")


@cache
def drawn() -> Credentials:
    """Make the keys once per run; making them is slow."""
    return make_credentials(11, NOON)


@asynccontextmanager
async def opened() -> AsyncIterator[Brand]:
    """Open a brand beside a fresh company, which has checked the brand's address."""
    clock = [NOON]
    sandbox = make_sandbox(11, 1.0, lambda: clock[0], None, drawn())
    async with sandbox.client() as http:
        found = Brand(sandbox, http, clock)
        transport = httpx2.ASGITransport(found.app(), raise_app_exceptions=False)
        sandbox.notify_through(lambda: httpx2.AsyncClient(transport=transport))
        await sandbox.others.the(WecomHost).house.callbacks.configure(HOOK, NOON)
        yield found
        await sandbox.close()

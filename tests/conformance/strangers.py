"""A served sandbox and a shop for SDKs of others: real ports, real time, no client of ours."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox import CannotServe, Sandbox, Start, run
from headwater.sandbox.serve import ORDER

# Tencent's waits of seconds and minutes pass in moments.
SPEED = 50.0
HEARD_WITHIN_SECONDS = 10.0


@dataclass
class Town:
    """What an SDK meets: the credentials of a sandbox, and a shop that hears its notices."""

    known: dict[str, Any]
    http: httpx2.AsyncClient
    notify_url: str
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def pay(self) -> dict[str, Any]:
        part: dict[str, Any] = self.known["pay"]
        return part

    async def misbehave(self, **how: Any) -> None:
        """Tell the sandbox what to do otherwise from now on."""
        await self.side("PUT", "/misbehaviour", **how)

    @property
    def appid(self) -> str:
        return str(self.known["official_account"]["appid"])

    async def side(self, method: str, door: str, **body: Any) -> Any:
        """Do what people do: they have no SDK."""
        url = self.known["side_doors"]["base_url"] + door
        answer = await self.http.request(method, url, json=body or None)
        assert answer.is_success, answer.text
        return answer.json()

    async def person(self) -> dict[str, Any]:
        made: dict[str, Any] = await self.side("POST", "/people", nickname="小满")
        return made

    async def notice(self, place: int) -> tuple[dict[str, str], bytes]:
        """Wait for the n-th notice, as it reached the shop."""
        async with asyncio.timeout(HEARD_WITHIN_SECONDS), self.news:
            await self.news.wait_for(lambda: len(self.heard) > place)
        return self.heard[place]

    async def hear(self, request: Request) -> Response:
        body = await request.body()
        async with self.news:
            self.heard.append((dict(request.headers), body))
            self.news.notify_all()
        return Response(status_code=204)


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    """Serve a sandbox and a shop on ports of their own until the test is over."""
    file = folder / "credentials.json"
    async with open_shop() as (shop, port), httpx2.AsyncClient() as http, _sandbox(file) as known:
        built = Town(known, http, f"http://127.0.0.1:{port}/notices")
        shop.routes.append(Route("/notices", built.hear, methods=["POST"]))
        yield built


@asynccontextmanager
async def _sandbox(file: Path) -> AsyncIterator[dict[str, Any]]:
    """Take the first block of ports that can be had; others may take some at the same time."""
    for first in range(29_100, 29_900, len(ORDER)):
        is_up: asyncio.Future[Sandbox] = asyncio.get_running_loop().create_future()

        async def started(sandbox: Sandbox, up: asyncio.Future[Sandbox] = is_up) -> None:
            up.set_result(sandbox)

        program = asyncio.create_task(run(Start("127.0.0.1", first, file, 7, SPEED), started))
        either: set[asyncio.Future[Any]] = {program, is_up}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED, timeout=20)
        if not is_up.done():
            with suppress(CannotServe):
                await program
            continue
        try:
            yield is_up.result().credentials
        finally:
            program.cancel()
            with suppress(asyncio.CancelledError):
                await program
        return
    raise AssertionError("not enough free ports in a row")


@asynccontextmanager
async def open_shop() -> AsyncIterator[tuple[Starlette, int]]:
    """A server on a port of its own, to which a test adds what it listens to."""
    shop = Starlette()
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(shop, lifespan="off", log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield shop, listening.getsockname()[1]
    finally:
        server.should_exit = True
        await serving

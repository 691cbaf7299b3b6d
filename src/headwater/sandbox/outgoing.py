"""What leaves the sandbox: notices and pushes to the addresses of those who build against it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import httpx2

from headwater.sandbox.journal import Journal

ANSWER_SECONDS = 5.0
PUSHED = ("official_account", "mini_program", "wecom")

ClientFactory = Callable[[], httpx2.AsyncClient]


class Outgoing:
    """One client for everything that is told; a test puts its own in."""

    def __init__(self) -> None:
        self.new_client: ClientFactory = httpx2.AsyncClient
        self._client: httpx2.AsyncClient | None = None

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> httpx2.Response | None:
        """Post once; None when no whole answer came within the platform's five seconds."""
        return await self._ask("POST", url, body, headers)

    async def get(self, url: str) -> httpx2.Response | None:
        """Ask once, as when an address is being checked; None when no whole answer came."""
        return await self._ask("GET", url, b"", {})

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _ask(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> httpx2.Response | None:
        if self._client is None:
            self._client = self.new_client()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._client.request(method, url, content=body, headers=headers)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError):
            return None


class Callbacks:
    """Where pushes of each application go; the real consoles have a form for it."""

    def __init__(self, known: Mapping[str, str | None], journal: Journal) -> None:
        self._journal = journal
        self._urls: dict[str, str | None] = {name: known.get(name) for name in PUSHED}
        for row in journal.rows("callbacks", dict[str, str | None]):
            self._urls |= row

    def url(self, name: str) -> str | None:
        """The address for pushes of this application, None when it has none."""
        return self._urls[name]

    def set(self, urls: Mapping[str, str | None]) -> None:
        """Change some of the addresses; the others stay."""
        self._urls |= urls
        self._journal.write("callbacks", self._urls)

    def everything(self) -> dict[str, str | None]:
        """All addresses by application."""
        return dict(self._urls)

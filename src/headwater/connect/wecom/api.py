"""How one talks to qyapi.weixin.qq.com: a token per app, and errors inside a 200."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

import httpx2
import msgspec

from headwater.base.errors import NotReached, Trouble
from headwater.connect.errors import ProviderRefused
from headwater.connect.sending import ask, ask_again, understood
from headwater.connect.tokens import Issue, IssuedToken, TokenHolder
from headwater.connect.wecom.errors import BUSY, DEAD_TOKEN, LATER, REFUSALS

T = TypeVar("T")

WHOM: Final = "WeCom"
# The longest list of a guide's customers has a few hundred pages.
PAGES_MOST: Final = 2_000

# Ids of staff, customers, tags and chats go into columns: printable, never empty.
WireId = Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,128}\Z")]
# What people wrote; no NUL, since a database column cannot hold one.
Words = Annotated[str, msgspec.Meta(pattern=r"\A[^\x00]*\Z", max_length=20_000)]
# Seconds since 1970, up to 2286: later moments are none of ours, and leave no room to count on.
Seconds = Annotated[int, msgspec.Meta(ge=0, le=9_999_999_999)]
Cursor = Annotated[str, msgspec.Meta(pattern=r"\A[!-~]*\Z", max_length=1024)]

_MESSAGE_CHARACTERS: Final = 300
_MORE_INFO: Final = re.compile(r",?\s*more info at \S*")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a longer answer; without a cursor it is the last one."""

    items: tuple[T, ...]
    next_cursor: str | None


class Nothing(msgspec.Struct):
    """An answer that says no more than that it was done."""


class _Said(msgspec.Struct):
    errcode: int
    errmsg: Words = ""


@dataclass(frozen=True)
class WecomApi:
    """Calls of one app of one company; each path says what a repeat does."""

    http: httpx2.AsyncClient
    api_url: str
    tokens: TokenHolder

    async def get(self, path: str, query: Mapping[str, str], kind: type[T]) -> T:
        """Read with the app's token, and again where the road failed; it changes nothing there."""

        async def send(token: str) -> httpx2.Response:
            return await ask_again(self.http, lambda: self._question(path, query, token), WHOM)

        return await self._with_token(send, kind)

    async def get_once(self, path: str, query: Mapping[str, str], kind: type[T]) -> T:
        """Read what can be read only once, such as who stands behind a login code."""

        async def send(token: str) -> httpx2.Response:
            return await ask(self.http, self._question(path, query, token), WHOM)

        return await self._with_token(send, kind)

    async def post(self, path: str, body: Mapping[str, Any], kind: type[T]) -> T:
        """Send JSON with the app's token, as plain UTF-8, since escapes would be shown as such."""

        async def send(token: str) -> httpx2.Response:
            request = self.http.build_request(
                "POST",
                address(self.api_url, path),
                params={"access_token": token},
                content=msgspec.json.encode(body),
                headers={"Content-Type": "application/json"},
            )
            return await ask(self.http, request, WHOM)

        return await self._with_token(send, kind)

    async def upload(self, path: str, query: Mapping[str, str], file: Upload, kind: type[T]) -> T:
        """Send a file as a form; a repeat leaves a second copy, each with an id of its own."""

        async def send(token: str) -> httpx2.Response:
            request = self.http.build_request(
                "POST",
                address(self.api_url, path),
                params={"access_token": token, **query},
                files={"media": (file.name, file.content, file.content_type)},
            )
            return await ask(self.http, request, WHOM)

        return await self._with_token(send, kind)

    def _question(self, path: str, query: Mapping[str, str], token: str) -> httpx2.Request:
        return self.http.build_request(
            "GET", address(self.api_url, path), params={"access_token": token, **query}
        )

    async def _with_token(
        self, send: Callable[[str], Awaitable[httpx2.Response]], kind: type[T]
    ) -> T:
        """Ask, and once more with a new token if this one died early: the first had no effect."""
        token = await self.tokens.token()
        try:
            return answered(await send(token), kind, (token,))
        except ProviderRefused as refusal:
            if refusal.provider_code not in DEAD_TOKEN:
                raise
        token = await self.tokens.after_refusal_of(token)
        return answered(await send(token), kind, (token,))


@dataclass(frozen=True)
class Upload:
    """A file on its way out."""

    name: str
    content: bytes = field(repr=False)
    content_type: str


def answered(answer: httpx2.Response, kind: type[T], secrets: Iterable[str]) -> T:
    """Read an answer; what the server says of an error loses our secrets."""
    if answer.is_client_error:
        raise ProviderRefused(f"HTTP_{answer.status_code}", "")
    said = understood(_Said, answer.content, WHOM)
    if said.errcode == BUSY:
        raise Trouble(f"{WHOM} is busy")
    if said.errcode in LATER:
        raise NotReached(f"{WHOM} {LATER[said.errcode]} ({said.errcode})")
    if said.errcode != 0:
        refusal = REFUSALS.get(said.errcode, ProviderRefused)
        raise refusal(str(said.errcode), told(said.errmsg, secrets))
    return understood(kind, answer.content, WHOM)


def told(message: str, secrets: Iterable[str]) -> str:
    """Keep what helps to find a fault, which is the hint and our address, and nothing secret."""
    for secret in secrets:
        message = message.replace(secret, "…")
    return _MORE_INFO.sub("", message)[:_MESSAGE_CHARACTERS]


def token_issuer(http: httpx2.AsyncClient, api_url: str, corpid: str, secret: str) -> Issue:
    """Say how one app's token is fetched; WeCom repeats the same one while it lives."""

    def question() -> httpx2.Request:
        return http.build_request(
            "GET",
            address(api_url, "/cgi-bin/gettoken"),
            params={"corpid": corpid, "corpsecret": secret},
        )

    async def issue(is_forced: bool) -> IssuedToken:
        # There is no way to force a new one: after an early death the next call brings it.
        answer = await ask_again(http, question, WHOM)
        return answered(answer, IssuedToken, (secret,))

    return issue


def address(api_url: str, path: str) -> str:
    """Join host and path, however the host was written."""
    return api_url.rstrip("/") + path


def moment(seconds: int) -> datetime:
    """Read seconds since 1970 as a moment."""
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: int) -> datetime | None:
    """Read seconds since 1970; WeCom writes 0 where nothing happened yet."""
    return moment(seconds) if seconds else None


def page(items: Iterable[T], cursor: str) -> Page[T]:
    """Make a page of what was read; an empty cursor means that nothing follows."""
    return Page(tuple(items), cursor or None)


def filled(body: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what was not said, since an empty field would overwrite."""
    return {name: value for name, value in body.items() if value is not None}


async def every(
    fetch: Callable[[str | None], Awaitable[Page[T]]], pages_most: int = PAGES_MOST
) -> AsyncIterator[T]:
    """Walk through all pages; a cursor that comes back is Trouble instead of a walk without end.

    So is one page more than there can be; who walks through more says so.
    """
    seen: set[str] = set()
    cursor: str | None = None
    for _page in range(pages_most):
        found = await fetch(cursor)
        for item in found.items:
            yield item
        cursor = found.next_cursor
        if cursor is None:
            return
        if cursor in seen:
            raise Trouble(f"{WHOM} repeats a page")
        seen.add(cursor)
    raise Trouble(f"{WHOM} has more than {pages_most} pages to tell")

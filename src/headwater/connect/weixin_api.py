"""How one talks to api.weixin.qq.com: a token in the query, and errors inside a 200."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

import httpx2
import msgspec

from headwater.base.errors import Trouble
from headwater.connect.errors import (
    CannotReach,
    LoginCodeSpent,
    MessageDoesNotFit,
    NoAuthorisationLeft,
    NotAuthorised,
    NotKnownYet,
    PageUnknown,
    PersonBarred,
    ProviderRefused,
    QuotaSpent,
    ShippingFinal,
    TemplateUnknown,
    VisitTooOld,
    WindowClosed,
    WindowSpent,
)
from headwater.connect.pace import Rest
from headwater.connect.sending import ask, ask_again, understood
from headwater.connect.tokens import IssuedToken, TokenHolder

T = TypeVar("T")

WHOM: Final = "WeChat"

# Busy at large, one person's calls too dense, a mass send repeated within a minute, shipping busy.
_BUSY: Final = frozenset({-1, 45011, 45066, 10060012, 10060019})
DEAD_TOKEN: Final = frozenset({"40001", "40014", "42001"})
# Every other number is a plain ProviderRefused that carries the number and the platform's words.
_REFUSALS: Final[Mapping[int, type[ProviderRefused]]] = {
    40029: LoginCodeSpent,
    40030: LoginCodeSpent,
    40163: LoginCodeSpent,
    42002: LoginCodeSpent,
    42003: LoginCodeSpent,
    43004: CannotReach,
    43101: NoAuthorisationLeft,
    45015: WindowClosed,
    45047: WindowSpent,
    47003: MessageDoesNotFit,
    40037: TemplateUnknown,
    40165: PageUnknown,
    41030: PageUnknown,
    45009: QuotaSpent,
    45028: QuotaSpent,
    40226: PersonBarred,
    40013: NotAuthorised,
    40125: NotAuthorised,
    40164: NotAuthorised,
    48001: NotAuthorised,
    48004: NotAuthorised,
    85079: NotAuthorised,
    61010: VisitTooOld,
    10060001: NotKnownYet,
    10060002: ShippingFinal,
    10060003: ShippingFinal,
    10060004: ShippingFinal,
}
_NONE: Final[Collection[int]] = frozenset()
_NOTHING: Final[Mapping[str, str]] = {}
_PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")


class Said(msgspec.Struct):
    """What every answer may say beside its content; success often says nothing."""

    errcode: int = 0
    errmsg: str = ""


@dataclass(frozen=True)
class File:
    """A file on its way to WeChat, which looks at its name and its kind."""

    name: str
    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True)
class WeixinApi:
    """The host api.weixin.qq.com, asked without knowing whose token it is."""

    http: httpx2.AsyncClient
    api_url: str
    rest: Rest = asyncio.sleep

    async def get(self, path: str, query: Mapping[str, str], kind: type[T]) -> T:
        """Ask once, as for what a code is worth that works once."""
        answer = await ask(self.http, self._asking(path, query), WHOM)
        return understood(kind, _accepted(_content(answer), _NONE), WHOM)

    async def look(self, path: str, query: Mapping[str, str], kind: type[T]) -> T:
        """Ask what looking at does not change, up to three times when nobody answers."""
        make = partial(self._asking, path, query)
        answer = await ask_again(self.http, make, WHOM, self.rest)
        return understood(kind, _accepted(_content(answer), _NONE), WHOM)

    async def post(
        self,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, Any],
        kind: type[T],
        harmless: Collection[int] = _NONE,
    ) -> T:
        """Tell once; an answer with a harmless number is read as if it were a success."""
        answer = await ask(self.http, self._telling(path, query, body), WHOM)
        return understood(kind, _accepted(_content(answer), harmless), WHOM)

    async def fetch(self, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> bytes:
        """Tell once and get a picture; an error comes as JSON in its place, so look inside."""
        content = _content(await ask(self.http, self._telling(path, query, body), WHOM))
        if content.startswith(_PICTURES):
            return content
        _refuse(understood(Said, content, WHOM), _NONE)
        raise Trouble(f"{WHOM} gave neither a picture nor a reason")

    async def upload(
        self,
        path: str,
        query: Mapping[str, str],
        file: File,
        fields: Mapping[str, str],
        kind: type[T],
    ) -> T:
        """Hand over one file once; a repeat hands over a second one."""
        request = self.http.build_request(
            "POST",
            self._url(path),
            params=query,
            data=dict(fields),
            files={"media": (file.name, file.content, file.media_type)},
        )
        answer = await ask(self.http, request, WHOM)
        return understood(kind, _accepted(_content(answer), _NONE), WHOM)

    async def stable_token(self, appid: str, secret: str, is_forced: bool) -> IssuedToken:
        """Get the app's token; a repeat gives the same one unless forced."""
        body = {
            "grant_type": "client_credential",
            "appid": appid,
            "secret": secret,
            "force_refresh": is_forced,
        }
        path = "/cgi-bin/stable_token"
        if is_forced:
            return await self.post(path, {}, body, IssuedToken)
        make = partial(self._telling, path, {}, body)
        answer = await ask_again(self.http, make, WHOM, self.rest)
        return understood(IssuedToken, _accepted(_content(answer), _NONE), WHOM)

    def _url(self, path: str) -> str:
        return self.api_url.rstrip("/") + path

    def _asking(self, path: str, query: Mapping[str, str]) -> httpx2.Request:
        return self.http.build_request("GET", self._url(path), params=query)

    def _telling(
        self, path: str, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> httpx2.Request:
        # Escaped characters would be taken literally there, so the text goes as UTF-8.
        return self.http.build_request(
            "POST",
            self._url(path),
            params=query,
            content=msgspec.json.encode(body),
            headers={"Content-Type": "application/json"},
        )


@dataclass(frozen=True)
class WeixinApp:
    """One app at WeChat: every call carries its token, and a dead token is replaced once.

    That repeat is safe: a call with a dead token had no effect. Beside it only looks are repeated,
    when nobody answers.
    """

    api: WeixinApi
    tokens: TokenHolder

    async def get(self, path: str, kind: type[T], **query: str) -> T:
        """Look with the token; looking again changes nothing."""
        return await self._with_token(lambda known: self.api.look(path, {**known, **query}, kind))

    async def post(
        self, path: str, body: Mapping[str, Any], kind: type[T], harmless: Collection[int] = _NONE
    ) -> T:
        """Tell with the token; what a repeat does depends on the path."""
        return await self._with_token(
            lambda known: self.api.post(path, known, body, kind, harmless)
        )

    async def do(
        self, path: str, body: Mapping[str, Any], harmless: Collection[int] = _NONE
    ) -> None:
        """Tell something that is answered by a mere "ok"."""
        await self.post(path, body, Said, harmless)

    async def fetch(self, path: str, body: Mapping[str, Any]) -> bytes:
        """Get a picture; asking again gives the same one or one that does the same."""
        return await self._with_token(lambda known: self.api.fetch(path, known, body))

    async def upload(
        self,
        path: str,
        file: File,
        kind: type[T],
        fields: Mapping[str, str] = _NOTHING,
        **query: str,
    ) -> T:
        """Hand over one file; a repeat hands over a second one."""
        return await self._with_token(
            lambda known: self.api.upload(path, {**known, **query}, file, fields, kind)
        )

    async def _with_token(self, ask_with: Callable[[Mapping[str, str]], Awaitable[T]]) -> T:
        token = await self.tokens.token()
        try:
            return await ask_with({"access_token": token})
        except ProviderRefused as refusal:
            if refusal.provider_code not in DEAD_TOKEN:
                raise
        token = await self.tokens.after_refusal_of(token)
        return await ask_with({"access_token": token})


def _content(answer: httpx2.Response) -> bytes:
    if answer.is_client_error:
        raise ProviderRefused(f"HTTP_{answer.status_code}", "")
    return answer.content


def _accepted(content: bytes, harmless: Collection[int]) -> bytes:
    _refuse(understood(Said, content, WHOM), harmless)
    return content


def _refuse(said: Said, harmless: Collection[int]) -> None:
    """Raise what the number in an answer means in our words."""
    if said.errcode == 0 or said.errcode in harmless:
        return
    if said.errcode in _BUSY:
        raise Trouble(f"{WHOM} is busy ({said.errcode})")
    refusal = _REFUSALS.get(said.errcode, ProviderRefused)
    raise refusal(str(said.errcode), said.errmsg)

"""How one talks to api.weixin.qq.com: a token in the query, and errors inside a 200."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

import httpx2
import msgspec

from headwater.base.errors import Trouble
from headwater.base.times import Clock
from headwater.connect.errors import CannotReach, LoginCodeSpent, ProviderRefused
from headwater.connect.sending import ask, understood

T = TypeVar("T")

WHOM: Final = "WeChat"

_BUSY: Final = frozenset({-1, 45011})
_DEAD_TOKEN: Final = frozenset({"40001", "40014", "42001"})
_REFUSALS: Final[Mapping[int, type[ProviderRefused]]] = {
    40029: LoginCodeSpent,
    40163: LoginCodeSpent,
    43004: CannotReach,
    43101: CannotReach,
    45015: CannotReach,
    45047: CannotReach,
}
# The server hands out the same token until five minutes before its end, then a new one beside it.
_EARLY_SECONDS: Final = 240
_BETWEEN_FORCED_SECONDS: Final = 30


class _Said(msgspec.Struct):
    errcode: int = 0
    errmsg: str = ""


class IssuedToken(msgspec.Struct):
    """A token as the server gives it."""

    access_token: Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,512}\Z")]
    expires_in: Annotated[int, msgspec.Meta(ge=1, le=86_400)]


class TokenHolder:
    """Keeps one access token fresh, and asks for it once however many need it.

    One holder serves one process. Two processes may hold the same token side by side, since the
    stable interface hands the same one to both; a shared, persisted holder across processes, with
    budgets for the daily quota, is a later step.
    """

    def __init__(self, issue: Callable[[bool], Awaitable[IssuedToken]], now: Clock) -> None:
        self._issue = issue
        self._now = now
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._fresh_until: datetime | None = None
        self._forced_at: datetime | None = None

    async def token(self) -> str:
        """Give a token that lives a while; asking again gives the same one until shortly before
        its end.
        """
        if (fresh := self._fresh()) is not None:
            return fresh
        async with self._lock:
            if (fresh := self._fresh()) is not None:
                return fresh
            return await self._renew(is_forced=False)

    async def after_refusal_of(self, refused: str) -> str:
        """Give another token than the refused one; many refusals of one token ask once.

        Where the server insists on the refused token it is forced to make a new one, seldom,
        because that is counted twenty times a day.
        """
        async with self._lock:
            if self._token is not None and self._token != refused:
                return self._token
            renewed = await self._renew(is_forced=False)
            if renewed == refused and self._may_force():
                self._forced_at = self._now()
                renewed = await self._renew(is_forced=True)
            return renewed

    def _fresh(self) -> str | None:
        if self._fresh_until is None or self._now() >= self._fresh_until:
            return None
        return self._token

    def _may_force(self) -> bool:
        pause = timedelta(seconds=_BETWEEN_FORCED_SECONDS)
        return self._forced_at is None or self._now() >= self._forced_at + pause

    async def _renew(self, is_forced: bool) -> str:
        issued = await self._issue(is_forced)
        lasts_seconds = max(issued.expires_in - _EARLY_SECONDS, issued.expires_in // 2)
        self._token = issued.access_token
        self._fresh_until = self._now() + timedelta(seconds=lasts_seconds)
        return self._token


@dataclass(frozen=True)
class WeixinApi:
    """Calls of one app at one host; the token is fetched with the app's secret when needed."""

    http: httpx2.AsyncClient
    api_url: str

    async def call(
        self, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None, kind: type[T]
    ) -> T:
        """Ask once; what a repeat does depends on the path."""
        url = self.api_url.rstrip("/") + path
        if body is None:
            request = self.http.build_request("GET", url, params=query)
        else:
            # Escaped characters would be taken literally there, so the text goes as UTF-8.
            request = self.http.build_request(
                "POST",
                url,
                params=query,
                content=msgspec.json.encode(body),
                headers={"Content-Type": "application/json"},
            )
        answer = await ask(self.http, request, WHOM)
        if answer.is_client_error:
            raise ProviderRefused(f"HTTP_{answer.status_code}", "")
        said = understood(_Said, answer.content, WHOM)
        if said.errcode in _BUSY:
            raise Trouble(f"{WHOM} is busy ({said.errcode})")
        if said.errcode != 0:
            refusal = _REFUSALS.get(said.errcode, ProviderRefused)
            raise refusal(str(said.errcode), said.errmsg)
        return understood(kind, answer.content, WHOM)

    async def call_with_token(
        self, tokens: TokenHolder, path: str, body: Mapping[str, Any] | None, kind: type[T]
    ) -> T:
        """Ask with a token, and once more with a new one if the server has dropped it early.

        The repeat is safe: a call with a dead token had no effect.
        """
        token = await tokens.token()
        try:
            return await self.call(path, {"access_token": token}, body, kind)
        except ProviderRefused as refusal:
            if refusal.provider_code not in _DEAD_TOKEN:
                raise
        token = await tokens.after_refusal_of(token)
        return await self.call(path, {"access_token": token}, body, kind)

    async def stable_token(self, appid: str, secret: str, is_forced: bool) -> IssuedToken:
        """Get the app's token; a repeat gives the same one unless forced."""
        body = {
            "grant_type": "client_credential",
            "appid": appid,
            "secret": secret,
            "force_refresh": is_forced,
        }
        return await self.call("/cgi-bin/stable_token", {}, body, IssuedToken)

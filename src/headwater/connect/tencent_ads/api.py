"""How one talks to api.e.qq.com: token, clock and nonce in every query, errors inside a 200."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Generic, TypeVar

import httpx2
import msgspec

from headwater.base.errors import BadInput, NotReached, Trouble
from headwater.base.times import Clock
from headwater.connect.errors import LoginCodeSpent, NotAuthorised, ProviderRefused
from headwater.connect.sending import ask, ask_again, understood
from headwater.connect.tencent_ads import bounds
from headwater.connect.tokens import TokenHolder

T = TypeVar("T")

WHOM: Final = "Tencent Ads"

# Their ids are numbers; some answers write them as text.
WireId = Annotated[int, msgspec.Meta(ge=1, le=9_223_372_036_854_775_807)]
Count = Annotated[int, msgspec.Meta(ge=0, le=9_223_372_036_854_775_807)]
Words = Annotated[str, msgspec.Meta(pattern=r"\A[^\x00]*\Z", max_length=20_000)]

_BUSY: Final = frozenset({10000, 10001})
_TOO_MANY: Final = frozenset({11008, 11016, 11017, 11018, 11019, 11022})
_DEAD_TOKEN: Final = frozenset({"11000", "11002"})
# developers.e.qq.com/v3.0/docs/errors
_REFUSALS: Final[Mapping[int, type[ProviderRefused]]] = {
    11000: NotAuthorised,  # the token has ended
    11002: NotAuthorised,  # the token is not theirs
    11007: NotAuthorised,  # the application is unknown
    11009: LoginCodeSpent,
    11010: NotAuthorised,  # the refresh token is malformed
    11011: LoginCodeSpent,
    11012: NotAuthorised,  # the refresh token has ended: somebody must authorise again
    11013: LoginCodeSpent,
    11014: NotAuthorised,  # outside of what was authorised
}
_MESSAGE_CHARACTERS: Final = 300


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a longer answer, counted from one."""

    items: tuple[T, ...]
    number: int
    is_last: bool


class PageInfo(msgspec.Struct):
    """Where a page stands among the others."""

    page: Count = 1
    total_page: Count = 1


class _Said(msgspec.Struct):
    code: int
    message: Words = ""
    message_cn: Words = ""


class _Answer(msgspec.Struct, Generic[T]):
    data: T


@dataclass(frozen=True)
class AdsApi:
    """Calls for one advertiser; each path says what a repeat does."""

    http: httpx2.AsyncClient
    api_url: str
    account_id: int
    tokens: TokenHolder
    now: Clock

    async def get(self, path: str, asked: Mapping[str, Any], kind: type[T]) -> T:
        """Read with lists and objects as JSON in the query, and again where the road failed."""
        query = {"account_id": str(self.account_id)} | in_query(asked)

        async def send(token: str) -> httpx2.Response:
            return await ask_again(self.http, lambda: question(token), WHOM)

        def question(token: str) -> httpx2.Request:
            params = {**self._common(token), **query}
            return self.http.build_request("GET", self._url(path), params=params)

        return await self._with_token(send, kind)

    async def post(self, path: str, body: Mapping[str, Any], kind: type[T]) -> T:
        """Send JSON; what a repeat does depends on the path."""
        content = msgspec.json.encode({"account_id": self.account_id, **body})

        async def send(token: str) -> httpx2.Response:
            request = self.http.build_request(
                "POST",
                self._url(path),
                params=self._common(token),
                content=content,
                headers={"Content-Type": "application/json"},
            )
            return await ask(self.http, request, WHOM)

        return await self._with_token(send, kind)

    async def upload(
        self, path: str, fields: Mapping[str, str], name: str, content: bytes, kind: type[T]
    ) -> T:
        """Send a file as a form; what a repeat does depends on the path."""
        form = {"account_id": str(self.account_id), **fields}

        async def send(token: str) -> httpx2.Response:
            request = self.http.build_request(
                "POST",
                self._url(path),
                params=self._common(token),
                data=form,
                files={"file": (name, content, "application/zip")},
            )
            return await ask(self.http, request, WHOM)

        return await self._with_token(send, kind)

    def _url(self, path: str) -> str:
        return f"{self.api_url.rstrip('/')}/v3.0/{path}"

    async def _with_token(
        self, send: Callable[[str], Awaitable[httpx2.Response]], kind: type[T]
    ) -> T:
        """Ask, and once more with a new token if this one has ended: the first had no effect."""
        token = await self.tokens.token()
        try:
            return answered(await send(token), kind, (token,))
        except ProviderRefused as refusal:
            if refusal.provider_code not in _DEAD_TOKEN:
                raise
        token = await self.tokens.after_refusal_of(token)
        return answered(await send(token), kind, (token,))

    def _common(self, token: str) -> dict[str, str]:
        """Make what every call carries; a nonce is never used twice."""
        return {
            "access_token": token,
            "timestamp": str(int(self.now().timestamp())),
            "nonce": secrets.token_hex(bounds.NONCE_BYTES),
        }


@dataclass(frozen=True)
class AdsCredentials:
    """Our application at Tencent Ads and the advertiser it works for."""

    client_id: str
    client_secret: str = field(repr=False)
    account_id: int
    api_url: str = "https://api.e.qq.com"
    authorize_url: str = "https://developers.e.qq.com/oauth/authorize"
    token_url: str = "https://api.e.qq.com/oauth/token"  # noqa: S105 - an address, not a secret


def answered(answer: httpx2.Response, kind: type[T], known: Iterable[str]) -> T:
    """Read what lies in `data`; what the server says of an error loses whatever is secret."""
    if answer.is_client_error:
        raise ProviderRefused(f"HTTP_{answer.status_code}", "")
    said = understood(_Said, answer.content, WHOM)
    if said.code in _BUSY:
        raise Trouble(f"{WHOM} is busy ({said.code})")
    if said.code in _TOO_MANY:
        raise NotReached(f"{WHOM} has counted too many calls of ours ({said.code})")
    if said.code != 0:
        message = said.message_cn or said.message
        for secret in known:
            message = message.replace(secret, "…")
        refusal = _REFUSALS.get(said.code, ProviderRefused)
        raise refusal(str(said.code), message[:_MESSAGE_CHARACTERS])
    return understood(_Answer[kind], answer.content, WHOM).data  # type: ignore[valid-type]


def in_query(asked: Mapping[str, Any]) -> dict[str, str]:
    """Write values for a query: text as it is, the rest as JSON; None is left out."""
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in asked.items()
        if value is not None
    }


def in_bytes(field: str, text: str, most: int, least: int = 0) -> str:
    """Let a text pass that Tencent Ads would take, counted in bytes."""
    if not least <= len(text.encode("utf-8", "replace")) <= most:
        raise BadInput(field, f"from {least} to {most} bytes")
    return text

"""The door of api.weixin.qq.com: checks the token, reads the body, answers 200 whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.hosts import Ground
from headwater.sandbox.weixin.apps import App, Kind
from headwater.sandbox.weixin.errors import WeixinError
from headwater.sandbox.weixin.limits import Meters
from headwater.sandbox.weixin.tokens import Keyring

Body = TypeVar("Body")


@dataclass(frozen=True)
class Upload:
    """A file in a multipart body."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Picture:
    """An answer that is bytes instead of JSON."""

    content: bytes
    media_type: str
    name: str = ""


@dataclass(frozen=True)
class Call:
    """One request, with what the door found out about it."""

    query: Mapping[str, str]
    body: bytes
    now: datetime
    whose: App | None = None
    files: Mapping[str, Upload] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def app(self) -> App:
        """The app whose token came with the call."""
        assert self.whose is not None, "this call carries no token"
        return self.whose

    def read(self, body_type: type[Body]) -> Body:
        """The JSON body, or the platform's word for what is wrong with it."""
        if not self.body:
            raise WeixinError(44002, "empty post data")
        try:
            return msgspec.json.decode(self.body, type=body_type)
        except msgspec.ValidationError as error:
            raise WeixinError(47003, f"argument invalid! {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise WeixinError(47001, "data format error") from None


Answer = dict[str, Any] | Picture
Verb = Callable[[Call], Answer]


class Door:
    """Makes routes out of verbs."""

    def __init__(self, ground: Ground, keyring: Keyring, meters: Meters) -> None:
        self._keyring = keyring
        self._meters = meters
        self._faults = ground.faults
        self._speed = ground.speed
        self._now = ground.now

    def free(self, method: str, path: str, verb: Verb, is_text: bool = False) -> Route:
        """A route without an API token; the sns ones answer JSON as text/plain."""
        return Route(path, self._endpoint(method, verb, None, is_text), methods=["GET", "POST"])

    def api(self, method: str, path: str, verb: Verb, *kinds: Kind) -> Route:
        """A route for calls with a token of these kinds of app, of any kind if none is named."""
        return Route(path, self._endpoint(method, verb, kinds, False), methods=["GET", "POST"])

    def _endpoint(
        self, method: str, verb: Verb, kinds: tuple[Kind, ...] | None, is_text: bool
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            said: Answer
            try:
                _check_method(request, method)
                call = await self._call(request, kinds)
                if self._faults.spends("weixin_fail_next"):
                    raise WeixinError(-1, "system error")
                said = verb(call)
            except WeixinError as error:
                said = error.body
            if self._faults.spends("weixin_hang_next"):
                return Response("Bad Gateway", 502)
            await self._wait()
            return _response(said, "text/plain" if is_text else "application/json; charset=UTF-8")

        return answer

    async def _wait(self) -> None:
        late = self._faults.drawn("weixin_slow_seconds")
        if late > 0:
            await asyncio.sleep(late / self._speed)

    async def _call(self, request: Request, kinds: tuple[Kind, ...] | None) -> Call:
        now, query = self._now(), dict(request.query_params)
        whose = None
        if kinds is not None:
            whose = self._keyring.check(query.get("access_token", ""), now)
            if kinds and whose.kind not in kinds:
                raise WeixinError(48001, "api unauthorized")
            self._meters.called(request.url.path, whose.appid, now)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            files, form = await _parts(request)
            return Call(query, b"", now, whose, files, form)
        return Call(query, await request.body(), now, whose)


def _check_method(request: Request, method: str) -> None:
    # HEAD and the rest never come from an SDK; the platform names only these two.
    if method == "GET" and request.method == "POST":
        raise WeixinError(43001, "require GET method")
    if method == "POST" and request.method != "POST":
        raise WeixinError(43002, "require POST method")


async def _parts(request: Request) -> tuple[dict[str, Upload], dict[str, str]]:
    files: dict[str, Upload] = {}
    fields: dict[str, str] = {}
    try:
        async with request.form() as form:
            for name, value in form.items():
                if isinstance(value, UploadFile):
                    kind = value.content_type or ""
                    files[name] = Upload(value.filename or "", kind, await value.read())
                else:
                    fields[name] = value
    except HTTPException:
        raise WeixinError(41005, "media data missing") from None
    return files, fields


def _response(said: Answer, media_type: str) -> Response:
    if not isinstance(said, Picture):
        return Response(msgspec.json.encode(said), media_type=media_type)
    headers = {"Content-Disposition": _attached(said.name)} if said.name else {}
    # Both were given by whoever uploaded the file, and a header knows Latin letters only.
    kind = said.media_type if said.media_type.isascii() else "application/octet-stream"
    return Response(said.content, headers=headers, media_type=kind)


def _attached(name: str) -> str:
    """Name a file as RFC 6266 does, in any letters."""
    plain = "".join(one if one.isascii() and one.isprintable() else "_" for one in name)
    plain = plain.replace("\\", "_").replace('"', "_")
    return f'attachment; filename="{plain}"' + (
        "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    )

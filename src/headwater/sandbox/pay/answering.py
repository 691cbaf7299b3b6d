"""The door of the pay host: checks every request, misbehaves if asked to, signs what it says."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.errors import PayError, bad_parameter
from headwater.sandbox.pay.keys import Keys
from headwater.sandbox.pay.limits import too_often
from headwater.sandbox.pay.signing import PROBE, Asked, Gatekeeper, signed_headers
from headwater.sandbox.pay.wire import read

# The real servers leave these unsigned now and then, so a client must bear it.
UNSIGNED = ("SIGN_ERROR", "PARAM_ERROR")

Said = dict[str, Any] | bytes | None
Body = TypeVar("Body")


@dataclass(frozen=True)
class Call:
    """One request that was let in."""

    request: Request
    body: bytes
    now: datetime

    def read(self, body_type: type[Body]) -> Body:
        """The body, or PARAM_ERROR that names the field."""
        return read(self.body, body_type)

    def asked(self, query_type: type[Body]) -> Body:
        """The query as a type, or PARAM_ERROR."""
        try:
            return msgspec.convert(dict(self.request.query_params), query_type)
        except msgspec.ValidationError as error:
            raise bad_parameter("query", str(error), "query") from None

    def query(self, name: str) -> str:
        """One field of the query, empty when it is not there."""
        return self.request.query_params.get(name, "")

    def named(self, name: str) -> str:
        """One part of the path."""
        found: str = self.request.path_params[name]
        return found

    @property
    def serial(self) -> str:
        """The key of the platform that the client named: it wants the answer signed with it."""
        return self.request.headers.get("wechatpay-serial", "")


Verb = Callable[[Call], Said]


class Answering:
    """Lets requests in once, and makes answers that a client may believe."""

    def __init__(self, ground: Ground, gatekeeper: Gatekeeper, keys: Keys) -> None:
        self._faults = ground.faults
        self._speed = ground.speed
        self._now = ground.now
        self._gatekeeper = gatekeeper
        self._keys = keys

    def door(self, verb: Verb) -> Callable[[Request], Awaitable[Response]]:
        """A route's end: bytes are sent as they are and unsigned, everything else is signed."""

        async def answer(request: Request) -> Response:
            call = Call(request, await request.body(), self._now())
            try:
                self._gatekeeper.check(_asked(call), call.now)
                await self._misbehave_before()
                said = verb(call)
            except PayError as error:
                return self._refused(error, call)
            if self._faults.spends("hang_next"):
                await asyncio.sleep(self._faults.drawn("hang_seconds") / self._speed)
                return Response("Bad Gateway", 502)
            if isinstance(said, bytes):
                return Response(said, media_type="text/plain")
            return self._signed(said, call)

        return answer

    async def _misbehave_before(self) -> None:
        late = self._faults.drawn("slow_seconds")
        if late > 0:
            await asyncio.sleep(late / self._speed)
        if self._faults.spends("frequency_next"):
            raise too_often()
        if self._faults.spends("fail_next"):
            raise PayError(500, "SYSTEM_ERROR", "系统错误")

    def _signed(self, said: dict[str, Any] | None, call: Call) -> Response:
        body = b"" if said is None else msgspec.json.encode(said)
        headers = self._headers(body, call)
        if self._faults.spends("answer_probe_next"):
            signature = headers["Wechatpay-Signature"]
            headers["Wechatpay-Signature"] = PROBE + signature[len(PROBE) :]
        if said is None:
            return Response(status_code=204, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    def _refused(self, error: PayError, call: Call) -> Response:
        body = msgspec.json.encode(error.body)
        headers = _request_id() if error.code in UNSIGNED else self._headers(body, call)
        return Response(body, error.status, headers=headers, media_type="application/json")

    def _headers(self, body: bytes, call: Call) -> dict[str, str]:
        serial = self._keys.known(call.serial) or self._keys.serial(call.now)
        headers = signed_headers(serial, self._keys.private(serial), body, call.now)
        return headers | _request_id()


def _request_id() -> dict[str, str]:
    return {"Request-ID": secrets.token_hex(16).upper()}


def _asked(call: Call) -> Asked:
    # The signature covers the target exactly as sent, so nothing decoded may be used here.
    request = call.request
    raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    target = raw_path + (b"?" + query if query else b"")
    authorization = request.headers.get("authorization", "")
    return Asked(request.method, target.decode("latin-1"), call.body, authorization)

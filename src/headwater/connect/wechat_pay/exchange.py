"""The line to WeChat Pay: signs what we ask, believes what is signed back, names refusals."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx2
import msgspec

from headwater.base.errors import Refusal, Trouble
from headwater.base.times import Clock
from headwater.connect.errors import NumberSpent, ProviderRefused, UnknownToProvider
from headwater.connect.sending import ask
from headwater.connect.wechat_pay.keys import PlatformKeys, Sealed, downloaded_keys
from headwater.connect.wechat_pay.signing import (
    MerchantKey,
    WechatPayCredentials,
    authorization,
    request_message,
)
from headwater.connect.wechat_pay.states import WHOM

# Strangers can send any serial: a flood of them must not become a flood of downloads.
REFRESH_AT_MOST_EVERY: Final = timedelta(minutes=1)
REFRESH_SECONDS: Final = 12 * 3_600
REFRESH_AGAIN_SECONDS: Final = 600

_DONE: Final = frozenset({200, 204})
_REFUSALS: Final[Mapping[str, type[ProviderRefused]]] = {
    "ORDER_NOT_EXIST": UnknownToProvider,
    "RESOURCE_NOT_EXISTS": UnknownToProvider,
    "OUT_TRADE_NO_USED": NumberSpent,
    "ORDER_CLOSED": NumberSpent,
}

log = logging.getLogger(__name__)


class _Refused(msgspec.Struct):
    code: str = ""
    message: str = ""


class Line:
    """One merchant's line; every part of the client speaks through it."""

    def __init__(
        self, credentials: WechatPayCredentials, http: httpx2.AsyncClient, now: Clock
    ) -> None:
        self.credentials = credentials
        self.http = http
        self.now = now
        self.merchant_key = MerchantKey(credentials.merchant_private_key)
        self.keys = PlatformKeys(credentials.platform_keys)
        self._refreshing = asyncio.Lock()
        self._refreshed_at: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def exchange(
        self,
        method: str,
        target: str,
        body: Mapping[str, Any] | None = None,
        sealed: Sealed | None = None,
    ) -> bytes:
        """Sign, send, and believe nothing that is not signed back.

        Refusals may come unsigned, and nothing is settled on their word. An unknown serial has
        the certificates fetched once; what stays unknown is Forged.
        """
        content = b"" if body is None else msgspec.json.encode(body)
        serial = sealed.serial if sealed else self.credentials.answer_serial
        answer = await self._answer(method, target, content, serial)
        if not self.keys.knows(answer.headers):
            await self.refresh_once()
        self.keys.verify(answer.headers, answer.content, self.now())
        return answer.content

    async def refresh(self) -> frozenset[str]:
        """Fetch the platform's certificates and take them in beside the keys that we hold.

        Fetching again is harmless. The certificates are believed because they open under our
        APIv3 key, and the answer as a whole because one of them, or an old key, signed it: the
        new certificate may well be the one that signs its own delivery.
        """
        serial = self.credentials.answer_serial
        answer = await self._answer("GET", "/v3/certificates", b"", serial)
        found = downloaded_keys(self.credentials.apiv3_keys, answer.content)
        self.keys.verify(answer.headers, answer.content, self.now(), besides=found)
        self.keys.adopt(found, self.now())
        return self.keys.serials()

    async def refresh_once(self) -> None:
        """Fetch certificates because of an unknown serial, at most once a minute.

        A failure keeps the old keys and is only logged: who asked refuses what it cannot verify.
        """
        async with self._refreshing:
            now = self.now()
            if self._refreshed_at and now - self._refreshed_at < REFRESH_AT_MOST_EVERY:
                return
            self._refreshed_at = now
            try:
                await self.refresh()
            except (Trouble, Refusal) as error:
                log.warning("the certificates of %s stay as they are: %s", WHOM, error)

    async def refresh_beside(self, waits_seconds: float) -> None:
        """Begin to fetch certificates, and wait for them no longer than a notice may.

        The download goes on beside; what is told again later is believed with what it brought.
        """
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self.refresh_once())
        await asyncio.wait([self._fetching], timeout=waits_seconds)

    def signed_request(
        self, method: str, url: str, content: bytes, serial: str | None = None
    ) -> httpx2.Request:
        """Sign the path as it will be sent, after the client has had its say about escapes."""
        headers = {"Accept": "application/json", "User-Agent": "headwater"}
        if content:
            headers["Content-Type"] = "application/json"
        if serial is not None:
            headers["Wechatpay-Serial"] = serial
        request = self.http.build_request(method, url, content=content or None, headers=headers)
        path = request.url.raw_path.decode("ascii")
        timestamp, nonce = int(self.now().timestamp()), secrets.token_hex(16)
        signature = self.merchant_key.sign(request_message(method, path, timestamp, nonce, content))
        request.headers["Authorization"] = authorization(
            self.credentials.mchid, self.credentials.merchant_serial, timestamp, nonce, signature
        )
        return request

    async def _answer(
        self, method: str, target: str, content: bytes, serial: str | None
    ) -> httpx2.Response:
        url = self.credentials.base_url.rstrip("/") + target
        answer = await ask(self.http, self.signed_request(method, url, content, serial), WHOM)
        if answer.is_client_error:
            raise refusal(answer.status_code, answer.content)
        if answer.status_code not in _DONE:
            # 202 says that the shopper is at the password: nothing is closed, nothing is decided.
            raise Trouble(f"{WHOM} answered {answer.status_code}, which settles nothing")
        return answer


async def keep_keys_fresh(
    refresh: Callable[[], Awaitable[object]],
    rest: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Fetch the certificates twice a day for as long as the task lives, and soon after a failure.

    Each process keeps its own map fresh. The first rest is drawn, so that processes that start
    together do not ask together.
    """
    await rest(60 + secrets.randbelow(240))
    while True:
        try:
            await refresh()
        except (Trouble, Refusal) as error:
            log.warning("the certificates of %s stay as they are: %s", WHOM, error)
            await rest(REFRESH_AGAIN_SECONDS)
        else:
            await rest(REFRESH_SECONDS)


def refusal(status: int, content: bytes) -> ProviderRefused:
    """Name what was refused; a refusal without readable words keeps its status."""
    try:
        refused = msgspec.json.decode(content, type=_Refused)
    except (ValueError, RecursionError):
        refused = _Refused()
    kind = _REFUSALS.get(refused.code, ProviderRefused)
    return kind(refused.code or f"HTTP_{status}", refused.message)

"""WeChat Pay, APIv3: ask for money, look at it, give it back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx2
import msgspec

from headwater.base.errors import BadInput, Trouble
from headwater.base.times import SHANGHAI, Clock
from headwater.connect.errors import NumberSpent, ProviderRefused, UnknownToProvider
from headwater.connect.sending import Identifier, ask, understood
from headwater.connect.wechat_pay.notices import PaymentNotice, RefundNotice, read_notice
from headwater.connect.wechat_pay.signing import (
    MerchantKey,
    PlatformKeys,
    WechatPayCredentials,
    authorization,
    pay_sheet_message,
    request_message,
)
from headwater.connect.wechat_pay.states import (
    WHOM,
    PaymentState,
    Refund,
    RefundState,
    Transaction,
    must_be_ours,
    payment_state,
    refund_state,
)

_OUT_TRADE_NO: Final = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
_OUT_REFUND_NO: Final = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
_DESCRIPTION_LENGTH: Final = 127
_DONE: Final = frozenset({200, 204})
_REASON_LENGTH: Final = 80

_REFUSALS: Final[Mapping[str, type[ProviderRefused]]] = {
    "ORDER_NOT_EXIST": UnknownToProvider,
    "RESOURCE_NOT_EXISTS": UnknownToProvider,
    "OUT_TRADE_NO_USED": NumberSpent,
    "ORDER_CLOSED": NumberSpent,
}


@dataclass(frozen=True)
class PaySheet:
    """What a page needs to open WeChat's pay sheet."""

    app_id: str
    timestamp: str
    nonce: str
    package: str
    sign_type: str
    pay_sign: str

    def for_bridge(self) -> dict[str, str]:
        """Spell the fields as WeChat's own page bridge wants them."""
        return {
            "appId": self.app_id,
            "timeStamp": self.timestamp,
            "nonceStr": self.nonce,
            "package": self.package,
            "signType": self.sign_type,
            "paySign": self.pay_sign,
        }


class _Prepay(msgspec.Struct):
    prepay_id: Identifier


class _Native(msgspec.Struct):
    code_url: str


class _Refused(msgspec.Struct):
    code: str = ""
    message: str = ""


class WechatPay:
    """One merchant at WeChat Pay.

    Three things may go wrong: ProviderRefused (it said no), Forged (somebody else answered) and
    Trouble (nobody answered, or nothing that we understand; the state is unknown: repeat with the
    same numbers, or query).
    """

    def __init__(
        self,
        credentials: WechatPayCredentials,
        http: httpx2.AsyncClient,
        now: Clock,
    ) -> None:
        self._credentials = credentials
        self._http = http
        self._now = now
        self._merchant_key = MerchantKey(credentials.merchant_private_key)
        self._platform_keys = PlatformKeys(credentials.platform_keys)

    async def prepay_jsapi(
        self,
        out_trade_no: str,
        amount_fen: int,
        openid: str,
        description: str,
        expires_at: datetime,
    ) -> str:
        """Get a prepay id, good for two hours, for a page inside WeChat.

        Asking again with the same number and the same words gives a new id for the same order;
        with another amount or description it is refused; a paid or closed number is NumberSpent.
        """
        body = self._prepay_body(out_trade_no, amount_fen, description, expires_at)
        body["payer"] = {"openid": openid}
        raw = await self._exchange("POST", "/v3/pay/transactions/jsapi", body)
        return understood(_Prepay, raw, WHOM).prepay_id

    async def prepay_native(
        self, out_trade_no: str, amount_fen: int, description: str, expires_at: datetime
    ) -> str:
        """Get the content of a code that a shopper scans to pay; repeats behave as for JSAPI."""
        body = self._prepay_body(out_trade_no, amount_fen, description, expires_at)
        raw = await self._exchange("POST", "/v3/pay/transactions/native", body)
        return understood(_Native, raw, WHOM).code_url

    def pay_sheet(self, prepay_id: str, now: datetime) -> PaySheet:
        """Sign what opens the pay sheet; every call makes a fresh nonce, and all of them work."""
        appid = self._credentials.appid
        timestamp = str(int(now.timestamp()))
        nonce = secrets.token_hex(16)
        package = f"prepay_id={prepay_id}"
        message = pay_sheet_message(appid, timestamp, nonce, package)
        return PaySheet(appid, timestamp, nonce, package, "RSA", self._merchant_key.sign(message))

    async def query(self, out_trade_no: str) -> PaymentState:
        """Ask how a payment stands; asking changes nothing.

        This is the truth to fall back on: notices may be lost. Fields may be missing while an
        order is unpaid. A number that was never asked for is UnknownToProvider.
        """
        path = f"/v3/pay/transactions/out-trade-no/{_trade_no_in_path(out_trade_no)}"
        raw = await self._exchange("GET", f"{path}?mchid={self._credentials.mchid}")
        wire = understood(Transaction, raw, WHOM)
        must_be_ours("merchant", self._credentials.mchid, wire.mchid)
        must_be_ours("order", out_trade_no, wire.out_trade_no)
        return payment_state(wire)

    async def close(self, out_trade_no: str) -> None:
        """Make sure that nobody can pay this number any more; closing twice is closing once.

        A number that was paid meanwhile is refused, and one whose shopper is at the password is
        Trouble: query it then. WeChat wants five minutes between the order and its closing, and
        may call a number closed that it never knew.
        """
        path = f"/v3/pay/transactions/out-trade-no/{_trade_no_in_path(out_trade_no)}/close"
        try:
            await self._exchange("POST", path, {"mchid": self._credentials.mchid})
        except NumberSpent as refusal:
            if refusal.provider_code != "ORDER_CLOSED":
                raise

    async def refund(
        self, out_refund_no: str, out_trade_no: str, amount_fen: int, total_fen: int, reason: str
    ) -> RefundState:
        """Give money back; the answer says accepted, a notice or a query says done.

        The refund number is the key: repeating it refunds once, so every retry keeps the number.
        Two refunds of one order stay a minute apart.
        """
        if not 0 < amount_fen <= total_fen:
            raise BadInput("amount_fen", "a refund is at least one fen and at most the total")
        body: dict[str, Any] = {
            "out_trade_no": _checked(_OUT_TRADE_NO, "out_trade_no", out_trade_no),
            "out_refund_no": _checked(_OUT_REFUND_NO, "out_refund_no", out_refund_no),
            "notify_url": self._credentials.refund_notify_url,
            "amount": {"refund": amount_fen, "total": total_fen, "currency": "CNY"},
        }
        if reason:
            body["reason"] = reason[:_REASON_LENGTH]
        raw = await self._exchange("POST", "/v3/refund/domestic/refunds", body)
        wire = understood(Refund, raw, WHOM)
        must_be_ours("refund", out_refund_no, wire.out_refund_no)
        must_be_ours("order", out_trade_no, wire.out_trade_no)
        return refund_state(wire)

    async def query_refund(self, out_refund_no: str) -> RefundState:
        """Ask how a refund stands; asking changes nothing."""
        number = quote(_checked(_OUT_REFUND_NO, "out_refund_no", out_refund_no), safe="*")
        raw = await self._exchange("GET", f"/v3/refund/domestic/refunds/{number}")
        wire = understood(Refund, raw, WHOM)
        must_be_ours("refund", out_refund_no, wire.out_refund_no)
        return refund_state(wire)

    def read_notice(
        self, headers: Mapping[str, str], raw_body: bytes, now: datetime
    ) -> PaymentNotice | RefundNotice:
        """Read what WeChat posted to us; a copy reads the same, so the reader remembers its id."""
        return read_notice(self._credentials, self._platform_keys, headers, raw_body, now)

    def _prepay_body(
        self, out_trade_no: str, amount_fen: int, description: str, expires_at: datetime
    ) -> dict[str, Any]:
        if amount_fen < 1:
            raise BadInput("amount_fen", "a payment is at least one fen")
        if not 1 <= len(description) <= _DESCRIPTION_LENGTH:
            raise BadInput("description", f"from 1 to {_DESCRIPTION_LENGTH} characters")
        assert expires_at.tzinfo is not None
        return {
            "appid": self._credentials.appid,
            "mchid": self._credentials.mchid,
            "description": description,
            "out_trade_no": _checked(_OUT_TRADE_NO, "out_trade_no", out_trade_no),
            "time_expire": expires_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            "notify_url": self._credentials.notify_url,
            "amount": {"total": amount_fen, "currency": "CNY"},
        }

    async def _exchange(
        self, method: str, target: str, body: Mapping[str, Any] | None = None
    ) -> bytes:
        """Sign, send, and believe nothing that is not signed back.

        Refusals may come unsigned, and nothing is settled on their word.
        """
        content = b"" if body is None else msgspec.json.encode(body)
        request = self._signed_request(method, target, content)
        answer = await ask(self._http, request, WHOM)
        if answer.is_client_error:
            raise _refusal(answer)
        if answer.status_code not in _DONE:
            # 202 says that the shopper is at the password: nothing is closed, nothing is decided.
            raise Trouble(f"{WHOM} answered {answer.status_code}, which settles nothing")
        self._platform_keys.verify(answer.headers, answer.content, self._now())
        return answer.content

    def _signed_request(self, method: str, target: str, content: bytes) -> httpx2.Request:
        """Sign the path as it will be sent, after the client has had its say about escapes."""
        headers = {"Accept": "application/json", "User-Agent": "headwater"}
        if content:
            headers["Content-Type"] = "application/json"
        if self._credentials.answer_serial is not None:
            headers["Wechatpay-Serial"] = self._credentials.answer_serial
        url = self._credentials.base_url.rstrip("/") + target
        request = self._http.build_request(method, url, content=content or None, headers=headers)
        path = request.url.raw_path.decode("ascii")
        timestamp, nonce = int(self._now().timestamp()), secrets.token_hex(16)
        signature = self._merchant_key.sign(
            request_message(method, path, timestamp, nonce, content)
        )
        request.headers["Authorization"] = authorization(
            self._credentials.mchid, self._credentials.merchant_serial, timestamp, nonce, signature
        )
        return request


def _refusal(answer: httpx2.Response) -> ProviderRefused:
    """Name what was refused; a refusal without readable words keeps its status."""
    try:
        refused = msgspec.json.decode(answer.content, type=_Refused)
    except (ValueError, RecursionError):
        refused = _Refused()
    kind = _REFUSALS.get(refused.code, ProviderRefused)
    return kind(refused.code or f"HTTP_{answer.status_code}", refused.message)


def _trade_no_in_path(out_trade_no: str) -> str:
    return quote(_checked(_OUT_TRADE_NO, "out_trade_no", out_trade_no), safe="*")


def _checked(pattern: re.Pattern[str], field: str, number: str) -> str:
    """Keep a number that cannot be one of ours out of addresses and bodies."""
    if not pattern.fullmatch(number):
        raise BadInput(field, f"must match {pattern.pattern}")
    return number

"""WeChat Pay, APIv3: ask for money, look at it, give it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import httpx2
import msgspec

from headwater.base.errors import BadInput
from headwater.base.times import Clock
from headwater.connect.errors import NumberSpent
from headwater.connect.sending import Identifier, understood
from headwater.connect.wechat_pay.bills import Bills
from headwater.connect.wechat_pay.exchange import Line
from headwater.connect.wechat_pay.notices import (
    PaymentNotice,
    RefundNotice,
    ReplayMemory,
    read_notice,
)
from headwater.connect.wechat_pay.orders import (
    NOTHING_MORE,
    OUT_REFUND_NO,
    OUT_TRADE_NO,
    TRANSACTION_ID,
    AppSheet,
    Browser,
    Extras,
    Order,
    PaySheet,
    app_sheet,
    browser_scene,
    checked,
    in_path,
    pay_sheet,
    prepay_body,
)
from headwater.connect.wechat_pay.profit_sharing import ProfitSharing
from headwater.connect.wechat_pay.signing import WechatPayCredentials
from headwater.connect.wechat_pay.smart_guide import SmartGuide
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

REASON_LENGTH: Final = 80
# A notice wants its answer within five seconds, and tells again after fifteen.
NOTICE_WAITS_SECONDS: Final = 1.0

_ORDER: Final = "/v3/pay/transactions/out-trade-no/"
_REFUNDS: Final = "/v3/refund/domestic/refunds"


_Link = Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,512}\Z")]


class _Prepay(msgspec.Struct):
    prepay_id: Identifier


class _Native(msgspec.Struct):
    code_url: _Link


class _H5(msgspec.Struct):
    h5_url: _Link


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
        self._line = Line(credentials, http, now)
        self.heard = ReplayMemory()
        self.bills = Bills(self._line)
        self.smart_guide = SmartGuide(self._line)

    def profit_sharing(
        self, sub_mchid: str | None = None, sub_appid: str | None = None
    ) -> ProfitSharing:
        """Share our own orders' money, or as a partner those of a merchant under us."""
        return ProfitSharing(self._line, sub_mchid, sub_appid)

    async def prepay_jsapi(
        self,
        out_trade_no: str,
        amount_fen: int,
        openid: str,
        description: str,
        expires_at: datetime,
        extras: Extras = NOTHING_MORE,
    ) -> str:
        """Get a prepay id, good for two hours, for a page inside WeChat.

        Asking again with the same number and the same words gives a new id for the same order;
        with another amount or description it is refused; a paid or closed number is NumberSpent.
        """
        order = Order(out_trade_no, amount_fen, description, expires_at, extras)
        return await self._prepay("jsapi", self._credentials.appid, order, openid)

    async def prepay_mini_program(
        self,
        out_trade_no: str,
        amount_fen: int,
        openid: str,
        description: str,
        expires_at: datetime,
        extras: Extras = NOTHING_MORE,
    ) -> str:
        """Get a prepay id inside our mini program, whose open ids are its own; repeats as JSAPI."""
        appid = _appid("mini_program_appid", self._credentials.mini_program_appid)
        order = Order(out_trade_no, amount_fen, description, expires_at, extras)
        return await self._prepay("jsapi", appid, order, openid)

    async def prepay_app(
        self,
        out_trade_no: str,
        amount_fen: int,
        description: str,
        expires_at: datetime,
        extras: Extras = NOTHING_MORE,
    ) -> str:
        """Get a prepay id for an app of ours; repeats behave as for JSAPI."""
        appid = _appid("app_appid", self._credentials.app_appid)
        order = Order(out_trade_no, amount_fen, description, expires_at, extras)
        return await self._prepay("app", appid, order)

    async def prepay_native(
        self,
        out_trade_no: str,
        amount_fen: int,
        description: str,
        expires_at: datetime,
        extras: Extras = NOTHING_MORE,
    ) -> str:
        """Get the content of a code that a shopper scans to pay; repeats behave as for JSAPI."""
        order = Order(out_trade_no, amount_fen, description, expires_at, extras)
        body = prepay_body(self._credentials, self._credentials.appid, order)
        raw = await self._line.exchange("POST", "/v3/pay/transactions/native", body)
        return understood(_Native, raw, WHOM).code_url

    async def prepay_h5(
        self,
        out_trade_no: str,
        amount_fen: int,
        description: str,
        expires_at: datetime,
        browser: Browser,
        extras: Extras = NOTHING_MORE,
    ) -> str:
        """Get a link, good for five minutes, that opens WeChat from a browser outside it.

        Asking again with the same words gives a new link for the same order. The browser must
        come from a domain that the merchant registered for H5 payment.
        """
        order = Order(out_trade_no, amount_fen, description, expires_at, extras)
        body = prepay_body(self._credentials, self._credentials.appid, order)
        body["scene_info"] = browser_scene(browser, extras)
        raw = await self._line.exchange("POST", "/v3/pay/transactions/h5", body)
        return understood(_H5, raw, WHOM).h5_url

    def pay_sheet(self, prepay_id: str, now: datetime) -> PaySheet:
        """Sign what opens the sheet in a page; every call makes a fresh nonce, and all work."""
        return pay_sheet(self._line.merchant_key, self._credentials.appid, prepay_id, now)

    def mini_program_sheet(self, prepay_id: str, now: datetime) -> PaySheet:
        """Sign what opens the sheet in the mini program; repeats behave as for a page."""
        appid = _appid("mini_program_appid", self._credentials.mini_program_appid)
        return pay_sheet(self._line.merchant_key, appid, prepay_id, now)

    def app_sheet(self, prepay_id: str, now: datetime) -> AppSheet:
        """Sign what opens the sheet in an app; repeats behave as for a page."""
        appid = _appid("app_appid", self._credentials.app_appid)
        mchid = self._credentials.mchid
        return app_sheet(self._line.merchant_key, appid, mchid, prepay_id, now)

    async def query(self, out_trade_no: str) -> PaymentState:
        """Ask how a payment stands; asking changes nothing.

        This is the truth to fall back on: notices may be lost. Fields may be missing while an
        order is unpaid. A number that was never asked for is UnknownToProvider.
        """
        number = in_path(OUT_TRADE_NO, "out_trade_no", out_trade_no)
        wire = await self._transaction(_ORDER + number)
        must_be_ours("order", out_trade_no, wire.out_trade_no)
        return payment_state(wire)

    async def query_transaction(self, transaction_id: str) -> PaymentState:
        """Ask by WeChat's own number, as bills and complaints name it; asking changes nothing."""
        number = in_path(TRANSACTION_ID, "transaction_id", transaction_id)
        wire = await self._transaction(f"/v3/pay/transactions/id/{number}")
        must_be_ours("transaction", transaction_id, wire.transaction_id)
        return payment_state(wire)

    async def close(self, out_trade_no: str) -> None:
        """Make sure that nobody can pay this number any more; closing twice is closing once.

        A number that was paid meanwhile is refused, and one whose shopper is at the password is
        Trouble: query it then. WeChat wants five minutes between the order and its closing, and
        may call a number closed that it never knew.
        """
        path = f"{_ORDER}{in_path(OUT_TRADE_NO, 'out_trade_no', out_trade_no)}/close"
        try:
            await self._line.exchange("POST", path, {"mchid": self._credentials.mchid})
        except NumberSpent as refusal:
            if refusal.provider_code != "ORDER_CLOSED":
                raise

    async def refund(
        self, out_refund_no: str, out_trade_no: str, amount_fen: int, total_fen: int, reason: str
    ) -> RefundState:
        """Give money back; the answer says accepted, a notice or a query says done.

        The refund number is the key: repeating it refunds once, so every retry keeps the number.
        Two refunds of one order stay at least a minute apart, there are fifty of them at most,
        and a year after the payment none is taken any more; who asks sooner is refused.
        """
        if not 0 < amount_fen <= total_fen:
            raise BadInput("amount_fen", "a refund is at least one fen and at most the total")
        body: dict[str, Any] = {
            "out_trade_no": checked(OUT_TRADE_NO, "out_trade_no", out_trade_no),
            "out_refund_no": checked(OUT_REFUND_NO, "out_refund_no", out_refund_no),
            "notify_url": self._credentials.refund_notify_url,
            "amount": {"refund": amount_fen, "total": total_fen, "currency": "CNY"},
        }
        if reason:
            body["reason"] = reason[:REASON_LENGTH]
        raw = await self._line.exchange("POST", _REFUNDS, body)
        wire = understood(Refund, raw, WHOM)
        must_be_ours("refund", out_refund_no, wire.out_refund_no)
        must_be_ours("order", out_trade_no, wire.out_trade_no)
        return refund_state(wire)

    async def query_refund(self, out_refund_no: str) -> RefundState:
        """Ask how a refund stands; asking changes nothing."""
        number = in_path(OUT_REFUND_NO, "out_refund_no", out_refund_no)
        raw = await self._line.exchange("GET", f"{_REFUNDS}/{number}")
        wire = understood(Refund, raw, WHOM)
        must_be_ours("refund", out_refund_no, wire.out_refund_no)
        return refund_state(wire)

    def read_notice(
        self, headers: Mapping[str, str], raw_body: bytes, now: datetime
    ) -> PaymentNotice | RefundNotice:
        """Read what WeChat posted to us; a copy reads the same, so the reader remembers its id."""
        return read_notice(self._credentials, self._line.keys, headers, raw_body, now)

    async def hear(
        self,
        headers: Mapping[str, str],
        raw_body: bytes,
        now: datetime,
        waits_seconds: float = NOTICE_WAITS_SECONDS,
    ) -> PaymentNotice | RefundNotice:
        """Read a notice as a door does: an unknown serial has the certificates fetched once.

        Where they do not come soon the notice is refused, and believed when it is told again: no
        stranger's serial makes the door wait for the outside. A copy reads the same. Whoever has
        acted on it says so to `heard`, and asks it before.
        """
        if not self._line.keys.knows(headers):
            await self._line.refresh_beside(waits_seconds)
        return self.read_notice(headers, raw_body, now)

    async def refresh_platform_keys(self) -> frozenset[str]:
        """Fetch WeChat Pay's certificates and name the keys we hold; fetching again is harmless.

        To be done twice a day. Keys are replaced in one step, old ones stay until they end, and a
        failed fetch changes nothing. A merchant who has only a public key gets an empty list.
        """
        return await self._line.refresh()

    async def _prepay(self, kind: str, appid: str, order: Order, openid: str | None = None) -> str:
        body = prepay_body(self._credentials, appid, order)
        if openid is not None:
            body["payer"] = {"openid": openid}
        raw = await self._line.exchange("POST", f"/v3/pay/transactions/{kind}", body)
        return understood(_Prepay, raw, WHOM).prepay_id

    async def _transaction(self, path: str) -> Transaction:
        raw = await self._line.exchange("GET", f"{path}?mchid={self._credentials.mchid}")
        wire = understood(Transaction, raw, WHOM)
        must_be_ours("merchant", self._credentials.mchid, wire.mchid)
        return wire


def _appid(name: str, appid: str | None) -> str:
    if appid is None:
        raise BadInput(name, "is not in the credentials")
    return appid

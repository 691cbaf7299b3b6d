"""Refunds at the pay host: accepted at once, settled a little later, once per refund number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from headwater.sandbox.credentials import digits
from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.errors import PayError, bad_parameter, invalid_request
from headwater.sandbox.pay.limits import Rates, most, too_often
from headwater.sandbox.pay.notices import Notices
from headwater.sandbox.pay.payments import Order, Payments
from headwater.sandbox.pay.prepays import Fen, check_notify_url
from headwater.sandbox.pay.wire import wire_time

SETTLE_SECONDS = 3
APART_SECONDS = 60
OPEN = ("PROCESSING", "ABNORMAL")

RefundNo = Annotated[
    str, Meta(pattern=rf"^[0-9A-Za-z_\-|*@]{{1,{most('out_refund_no, characters')}}}\Z")
]


class From(msgspec.Struct):
    account: Literal["AVAILABLE", "UNAVAILABLE"]
    amount: Annotated[int, Meta(ge=1)]


class RefundAmount(msgspec.Struct):
    refund: Annotated[int, Meta(ge=1)]
    total: Annotated[int, Meta(ge=1)]
    currency: Literal["CNY"]
    from_: list[From] | None = msgspec.field(name="from", default=None)


class RefundGoods(msgspec.Struct):
    merchant_goods_id: Annotated[str, Meta(min_length=1, max_length=32)]
    unit_price: Fen
    refund_amount: Fen
    refund_quantity: Annotated[int, Meta(ge=1)]
    wechatpay_goods_id: Annotated[str, Meta(max_length=32)] | None = None
    goods_name: Annotated[str, Meta(max_length=256)] | None = None


class RefundRequest(msgspec.Struct):
    """The body of a refund as merchants send it."""

    out_refund_no: RefundNo
    amount: RefundAmount
    transaction_id: str | None = None
    out_trade_no: str | None = None
    reason: Annotated[str, Meta(max_length=most("refund reason, characters"))] | None = None
    notify_url: Annotated[str, Meta(max_length=most("notify_url, characters"))] | None = None
    funds_account: Literal["AVAILABLE", "UNSETTLED"] | None = None
    goods_detail: list[RefundGoods] | None = None


@dataclass(frozen=True)
class Refund:
    """Money on its way back, or there."""

    out_refund_no: str
    refund_id: str
    out_trade_no: str
    transaction_id: str
    refund_fen: int
    total_fen: int
    made_at: datetime
    settles_at: datetime
    reason: str | None = None
    notify_url: str | None = None
    settled_at: datetime | None = None
    outcome: str = "SUCCESS"

    @property
    def status(self) -> str:
        """Where it stands, in the words of the query."""
        return "PROCESSING" if self.settled_at is None else self.outcome


class Refunds:
    """All refunds by the merchant's refund number."""

    def __init__(self, ground: Ground, payments: Payments, notices: Notices) -> None:
        self._seed = ground.seed
        self._faults = ground.faults
        self._settle_after = timedelta(seconds=SETTLE_SECONDS / ground.speed)
        self._apart = timedelta(seconds=APART_SECONDS / ground.speed)
        self._payments = payments
        self._notices = notices
        self._journal = journal = ground.journal
        self._rates = Rates()
        self._refunds: dict[str, Refund] = {}
        self._numbers_by_order: dict[str, list[str]] = {}
        self._open: set[str] = set()
        # What of an order was given to others and cannot be sent back before it is returned.
        self.shared_fen: Callable[[str], int] = lambda out_trade_no: 0
        for refund in journal.rows("refund", Refund):
            self._put(refund)

    def ask(self, request: RefundRequest, now: datetime) -> Refund:
        """Take a refund in; the same number again gives the same refund and moves nothing."""
        self._rates.check("refund requests, rate", "", now)
        self._rates.check("refund requests that fail, rate", "", now)
        self._rates.count("refund requests, rate", "", now)
        try:
            return self._ask(request, now)
        except PayError as error:
            if error.status != 429:
                self._rates.count("refund requests that fail, rate", "", now)
            raise

    def _ask(self, request: RefundRequest, now: datetime) -> Refund:
        order = self._order_of(request)
        known = self._refunds.get(request.out_refund_no)
        if known is not None:
            _check_same(known, request, order)
            return known
        self._check(request, order, now)
        assert order.transaction_id is not None
        refund = Refund(
            out_refund_no=request.out_refund_no,
            refund_id="503" + digits(self._seed, 26, "refund", request.out_refund_no),
            out_trade_no=order.out_trade_no,
            transaction_id=order.transaction_id,
            refund_fen=request.amount.refund,
            total_fen=order.total_fen,
            made_at=now,
            settles_at=now + self._settle_after,
            reason=request.reason,
            notify_url=request.notify_url,
            outcome="ABNORMAL" if self._faults.spends("abnormal_next") else "SUCCESS",
        )
        self._save(refund)
        return refund

    def settle_due(self, now: datetime) -> None:
        """The money of every refund whose time has come is back with its owner."""
        for number in sorted(self._open):
            refund = self._refunds[number]
            if refund.settles_at <= now:
                self._settle(replace(refund, settled_at=now), now)

    def decide(self, out_refund_no: str, outcome: str, now: datetime) -> Refund:
        """A person settles an abnormal refund in the merchant's console, or gives it up."""
        refund = self.find(out_refund_no, now)
        if refund.status != "ABNORMAL":
            raise invalid_request("退款单不处于异常状态")
        decided = replace(refund, outcome=outcome, settled_at=now)
        self._settle(decided, now)
        return decided

    def find(self, out_refund_no: str, now: datetime) -> Refund:
        """The refund under the merchant's number, as it stands now."""
        self.settle_due(now)
        refund = self._refunds.get(out_refund_no)
        if refund is None:
            raise PayError(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return refund

    def everything(self) -> list[Refund]:
        """All refunds, oldest first."""
        return list(self._refunds.values())

    def accepted_fen(self, out_trade_no: str) -> int:
        """How much of an order was promised back, settled or not; what was given up is not."""
        return sum(one.refund_fen for one in self._of(out_trade_no) if one.status != "CLOSED")

    def settled_fen(self, out_trade_no: str) -> int:
        """How much of an order has gone back."""
        return sum(one.refund_fen for one in self._of(out_trade_no) if one.status == "SUCCESS")

    def settled(self, out_trade_no: str) -> list[Refund]:
        """The refunds of an order whose money is back, oldest first."""
        gone = [one for one in self._of(out_trade_no) if one.settled_at is not None]
        return sorted(gone, key=lambda one: one.made_at)

    def shown(self, refund: Refund) -> dict[str, Any]:
        """The refund as the answer and the query carry it."""
        body: dict[str, Any] = {
            "refund_id": refund.refund_id,
            "out_refund_no": refund.out_refund_no,
            "transaction_id": refund.transaction_id,
            "out_trade_no": refund.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": wire_time(refund.made_at),
            "status": refund.status,
            "funds_account": "AVAILABLE",
            "amount": {
                "total": refund.total_fen,
                "refund": refund.refund_fen,
                "payer_total": refund.total_fen,
                "payer_refund": refund.refund_fen,
                "settlement_total": refund.total_fen,
                "settlement_refund": refund.refund_fen,
                "discount_refund": 0,
                "currency": "CNY",
            },
            "promotion_detail": [],
        }
        if refund.status == "SUCCESS" and refund.settled_at is not None:
            body["success_time"] = wire_time(refund.settled_at)
        return body

    def _settle(self, settled: Refund, now: datetime) -> None:
        self._save(settled)
        if settled.outcome == "SUCCESS":
            self._payments.mark_refunded(settled.out_trade_no)
        if settled.notify_url is not None:
            self._notices.announce("refund", settled.notify_url, self._noticed(settled), now)

    def _noticed(self, refund: Refund) -> dict[str, Any]:
        body = {
            "mchid": self._payments.mchid,
            "out_trade_no": refund.out_trade_no,
            "transaction_id": refund.transaction_id,
            "out_refund_no": refund.out_refund_no,
            "refund_id": refund.refund_id,
            "refund_status": refund.outcome,
            "user_received_account": "支付用户零钱",
            "amount": {
                "total": refund.total_fen,
                "refund": refund.refund_fen,
                "payer_total": refund.total_fen,
                "payer_refund": refund.refund_fen,
            },
        }
        if refund.outcome == "SUCCESS" and refund.settled_at is not None:
            body["success_time"] = wire_time(refund.settled_at)
        return body

    def _order_of(self, request: RefundRequest) -> Order:
        if (request.transaction_id is None) == (request.out_trade_no is None):
            raise bad_parameter("/out_trade_no", "give transaction_id or out_trade_no, one of them")
        try:
            if request.transaction_id is not None:
                return self._payments.find_transaction(request.transaction_id)
            return self._payments.find(request.out_trade_no or "")
        except PayError:
            raise PayError(404, "RESOURCE_NOT_EXISTS", "订单号不存在") from None

    def _check(self, request: RefundRequest, order: Order, now: datetime) -> None:
        _check_amounts(request)
        if order.paid_at is None:
            raise invalid_request("订单未支付，不能退款")
        if request.amount.total != order.total_fen:
            raise invalid_request("订单金额与之前请求不一致")
        if now - order.paid_at > timedelta(days=most("refundable, days")):
            raise invalid_request("订单已超过可退款的最大期限")
        parts = self._of(order.out_trade_no)
        if len(parts) >= most("refunds of an order"):
            raise PayError(403, "RULE_LIMIT", "一笔订单最多支持 50 次部分退款")
        left = order.total_fen - self.accepted_fen(order.out_trade_no)
        if request.amount.refund > left:
            raise invalid_request("申请退款金额大于订单可退金额")
        if parts and now - parts[-1].made_at < self._apart:
            raise too_often("单笔订单请求频率过高，请于 1 分钟后重试")
        is_short = request.amount.refund > left - self.shared_fen(order.out_trade_no)
        if is_short or self._faults.spends("not_enough_next"):
            raise PayError(403, "NOT_ENOUGH", "账户可用余额不足")

    def _of(self, out_trade_no: str) -> list[Refund]:
        return [self._refunds[one] for one in self._numbers_by_order.get(out_trade_no, ())]

    def _save(self, refund: Refund) -> None:
        self._put(refund)
        self._journal.write("refund", refund)

    def _put(self, refund: Refund) -> None:
        numbers = self._numbers_by_order.setdefault(refund.out_trade_no, [])
        if refund.out_refund_no not in self._refunds:
            numbers.append(refund.out_refund_no)
        self._refunds[refund.out_refund_no] = refund
        if refund.settled_at is None:
            self._open.add(refund.out_refund_no)
        else:
            self._open.discard(refund.out_refund_no)


def _check_amounts(request: RefundRequest) -> None:
    if request.notify_url is not None:
        check_notify_url(request.notify_url)
    parts = request.amount.from_
    if parts is not None and sum(one.amount for one in parts) != request.amount.refund:
        raise bad_parameter("/amount/from", "must add up to the refund")


def _check_same(known: Refund, request: RefundRequest, order: Order) -> None:
    asked = (order.out_trade_no, request.amount.refund, request.amount.total)
    if asked != (known.out_trade_no, known.refund_fen, known.total_fen):
        raise invalid_request("商户退款单号重复，且参数与之前请求不一致")

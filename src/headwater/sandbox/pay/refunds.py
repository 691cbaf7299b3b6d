"""Refunds at the pay host: accepted at once, settled a little later, once per refund number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from headwater.sandbox.credentials import digits
from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.errors import PayError, bad_parameter, invalid_request
from headwater.sandbox.pay.notices import Notices
from headwater.sandbox.pay.payments import Order, Payments, check_notify_url
from headwater.sandbox.pay.wire import wire_time

SETTLE_SECONDS = 3
MOST_PARTS = 50
MOST_AGE = timedelta(days=365)


class RefundAmount(msgspec.Struct):
    refund: Annotated[int, Meta(ge=1)]
    total: Annotated[int, Meta(ge=1)]
    currency: Literal["CNY"]


class RefundRequest(msgspec.Struct):
    """The body of a refund as merchants send it."""

    out_refund_no: Annotated[str, Meta(pattern=r"^[0-9A-Za-z_\-|*@]{1,64}\Z")]
    amount: RefundAmount
    transaction_id: str | None = None
    out_trade_no: str | None = None
    reason: Annotated[str, Meta(max_length=80)] | None = None
    notify_url: Annotated[str, Meta(max_length=255)] | None = None


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


class Refunds:
    """All refunds by the merchant's refund number."""

    def __init__(self, ground: Ground, payments: Payments, notices: Notices) -> None:
        self._seed = ground.seed
        self._settle_after = timedelta(seconds=SETTLE_SECONDS / ground.speed)
        self._payments = payments
        self._notices = notices
        self._journal = journal = ground.journal
        self._refunds: dict[str, Refund] = {}
        self._numbers_by_order: dict[str, set[str]] = {}
        self._open: set[str] = set()
        for refund in journal.rows("refund", Refund):
            self._put(refund)

    def ask(self, request: RefundRequest, now: datetime) -> Refund:
        """Take a refund in; the same number again gives the same refund and moves nothing."""
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
        )
        self._save(refund)
        return refund

    def settle_due(self, now: datetime) -> None:
        """The money of every refund whose time has come is back with its owner."""
        for number in sorted(self._open):
            refund = self._refunds[number]
            if refund.settles_at > now:
                continue
            settled = replace(refund, settled_at=now)
            self._save(settled)
            self._payments.mark_refunded(refund.out_trade_no)
            if refund.notify_url is not None:
                self._notices.announce("refund", refund.notify_url, self._noticed(settled), now)

    def find(self, out_refund_no: str, now: datetime) -> Refund:
        """The refund under the merchant's number, as it stands now."""
        self.settle_due(now)
        refund = self._refunds.get(out_refund_no)
        if refund is None:
            raise PayError(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return refund

    def accepted_fen(self, out_trade_no: str) -> int:
        """How much of an order was promised back, settled or not."""
        return sum(refund.refund_fen for refund in self._of(out_trade_no))

    def settled_fen(self, out_trade_no: str) -> int:
        """How much of an order has gone back."""
        return sum(one.refund_fen for one in self._of(out_trade_no) if one.settled_at is not None)

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
            "status": "PROCESSING" if refund.settled_at is None else "SUCCESS",
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
        if refund.settled_at is not None:
            body["success_time"] = wire_time(refund.settled_at)
        return body

    def _noticed(self, refund: Refund) -> dict[str, Any]:
        assert refund.settled_at is not None
        return {
            "mchid": self._payments.mchid,
            "out_trade_no": refund.out_trade_no,
            "transaction_id": refund.transaction_id,
            "out_refund_no": refund.out_refund_no,
            "refund_id": refund.refund_id,
            "refund_status": "SUCCESS",
            "success_time": wire_time(refund.settled_at),
            "user_received_account": "支付用户零钱",
            "amount": {
                "total": refund.total_fen,
                "refund": refund.refund_fen,
                "payer_total": refund.total_fen,
                "payer_refund": refund.refund_fen,
            },
        }

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
        if request.notify_url is not None:
            check_notify_url(request.notify_url)
        if order.paid_at is None:
            raise invalid_request("订单未支付，不能退款")
        if request.amount.total != order.total_fen:
            raise invalid_request("订单金额与之前请求不一致")
        if now - order.paid_at > MOST_AGE:
            raise invalid_request("订单已超过可退款的最大期限")
        parts = self._of(order.out_trade_no)
        if len(parts) >= MOST_PARTS:
            raise PayError(403, "RULE_LIMIT", "一笔订单最多支持 50 次部分退款")
        if self.accepted_fen(order.out_trade_no) + request.amount.refund > order.total_fen:
            raise invalid_request("申请退款金额大于订单可退金额")

    def _of(self, out_trade_no: str) -> list[Refund]:
        return [self._refunds[one] for one in self._numbers_by_order.get(out_trade_no, ())]

    def _save(self, refund: Refund) -> None:
        self._put(refund)
        self._journal.write("refund", refund)

    def _put(self, refund: Refund) -> None:
        self._refunds[refund.out_refund_no] = refund
        self._numbers_by_order.setdefault(refund.out_trade_no, set()).add(refund.out_refund_no)
        if refund.settled_at is None:
            self._open.add(refund.out_refund_no)
        else:
            self._open.discard(refund.out_refund_no)


def _check_same(known: Refund, request: RefundRequest, order: Order) -> None:
    asked = (order.out_trade_no, request.amount.refund, request.amount.total)
    if asked != (known.out_trade_no, known.refund_fen, known.total_fen):
        raise invalid_request("商户退款单号重复，且参数与之前请求不一致")

"""Shares: parts of a paid order that go to others, are finished a little later, and may return."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from headwater.sandbox.credentials import digits
from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.bills.form import fee_of
from headwater.sandbox.pay.bills.funds import Flow
from headwater.sandbox.pay.errors import PayError, invalid_request
from headwater.sandbox.pay.limits import most
from headwater.sandbox.pay.payments import Order, Payments
from headwater.sandbox.pay.refunds import Refunds
from headwater.sandbox.pay.sharing.receivers import Account, Kind, Receivers
from headwater.sandbox.pay.wire import wire_time

FINISH_SECONDS = 2
Number = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_\-|*@]{1,64}\Z")]
Words = Annotated[str, Meta(min_length=1, max_length=80)]


class PartRequest(msgspec.Struct):
    type: Kind
    account: Account
    amount: Annotated[int, Meta(ge=1)]
    description: Words
    name: Annotated[str, Meta(max_length=1_024)] | None = None


class ShareRequest(msgspec.Struct):
    """The body of a request to share an order."""

    transaction_id: Annotated[str, Meta(min_length=1, max_length=32)]
    out_order_no: Number
    receivers: Annotated[
        list[PartRequest], Meta(min_length=1, max_length=most("shares of an order, receivers"))
    ]
    unfreeze_unsplit: bool
    appid: str | None = None
    sub_mchid: str | None = None


class UnfreezeRequest(msgspec.Struct):
    """The body of a request to let go of what was not shared."""

    transaction_id: Annotated[str, Meta(min_length=1, max_length=32)]
    out_order_no: Number
    description: Words
    sub_mchid: str | None = None


@dataclass(frozen=True)
class Part:
    """What one receiver gets."""

    kind: str
    account: str
    amount_fen: int
    words: str


@dataclass(frozen=True)
class Share:
    """One request to share, and everything it gave."""

    out_order_no: str
    order_id: str
    transaction_id: str
    parts: tuple[Part, ...]
    made_at: datetime
    finishes_at: datetime
    frees_rest: bool


class Shares:
    """All shares by the merchant's number."""

    def __init__(
        self, ground: Ground, payments: Payments, refunds: Refunds, receivers: Receivers
    ) -> None:
        self._seed = ground.seed
        self._faults = ground.faults
        self._finish_after = timedelta(seconds=FINISH_SECONDS / ground.speed)
        self._payments = payments
        self._refunds = refunds
        self._receivers = receivers
        self._journal = ground.journal
        self._all: dict[str, Share] = {}
        # How much of a share came back already; returns tell it.
        self.returned_fen: dict[str, int] = {}
        for share in ground.journal.rows("share", Share):
            self._all[share.out_order_no] = share

    def ask(self, asked: ShareRequest, now: datetime) -> Share:
        """Share an order; the same number again is the same request."""
        parts = tuple(
            Part(one.type, one.account, one.amount, one.description) for one in asked.receivers
        )
        known = self._all.get(asked.out_order_no)
        if known is not None:
            if (known.transaction_id, known.parts) != (asked.transaction_id, parts):
                raise invalid_request("商户分账单号重复，且参数与之前请求不一致")
            return known
        order = self._shareable(asked.transaction_id)
        for part in parts:
            self._receivers.require(part.kind, part.account)
        total = sum(part.amount_fen for part in parts)
        if total > self.unsplit_fen(order) or self._faults.spends("not_enough_next"):
            raise PayError(403, "NOT_ENOUGH", "分账金额不足")
        most_fen = order.total_fen * most("share of an order, percent") // 100
        if total + self.given_fen(order.out_trade_no) > most_fen:
            raise PayError(403, "RULE_LIMIT", "分账金额超出最大分账比例")
        return self._made(asked.out_order_no, order, parts, asked.unfreeze_unsplit, now)

    def unfreeze(self, asked: UnfreezeRequest, now: datetime) -> Share:
        """Let go of the rest: nothing of the order can be shared after this."""
        known = self._all.get(asked.out_order_no)
        if known is not None:
            return known
        order = self._shareable(asked.transaction_id)
        return self._made(asked.out_order_no, order, (), True, now)

    def find(self, out_order_no: str) -> Share:
        """The share under the merchant's number."""
        share = self._all.get(out_order_no)
        if share is None:
            raise PayError(404, "RESOURCE_NOT_EXISTS", "分账单不存在")
        return share

    def find_id(self, order_id: str) -> Share:
        """The share under the platform's number."""
        return self.find(next((n for n, one in self._all.items() if one.order_id == order_id), ""))

    def unsplit_of(self, transaction_id: str) -> int:
        """What could still be shared of a transaction."""
        return self.unsplit_fen(self._payments.find_transaction(transaction_id))

    def unsplit_fen(self, order: Order) -> int:
        """What could still be shared: nothing once the rest was let go or sent back."""
        if not order.is_shared or any(one.frees_rest for one in self._of(order.out_trade_no)):
            return 0
        kept = order.total_fen - fee_of(order.total_fen) - self.given_fen(order.out_trade_no)
        return max(0, kept - self._refunds.accepted_fen(order.out_trade_no))

    def given_fen(self, out_trade_no: str) -> int:
        """What others hold of an order: a refund cannot reach it before it is returned."""
        return sum(
            sum(part.amount_fen for part in one.parts) - self.returned_fen.get(one.out_order_no, 0)
            for one in self._of(out_trade_no)
        )

    def flows(self) -> Iterator[Flow]:
        """Shares as movements of the merchant's account."""
        for share in self._all.values():
            for part in share.parts:
                yield Flow(
                    share.made_at,
                    share.order_id,
                    share.transaction_id,
                    "分账",
                    -part.amount_fen,
                    part.words,
                    share.out_order_no,
                )

    def shown(self, share: Share, now: datetime) -> dict[str, Any]:
        """The share as the answer and the query carry it."""
        is_over = now >= share.finishes_at
        finished = wire_time(share.finishes_at)
        receivers = [
            {
                "amount": part.amount_fen,
                "description": part.words,
                "type": part.kind,
                "account": part.account,
                "result": "SUCCESS" if is_over else "PENDING",
                "create_time": wire_time(share.made_at),
                "detail_id": "36" + digits(self._seed, 28, "detail", share.out_order_no, place),
                **({"finish_time": finished} if is_over else {}),
            }
            for place, part in enumerate(share.parts)
        ]
        return {
            "transaction_id": share.transaction_id,
            "out_order_no": share.out_order_no,
            "order_id": share.order_id,
            "state": "FINISHED" if is_over else "PROCESSING",
            "receivers": receivers,
        }

    def _shareable(self, transaction_id: str) -> Order:
        try:
            order = self._payments.find_transaction(transaction_id)
        except PayError:
            raise PayError(404, "RESOURCE_NOT_EXISTS", "订单不存在") from None
        if not order.is_shared:
            raise invalid_request("非分账订单不支持分账")
        shares = self._of(order.out_trade_no)
        if any(one.frees_rest for one in shares):
            raise invalid_request("订单剩余资金已解冻，不能再次分账")
        if len(shares) >= most("shares of an order, requests"):
            raise PayError(403, "RULE_LIMIT", "同一笔订单最多能发起 50 次分账请求")
        return order

    def _of(self, out_trade_no: str) -> list[Share]:
        transaction_id = self._payments.find(out_trade_no).transaction_id
        return [one for one in self._all.values() if one.transaction_id == transaction_id]

    def _made(
        self, number: str, order: Order, parts: tuple[Part, ...], frees_rest: bool, now: datetime
    ) -> Share:
        assert order.transaction_id is not None
        share = Share(
            out_order_no=number,
            order_id="30" + digits(self._seed, 28, "share", number),
            transaction_id=order.transaction_id,
            parts=parts,
            made_at=now,
            finishes_at=now + self._finish_after,
            frees_rest=frees_rest,
        )
        self._all[number] = share
        self._journal.write("share", share)
        return share

"""Payments of the mini program as the shipping service knows them: a little later than the till."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.errors import PayError
from headwater.sandbox.pay.payments import Order, Payments
from headwater.sandbox.pay.refunds import Refunds
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.errors import WeixinError
from headwater.sandbox.weixin.program.shipping.wire import BY_TRANSACTION, OrderKey


class PaidOrders:
    """Reads the pay host's books."""

    def __init__(self, ground: Ground, app: App, pay: tuple[Payments, Refunds]) -> None:
        self._app = app
        self._payments, self._refunds = pay
        self._faults = ground.faults
        self._speed = ground.speed

    def named(self, key: OrderKey, now: datetime) -> Order:
        """The order behind a key, once the platform has heard of its payment."""
        if key.order_number_type == BY_TRANSACTION:
            return self.find(now, transaction_id=key.transaction_id)
        return self.find(now, out_trade_no=key.out_trade_no, mchid=key.mchid)

    def find(
        self, now: datetime, transaction_id: str = "", out_trade_no: str = "", mchid: str = ""
    ) -> Order:
        """A paid order of this program by one of its numbers."""
        try:
            if transaction_id:
                order = self._payments.find_transaction(transaction_id)
            else:
                order = self._payments.find(out_trade_no)
        except PayError:
            raise _unknown() from None
        if not transaction_id and mchid != self._payments.mchid:
            raise _unknown()
        unknown_seconds = self._faults.drawn("shipping_unknown_seconds")
        if not self._is_known(order, unknown_seconds, now):
            raise _unknown()
        return order

    def everything(self, now: datetime) -> list[Order]:
        """All paid orders of this program, the latest first."""
        seconds = self._faults.shipping_unknown_seconds
        found = [one for one in self._payments.everything() if self._is_known(one, seconds, now)]
        return sorted(found, key=paid_at, reverse=True)

    def of(self, openid: str) -> list[Order]:
        """What one buyer has paid for in this program, known to shipping or not."""
        return [
            one
            for one in self._payments.everything()
            if one.payer_openid == openid and one.appid == self._app.appid
        ]

    def is_refunded(self, order: Order) -> bool:
        """Whether all the money went back."""
        return self._refunds.settled_fen(order.out_trade_no) >= order.total_fen

    def mchid(self) -> str:
        """Whose payments these are."""
        return self._payments.mchid

    def numbers(self, order: Order) -> dict[str, Any]:
        """How pushes name an order."""
        return {
            "transaction_id": order.transaction_id or "",
            "merchant_id": self._payments.mchid,
            "sub_merchant_id": "",
            "merchant_trade_no": order.out_trade_no,
            "pay_time": int(paid_at(order).timestamp()),
        }

    def _is_known(self, order: Order, unknown_seconds: float, now: datetime) -> bool:
        if order.appid != self._app.appid or order.paid_at is None:
            return False
        return now - order.paid_at >= timedelta(seconds=unknown_seconds / self._speed)


def paid_at(order: Order) -> datetime:
    """When the money came."""
    assert order.paid_at is not None, "only paid orders are known here"
    return order.paid_at


def _unknown() -> WeixinError:
    return WeixinError(10060001, "支付单不存在")

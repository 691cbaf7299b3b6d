"""What the clock tells about orders: shipped, settled, or not shipped for two days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.payments import Order
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.program.shipping.orders import PaidOrders, paid_at
from headwater.sandbox.weixin.program.shipping.shipments import TO_SHIP, Shipment, Shipping
from headwater.sandbox.weixin.pushes.queue import Pushes

REMIND_AFTER = timedelta(hours=48)
LOOK_EVERY = timedelta(seconds=1)
BY_ITSELF, BY_HAND = 1, 2


class Settling:
    """Watches the shipments and says each thing once."""

    def __init__(
        self, ground: Ground, app: App, orders: PaidOrders, shipping: Shipping, pushes: Pushes
    ) -> None:
        self._app = app
        self._speed = ground.speed
        self._orders = orders
        self._shipping = shipping
        self._pushes = pushes
        self._journal = ground.journal
        self._told = set(ground.journal.rows("weixin_told", tuple[str, str]))
        self._looked_at: datetime | None = None

    def finish_due(self, now: datetime) -> None:
        """Tell what is new since the last look, at most once a second of the sandbox's clock."""
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        for shipment in self._shipping.everything():
            if shipment.is_finished:
                self._shipped(shipment, now)
        for order in self._orders.everything(now):
            is_late = now - paid_at(order) >= REMIND_AFTER / self._speed
            if is_late and self._shipping.state(order, now) == TO_SHIP:
                self._remind(order, now)

    def _shipped(self, shipment: Shipment, now: datetime) -> None:
        number = shipment.transaction_id
        if (number, "settled") in self._told:
            return
        order = self._orders.find(now, transaction_id=number)
        if (number, "shipped") not in self._told:
            self._say_once(number, "shipped")
            self._tell(order, shipment, {}, now)
        if now >= self._shipping.settled_at(shipment):
            self._say_once(number, "settled")
            if self._orders.is_refunded(order):
                return
            method = BY_HAND if shipment.is_received_by_hand else BY_ITSELF
            received_at = self._shipping.received_at(shipment)
            more = {
                "confirm_receive_method": method,
                "confirm_receive_time": int(received_at.timestamp()),
                "settlement_time": int(now.timestamp()),
            }
            self._tell(order, shipment, more, now)

    def _say_once(self, number: str, what: str) -> None:
        self._told.add((number, what))
        self._journal.write("weixin_told", (number, what))

    def _tell(self, order: Order, shipment: Shipment, more: dict[str, Any], now: datetime) -> None:
        said = {
            "Event": "trade_manage_order_settlement",
            **self._orders.numbers(order),
            "shipped_time": int(shipment.uploaded_at.timestamp()),
            "estimated_settlement_time": int(self._shipping.settled_at(shipment).timestamp()),
            **more,
        }
        self._pushes.event(self._app, order.payer_openid or "", said, now)

    def _remind(self, order: Order, now: datetime) -> None:
        if (order.out_trade_no, "late") in self._told:
            return
        self._say_once(order.out_trade_no, "late")
        said = {
            "Event": "trade_manage_remind_shipping",
            **self._orders.numbers(order),
            "msg": "您有订单超过48小时未发货，请尽快发货",
        }
        self._pushes.event(self._app, order.payer_openid or "", said, now)

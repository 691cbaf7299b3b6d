"""Shipping information: money of the mini program stays frozen until its order is shipped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.payments import Order
from headwater.sandbox.people import PROGRAM, Message
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import within
from headwater.sandbox.weixin.program.shipping.orders import PaidOrders
from headwater.sandbox.weixin.program.shipping.wire import (
    EXPRESS,
    SPLIT,
    CombinedRequest,
    Package,
    UploadRequest,
    check,
)

TO_SHIP, SHIPPED, RECEIVED, DONE, REFUNDED, SETTLING = 1, 2, 3, 4, 5, 6
# How long an order waits for its receiver before it counts as received, then until the money is
# announced, then until it is there.
RECEIVED_BY_ITSELF = {EXPRESS: timedelta(days=10)}
RECEIVED_OTHERWISE = timedelta(days=2)
SETTLING_AFTER, SETTLED_AFTER = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Shipment:
    """What is known of one order's way to its buyer."""

    transaction_id: str
    logistics_type: int
    delivery_mode: int
    packages: tuple[Package, ...]
    uploaded_at: datetime
    upload_moment: datetime
    is_finished: bool
    reuploads: int = 0
    received_at: datetime | None = None
    is_received_by_hand: bool = False
    is_reminded: bool = False


class Shipping:
    """All shipments, by the platform's number of the payment."""

    def __init__(self, ground: Ground, app: App, orders: PaidOrders) -> None:
        self._app = app
        self._people = ground.people
        self._speed = ground.speed
        self._orders = orders
        self._journal = ground.journal
        self._jump_path: str | None = None
        self._shipments: dict[str, Shipment] = {
            one.transaction_id: one for one in ground.journal.rows("shipment", Shipment)
        }

    def upload(self, call: Call) -> dict[str, Any]:
        """wxa/sec/order/upload_shipping_info: what was handed over to whom."""
        self._upload([call.read(UploadRequest)], call.now)
        return done()

    def upload_combined(self, call: Call) -> dict[str, Any]:
        """wxa/sec/order/upload_combined_shipping_info: all of its orders, or none."""
        asked = call.read(CombinedRequest)
        if not asked.sub_orders:
            raise WeixinError(47003, "argument invalid! sub_orders")
        uploads = [
            UploadRequest(
                one.order_key,
                one.logistics_type,
                one.delivery_mode,
                asked.upload_time,
                asked.payer,
                one.shipping_list,
                one.is_all_delivered,
            )
            for one in asked.sub_orders
        ]
        self._upload(uploads, call.now)
        return done()

    def receive(self, order: Order, now: datetime) -> None:
        """The buyer confirms with a finger that it came."""
        shipment = self._shipments.get(order.transaction_id or "")
        if shipment is not None and self.state(order, now) == SHIPPED:
            self._save(replace(shipment, received_at=now, is_received_by_hand=True))

    def remind(self, order: Order, received_at: int, now: datetime) -> None:
        """The buyer is asked once to confirm, after the courier has handed it over."""
        shipment = self._shipments.get(order.transaction_id or "")
        is_shipped = shipment is not None and self.state(order, now) == SHIPPED
        if shipment is None or not is_shipped or shipment.logistics_type != EXPRESS:
            raise WeixinError(10060004, "支付单处于不可发货的状态")
        if not shipment.uploaded_at.timestamp() - 1 <= received_at <= now.timestamp():
            raise WeixinError(10060029, "签收时间不合理")
        if shipment.is_reminded:
            # The documents say once for an order; the number for a second time is not in them.
            raise WeixinError(10060030, "该支付单已提醒过确认收货")
        self._save(replace(shipment, is_reminded=True))
        self._tell_buyer(order, "请确认收货", shipment, now)

    def jump_to(self, path: str) -> None:
        """Where the buyer's notices lead from now on."""
        self._jump_path = path

    def of(self, order: Order) -> Shipment | None:
        """What was uploaded for an order."""
        return self._shipments.get(order.transaction_id or "")

    def everything(self) -> list[Shipment]:
        """All shipments, the earliest first."""
        return list(self._shipments.values())

    def state(self, order: Order, now: datetime) -> int:
        """Where the order is on its way; all of it follows from what happened when."""
        if self._orders.is_refunded(order):
            return REFUNDED
        shipment = self._shipments.get(order.transaction_id or "")
        if shipment is None or not shipment.is_finished:
            return TO_SHIP
        received_at = self.received_at(shipment)
        if now < received_at:
            return SHIPPED
        if now < received_at + SETTLING_AFTER / self._speed:
            return RECEIVED
        return SETTLING if now < self.settled_at(shipment) else DONE

    def received_at(self, shipment: Shipment) -> datetime:
        """When it counts as received: confirmed, or by itself after some days."""
        wait = RECEIVED_BY_ITSELF.get(shipment.logistics_type, RECEIVED_OTHERWISE)
        return shipment.received_at or shipment.uploaded_at + wait / self._speed

    def settled_at(self, shipment: Shipment) -> datetime:
        """When the money is no longer frozen."""
        return self.received_at(shipment) + (SETTLING_AFTER + SETTLED_AFTER) / self._speed

    def _upload(self, uploads: list[UploadRequest], now: datetime) -> None:
        moments = [check(one) for one in uploads]
        orders = [self._orders.named(one.order_key, now) for one in uploads]
        made = [
            self._made(order, asked, moment, now)
            for order, asked, moment in zip(orders, uploads, moments, strict=True)
        ]
        for order, shipment in zip(orders, made, strict=True):
            self._save(shipment)
            if shipment.is_finished:
                self._tell_buyer(order, "商品已发货", shipment, now)

    def _made(
        self, order: Order, asked: UploadRequest, moment: datetime, now: datetime
    ) -> Shipment:
        if asked.payer.openid != order.payer_openid:
            raise WeixinError(10060031, "该笔支付单不属于openid所指定的用户")
        state = self.state(order, now)
        if state not in (TO_SHIP, SHIPPED):
            raise WeixinError(10060004, "支付单处于不可发货的状态")
        known = self._shipments.get(order.transaction_id or "")
        is_finished = asked.delivery_mode != SPLIT or bool(asked.is_all_delivered)
        made = Shipment(
            order.transaction_id or "",
            asked.logistics_type,
            asked.delivery_mode,
            tuple(asked.shipping_list),
            now,
            moment,
            is_finished,
        )
        return made if known is None else _again(known, made)

    def _tell_buyer(self, order: Order, title: str, shipment: Shipment, now: datetime) -> None:
        person = self._people.behind(order.payer_openid or "", self._app.appid)
        lines = [("商品", one.item_desc) for one in shipment.packages]
        lines += [("快递单号", one.tracking_no) for one in shipment.packages if one.tracking_no]
        path = self._jump_path
        message = Message(
            "shipping", title, tuple(lines), None, now, appid=self._app.appid, pagepath=path
        )
        self._people.deliver(person, message, PROGRAM)

    def _save(self, shipment: Shipment) -> None:
        self._shipments[shipment.transaction_id] = shipment
        self._journal.write("shipment", shipment)


def _again(known: Shipment, made: Shipment) -> Shipment:
    """A later upload: further packages of a split order, or the one correction there is."""
    if made.upload_moment <= known.upload_moment:
        raise WeixinError(10060023, "发货信息未更新")
    same_way = (made.delivery_mode, made.logistics_type) == (
        known.delivery_mode,
        known.logistics_type,
    )
    if same_way and made.delivery_mode == SPLIT and not known.is_finished:
        numbers = {one.tracking_no for one in made.packages}
        kept = tuple(one for one in known.packages if one.tracking_no not in numbers)
        within("shipping.packages", len(kept) + len(made.packages))
        return replace(made, packages=(*kept, *made.packages), reuploads=known.reuploads)
    if known.reuploads >= 1:
        raise WeixinError(10060003, "支付单已使用重新发货机会")
    if same_way and made.packages == known.packages:
        raise WeixinError(10060023, "发货信息未更新")
    return replace(made, reuploads=known.reuploads + 1)

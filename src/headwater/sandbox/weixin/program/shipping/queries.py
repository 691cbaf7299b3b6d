"""Asking about shipments, and the small settings of the shipping service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from headwater.sandbox.pay.payments import Order
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.program.shipping.orders import PaidOrders, paid_at
from headwater.sandbox.weixin.program.shipping.shipments import Shipment, Shipping

MOST_ON_A_PAGE = 100
COMPANIES = {
    "SF": "顺丰速运",
    "ZTO": "中通快递",
    "YTO": "圆通速递",
    "STO": "申通快递",
    "YD": "韵达速递",
    "JD": "京东物流",
    "EMS": "EMS",
    "DBL": "德邦快递",
    "OTHERS": "其他快递",
}


class Which(msgspec.Struct):
    """One order by the platform's number, or by the merchant's."""

    transaction_id: str = ""
    merchant_id: str = ""
    sub_merchant_id: str = ""
    merchant_trade_no: str = ""
    received_time: int | None = None


class Range(msgspec.Struct):
    begin_time: int | None = None
    end_time: int | None = None


class ListRequest(msgspec.Struct):
    pay_time_range: Range | None = None
    order_state: int | None = None
    openid: str | None = None
    last_index: str = ""
    page_size: int = MOST_ON_A_PAGE


class PathRequest(msgspec.Struct):
    path: str


class AppRequest(msgspec.Struct):
    appid: str


class SpecialRequest(msgspec.Struct):
    order_id: str
    type: int
    delay_to: int | None = None


class Queries:
    """The reading half of /wxa/sec/order."""

    def __init__(self, app: App, orders: PaidOrders, shipping: Shipping) -> None:
        self._app = app
        self._orders = orders
        self._shipping = shipping

    def one(self, call: Call) -> dict[str, Any]:
        """get_order: one order and its way."""
        order = self._named(call.read(Which), call.now)
        return done(order=self._shown(order, call.now))

    def page(self, call: Call) -> dict[str, Any]:
        """get_order_list: the latest first, by state, buyer and time of payment."""
        asked = call.read(ListRequest)
        if not 1 <= asked.page_size <= MOST_ON_A_PAGE:
            raise WeixinError(47003, "argument invalid! page_size")
        found = [one for one in self._orders.everything(call.now) if self._fits(one, asked, call)]
        numbers = [one.out_trade_no for one in found]
        start = numbers.index(asked.last_index) + 1 if asked.last_index in numbers else 0
        listed = found[start : start + asked.page_size]
        return done(
            last_index=listed[-1].out_trade_no if listed else asked.last_index,
            has_more=start + len(listed) < len(found),
            order_list=[self._shown(one, call.now) for one in listed],
        )

    def remind(self, call: Call) -> dict[str, Any]:
        """notify_confirm_receive: asks the buyer to confirm, once for an order."""
        asked = call.read(Which)
        if asked.received_time is None:
            raise WeixinError(47003, "argument invalid! received_time")
        self._shipping.remind(self._named(asked, call.now), asked.received_time, call.now)
        return done()

    def jump_to(self, call: Call) -> dict[str, Any]:
        """set_msg_jump_path: where notices lead from now on."""
        path = call.read(PathRequest).path
        if not path or len(path) > 1_024:
            raise WeixinError(47003, "argument invalid! path")
        self._shipping.jump_to(path)
        return done()

    def is_managed(self, call: Call) -> dict[str, Any]:
        """is_trade_managed: whether money of this program is frozen until it is shipped."""
        self._check(call)
        return done(is_trade_managed=True)

    def is_confirmed(self, call: Call) -> dict[str, Any]:
        """is_trade_management_confirmation_completed: whether the merchant agreed to it."""
        self._check(call)
        return done(completed=True)

    def special(self, call: Call) -> dict[str, Any]:
        """opspecialorder: an order on advance sale, or one that was only a test."""
        asked = call.read(SpecialRequest)
        if asked.type not in (1, 2) or (asked.type == 1 and asked.delay_to is None):
            raise WeixinError(47003, "argument invalid! type")
        which = Which(asked.order_id)
        if not asked.order_id.startswith("42"):
            which = Which("", self._orders.mchid(), "", asked.order_id)
        self._named(which, call.now)
        return done()

    def companies(self, call: Call) -> dict[str, Any]:
        """get_delivery_list: what stands for whom."""
        listed = [
            {"delivery_id": short, "delivery_name": name} for short, name in COMPANIES.items()
        ]
        return done(delivery_list=listed, count=len(listed))

    def _check(self, call: Call) -> None:
        if call.read(AppRequest).appid != self._app.appid:
            raise WeixinError(40013, "invalid appid")

    def _named(self, asked: Which, now: datetime) -> Order:
        if asked.transaction_id:
            return self._orders.find(now, transaction_id=asked.transaction_id)
        return self._orders.find(now, out_trade_no=asked.merchant_trade_no, mchid=asked.merchant_id)

    def _fits(self, order: Order, asked: ListRequest, call: Call) -> bool:
        paid = paid_at(order).timestamp()
        between = asked.pay_time_range or Range()
        return (
            (
                asked.order_state is None
                or self._shipping.state(order, call.now) == asked.order_state
            )
            and (asked.openid is None or order.payer_openid == asked.openid)
            and (between.begin_time is None or paid >= between.begin_time)
            and (between.end_time is None or paid <= between.end_time)
        )

    def _shown(self, order: Order, now: datetime) -> dict[str, Any]:
        shipment = self._shipping.of(order)
        return {
            "transaction_id": order.transaction_id,
            "merchant_trade_no": order.out_trade_no,
            "merchant_id": self._orders.mchid(),
            "sub_merchant_id": "",
            "description": order.description,
            "paid_amount": order.total_fen,
            "openid": order.payer_openid,
            "trade_create_time": int(order.made_at.timestamp()),
            "pay_time": int(paid_at(order).timestamp()),
            "in_complaint": False,
            "order_state": self._shipping.state(order, now),
            "shipping": _way(shipment) if shipment is not None else {},
        }


def _way(shipment: Shipment) -> dict[str, Any]:
    uploaded = int(shipment.uploaded_at.timestamp())
    return {
        "delivery_mode": shipment.delivery_mode,
        "logistics_type": shipment.logistics_type,
        "finish_shipping": shipment.is_finished,
        "finish_shipping_count": 1 + shipment.reuploads if shipment.is_finished else 0,
        "goods_desc": "；".join(one.item_desc for one in shipment.packages),
        "shipping_list": [
            {
                "tracking_no": one.tracking_no,
                "express_company": one.express_company,
                "goods_desc": one.item_desc,
                "upload_time": uploaded,
                "contact": msgspec.to_builtins(one.contact) if one.contact else {},
            }
            for one in shipment.packages
        ],
    }

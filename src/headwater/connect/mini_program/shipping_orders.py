"""How orders stand at the platform's shipping service, and what the service may be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, Final

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.mini_program.shipping import PaymentKey
from headwater.connect.sending import Fen, Identifier
from headwater.connect.weixin_api import WeixinApp

PAGE_MOST: Final = 100

_Seconds = Annotated[int, msgspec.Meta(ge=0, le=9_999_999_999)]


class Stage(Enum):
    """How far an order is; six came years after the others, and the next reads as UNKNOWN."""

    TO_SHIP = 1
    SHIPPED = 2
    RECEIVED = 3
    DONE = 4
    REFUNDED = 5
    SETTLING = 6
    UNKNOWN = -1

    @classmethod
    def _missing_(cls, value: object) -> Stage:
        return cls.UNKNOWN


@dataclass(frozen=True)
class ShippingOrder:
    """One payment as the shipping service knows it; `stage_number` keeps what we do not."""

    transaction_id: str
    out_trade_no: str
    openid: str
    paid_fen: int
    paid_at: datetime | None
    stage: Stage
    stage_number: int
    is_disputed: bool
    is_shipped: bool
    times_shipped: int


@dataclass(frozen=True)
class OrderPage:
    """Some orders, and where the next page begins."""

    orders: tuple[ShippingOrder, ...]
    next_index: str | None


@dataclass(frozen=True)
class Wanted:
    """Which orders to list: paid within a time, of one person, at one stage."""

    paid_from: datetime | None = None
    paid_until: datetime | None = None
    openid: str | None = None
    stage: Stage | None = None


class _Shipping(msgspec.Struct):
    finish_shipping: bool = False
    finish_shipping_count: int = 0


class _Order(msgspec.Struct):
    transaction_id: Identifier
    order_state: int
    merchant_trade_no: str = ""
    openid: str = ""
    paid_amount: Fen = 0
    pay_time: _Seconds = 0
    in_complaint: bool = False
    shipping: _Shipping | None = None


class _Found(msgspec.Struct):
    order: _Order


class _Page(msgspec.Struct):
    order_list: list[_Order] = []
    has_more: bool = False
    last_index: str = ""


class _Managed(msgspec.Struct):
    is_trade_managed: bool


class _Completed(msgspec.Struct):
    completed: bool


@dataclass(frozen=True)
class ShippingOrders:
    """Asks and tells one mini program's shipping service."""

    app: WeixinApp
    appid: str

    async def get(self, payment: PaymentKey) -> ShippingOrder:
        """Look at one payment; NotKnownYet right after it, or if it was never made."""
        body = payment.for_asking()
        return _order((await self.app.post("/wxa/sec/order/get_order", body, _Found)).order)

    async def page(self, wanted: Wanted, after: str | None = None) -> OrderPage:
        """List payments page by page; listing again changes nothing."""
        body: dict[str, Any] = {"page_size": PAGE_MOST}
        times = {"begin_time": wanted.paid_from, "end_time": wanted.paid_until}
        if any(times.values()):
            given = {name: int(at.timestamp()) for name, at in times.items() if at}
            body["pay_time_range"] = given
        if wanted.openid:
            body["openid"] = wanted.openid
        if wanted.stage:
            body["order_state"] = wanted.stage.value
        if after:
            body["last_index"] = after
        wire = await self.app.post("/wxa/sec/order/get_order_list", body, _Page)
        orders = tuple(_order(each) for each in wire.order_list)
        return OrderPage(orders, wire.last_index if wire.has_more and wire.last_index else None)

    async def is_managed(self) -> bool:
        """Tell whether the service is in force for this mini program; asking changes nothing."""
        body = {"appid": self.appid}
        wire = await self.app.post("/wxa/sec/order/is_trade_managed", body, _Managed)
        return wire.is_trade_managed

    async def is_confirmed(self) -> bool:
        """Tell whether the merchant has confirmed the service's terms; asking changes nothing."""
        path = "/wxa/sec/order/is_trade_management_confirmation_completed"
        return (await self.app.post(path, {"appid": self.appid}, _Completed)).completed

    async def set_message_page(self, page: str) -> None:
        """Say which page the platform's shipping message opens; a repeat sets the same again."""
        if not page:
            raise BadInput("page", "missing")
        await self.app.do("/wxa/sec/order/set_msg_jump_path", {"path": page})

    async def remind_to_confirm(self, payment: PaymentKey, received_at: datetime) -> None:
        """Ask a buyer whose express parcel has arrived to confirm it.

        It works once an order: a repeat is refused.
        """
        body = payment.for_asking() | {"received_time": int(received_at.timestamp())}
        await self.app.do("/wxa/sec/order/notify_confirm_receive", body)


def _order(wire: _Order) -> ShippingOrder:
    shipping = wire.shipping or _Shipping()
    return ShippingOrder(
        transaction_id=wire.transaction_id,
        out_trade_no=wire.merchant_trade_no,
        openid=wire.openid,
        paid_fen=wire.paid_amount,
        paid_at=datetime.fromtimestamp(wire.pay_time, UTC) if wire.pay_time else None,
        stage=Stage(wire.order_state),
        stage_number=wire.order_state,
        is_disputed=wire.in_complaint,
        is_shipped=shipping.finish_shipping,
        times_shipped=shipping.finish_shipping_count,
    )

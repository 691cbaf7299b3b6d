"""Shipping of orders paid in the mini program: WeChat keeps their money until it hears of it.

Whoever hands such an order over leaves the work with `leave`, in the same transaction. No order is
paid in the mini program yet, so nobody does; a job that fails to the end stands on the console's
page "system" until a person revives it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from headwater.base import jobs
from headwater.base.db import Db
from headwater.base.errors import BadInput, NotFound
from headwater.connect.errors import NotKnownYet, ShippingFinal
from headwater.connect.mini_program import MiniProgram
from headwater.connect.mini_program.shipping import (
    DESCRIPTION_CHARACTERS,
    Parcel,
    PaymentKey,
    Shipment,
    Way,
)
from headwater.connect.mini_program.shipping_orders import Stage
from headwater.connect.wechat_pay import TradeState, WechatPay

JOB: Final = "trade.shipping"
# With the waits of `wait_before` beside Shipment the last attempt comes after about eight hours;
# WeChat itself reminds after two days.
ATTEMPTS_MOST: Final = 24
# No repeat mends these; everything else may be different in a while.
HOPELESS: Final = (ShippingFinal, BadInput, NotFound)


@dataclass(frozen=True)
class HandedOver:
    """How one payment's goods reached its buyer.

    Who that is stays with WeChat Pay, which is asked when the time comes; a receiver's phone is
    masked before it comes here.
    """

    out_trade_no: str
    way: Way
    description: str
    tracking_number: str = ""
    carrier: str = ""
    receiver_phone: str = ""


async def leave(db: Db, goods: HandedOver, now: datetime) -> None:
    """Ask for an upload in this transaction; asking twice for one payment is asking once."""
    body = {**asdict(goods), "way": goods.way.value}
    await jobs.enqueue(db, JOB, body, now, key=goods.out_trade_no)


async def upload(pay: WechatPay, program: MiniProgram | None, body: Any, now: datetime) -> None:
    """Tell WeChat how one payment's goods reached its buyer; doing it again changes nothing.

    Money that went back whole, or never came, needs no shipping.
    """
    goods = msgspec.convert(body, HandedOver)
    if program is None:
        raise NotFound
    payment = await pay.query(goods.out_trade_no)
    if payment.state not in (TradeState.PAID, TradeState.REFUNDED):
        return
    if payment.transaction_id is None or payment.openid is None:
        raise NotKnownYet("", "WeChat Pay names neither the payment nor the buyer")
    key = PaymentKey(transaction_id=payment.transaction_id)
    try:
        await program.shipping.upload(_shipment(goods, key), payment.openid, now)
    except ShippingFinal:
        order = await program.shipping_orders.get(key)
        if not order.is_shipped and order.stage is not Stage.REFUNDED:
            raise


def _shipment(goods: HandedOver, key: PaymentKey) -> Shipment:
    parcel = Parcel(
        goods.description[:DESCRIPTION_CHARACTERS],
        goods.tracking_number,
        goods.carrier,
        receiver_phone=goods.receiver_phone,
    )
    return Shipment(key, goods.way, (parcel,))

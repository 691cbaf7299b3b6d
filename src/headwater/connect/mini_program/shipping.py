"""Shipping information: the money of an order stays frozen until it is uploaded.

developers.weixin.qq.com/miniprogram/dev/server/API/order_shipping/api_uploadshippinginfo.html, read
in November 2026. Pages differ about the parcels of one order (10 or 15): the smaller number holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from headwater.base.errors import BadInput
from headwater.base.times import SHANGHAI
from headwater.connect.weixin_api import Said, WeixinApp

PARCELS_MOST: Final = 10
DESCRIPTION_CHARACTERS: Final = 120
NUMBER_CHARACTERS: Final = 128

# "Nothing changed" is what a repeat with the same content is told.
_UNCHANGED: Final = 10060023
_CARRIER_THAT_ASKS_FOR_A_PHONE: Final = "SF"
# The platform knows a payment seconds after it; what takes longer is asked for ever less often.
_WAITS_SECONDS: Final = (10, 20, 40, 80, 160, 300, 600, 1_200, 1_800)


class Way(Enum):
    """How goods reach the buyer, numbered as on the wire."""

    EXPRESS = 1
    SAME_CITY = 2
    VIRTUAL = 3
    PICKED_UP = 4


@dataclass(frozen=True)
class PaymentKey:
    """Which payment: the provider's number, or the merchant's and ours."""

    transaction_id: str | None = None
    mchid: str | None = None
    out_trade_no: str | None = None

    def __post_init__(self) -> None:
        has_ours = bool(self.mchid and self.out_trade_no)
        if bool(self.transaction_id) == has_ours:
            raise BadInput("payment", "either the provider's number, or the merchant's and ours")

    def for_shipping(self) -> dict[str, Any]:
        """Write it as uploads want it."""
        if self.transaction_id:
            return {"order_number_type": 2, "transaction_id": self.transaction_id}
        return {"order_number_type": 1, "mchid": self.mchid, "out_trade_no": self.out_trade_no}

    def for_asking(self) -> dict[str, Any]:
        """Write it as questions want it, where the same numbers have other names."""
        if self.transaction_id:
            return {"transaction_id": self.transaction_id}
        return {"merchant_id": self.mchid, "merchant_trade_no": self.out_trade_no}


@dataclass(frozen=True)
class Parcel:
    """What is in it, and how the carrier knows it; phones are masked but for the last four."""

    description: str
    tracking_number: str = ""
    carrier: str = ""
    sender_phone: str = ""
    receiver_phone: str = ""


@dataclass(frozen=True)
class Shipment:
    """How one paid order leaves; `is_complete` matters only where it leaves in several parcels."""

    payment: PaymentKey
    way: Way
    parcels: tuple[Parcel, ...]
    is_split: bool = False
    is_complete: bool = True


@dataclass(frozen=True)
class Shipping:
    """Tells one mini program's platform what was shipped or handed over."""

    app: WeixinApp

    async def upload(self, shipment: Shipment, openid: str, now: datetime) -> bool:
        """Say how an order was shipped; False where the platform already knew just that.

        A repeat with the same content changes nothing. Another content is the one correction that
        the platform allows, after which it is ShippingFinal. Straight after a payment it may be
        NotKnownYet: try again after `wait_before`.
        """
        body = _wire(shipment) | _common(openid, now)
        return await self._upload("upload_shipping_info", body)

    async def upload_combined(
        self, payment: PaymentKey, shipments: Sequence[Shipment], openid: str, now: datetime
    ) -> bool:
        """Say how the orders of one combined payment were shipped; a repeat is as for one."""
        keys = [each.payment for each in shipments]
        if not keys or len(set(keys)) != len(keys):
            raise BadInput("shipments", "one for each order of the payment")
        if len({bool(each.transaction_id) for each in [payment, *keys]}) != 1:
            raise BadInput("payment", "all named by the same kind of number")
        body = {
            "order_key": payment.for_shipping(),
            "sub_orders": [_wire(each) for each in shipments],
            **_common(openid, now),
        }
        return await self._upload("upload_combined_shipping_info", body)

    async def _upload(self, verb: str, body: dict[str, Any]) -> bool:
        said = await self.app.post(f"/wxa/sec/order/{verb}", body, Said, harmless={_UNCHANGED})
        return said.errcode != _UNCHANGED


def wait_before(tries: int) -> timedelta:
    """Say how long to wait after so many tries: ten seconds at first, half an hour in the end."""
    return timedelta(seconds=_WAITS_SECONDS[min(max(tries, 1), len(_WAITS_SECONDS)) - 1])


def masked(phone: str) -> str:
    """Hide a phone number but for its beginning and its last four digits."""
    if len(phone) < 8:
        raise BadInput("phone", "too short to be masked")
    return phone[:-8] + "****" + phone[-4:]


def _common(openid: str, now: datetime) -> dict[str, Any]:
    # The platform orders uploads by this moment, so a later one must carry a later one.
    at = now.astimezone(SHANGHAI).isoformat(timespec="milliseconds")
    return {"upload_time": at, "payer": {"openid": openid}}


def _wire(shipment: Shipment) -> dict[str, Any]:
    most = PARCELS_MOST if shipment.is_split else 1
    if not 1 <= len(shipment.parcels) <= most:
        raise BadInput("parcels", f"from 1 to {most}")
    if shipment.is_split and shipment.way is not Way.EXPRESS:
        raise BadInput("parcels", "only what goes by express leaves in several")
    body: dict[str, Any] = {
        "order_key": shipment.payment.for_shipping(),
        "logistics_type": shipment.way.value,
        "delivery_mode": 2 if shipment.is_split else 1,
        "shipping_list": [_parcel(each, shipment.way) for each in shipment.parcels],
    }
    if shipment.is_split:
        body["is_all_delivered"] = shipment.is_complete
    return body


def _parcel(parcel: Parcel, way: Way) -> dict[str, Any]:
    if not 1 <= len(parcel.description) <= DESCRIPTION_CHARACTERS:
        raise BadInput("description", f"from 1 to {DESCRIPTION_CHARACTERS} characters")
    if way is Way.EXPRESS and not (parcel.tracking_number and parcel.carrier):
        raise BadInput("parcels", "an express parcel has a carrier and a number")
    if max(len(parcel.tracking_number), len(parcel.carrier)) > NUMBER_CHARACTERS:
        raise BadInput("parcels", f"a carrier and a number of {NUMBER_CHARACTERS} characters")
    phones = {"consignor_contact": parcel.sender_phone, "receiver_contact": parcel.receiver_phone}
    contact = {name: phone for name, phone in phones.items() if phone}
    if parcel.carrier == _CARRIER_THAT_ASKS_FOR_A_PHONE and not contact:
        raise BadInput("parcels", "this carrier wants the masked phone of one side")
    said = {
        "item_desc": parcel.description,
        "tracking_no": parcel.tracking_number,
        "express_company": parcel.carrier,
    }
    wire: dict[str, Any] = {name: value for name, value in said.items() if value}
    if contact:
        wire["contact"] = contact
    return wire

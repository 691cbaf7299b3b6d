"""What a prepay asks for, field by field, and what the platform refuses before an order exists."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from headwater.sandbox.pay.errors import bad_parameter
from headwater.sandbox.pay.limits import most

NOBODYS_DOMAINS = ("localhost", "test", "example", "invalid", "local", "internal")

OutTradeNo = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_\-|*]{6,32}\Z")]
Moment = Annotated[datetime, Meta(tz=True)]
Id32 = Annotated[str, Meta(min_length=1, max_length=32)]
Text32 = Annotated[str, Meta(max_length=32)]
Text256 = Annotated[str, Meta(max_length=256)]
Text128 = Annotated[str, Meta(max_length=128)]
Fen = Annotated[int, Meta(ge=0, le=10**12)]


class Amount(msgspec.Struct):
    total: Annotated[int, Meta(ge=1, le=10**12)]
    currency: Literal["CNY"] = "CNY"


class Payer(msgspec.Struct):
    openid: Annotated[str, Meta(min_length=1, max_length=128)]


class Goods(msgspec.Struct):
    merchant_goods_id: Id32
    quantity: Annotated[int, Meta(ge=1)]
    unit_price: Fen
    wechatpay_goods_id: Text32 | None = None
    goods_name: Text256 | None = None


class Detail(msgspec.Struct):
    cost_price: Fen | None = None
    invoice_id: Text32 | None = None
    goods_detail: Annotated[list[Goods], Meta(min_length=1, max_length=6_000)] | None = None


class Store(msgspec.Struct):
    id: Id32
    name: Text256 | None = None
    area_code: Text32 | None = None
    address: Annotated[str, Meta(max_length=512)] | None = None


class H5(msgspec.Struct):
    type: Id32
    app_name: Annotated[str, Meta(max_length=64)] | None = None
    app_url: Text128 | None = None
    bundle_id: Text128 | None = None
    package_name: Text128 | None = None


class Scene(msgspec.Struct):
    payer_client_ip: Annotated[str, Meta(min_length=1, max_length=45)]
    device_id: Text32 | None = None
    store_info: Store | None = None
    h5_info: H5 | None = None


class Settle(msgspec.Struct):
    profit_sharing: bool = False


class PrepayRequest(msgspec.Struct):
    """The body of a prepay as merchants send it; fields unknown here are let pass."""

    appid: Id32
    mchid: Id32
    description: Annotated[str, Meta(min_length=1, max_length=most("description, characters"))]
    out_trade_no: OutTradeNo
    notify_url: Annotated[str, Meta(min_length=1, max_length=most("notify_url, characters"))]
    amount: Amount
    attach: Annotated[str, Meta(max_length=most("attach, characters"))] | None = None
    time_expire: Moment | None = None
    payer: Payer | None = None
    goods_tag: Text32 | None = None
    support_fapiao: bool | None = None
    detail: Detail | None = None
    scene_info: Scene | None = None
    settle_info: Settle | None = None


def check(request: PrepayRequest, trade_type: str) -> None:
    """Refuse what no state of things could make right."""
    check_notify_url(request.notify_url)
    if trade_type == "JSAPI" and request.payer is None:
        raise bad_parameter("/payer/openid", "is required")
    if trade_type == "MWEB":
        if request.scene_info is None:
            raise bad_parameter("/scene_info", "is required")
        if request.scene_info.h5_info is None:
            raise bad_parameter("/scene_info/h5_info", "is required")
    if request.scene_info is not None:
        _check_address(request.scene_info.payer_client_ip)


def check_notify_url(url: str) -> None:
    """A notice needs an absolute https address without a query; http is for one's own network."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise bad_parameter("/notify_url", "must be an absolute address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise bad_parameter("/notify_url", "must be an absolute https address")
    if parts.scheme == "http" and not _is_near(host):
        raise bad_parameter("/notify_url", "must be https")
    if "?" in url or "#" in url:
        raise bad_parameter("/notify_url", "must not carry a query or fragment")


def end_of(request: PrepayRequest, now: datetime) -> datetime:
    """Until when the order can be paid; an end too near or too far is moved, not refused."""
    if request.time_expire is None:
        return now + timedelta(days=most("time_expire left out, days"))
    nearest = now + timedelta(seconds=most("time_expire, seconds at least"))
    return min(max(request.time_expire, nearest), now + timedelta(days=most("time_expire, days")))


def fingerprint(request: PrepayRequest, trade_type: str) -> str:
    """What makes two prepays the same: every parameter, the end of the order among them."""
    plain = msgspec.to_builtins(request) | {"trade_type": trade_type}
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


def _is_near(host: str) -> bool:
    """Whether a host cannot be on the internet, so that nobody listens on the way to it."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.rsplit(".", 1)[-1].lower() in NOBODYS_DOMAINS
    return address.is_private or address.is_loopback


def _check_address(address: str) -> None:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise bad_parameter("/scene_info/payer_client_ip", "is no IP address") from None

"""What an order says to WeChat Pay before its payment, and what opens the pay sheet."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import quote

from headwater.base.errors import BadInput
from headwater.base.times import SHANGHAI
from headwater.connect.wechat_pay.signing import (
    MerchantKey,
    WechatPayCredentials,
    app_sheet_message,
    pay_sheet_message,
)

OUT_TRADE_NO: Final = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
OUT_REFUND_NO: Final = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
TRANSACTION_ID: Final = re.compile(r"[0-9A-Za-z]{1,32}")
DESCRIPTION_LENGTH: Final = 127
ATTACH_LENGTH: Final = 128
GOODS_TAG_LENGTH: Final = 32


class BrowserKind(StrEnum):
    """Where a page outside WeChat runs, as H5 payment wants to know it."""

    IOS = "iOS"
    ANDROID = "Android"
    WEB = "Wap"


@dataclass(frozen=True)
class Browser:
    """A shopper's browser outside WeChat; its own address is required, not that of a proxy."""

    ip: str
    kind: BrowserKind = BrowserKind.WEB


@dataclass(frozen=True)
class StoreScene:
    """The store whose sale it is, for WeChat's own reports per store."""

    store_id: str
    name: str = ""
    area_code: str = ""
    address: str = ""


@dataclass(frozen=True)
class Goods:
    """One article of the order, for offers that WeChat ties to single articles."""

    number: str
    name: str
    quantity: int
    price_fen: int


@dataclass(frozen=True)
class Extras:
    """What an order may say besides; `is_shared` keeps its money frozen for profit sharing."""

    attach: str = ""
    goods_tag: str = ""
    goods: Sequence[Goods] = ()
    store: StoreScene | None = None
    payer_ip: str = ""
    offers_invoice: bool = False
    is_shared: bool = False


NOTHING_MORE: Final = Extras()


@dataclass(frozen=True)
class PaySheet:
    """What a page or a mini program needs to open WeChat's pay sheet."""

    app_id: str
    timestamp: str
    nonce: str
    package: str
    sign_type: str
    pay_sign: str

    def for_bridge(self) -> dict[str, str]:
        """Spell the fields as WeChat's own page bridge wants them."""
        return {"appId": self.app_id} | self.for_mini_program()

    def for_mini_program(self) -> dict[str, str]:
        """Spell the fields as wx.requestPayment wants them: the app is known there already."""
        return {
            "timeStamp": self.timestamp,
            "nonceStr": self.nonce,
            "package": self.package,
            "signType": self.sign_type,
            "paySign": self.pay_sign,
        }


@dataclass(frozen=True)
class AppSheet:
    """What an app of ours needs to open the pay sheet; other names, and another signature."""

    app_id: str
    partner_id: str
    prepay_id: str
    timestamp: str
    nonce: str
    sign: str

    def for_app(self) -> dict[str, str]:
        """Spell the fields as WeChat's open SDK wants them."""
        return {
            "appid": self.app_id,
            "partnerid": self.partner_id,
            "prepayid": self.prepay_id,
            "package": "Sign=WXPay",
            "noncestr": self.nonce,
            "timestamp": self.timestamp,
            "sign": self.sign,
        }


def pay_sheet(key: MerchantKey, appid: str, prepay_id: str, now: datetime) -> PaySheet:
    """Sign what opens the sheet in a page or a mini program, with a fresh nonce."""
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    package = f"prepay_id={prepay_id}"
    sign = key.sign(pay_sheet_message(appid, timestamp, nonce, package))
    return PaySheet(appid, timestamp, nonce, package, "RSA", sign)


def app_sheet(key: MerchantKey, appid: str, mchid: str, prepay_id: str, now: datetime) -> AppSheet:
    """Sign what opens the sheet in an app, with a fresh nonce."""
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    sign = key.sign(app_sheet_message(appid, timestamp, nonce, prepay_id))
    return AppSheet(appid, mchid, prepay_id, timestamp, nonce, sign)


@dataclass(frozen=True)
class Order:
    """An order as every kind of payment asks for it."""

    out_trade_no: str
    amount_fen: int
    description: str
    expires_at: datetime
    extras: Extras = NOTHING_MORE


def prepay_body(known: WechatPayCredentials, appid: str, order: Order) -> dict[str, Any]:
    """Say it in WeChat's words, and refuse what WeChat would refuse anyway."""
    if order.amount_fen < 1:
        raise BadInput("amount_fen", "a payment is at least one fen")
    _short("description", order.description, DESCRIPTION_LENGTH, least=1)
    assert order.expires_at.tzinfo is not None
    body: dict[str, Any] = {
        "appid": appid,
        "mchid": known.mchid,
        "description": order.description,
        "out_trade_no": checked(OUT_TRADE_NO, "out_trade_no", order.out_trade_no),
        "time_expire": order.expires_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "notify_url": known.notify_url,
        "amount": {"total": order.amount_fen, "currency": "CNY"},
    }
    return body | _extras(order.extras)


def browser_scene(browser: Browser, extras: Extras) -> dict[str, Any]:
    """Say where a page outside WeChat runs; H5 payment refuses an order without it."""
    scene: dict[str, Any] = _scene(extras) or {}
    return scene | {"payer_client_ip": _ip(browser.ip), "h5_info": {"type": browser.kind.value}}


def h5_link_back_to(h5_url: str, return_url: str) -> str:
    """Let WeChat lead the browser back to our page; without it the shopper ends where it began."""
    return f"{h5_url}&redirect_url={quote(return_url, safe='')}"


def checked(pattern: re.Pattern[str], field: str, number: str) -> str:
    """Keep a number that cannot be one of ours out of addresses and bodies."""
    if not pattern.fullmatch(number):
        raise BadInput(field, f"must match {pattern.pattern}")
    return number


def in_path(pattern: re.Pattern[str], field: str, number: str) -> str:
    """Spell a checked number as one piece of a path."""
    return quote(checked(pattern, field, number), safe="*")


def _extras(extras: Extras) -> dict[str, Any]:
    _short("attach", extras.attach, ATTACH_LENGTH)
    _short("goods_tag", extras.goods_tag, GOODS_TAG_LENGTH)
    body: dict[str, Any] = {}
    if extras.attach:
        body["attach"] = extras.attach
    if extras.goods_tag:
        body["goods_tag"] = extras.goods_tag
    if extras.goods:
        body["detail"] = {"goods_detail": [_goods(each) for each in extras.goods]}
    if scene := _scene(extras):
        body["scene_info"] = scene
    if extras.offers_invoice:
        body["support_fapiao"] = True
    if extras.is_shared:
        body["settle_info"] = {"profit_sharing": True}
    return body


def _goods(goods: Goods) -> dict[str, Any]:
    return {
        "merchant_goods_id": goods.number,
        "goods_name": goods.name,
        "quantity": goods.quantity,
        "unit_price": goods.price_fen,
    }


def _scene(extras: Extras) -> dict[str, Any] | None:
    """Name the store; WeChat takes a store only together with the payer's address."""
    if not extras.payer_ip:
        if extras.store is not None:
            raise BadInput("payer_ip", "a store is named together with the payer's address")
        return None
    scene: dict[str, Any] = {"payer_client_ip": _ip(extras.payer_ip)}
    if store := extras.store:
        named = {"name": store.name, "area_code": store.area_code, "address": store.address}
        scene["store_info"] = {"id": store.store_id} | {
            name: value for name, value in named.items() if value
        }
    return scene


def _ip(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise BadInput("payer_ip", "is not an address") from error


def _short(field: str, text: str, most: int, least: int = 0) -> None:
    if not least <= len(text) <= most:
        raise BadInput(field, f"from {least} to {most} characters")

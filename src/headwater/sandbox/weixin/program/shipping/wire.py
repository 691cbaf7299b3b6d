"""What an upload of shipping information must look like before anybody looks at the order."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from headwater.sandbox.weixin.errors import WeixinError
from headwater.sandbox.weixin.limits import most, within

BY_NUMBER, BY_TRANSACTION = 1, 2
EXPRESS, SAME_CITY, VIRTUAL, PICK_UP = 1, 2, 3, 4
UNIFIED, SPLIT = 1, 2
LONGEST_NUMBER = 128
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)\Z")
_MASKED = re.compile(r"\S*\d{4}(?:-\d+)?\Z")


class OrderKey(msgspec.Struct):
    order_number_type: int
    transaction_id: str = ""
    mchid: str = ""
    out_trade_no: str = ""


class Contact(msgspec.Struct):
    consignor_contact: str = ""
    receiver_contact: str = ""


class Package(msgspec.Struct):
    item_desc: str = ""
    tracking_no: str = ""
    express_company: str = ""
    contact: Contact | None = None


class Payer(msgspec.Struct):
    openid: str


class UploadRequest(msgspec.Struct):
    """The body of upload_shipping_info."""

    order_key: OrderKey
    logistics_type: int
    delivery_mode: int
    upload_time: str
    payer: Payer
    shipping_list: list[Package] = []
    is_all_delivered: bool | None = None


class SubOrder(msgspec.Struct):
    order_key: OrderKey
    logistics_type: int
    delivery_mode: int
    shipping_list: list[Package] = []
    is_all_delivered: bool | None = None


class CombinedRequest(msgspec.Struct):
    """The body of upload_combined_shipping_info."""

    order_key: OrderKey
    sub_orders: list[SubOrder]
    upload_time: str
    payer: Payer


def check(asked: UploadRequest) -> datetime:
    """Refuse a wrong form with the platform's number for it; gives the moment of the upload."""
    _check_key(asked.order_key)
    if asked.logistics_type not in (EXPRESS, SAME_CITY, VIRTUAL, PICK_UP):
        raise WeixinError(10060005, "物流类型有误")
    if asked.delivery_mode not in (UNIFIED, SPLIT):
        raise WeixinError(268485224, "发货模式非法")
    if asked.delivery_mode == UNIFIED and len(asked.shipping_list) != 1:
        raise WeixinError(268485228, "统一发货模式下，物流信息列表长度必须为1")
    if asked.delivery_mode == SPLIT:
        if asked.logistics_type != EXPRESS:
            raise WeixinError(10060006, "非快递发货时不允许分拆发货")
        if asked.is_all_delivered is None:
            raise WeixinError(10060007, "分拆发货模式下必须填写is_all_delivered")
        if not asked.shipping_list:
            raise WeixinError(47003, "argument invalid! shipping_list")
    within("shipping.packages", len(asked.shipping_list))
    for package in asked.shipping_list:
        _check_package(package, asked.logistics_type)
    return _moment(asked.upload_time)


def _check_key(key: OrderKey) -> None:
    if key.order_number_type == BY_NUMBER:
        if not key.mchid:
            raise WeixinError(268485196, "商户侧单号形式下，mchid不能为空")
        if not key.out_trade_no:
            raise WeixinError(268485197, "商户侧单号形式下，out_trade_no不能为空")
    elif key.order_number_type == BY_TRANSACTION:
        if not key.transaction_id:
            raise WeixinError(268485195, "微信支付单号形式下，transaction_id不能为空")
    else:
        raise WeixinError(268485194, "订单单号类型非法")


def _check_package(package: Package, logistics_type: int) -> None:
    if not package.item_desc:
        raise WeixinError(10060008, "商品描述item_desc字段不能为空")
    if len(package.item_desc) > most("shipping.item"):
        within("shipping.item", len(package.item_desc))
    if logistics_type != EXPRESS:
        return
    if not package.tracking_no:
        raise WeixinError(268485226, "物流单号不能为空")
    if not package.express_company:
        raise WeixinError(268485227, "物流公司编码不能为空")
    if len(package.tracking_no.encode()) > LONGEST_NUMBER:
        raise WeixinError(10060026, "物流单号太长")
    if len(package.express_company.encode()) > LONGEST_NUMBER:
        raise WeixinError(10060025, "物流公司编码太长")
    _check_contact(package)


def _check_contact(package: Package) -> None:
    contact = package.contact or Contact()
    given = [one for one in (contact.consignor_contact, contact.receiver_contact) if one]
    # The documents seen print no number of its own for a contact that is missing or wrong.
    if package.express_company == "SF" and not given:
        raise WeixinError(47003, "argument invalid! contact is required for SF")
    if not all(_MASKED.match(one) for one in given):
        raise WeixinError(47003, "argument invalid! the last four digits stay unmasked")


def _moment(text: str) -> datetime:
    try:
        if _MOMENT.match(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise WeixinError(268485216, "上传时间非法，请按照RFC 3339格式填写")

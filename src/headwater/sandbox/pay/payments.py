"""Orders at the pay host: prepay, pay, query, close, with the platform's order-number rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from headwater.sandbox.credentials import derive, digits
from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.errors import PayError, bad_parameter, invalid_request
from headwater.sandbox.pay.limits import most
from headwater.sandbox.pay.notices import Notices
from headwater.sandbox.pay.prepays import PrepayRequest, check, end_of, fingerprint
from headwater.sandbox.pay.wire import SHANGHAI, wire_time
from headwater.sandbox.people import NoSuchPerson, Person

PREPAY_LIVES = timedelta(seconds=most("prepay id lives, seconds"))
SCAN_PREFIX = "weixin://wxpay/bizpayurl?pr="
STATE_WORDS = {
    "NOTPAY": "订单未支付",
    "SUCCESS": "支付成功",
    "REFUND": "订单发生过退款",
    "CLOSED": "订单已关闭",
}


@dataclass(frozen=True)
class Prepay:
    """One permission to open the pay sheet; an order may have several."""

    prepay_id: str
    scan_code: str
    made_at: datetime


@dataclass(frozen=True)
class Order:
    """What a merchant asked money for, under the merchant's own number."""

    out_trade_no: str
    appid: str
    trade_type: str
    description: str
    total_fen: int
    notify_url: str
    fingerprint: str
    made_at: datetime
    prepays: tuple[Prepay, ...]
    openid: str | None = None
    attach: str | None = None
    expires_at: datetime | None = None
    state: str = "NOTPAY"
    transaction_id: str | None = None
    paid_at: datetime | None = None
    payer_openid: str | None = None
    is_shared: bool = False
    device_id: str | None = None


class CannotPay(Exception):
    """The pay sheet cannot take this payment; the message is for the person who holds the phone."""


class Payments:
    """All orders of the merchant, by the merchant's number, by transaction and by prepay id."""

    def __init__(self, ground: Ground, notices: Notices) -> None:
        known = ground.credentials
        self.mchid: str = known["pay"]["mchid"]
        self.appids = tuple(known[name]["appid"] for name in ("official_account", "mini_program"))
        self._seed = ground.seed
        self._people = ground.people
        self._notices = notices
        self._journal = journal = ground.journal
        self._orders: dict[str, Order] = {}
        self._number_by_transaction: dict[str, str] = {}
        self._number_by_prepay: dict[str, str] = {}
        self._prepay_by_code: dict[str, str] = {}
        for order in journal.rows("order", Order):
            self._put(order)

    def prepay(self, request: PrepayRequest, trade_type: str, now: datetime) -> Prepay:
        """Open an order, or ask again: the same number with the same parameters is harmless."""
        self._check(request, trade_type)
        known = self._orders.get(request.out_trade_no)
        if known is not None:
            _check_again(known, fingerprint(request, trade_type))
        order = known or _new_order(request, trade_type, now)
        prepay = self._new_prepay(order, now)
        self._save(replace(order, prepays=(*order.prepays, prepay)))
        return prepay

    def pay(self, prepay_id: str, person: Person, now: datetime) -> Order:
        """The person pays; the merchant hears of it by a notice and by asking."""
        order = self.payable(prepay_id, now)
        openid = self._people.openid(person, order.appid)
        if order.openid not in (None, openid):
            raise CannotPay("该订单不属于当前用户")
        paid = replace(
            order,
            state="SUCCESS",
            transaction_id="42" + digits(self._seed, 26, "transaction", order.out_trade_no),
            paid_at=now,
            payer_openid=openid,
        )
        self._save(paid)
        self._notices.announce("transaction", paid.notify_url, self.shown(paid), now)
        return paid

    def payable(self, prepay_id: str, now: datetime) -> Order:
        """The order behind a prepay id, if money could still be given for it."""
        number = self._number_by_prepay.get(prepay_id)
        if number is None:
            raise CannotPay("支付单不存在")
        order = self._orders[number]
        if order.state in ("SUCCESS", "REFUND"):
            raise CannotPay("该订单已支付")
        if order.state != "NOTPAY":
            raise CannotPay("该订单已关闭")
        prepay = next(one for one in order.prepays if one.prepay_id == prepay_id)
        is_over = order.expires_at is not None and now >= order.expires_at
        if is_over or now - prepay.made_at >= PREPAY_LIVES:
            raise CannotPay("该订单已过期")
        return order

    def scanned(self, code: str) -> str:
        """The prepay id behind a Native code."""
        prepay_id = self._prepay_by_code.get(code.strip().removeprefix(SCAN_PREFIX))
        if prepay_id is None:
            raise CannotPay("二维码无效")
        return prepay_id

    def close(self, out_trade_no: str, now: datetime) -> None:
        """No money can come after this; closing twice is closing once."""
        order = self.find(out_trade_no)
        if order.state in ("SUCCESS", "REFUND"):
            raise invalid_request("订单已支付，不能关闭")
        self._save(replace(order, state="CLOSED"))

    def mark_refunded(self, out_trade_no: str) -> None:
        """Money went back for this order, all of it or a part."""
        self._save(replace(self._orders[out_trade_no], state="REFUND"))

    def find(self, out_trade_no: str) -> Order:
        """The order under the merchant's number."""
        order = self._orders.get(out_trade_no)
        if order is None:
            raise PayError(404, "ORDER_NOT_EXIST", "订单不存在")
        return order

    def find_transaction(self, transaction_id: str) -> Order:
        """The order under the platform's number."""
        return self.find(self._number_by_transaction.get(transaction_id, ""))

    def everything(self) -> list[Order]:
        """All orders, oldest first."""
        return list(self._orders.values())

    def shown(self, order: Order) -> dict[str, Any]:
        """The order as a query answers it and as a notice carries it."""
        body: dict[str, Any] = {
            "mchid": self.mchid,
            "appid": order.appid,
            "out_trade_no": order.out_trade_no,
            "trade_state": order.state,
            "trade_state_desc": STATE_WORDS[order.state],
            "amount": {"total": order.total_fen, "currency": "CNY"},
        }
        if order.attach is not None:
            body["attach"] = order.attach
        if order.device_id is not None:
            body["scene_info"] = {"device_id": order.device_id}
        if order.paid_at is not None:
            body["transaction_id"] = order.transaction_id
            body["trade_type"] = order.trade_type
            body["bank_type"] = "OTHERS"
            body["success_time"] = wire_time(order.paid_at)
            body["payer"] = {"openid": order.payer_openid}
            body["amount"] |= {"payer_total": order.total_fen, "payer_currency": "CNY"}
        return body

    def _check(self, request: PrepayRequest, trade_type: str) -> None:
        if request.mchid != self.mchid or request.appid not in self.appids:
            raise PayError(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
        check(request, trade_type)
        if trade_type == "JSAPI" and request.payer is not None:
            try:
                self._people.behind(request.payer.openid, request.appid)
            except NoSuchPerson:
                raise bad_parameter("/payer/openid", "does not belong to the appid") from None

    def _new_prepay(self, order: Order, now: datetime) -> Prepay:
        drawn = derive(self._seed, "prepay", order.out_trade_no, len(order.prepays)).hex()
        moment = now.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S")
        return Prepay(f"wx{moment}{drawn[:20]}", drawn[20:34], now)

    def _save(self, order: Order) -> None:
        self._put(order)
        self._journal.write("order", order)

    def _put(self, order: Order) -> None:
        self._orders[order.out_trade_no] = order
        if order.transaction_id is not None:
            self._number_by_transaction[order.transaction_id] = order.out_trade_no
        for prepay in order.prepays:
            self._number_by_prepay[prepay.prepay_id] = order.out_trade_no
            self._prepay_by_code[prepay.scan_code] = prepay.prepay_id


def _new_order(request: PrepayRequest, trade_type: str, now: datetime) -> Order:
    payer, scene, settle = request.payer, request.scene_info, request.settle_info
    return Order(
        out_trade_no=request.out_trade_no,
        appid=request.appid,
        trade_type=trade_type,
        description=request.description,
        total_fen=request.amount.total,
        notify_url=request.notify_url,
        fingerprint=fingerprint(request, trade_type),
        made_at=now,
        prepays=(),
        openid=payer.openid if trade_type == "JSAPI" and payer else None,
        attach=request.attach,
        expires_at=end_of(request, now),
        is_shared=settle is not None and settle.profit_sharing,
        device_id=scene.device_id if scene else None,
    )


def _check_again(known: Order, fingerprint: str) -> None:
    if known.state in ("SUCCESS", "REFUND"):
        raise PayError(403, "OUT_TRADE_NO_USED", "商户订单号已支付")
    if known.state == "CLOSED":
        raise PayError(400, "ORDER_CLOSED", "订单已关闭")
    if known.fingerprint != fingerprint:
        raise invalid_request("201 商户订单号重复")

"""The pay sheet: opened by a shop's signed call or by scanning a code, decided by a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from headwater.sandbox.credentials import PublicKey
from headwater.sandbox.pay.payments import CannotPay, Order, Payments
from headwater.sandbox.pay.signing import is_signed_by, lines
from headwater.sandbox.people import NoSuchPerson, People, Person
from headwater.sandbox.weixin.oauth import origin

SIGNED = ("appId", "timeStamp", "nonceStr", "package")
CALL = ("prepay_id", *SIGNED, "signType", "paySign", "return_url")
OUTCOMES = {"approve": "paid", "refuse": "refused", "wait": "waiting"}


class BadSheet(Exception):
    """The sheet cannot open; the message is for the person, the place is the shop to go back to."""

    def __init__(self, why: str, return_url: str | None = None) -> None:
        self.why = why
        self.return_url = return_url
        super().__init__(why)


class NobodyHolds(BadSheet):
    """A scanned code is paid by whoever holds the phone, and nobody does yet."""


@dataclass(frozen=True)
class Sheet:
    """What the person sees, and the fields that open the same sheet again."""

    prepay_id: str
    order: Order
    person: Person
    fields: dict[str, str]
    return_url: str | None


class Sheets:
    """Opens sheets and takes decisions; nothing but an approval changes anything."""

    def __init__(
        self,
        payments: Payments,
        people: People,
        merchants: Callable[[], Mapping[str, PublicKey]],
    ) -> None:
        self._payments = payments
        self._people = people
        self._merchants = merchants

    def open(self, given: Mapping[str, str], holder: Person | None, now: datetime) -> Sheet:
        """The sheet for a signed call of a shop, or for a scanned code."""
        return_url = given.get("return_url") or None
        if return_url is not None and origin(return_url) is None:
            raise BadSheet("return_url 参数错误")
        try:
            if "code" in given:
                prepay_id, fields = self._payments.scanned(given["code"]), {"code": given["code"]}
                if return_url is not None:
                    fields["return_url"] = return_url
            else:
                prepay_id = self._called(given, return_url, now)
                fields = {name: given[name] for name in CALL if name in given}
            order = self._payments.payable(prepay_id, now)
        except CannotPay as error:
            raise BadSheet(str(error), return_url) from None
        person = self._payer(order, holder, return_url)
        return Sheet(prepay_id, order, person, fields, return_url)

    def decide(self, sheet: Sheet, decision: str, password: str, now: datetime) -> str:
        """Pay, refuse or wait; says which word stands for what came of it."""
        if decision not in OUTCOMES:
            raise BadSheet("请选择支付、拒绝或稍后", sheet.return_url)
        if decision == "approve":
            if password and not re.fullmatch(r"[0-9]{6}", password):
                raise BadSheet("支付密码应为 6 位数字", sheet.return_url)
            try:
                self._payments.pay(sheet.prepay_id, sheet.person, now)
            except CannotPay as error:
                raise BadSheet(str(error), sheet.return_url) from None
        return OUTCOMES[decision]

    def _called(self, given: Mapping[str, str], return_url: str | None, now: datetime) -> str:
        message = lines(*(given.get(name, "") for name in SIGNED))
        signature = given.get("paySign", "")
        # While a merchant changes its certificate, both of them sign.
        is_ours = any(is_signed_by(key, message, signature) for key in self._merchants().values())
        if given.get("signType") != "RSA" or not is_ours:
            raise BadSheet("支付验证签名失败", return_url)
        prepay_id = given["package"].removeprefix("prepay_id=")
        if given.get("prepay_id", prepay_id) != prepay_id:
            raise BadSheet("prepay_id 与 package 不一致", return_url)
        if given["appId"] != self._payments.payable(prepay_id, now).appid:
            raise BadSheet("appId 与订单不一致", return_url)
        return prepay_id

    def _payer(self, order: Order, holder: Person | None, return_url: str | None) -> Person:
        # A JSAPI order names its payer, so that person's phone opens whoever held it before.
        if order.openid is not None:
            try:
                return self._people.behind(order.openid, order.appid)
            except NoSuchPerson:
                raise BadSheet("该订单不属于当前用户", return_url) from None
        if holder is None:
            raise NobodyHolds("请先选择这是谁的手机", return_url)
        return holder

"""Smart guide (支付即服务): a guide's card appears on the receipt of a sale that is hers.

Rules: pay.weixin.qq.com/docs/merchant/apis/after-payment-service. They tell the fields and that
an assignment comes before the payment; they do not tell what a second registration of the same
person answers, nor whether an order may be assigned anew. That was never tried.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.sending import Identifier, understood
from headwater.connect.wechat_pay.exchange import Line
from headwater.connect.wechat_pay.keys import Sealed
from headwater.connect.wechat_pay.orders import OUT_TRADE_NO, checked, in_path
from headwater.connect.wechat_pay.states import WHOM

MOST_AT_ONCE: Final = 10
NAME_BYTES: Final = 64
MOBILE_BYTES: Final = 32
URL_LENGTH: Final = 1024

_GUIDES: Final = "/v3/smartguide/guides"
_GUIDE_ID: Final = re.compile(r"[0-9A-Za-z_\-]{1,64}")
_USER_ID: Final = re.compile(r"[!-~]{1,64}")


@dataclass(frozen=True)
class NewGuide:
    """A guide as WeCom knows her; her name and phone number travel sealed."""

    corpid: str
    userid: str
    name: str
    mobile: str
    qr_code: str
    avatar: str
    group_qr_code: str = ""


@dataclass(frozen=True)
class GuideChanges:
    """What changed of a guide; what is empty stays as it is."""

    name: str = ""
    mobile: str = ""
    qr_code: str = ""
    avatar: str = ""
    group_qr_code: str = ""


@dataclass(frozen=True)
class KnownGuide:
    """A registered guide; name and phone number come sealed for us and are opened here."""

    guide_id: str
    store_id: int
    name: str
    mobile: str
    userid: str
    work_id: str


@dataclass(frozen=True)
class GuidePage:
    """Ten guides at most, and how many there are in all."""

    guides: tuple[KnownGuide, ...]
    total: int


class _Registered(msgspec.Struct):
    guide_id: Identifier


class _Guide(msgspec.Struct):
    guide_id: Identifier
    store_id: int
    name: str = ""
    mobile: str = ""
    userid: str = ""
    work_id: str = ""


class _Guides(msgspec.Struct):
    data: list[_Guide]
    total_count: int = 0


class SmartGuide:
    """Guides at WeChat Pay: who they are, and whose sale an order is."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def register(self, store_id: int, guide: NewGuide) -> str:
        """Make a guide known for a store of WeChat's own list, and get her id there.

        What a second registration answers is not documented: look with `of_store` first.
        """
        if not (guide.name and guide.mobile):
            raise BadInput("guide", "needs a name and a phone number")
        sealed = self._sealed(guide.name, guide.mobile)
        body: dict[str, Any] = {
            "corpid": checked(_USER_ID, "corpid", guide.corpid),
            "store_id": _store(store_id),
            "userid": checked(_USER_ID, "userid", guide.userid),
            "qr_code": _url("qr_code", guide.qr_code),
            "avatar": _url("avatar", guide.avatar),
        } | sealed.fields
        if guide.group_qr_code:
            body["group_qrcode"] = _url("group_qr_code", guide.group_qr_code)
        raw = await self._line.exchange("POST", _GUIDES, body, sealed)
        return understood(_Registered, raw, WHOM).guide_id

    async def of_store(self, store_id: int, userid: str = "", offset: int = 0) -> GuidePage:
        """List a store's guides, ten at a time, or one of them; asking changes nothing."""
        query = f"store_id={_store(store_id)}&limit={MOST_AT_ONCE}&offset={max(0, offset)}"
        if userid:
            query += f"&userid={quote(checked(_USER_ID, 'userid', userid), safe='')}"
        raw = await self._line.exchange("GET", f"{_GUIDES}?{query}")
        wire = understood(_Guides, raw, WHOM)
        return GuidePage(tuple(self._known(each) for each in wire.data), wire.total_count)

    async def update(self, guide_id: str, changes: GuideChanges) -> None:
        """Write a guide's new name, number or pictures; writing the same again changes nothing."""
        pictures = {
            "qr_code": changes.qr_code,
            "avatar": changes.avatar,
            "group_qrcode": changes.group_qr_code,
        }
        body = {name: _url(name, text) for name, text in pictures.items() if text}
        sealed = None
        if changes.name or changes.mobile:
            sealed = self._sealed(changes.name, changes.mobile)
            body |= sealed.fields
        if not body:
            raise BadInput("changes", "name at least one")
        path = f"{_GUIDES}/{in_path(_GUIDE_ID, 'guide_id', guide_id)}"
        await self._line.exchange("PATCH", path, body, sealed)

    async def assign(self, guide_id: str, out_trade_no: str) -> None:
        """Say whose sale this order is, after it was asked for and before it is paid.

        After the payment it is too late: her card does not appear on the receipt. Saying the same
        again is not documented to do anything else than the first time.
        """
        path = f"{_GUIDES}/{in_path(_GUIDE_ID, 'guide_id', guide_id)}/assign"
        body = {"out_trade_no": checked(OUT_TRADE_NO, "out_trade_no", out_trade_no)}
        await self._line.exchange("POST", path, body)

    def _known(self, wire: _Guide) -> KnownGuide:
        unseal = self._line.merchant_key.unseal
        return KnownGuide(
            guide_id=wire.guide_id,
            store_id=wire.store_id,
            name=unseal(wire.name) if wire.name else "",
            mobile=unseal(wire.mobile) if wire.mobile else "",
            userid=wire.userid,
            work_id=wire.work_id,
        )

    def _sealed(self, name: str, mobile: str) -> Sealed:
        limits = {"name": (name, NAME_BYTES), "mobile": (mobile, MOBILE_BYTES)}
        for field, (text, most) in limits.items():
            if len(text.encode()) > most:
                raise BadInput(field, f"at most {most} bytes")
        given = {field: text for field, (text, _) in limits.items() if text}
        wanted = self._line.credentials.answer_serial
        return self._line.keys.seal(given, wanted, self._line.now())


def _store(store_id: int) -> int:
    if store_id < 1:
        raise BadInput("store_id", "is the number of a store in WeChat Pay's own list")
    return store_id


def _url(field: str, text: str) -> str:
    if not 1 <= len(text) <= URL_LENGTH:
        raise BadInput(field, f"from 1 to {URL_LENGTH} characters")
    return text

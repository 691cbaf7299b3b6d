"""Smart guide: who serves a shopper, so that the payment's receipt shows the guide's card."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from headwater.sandbox.credentials import letters
from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.errors import PayError, bad_parameter
from headwater.sandbox.pay.keys import Keys
from headwater.sandbox.pay.limits import most
from headwater.sandbox.pay.prepays import OutTradeNo

Sealed = Annotated[str, Meta(min_length=1, max_length=1_024)]


class GuideRequest(msgspec.Struct):
    """The body of a registration; name and number are encrypted with the platform's key."""

    corpid: Annotated[str, Meta(min_length=1, max_length=32)]
    store_id: int
    userid: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Sealed
    mobile: Sealed
    qr_code: Annotated[str, Meta(min_length=1, max_length=1_024)]
    avatar: Annotated[str, Meta(min_length=1, max_length=1_024)]
    group_qrcode: str | None = None
    sub_mchid: str | None = None


class GuideChange(msgspec.Struct):
    """The body of a change; what is left out stays."""

    name: Sealed | None = None
    mobile: Sealed | None = None
    qr_code: str | None = None
    avatar: str | None = None
    sub_mchid: str | None = None


class AssignRequest(msgspec.Struct):
    """The body of an assignment; it comes before the payment, even before the prepay."""

    out_trade_no: OutTradeNo
    sub_mchid: str | None = None


@dataclass(frozen=True)
class Guide:
    """Somebody who serves, as the platform shows them."""

    id: str
    store_id: int
    corpid: str
    userid: str
    name: str
    mobile: str
    qr_code: str
    avatar: str


@dataclass(frozen=True)
class Assigned:
    """Whose work an order is, on the receipt."""

    out_trade_no: str
    guide_id: str
    at: datetime


class Guides:
    """All guides, and the orders they were assigned to."""

    def __init__(self, ground: Ground, keys: Keys) -> None:
        self._seed = ground.seed
        self._keys = keys
        self._journal = ground.journal
        self._all = {one.id: one for one in ground.journal.rows("guide", Guide)}
        rows = ground.journal.rows("assigned", Assigned)
        self._assigned = {one.out_trade_no: one for one in rows}

    def register(self, asked: GuideRequest, serial: str) -> dict[str, Any]:
        """Register somebody; the same person in the same store keeps the id."""
        drawn = letters(self._seed, 33, "guide", asked.store_id, asked.userid)
        name = self._keys.opened("/name", asked.name, serial)
        mobile = self._keys.opened("/mobile", asked.mobile, serial)
        who = (drawn, asked.store_id, asked.corpid, asked.userid)
        guide = Guide(*who, name, mobile, asked.qr_code, asked.avatar)
        self._save(guide)
        return {"guide_id": guide.id}

    def change(self, guide_id: str, asked: GuideChange, serial: str) -> None:
        """Change what the card shows."""
        guide = self._find(guide_id)
        changes: dict[str, Any] = {}
        for field in ("name", "mobile"):
            sealed = getattr(asked, field)
            if sealed is not None:
                changes[field] = self._keys.opened(f"/{field}", sealed, serial)
        for field in ("qr_code", "avatar"):
            if getattr(asked, field) is not None:
                changes[field] = getattr(asked, field)
        self._save(replace(guide, **changes))

    def listed(self, query: dict[str, str], serial: str) -> dict[str, Any]:
        """Guides of a store, ten at a time; names come encrypted for the merchant."""
        store_id = _whole(query, "store_id", None)
        limit = _whole(query, "limit", most("guides listed at once"))
        offset = _whole(query, "offset", 0)
        if not 1 <= limit <= most("guides listed at once"):
            raise bad_parameter("limit", "is 1 to 10", "query")
        mobile = query.get("mobile")
        number = None if mobile is None else self._keys.opened("mobile", mobile, serial)
        found = [
            one
            for one in self._all.values()
            if one.store_id == store_id
            and query.get("userid") in (None, one.userid)
            and number in (None, one.mobile)
        ]
        page = found[offset : offset + limit]
        return {
            "data": [self._shown(one) for one in page],
            "total_count": len(found),
            "limit": limit,
            "offset": offset,
        }

    def assign(self, guide_id: str, asked: AssignRequest, now: datetime) -> None:
        """Assign an order; after its payment this is taken and changes nothing on the receipt."""
        self._find(guide_id)
        assigned = Assigned(asked.out_trade_no, guide_id, now)
        self._assigned[asked.out_trade_no] = assigned
        self._journal.write("assigned", assigned)

    def on_receipt(self, out_trade_no: str, paid_at: datetime) -> Guide | None:
        """Whose card the receipt of an order shows, if somebody was assigned in time."""
        assigned = self._assigned.get(out_trade_no)
        if assigned is None or assigned.at > paid_at:
            return None
        return self._all[assigned.guide_id]

    def _shown(self, guide: Guide) -> dict[str, Any]:
        return {
            "guide_id": guide.id,
            "store_id": guide.store_id,
            "name": self._keys.sealed_for_merchant(guide.name),
            "mobile": self._keys.sealed_for_merchant(guide.mobile),
            "userid": guide.userid,
        }

    def _find(self, guide_id: str) -> Guide:
        if guide_id not in self._all:
            raise PayError(404, "RESOURCE_NOT_EXISTS", "服务人员不存在")
        return self._all[guide_id]

    def _save(self, guide: Guide) -> None:
        self._all[guide.id] = guide
        self._journal.write("guide", guide)


def _whole(query: dict[str, str], name: str, without: int | None) -> int:
    if name not in query and without is not None:
        return without
    text = query.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise bad_parameter(name, "must be a whole number", "query")
    return int(text)

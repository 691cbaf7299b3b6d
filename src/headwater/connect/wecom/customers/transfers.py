"""Customers who pass from one guide to another, while the first one stays or after they left.

developer.work.weixin.qq.com/document/path/96325 (serving) and 96331 (resigned)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from headwater.connect.wecom import bounds
from headwater.connect.wecom.api import (
    Cursor,
    Page,
    Seconds,
    WecomApi,
    WireId,
    filled,
    moment,
    moment_or_none,
    page,
)


class TakeoverState(StrEnum):
    """How far the passing of one customer is; an unknown word of theirs reads as UNKNOWN."""

    DONE = "done"
    WAITING = "waiting"
    REFUSED_BY_CUSTOMER = "refused_by_customer"
    TAKER_FULL = "taker_full"
    UNKNOWN = "unknown"


_STATES = {
    1: TakeoverState.DONE,
    2: TakeoverState.WAITING,
    3: TakeoverState.REFUSED_BY_CUSTOMER,
    4: TakeoverState.TAKER_FULL,
}


@dataclass(frozen=True)
class Handover:
    """Whose customers shall go to whom; at most a hundred, each at most twice in ninety days."""

    from_user_id: str
    to_user_id: str
    external_ids: tuple[str, ...]


@dataclass(frozen=True)
class Handed:
    """What became of asking for one customer; without a code the twenty-four hours now run."""

    external_id: str
    refusal_code: str | None


@dataclass(frozen=True)
class Takeover:
    """How far the passing of one customer is."""

    external_id: str
    state: TakeoverState
    taken_at: datetime | None


@dataclass(frozen=True)
class Unassigned:
    """A customer whose guide left, and who has nobody yet."""

    external_id: str
    from_user_id: str
    left_at: datetime


class _Item(msgspec.Struct):
    external_userid: WireId
    errcode: int


class _Handed(msgspec.Struct):
    customer: list[_Item] = []


class _State(msgspec.Struct):
    external_userid: WireId
    status: int
    takeover_time: Seconds = 0


class _Results(msgspec.Struct):
    customer: list[_State] = []
    next_cursor: Cursor = ""


class _Left(msgspec.Struct):
    handover_userid: WireId
    external_userid: WireId
    dimission_time: Seconds


class _Unassigned(msgspec.Struct):
    info: list[_Left] = []
    next_cursor: Cursor = ""


class Transfers:
    """Passes customers on; the customer may refuse for a day, and is moved after that."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def serving(self, handover: Handover, words: str | None = None) -> tuple[Handed, ...]:
        """Ask to pass customers on between two who both work here.

        `words` go to the customer once it is done. A repeat is refused item by item, as such a
        customer is on the way already.
        """
        if words is not None:
            bounds.characters("words", words, bounds.TRANSFER_WORDS_CHARACTERS)
        body = _body(handover) | filled({"transfer_success_msg": words})
        return await self._hand("/cgi-bin/externalcontact/transfer_customer", body)

    async def resigned(self, handover: Handover) -> tuple[Handed, ...]:
        """Ask to pass on the customers of somebody who left; a repeat is refused item by item."""
        path = "/cgi-bin/externalcontact/resigned/transfer_customer"
        return await self._hand(path, _body(handover))

    async def serving_results(
        self, from_user_id: str, to_user_id: str, cursor: str | None = None
    ) -> Page[Takeover]:
        """Read how far it is between two who both work here; reading again is harmless."""
        path = "/cgi-bin/externalcontact/transfer_result"
        return await self._results(path, from_user_id, to_user_id, cursor)

    async def resigned_results(
        self, from_user_id: str, to_user_id: str, cursor: str | None = None
    ) -> Page[Takeover]:
        """Read how far it is with the customers of somebody who left; reading is harmless."""
        path = "/cgi-bin/externalcontact/resigned/transfer_result"
        return await self._results(path, from_user_id, to_user_id, cursor)

    async def unassigned(self, cursor: str | None = None) -> Page[Unassigned]:
        """List customers whose guide left and whom nobody took; reading again is harmless."""
        body = filled({"cursor": cursor, "page_size": bounds.UNASSIGNED_PAGE})
        path = "/cgi-bin/externalcontact/get_unassigned_list"
        wire = await self._api.post(path, body, _Unassigned)
        found = (
            Unassigned(each.external_userid, each.handover_userid, moment(each.dimission_time))
            for each in wire.info
        )
        return page(found, wire.next_cursor)

    async def _hand(self, path: str, body: dict[str, Any]) -> tuple[Handed, ...]:
        wire = await self._api.post(path, body, _Handed)
        return tuple(
            Handed(each.external_userid, str(each.errcode) if each.errcode else None)
            for each in wire.customer
        )

    async def _results(
        self, path: str, from_user_id: str, to_user_id: str, cursor: str | None
    ) -> Page[Takeover]:
        body = {"handover_userid": from_user_id, "takeover_userid": to_user_id, "cursor": cursor}
        wire = await self._api.post(path, filled(body), _Results)
        found = (
            Takeover(
                each.external_userid,
                _STATES.get(each.status, TakeoverState.UNKNOWN),
                moment_or_none(each.takeover_time),
            )
            for each in wire.customer
        )
        return page(found, wire.next_cursor)


def _body(handover: Handover) -> dict[str, Any]:
    bounds.count("external_ids", handover.external_ids, bounds.TRANSFERS)
    (from_user_id,) = bounds.user_ids("from_user_id", (handover.from_user_id,), 1)
    (to_user_id,) = bounds.user_ids("to_user_id", (handover.to_user_id,), 1)
    return {
        "handover_userid": from_user_id,
        "takeover_userid": to_user_id,
        "external_userid": list(handover.external_ids),
    }

"""Contact ways (联系我): a code by which somebody reaches a guide, and that says where it hung.

developer.work.weixin.qq.com/document/path/96311
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.wecom import bounds
from headwater.connect.wecom.api import (
    Cursor,
    Nothing,
    Page,
    WecomApi,
    WireId,
    Words,
    filled,
    page,
)
from headwater.connect.wecom.outreach.content import Closing

Scene = Literal["code", "mini_program"]

_ONE: Final = 1
_MANY: Final = 2
_SCENES: Final[dict[Scene, int]] = {"mini_program": 1, "code": 2}


@dataclass(frozen=True)
class Temporary:
    """A chat that ends by itself; WeCom grants this to some trades only."""

    code_seconds: int = 7 * bounds.DAY_SECONDS
    chat_seconds: int = bounds.DAY_SECONDS
    for_unionid: str | None = None
    closing: Closing | None = None


@dataclass(frozen=True)
class NewWay:
    """What a contact way shall be; `state` comes back with everybody who came through it."""

    user_ids: tuple[str, ...]
    state: str
    remark: str = ""
    department_ids: tuple[int, ...] = ()
    scene: Scene = "code"
    asks_first: bool = False
    temporary: Temporary | None = None


@dataclass(frozen=True)
class MadeWay:
    """A contact way as it was made; losing the id means that it can never be changed again."""

    way_id: str
    code_url: str | None


@dataclass(frozen=True)
class Way:
    """A contact way as WeCom keeps it."""

    way_id: str
    user_ids: tuple[str, ...]
    department_ids: tuple[int, ...]
    state: str
    remark: str
    scene: Scene
    asks_first: bool
    is_temporary: bool
    code_url: str | None


class _Made(msgspec.Struct):
    config_id: WireId
    qr_code: Words = ""


class _Way(msgspec.Struct):
    config_id: WireId
    scene: int
    user: list[WireId] = []
    party: list[int] = []
    state: Words = ""
    remark: Words = ""
    skip_verify: bool = True
    is_temp: bool = False
    qr_code: Words = ""


class _Got(msgspec.Struct):
    contact_way: _Way


class _Id(msgspec.Struct):
    config_id: WireId


class _Listed(msgspec.Struct):
    contact_way: list[_Id] = []
    next_cursor: Cursor = ""


class ContactWays:
    """Makes and keeps contact ways."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def create(self, new: NewWay) -> MadeWay:
        """Make a contact way; a repeat makes a second one, counted against 500,000."""
        is_single = len(new.user_ids) == 1 and not new.department_ids
        body = filled(
            {
                "type": _ONE if is_single else _MANY,
                "scene": _SCENES[new.scene],
                **_changeable(new),
                **_temporary(new, is_single),
            }
        )
        wire = await self._api.post("/cgi-bin/externalcontact/add_contact_way", body, _Made)
        return MadeWay(wire.config_id, wire.qr_code or None)

    async def get(self, way_id: str) -> Way:
        """Read one contact way; reading again is harmless."""
        path = "/cgi-bin/externalcontact/get_contact_way"
        wire = (await self._api.post(path, {"config_id": way_id}, _Got)).contact_way
        return Way(
            way_id=wire.config_id,
            user_ids=tuple(wire.user),
            department_ids=tuple(wire.party),
            state=wire.state,
            remark=wire.remark,
            scene="mini_program" if wire.scene == _SCENES["mini_program"] else "code",
            asks_first=not wire.skip_verify,
            is_temporary=wire.is_temp,
            code_url=wire.qr_code or None,
        )

    async def ids(
        self,
        begin_at: datetime,
        end_at: datetime,
        cursor: str | None = None,
        limit: int = bounds.WAYS_PAGE,
    ) -> Page[str]:
        """List what was made in these at most ninety days; reading again is harmless."""
        span = (end_at - begin_at).total_seconds()
        if not 0 < span <= bounds.WAYS_SPAN_SECONDS:
            raise BadInput("end_at", "after the begin, and at most 90 days later")
        body = filled(
            {
                "start_time": int(begin_at.timestamp()),
                "end_time": int(end_at.timestamp()),
                "cursor": cursor,
                "limit": bounds.number("limit", limit, bounds.WAYS_PAGE),
            }
        )
        path = "/cgi-bin/externalcontact/list_contact_way"
        wire = await self._api.post(path, body, _Listed)
        return page((each.config_id for each in wire.contact_way), wire.next_cursor)

    async def update(self, way_id: str, new: NewWay) -> None:
        """Change staff, state and notes of a contact way; a repeat writes the same.

        Kind and scene stay as they were made.
        """
        is_single = len(new.user_ids) == 1 and not new.department_ids
        changed = _changeable(new) | _temporary(new, is_single)
        changed.pop("is_temp", None)
        body = {"config_id": way_id, **filled(changed)}
        await self._api.post("/cgi-bin/externalcontact/update_contact_way", body, Nothing)

    async def delete(self, way_id: str) -> None:
        """Take a contact way away; whoever scans it later reaches nobody. A repeat is refused."""
        body = {"config_id": way_id}
        await self._api.post("/cgi-bin/externalcontact/del_contact_way", body, Nothing)

    async def close_chat(self, user_id: str, external_id: str) -> None:
        """End a temporary chat before its time; a repeat is refused and changes nothing."""
        body = {"userid": user_id, "external_userid": external_id}
        await self._api.post("/cgi-bin/externalcontact/close_temp_chat", body, Nothing)


def _changeable(new: NewWay) -> dict[str, Any]:
    if not new.user_ids and not new.department_ids:
        raise BadInput("user_ids", "at least one person or department")
    for each in new.user_ids:
        bounds.user_ids("user_ids", (each,), 1)
    return {
        "remark": bounds.characters("remark", new.remark, bounds.WAY_REMARK_CHARACTERS),
        "state": bounds.characters("state", new.state, bounds.WAY_STATE_CHARACTERS),
        "skip_verify": not new.asks_first,
        "user": list(new.user_ids) or None,
        "party": list(new.department_ids) or None,
    }


def _temporary(new: NewWay, is_single: bool) -> dict[str, Any]:
    if new.temporary is None:
        return {}
    if not is_single:
        raise BadInput("temporary", "a temporary chat has one member of staff")
    kept = new.temporary
    most = bounds.WAY_TEMPORARY_SECONDS
    return {
        "is_temp": True,
        "expires_in": bounds.number("code_seconds", kept.code_seconds, most),
        "chat_expires_in": bounds.number("chat_seconds", kept.chat_seconds, most),
        "unionid": kept.for_unionid,
        "conclusions": None if kept.closing is None else kept.closing.wire(),
    }

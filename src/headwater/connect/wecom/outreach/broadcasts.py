"""Broadcasts (群发): a task that staff must confirm before any customer gets anything.

developer.work.weixin.qq.com/document/path/92135 (create), 93338 (results), 97610 and 97611
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.wecom import bounds
from headwater.connect.wecom.api import (
    Cursor,
    Nothing,
    Page,
    Seconds,
    WecomApi,
    WireId,
    Words,
    filled,
    moment,
    moment_or_none,
    page,
)
from headwater.connect.wecom.outreach.content import Content

Audience = Literal["single", "group"]


class TaskState(StrEnum):
    """Whether a member of staff has confirmed; an unknown word of theirs reads as UNKNOWN."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"


class SendState(StrEnum):
    """What became of the message to one customer; an unknown word reads as UNKNOWN."""

    WAITING = "waiting"
    SENT = "sent"
    NOT_A_FRIEND = "not_a_friend"
    OVER_THE_CAP = "over_the_cap"
    UNKNOWN = "unknown"


_TASK_STATES = {0: TaskState.WAITING, 2: TaskState.CONFIRMED}
_SEND_STATES = {
    0: SendState.WAITING,
    1: SendState.SENT,
    2: SendState.NOT_A_FRIEND,
    3: SendState.OVER_THE_CAP,
}


@dataclass(frozen=True)
class ToCustomers:
    """To these customers; without `sender_id` through whoever chatted last with each of them."""

    external_ids: tuple[str, ...]
    sender_id: str | None = None


@dataclass(frozen=True)
class ToTags:
    """To one sender's customers who carry, of every list of tags, at least one; or to them all."""

    sender_id: str
    any_of: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class ToGroups:
    """To group chats of one owner; without named chats the owner chooses while confirming."""

    owner_id: str
    chat_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewBroadcast:
    """What shall be said to whom; `may_choose` lets staff leave out customers on confirming."""

    content: Content
    to: ToCustomers | ToTags | ToGroups
    may_choose: bool = False


@dataclass(frozen=True)
class Broadcast:
    """A task as WeCom took it, with those whom it can never reach."""

    broadcast_id: str
    unreachable_ids: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """A broadcast of the company or of a member of staff, as it is listed."""

    broadcast_id: str
    creator_id: str | None
    created_at: datetime
    is_by_company: bool
    words: str


@dataclass(frozen=True)
class StaffTask:
    """One member of staff who has to confirm, and whether it was done."""

    user_id: str
    state: TaskState
    confirmed_at: datetime | None


@dataclass(frozen=True)
class Sent:
    """What became of the message to one customer or group."""

    user_id: str
    external_id: str | None
    chat_id: str | None
    state: SendState
    sent_at: datetime | None


class _Made(msgspec.Struct):
    msgid: WireId
    fail_list: list[WireId] = []


class _Text(msgspec.Struct):
    content: Words = ""


class _Listed(msgspec.Struct):
    msgid: WireId
    create_time: Seconds
    create_type: int = 0
    creator: Words = ""
    text: _Text | None = None


class _List(msgspec.Struct):
    group_msg_list: list[_Listed] = []
    next_cursor: Cursor = ""


class _Task(msgspec.Struct):
    userid: WireId
    status: int
    send_time: Seconds = 0


class _Tasks(msgspec.Struct):
    task_list: list[_Task] = []
    next_cursor: Cursor = ""


class _Sent(msgspec.Struct):
    userid: WireId
    status: int
    external_userid: Words = ""
    chat_id: Words = ""
    send_time: Seconds = 0


class _Results(msgspec.Struct):
    send_list: list[_Sent] = []
    next_cursor: Cursor = ""


class Broadcasts:
    """Lays broadcasts before the staff, and reads what they and WeCom made of them."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def create(self, new: NewBroadcast) -> Broadcast:
        """Lay a broadcast before the staff; a repeat is a second task and counts again.

        After Trouble, look for it with `records` before asking again.
        """
        audience: Audience = "group" if isinstance(new.to, ToGroups) else "single"
        body = {"chat_type": audience, **_recipients(new.to), **new.content.wire()}
        if new.may_choose:
            body["allow_select"] = True
        wire = await self._api.post("/cgi-bin/externalcontact/add_msg_template", body, _Made)
        return Broadcast(wire.msgid, tuple(wire.fail_list))

    async def records(
        self,
        audience: Audience,
        begin_at: datetime,
        end_at: datetime,
        cursor: str | None = None,
        limit: int = bounds.BROADCASTS_PAGE,
    ) -> Page[Record]:
        """List broadcasts of at most a month; reading again is harmless."""
        span = (end_at - begin_at).total_seconds()
        if not 0 < span <= bounds.BROADCASTS_SPAN_SECONDS:
            raise BadInput("end_at", "after the begin, and at most a month later")
        body = {
            "chat_type": audience,
            "start_time": int(begin_at.timestamp()),
            "end_time": int(end_at.timestamp()),
            "filter_type": 2,
            "limit": bounds.number("limit", limit, bounds.BROADCASTS_PAGE),
            "cursor": cursor,
        }
        path = "/cgi-bin/externalcontact/get_groupmsg_list_v2"
        wire = await self._api.post(path, filled(body), _List)
        return page((_record(each) for each in wire.group_msg_list), wire.next_cursor)

    async def tasks(self, broadcast_id: str, cursor: str | None = None) -> Page[StaffTask]:
        """Read who has to confirm, and who has done so; reading again is harmless."""
        body = {"msgid": broadcast_id, "limit": bounds.TASKS_PAGE, "cursor": cursor}
        path = "/cgi-bin/externalcontact/get_groupmsg_task"
        wire = await self._api.post(path, filled(body), _Tasks)
        found = (
            StaffTask(
                each.userid,
                _TASK_STATES.get(each.status, TaskState.UNKNOWN),
                moment_or_none(each.send_time),
            )
            for each in wire.task_list
        )
        return page(found, wire.next_cursor)

    async def results(
        self, broadcast_id: str, user_id: str, cursor: str | None = None
    ) -> Page[Sent]:
        """Read what became of one sender's messages; reading again is harmless."""
        body = {
            "msgid": broadcast_id,
            "userid": user_id,
            "limit": bounds.TASKS_PAGE,
            "cursor": cursor,
        }
        path = "/cgi-bin/externalcontact/get_groupmsg_send_result"
        wire = await self._api.post(path, filled(body), _Results)
        return page((_sent(each) for each in wire.send_list), wire.next_cursor)

    async def remind(self, broadcast_id: str) -> None:
        """Remind the staff who have not confirmed; each repeat counts, three in a day."""
        body = {"msgid": broadcast_id}
        await self._api.post("/cgi-bin/externalcontact/remind_groupmsg_send", body, Nothing)

    async def cancel(self, broadcast_id: str) -> None:
        """Stop what is not sent yet; a repeat changes nothing, and nothing sent comes back."""
        body = {"msgid": broadcast_id}
        await self._api.post("/cgi-bin/externalcontact/cancel_groupmsg_send", body, Nothing)


def _recipients(to: ToCustomers | ToTags | ToGroups) -> dict[str, Any]:
    if isinstance(to, ToCustomers):
        bounds.count("external_ids", to.external_ids, bounds.BROADCAST_CUSTOMERS)
        return filled({"external_userid": list(to.external_ids), "sender": to.sender_id})
    if isinstance(to, ToTags):
        (sender,) = bounds.user_ids("sender_id", (to.sender_id,), 1)
        if not to.any_of:
            return {"sender": sender}
        if not all(to.any_of):
            raise BadInput("any_of", "no list of tags may be empty")
        groups = [{"tag_list": list(tags)} for tags in to.any_of]
        return {"sender": sender, "tag_filter": {"group_list": groups}}
    bounds.count("chat_ids", to.chat_ids, bounds.BROADCAST_GROUPS, least=0)
    (owner,) = bounds.user_ids("owner_id", (to.owner_id,), 1)
    return filled({"sender": owner, "chat_id_list": list(to.chat_ids) or None})


def _record(wire: _Listed) -> Record:
    return Record(
        broadcast_id=wire.msgid,
        creator_id=wire.creator or None,
        created_at=moment(wire.create_time),
        is_by_company=wire.create_type == 0,
        words=wire.text.content if wire.text else "",
    )


def _sent(wire: _Sent) -> Sent:
    return Sent(
        user_id=wire.userid,
        external_id=wire.external_userid or None,
        chat_id=wire.chat_id or None,
        state=_SEND_STATES.get(wire.status, SendState.UNKNOWN),
        sent_at=moment_or_none(wire.send_time),
    )

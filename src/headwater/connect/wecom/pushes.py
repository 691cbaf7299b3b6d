"""What WeCom tells us by itself: who came, who went, what changed.

developer.work.weixin.qq.com/document/path/92130 (customers, groups and tags) and 90240 (the app).
A change that our own app makes is never told; a copy of a push reads as the same fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from headwater.connect.pushes import understood_fields
from headwater.connect.wecom.api import Seconds, WireId, Words, moment
from headwater.connect.wecom.outreach.welcomes import WelcomeTicket


@dataclass(frozen=True)
class CustomerCame:
    """Somebody became a customer; `state` is that of the contact way they came through.

    `is_confirmed` is False while the guide has not added them back. Without a ticket no welcome
    can be sent: an administrator set one, the chat has begun, or another app was faster.
    """

    user_id: str
    external_id: str
    state: str | None
    welcome: WelcomeTicket | None
    is_confirmed: bool
    at: datetime


@dataclass(frozen=True)
class CustomerNoted:
    """A guide changed what is noted about a customer: name, description or tags."""

    user_id: str
    external_id: str
    at: datetime


@dataclass(frozen=True)
class CustomerGone:
    """A customer and a guide know each other no more, and who ended it."""

    user_id: str
    external_id: str
    ended_by: Literal["staff", "customer"]
    is_by_transfer: bool
    at: datetime


@dataclass(frozen=True)
class HandoverFailed:
    """A customer did not pass to this guide, and the platform's word for why."""

    user_id: str
    external_id: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class ArchiveAgreed:
    """A customer agreed that the conversation is kept."""

    user_id: str
    external_id: str
    at: datetime


@dataclass(frozen=True)
class GroupChanged:
    """A group chat was made, changed or ended; `detail` is the platform's word for what."""

    chat_id: str
    change: str
    detail: str | None
    people: int
    at: datetime


@dataclass(frozen=True)
class TagChanged:
    """A tag or a group of tags was made, renamed, moved or removed."""

    tag_id: str | None
    is_group: bool
    change: str
    at: datetime


@dataclass(frozen=True)
class WorkbenchOpened:
    """A member of staff opened our app."""

    user_id: str
    at: datetime


@dataclass(frozen=True)
class Unknown:
    """A push of a kind that this version does not know; it is kept, not refused."""

    kind: str
    change: str
    fields: Mapping[str, Any]
    at: datetime


Happened = (
    CustomerCame
    | CustomerNoted
    | CustomerGone
    | HandoverFailed
    | ArchiveAgreed
    | GroupChanged
    | TagChanged
    | WorkbenchOpened
    | Unknown
)


class _Head(msgspec.Struct):
    CreateTime: Seconds
    MsgType: Words = ""
    Event: Words = ""
    ChangeType: Words = ""
    InfoType: Words = ""


class _Customer(msgspec.Struct):
    CreateTime: Seconds
    UserID: WireId
    ExternalUserID: WireId
    ChangeType: Words = ""
    State: Words = ""
    WelcomeCode: Words = ""
    Source: Words = ""
    FailReason: Words = ""


class _Group(msgspec.Struct):
    CreateTime: Seconds
    ChatId: WireId
    ChangeType: Words = ""
    UpdateDetail: Words = ""
    MemChangeCnt: int | Literal[""] = 0


class _Tag(msgspec.Struct):
    CreateTime: Seconds
    ChangeType: Words = ""
    Id: Words = ""
    TagType: Words = ""


class _Agent(msgspec.Struct):
    CreateTime: Seconds
    FromUserName: WireId


def happened(fields: Mapping[str, Any]) -> Happened:
    """Say in our words what a push tells; junk is Forged, and an unknown kind is Unknown."""
    head = understood_fields(_Head, fields)
    if head.Event == "change_external_contact":
        reader = _CUSTOMER.get(head.ChangeType)
        if reader is not None:
            return reader(understood_fields(_Customer, fields))
    if head.Event == "change_external_chat":
        return _group(understood_fields(_Group, fields))
    if head.Event == "change_external_tag":
        return _tag(understood_fields(_Tag, fields))
    if head.Event == "enter_agent":
        agent = understood_fields(_Agent, fields)
        return WorkbenchOpened(agent.FromUserName, moment(agent.CreateTime))
    kind = head.Event or head.MsgType or head.InfoType
    return Unknown(kind, head.ChangeType, dict(fields), moment(head.CreateTime))


def _came(wire: _Customer) -> CustomerCame:
    at = moment(wire.CreateTime)
    return CustomerCame(
        user_id=wire.UserID,
        external_id=wire.ExternalUserID,
        state=wire.State or None,
        welcome=WelcomeTicket.of(wire.WelcomeCode, at) if wire.WelcomeCode else None,
        is_confirmed=wire.ChangeType != "add_half_external_contact",
        at=at,
    )


def _noted(wire: _Customer) -> CustomerNoted:
    return CustomerNoted(wire.UserID, wire.ExternalUserID, moment(wire.CreateTime))


def _gone(wire: _Customer) -> CustomerGone:
    return CustomerGone(
        user_id=wire.UserID,
        external_id=wire.ExternalUserID,
        ended_by="customer" if wire.ChangeType == "del_follow_user" else "staff",
        is_by_transfer=wire.Source == "DELETE_BY_TRANSFER",
        at=moment(wire.CreateTime),
    )


def _failed(wire: _Customer) -> HandoverFailed:
    at = moment(wire.CreateTime)
    return HandoverFailed(wire.UserID, wire.ExternalUserID, wire.FailReason, at)


def _agreed(wire: _Customer) -> ArchiveAgreed:
    return ArchiveAgreed(wire.UserID, wire.ExternalUserID, moment(wire.CreateTime))


def _group(wire: _Group) -> GroupChanged:
    return GroupChanged(
        chat_id=wire.ChatId,
        change=wire.ChangeType,
        detail=wire.UpdateDetail or None,
        people=wire.MemChangeCnt or 0,
        at=moment(wire.CreateTime),
    )


def _tag(wire: _Tag) -> TagChanged:
    at = moment(wire.CreateTime)
    return TagChanged(wire.Id or None, wire.TagType == "tag_group", wire.ChangeType, at)


_CUSTOMER: Final[Mapping[str, Callable[[_Customer], Happened]]] = {
    "add_external_contact": _came,
    "add_half_external_contact": _came,
    "edit_external_contact": _noted,
    "del_external_contact": _gone,
    "del_follow_user": _gone,
    "transfer_fail": _failed,
    "msg_audit_approved": _agreed,
}

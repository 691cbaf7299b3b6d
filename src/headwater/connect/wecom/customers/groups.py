"""Group chats with customers: who owns one, who is in it, and who takes it over.

developer.work.weixin.qq.com/document/path/92120, 92122 and 92127
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
    Words,
    filled,
    moment,
    page,
)


class GroupState(StrEnum):
    """Whether a group has an owner who works here; an unknown word of theirs reads as UNKNOWN."""

    OWNED = "owned"
    OWNER_LEFT = "owner_left"
    BEING_TAKEN = "being_taken"
    TAKEN = "taken"
    UNKNOWN = "unknown"


_STATES = {
    0: GroupState.OWNED,
    1: GroupState.OWNER_LEFT,
    2: GroupState.BEING_TAKEN,
    3: GroupState.TAKEN,
}
_STAFF = 1


@dataclass(frozen=True)
class ListedGroup:
    """A group chat in a list."""

    chat_id: str
    state: GroupState


@dataclass(frozen=True)
class GroupMember:
    """Somebody in a group chat: a member of staff by user id, anybody else by external id."""

    id: str
    is_staff: bool
    name: str
    unionid: str | None
    joined_at: datetime
    joined_by: int
    invited_by: str | None
    state: str | None


@dataclass(frozen=True)
class GroupChat:
    """A group chat with all who are in it."""

    chat_id: str
    name: str
    owner_id: str
    created_at: datetime
    notice: str
    members: tuple[GroupMember, ...]
    admin_ids: tuple[str, ...]


@dataclass(frozen=True)
class NotHanded:
    """A group chat that could not be passed on, with WeCom's own code."""

    chat_id: str
    refusal_code: str


class _Listed(msgspec.Struct):
    chat_id: WireId
    status: int = 0


class _List(msgspec.Struct):
    group_chat_list: list[_Listed] = []
    next_cursor: Cursor = ""


class _User(msgspec.Struct):
    userid: WireId


class _Member(msgspec.Struct):
    userid: WireId
    type: int
    join_time: Seconds
    join_scene: int = 0
    invitor: _User | None = None
    name: Words = ""
    group_nickname: Words = ""
    unionid: Words = ""
    state: Words = ""


class _Chat(msgspec.Struct):
    chat_id: WireId
    owner: WireId
    create_time: Seconds
    name: Words = ""
    notice: Words = ""
    member_list: list[_Member] = []
    admin_list: list[_User] = []


class _Got(msgspec.Struct):
    group_chat: _Chat


class _Failed(msgspec.Struct):
    chat_id: WireId
    errcode: int


class _Transferred(msgspec.Struct):
    failed_chat_list: list[_Failed] = []


class GroupChats:
    """Reads group chats and passes them on."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def list(
        self,
        owner_ids: tuple[str, ...] = (),
        cursor: str | None = None,
        limit: int = bounds.GROUPS_PAGE,
    ) -> Page[ListedGroup]:
        """List group chats, of these owners where some are named; reading again is harmless."""
        body: dict[str, Any] = {"cursor": cursor, "status_filter": 0}
        body["limit"] = bounds.number("limit", limit, bounds.GROUPS_PAGE)
        if owner_ids:
            owners = bounds.user_ids("owner_ids", owner_ids, bounds.GROUP_OWNERS)
            body["owner_filter"] = {"userid_list": owners}
        wire = await self._api.post("/cgi-bin/externalcontact/groupchat/list", filled(body), _List)
        found = (
            ListedGroup(each.chat_id, _STATES.get(each.status, GroupState.UNKNOWN))
            for each in wire.group_chat_list
        )
        return page(found, wire.next_cursor)

    async def get(self, chat_id: str) -> GroupChat:
        """Read one group chat with its members; reading again is harmless."""
        body = {"chat_id": chat_id, "need_name": 1}
        path = "/cgi-bin/externalcontact/groupchat/get"
        wire = (await self._api.post(path, body, _Got)).group_chat
        return GroupChat(
            chat_id=wire.chat_id,
            name=wire.name,
            owner_id=wire.owner,
            created_at=moment(wire.create_time),
            notice=wire.notice,
            members=tuple(_member(each) for each in wire.member_list),
            admin_ids=tuple(each.userid for each in wire.admin_list),
        )

    async def hand_over(
        self, chat_ids: tuple[str, ...], to_user_id: str, has_left: bool
    ) -> tuple[NotHanded, ...]:
        """Give group chats another owner at once, and say which could not be given.

        A repeat is refused chat by chat, and changes nothing. `has_left` tells whether the old
        owner has left the company; for one who has, at most 300 groups a day pass on.
        """
        bounds.count("chat_ids", chat_ids, bounds.GROUP_TRANSFERS)
        (owner,) = bounds.user_ids("to_user_id", (to_user_id,), 1)
        body = {"chat_id_list": list(chat_ids), "new_owner": owner}
        verb = "transfer" if has_left else "onjob_transfer"
        path = f"/cgi-bin/externalcontact/groupchat/{verb}"
        wire = await self._api.post(path, body, _Transferred)
        return tuple(NotHanded(each.chat_id, str(each.errcode)) for each in wire.failed_chat_list)


def _member(wire: _Member) -> GroupMember:
    return GroupMember(
        id=wire.userid,
        is_staff=wire.type == _STAFF,
        name=wire.group_nickname or wire.name,
        unionid=wire.unionid or None,
        joined_at=moment(wire.join_time),
        joined_by=wire.join_scene,
        invited_by=wire.invitor.userid if wire.invitor else None,
        state=wire.state or None,
    )

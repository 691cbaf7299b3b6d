"""Customer groups: who is in them, what was said, and what the merchant hears of changes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from headwater.sandbox.credentials import letters
from headwater.sandbox.people import Message, NoSuchPerson, Person
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.wecom.api import (
    Answer,
    Api,
    Call,
    checked_limit,
    contact_api,
    few,
    page,
    stamp,
)
from headwater.sandbox.wecom.corp import CannotDo, Corp
from headwater.sandbox.wecom.errors import WecomError

EVENT = "change_external_chat"
MOST_CHATS = 100
STAFF, CUSTOMER = 1, 2
INVITED, SCANNED = 1, 3
LEFT_BY_SELF, REMOVED = 0, 1
NORMAL, WAITS_FOR_OWNER, HAS_NEW_OWNER = 0, 1, 3


@dataclass(frozen=True)
class Inside:
    """One member of a group: staff by userid, customers by external user id."""

    id: str
    kind: int
    joined_at: datetime
    scene: int
    invitor: str = ""


@dataclass(frozen=True)
class GroupChat:
    """A group as it stands."""

    chat_id: str
    name: str
    owner: str
    made_at: datetime
    inside: tuple[Inside, ...]
    notice: str = ""
    status: int = NORMAL
    is_dismissed: bool = False

    @property
    def version(self) -> str:
        """Changes whenever somebody comes or goes."""
        ids = ",".join(one.id for one in self.inside)
        return hashlib.md5(ids.encode(), usedforsecurity=False).hexdigest()


class OwnerFilter(msgspec.Struct):
    userid_list: list[str] = []


class ListChats(msgspec.Struct):
    limit: int = 0
    status_filter: int = 0
    owner_filter: OwnerFilter | None = None
    cursor: str = ""


class OneChat(msgspec.Struct):
    chat_id: str = ""
    need_name: int = 0


class HandOver(msgspec.Struct):
    chat_id_list: list[str] = []
    new_owner: str = ""


class GroupChats:
    """All customer groups of the company."""

    def __init__(self, corp: Corp) -> None:
        self._corp = corp
        self._people = corp.ground.people
        self._chats = Shelf(corp.ground.journal, "wecom_chat", GroupChat, lambda one: one.chat_id)
        self._said: defaultdict[str, list[tuple[str, Message]]] = defaultdict(list)

    def apis(self) -> list[Api]:
        """Groups read and handed over."""
        return [
            contact_api("groupchat/list", self._list),
            contact_api("groupchat/get", self._get),
            contact_api("groupchat/transfer", self._transfer),
            contact_api("groupchat/onjob_transfer", self._transfer_at_work),
        ]

    def find(self, chat_id: str) -> GroupChat | None:
        """A group that is not dismissed."""
        chat = self._chats.get(chat_id)
        return None if chat is None or chat.is_dismissed else chat

    def needed(self, chat_id: str) -> GroupChat:
        """A group for somebody who taps on it."""
        chat = self.find(chat_id)
        if chat is None:
            raise CannotDo("there is no such group")
        return chat

    def owned_by(self, userid: str) -> list[GroupChat]:
        """The groups of one owner."""
        living = [one for one in self._chats.everything() if not one.is_dismissed]
        return [one for one in living if one.owner == userid]

    def of_person(self, person: Person) -> list[GroupChat]:
        """The groups that a customer is in."""
        number = self._people.external_userid(person)
        living = [one for one in self._chats.everything() if not one.is_dismissed]
        return [one for one in living if any(each.id == number for each in one.inside)]

    def said(self, chat_id: str) -> list[tuple[str, Message]]:
        """What was said in a group: who, and what."""
        return list(self._said[chat_id])

    def say(self, chat: GroupChat, who: str, messages: list[Message]) -> None:
        """Somebody in the group says something to all."""
        if not any(one.id == who for one in chat.inside):
            raise CannotDo("not in this group")
        self._said[chat.chat_id] += [(who, message) for message in messages]

    def open(self, owner: str, name: str, persons: list[Person], now: datetime) -> GroupChat:
        """A member makes a group with some customers."""
        number = "wr" + letters(self._corp.ground.seed, 30, "chat", len(self._chats))
        ids = [self._people.external_userid(one) for one in persons]
        inside = (
            Inside(owner, STAFF, now, INVITED),
            *(Inside(one, CUSTOMER, now, INVITED, owner) for one in ids),
        )
        chat = self._chats.put(GroupChat(number, name, owner, now, inside))
        self._announce(chat, "create", now)
        return chat

    def join(self, chat: GroupChat, person: Person, now: datetime) -> GroupChat:
        """A customer comes in by the group's code."""
        number = self._people.external_userid(person)
        if any(one.id == number for one in chat.inside):
            return chat
        inside = (*chat.inside, Inside(number, CUSTOMER, now, SCANNED))
        changed = self._chats.put(replace(chat, inside=inside))
        detail = {"UpdateDetail": "add_member", "JoinScene": SCANNED}
        self._announce_members(chat, changed, number, detail, now)
        return changed

    def leave(self, chat: GroupChat, person: Person, now: datetime) -> GroupChat:
        """A customer goes."""
        number = self._people.external_userid(person)
        inside = tuple(one for one in chat.inside if one.id != number)
        if inside == chat.inside:
            raise CannotDo("not in this group")
        changed = self._chats.put(replace(chat, inside=inside))
        detail = {"UpdateDetail": "del_member", "QuitScene": LEFT_BY_SELF}
        self._announce_members(chat, changed, number, detail, now)
        return changed

    def rename(self, chat: GroupChat, name: str, now: datetime) -> GroupChat:
        """The owner gives the group another name."""
        changed = self._chats.put(replace(chat, name=name))
        self._announce(changed, "update", now, UpdateDetail="change_name")
        return changed

    def dismiss(self, chat: GroupChat, now: datetime) -> None:
        """The owner ends the group."""
        self._chats.put(replace(chat, is_dismissed=True))
        self._announce(chat, "dismiss", now)

    def lose_owner(self, userid: str) -> None:
        """The owner has resigned: the groups wait for somebody else."""
        for chat in self.owned_by(userid):
            self._chats.put(replace(chat, status=WAITS_FOR_OWNER))

    def _announce_members(
        self,
        before: GroupChat,
        after: GroupChat,
        who: str,
        detail: dict[str, Any],
        now: datetime,
    ) -> None:
        self._announce(
            after,
            "update",
            now,
            **detail,
            MemChangeCnt=1,
            MemChangeList=[who],
            LastMemVer=before.version,
            CurMemVer=after.version,
        )

    def _announce(self, chat: GroupChat, change: str, now: datetime, **more: Any) -> None:
        fields = {"Event": EVENT, "ChatId": chat.chat_id, "ChangeType": change, **more}
        self._corp.callbacks.announce(fields, now)

    def _list(self, call: Call) -> Answer:
        asked = call.read(ListChats)
        if asked.limit == 0:
            raise WecomError(40063, "limit")
        limit = checked_limit(asked.limit, 1_000, 0)
        owners = asked.owner_filter.userid_list if asked.owner_filter is not None else []
        few(owners, 100, "userid_list")
        found = [
            {"chat_id": one.chat_id, "status": one.status}
            for one in self._chats.everything()
            if not one.is_dismissed
            and (not owners or one.owner in owners)
            and asked.status_filter in (0, one.status)
        ]
        rows, cursor = page(found, asked.cursor, limit)
        return {"group_chat_list": rows, **({"next_cursor": cursor} if cursor else {})}

    def _get(self, call: Call) -> Answer:
        asked = call.read(OneChat)
        chat = self.find(asked.chat_id)
        if chat is None:
            raise WecomError(40050)
        members = [self._shown(one, with_name=asked.need_name == 1) for one in chat.inside]
        return {
            "group_chat": {
                "chat_id": chat.chat_id,
                "name": chat.name,
                "owner": chat.owner,
                "create_time": stamp(chat.made_at),
                "notice": chat.notice,
                "member_list": members,
                "admin_list": [],
                "member_version": chat.version,
            }
        }

    def _shown(self, one: Inside, with_name: bool) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "userid": one.id,
            "type": one.kind,
            "join_time": stamp(one.joined_at),
            "join_scene": one.scene,
            "group_nickname": "",
        }
        if one.invitor:
            shown["invitor"] = {"userid": one.invitor}
        name, unionid = self._names(one)
        if unionid and self._corp.ground.faults.drawn("hide_unionid") == 0:
            shown["unionid"] = unionid
        return shown | ({"name": name} if with_name else {})

    def _names(self, one: Inside) -> tuple[str, str]:
        if one.kind == STAFF:
            member = self._corp.staff.find(one.id)
            return (member.name if member is not None else ""), ""
        try:
            person = self._people.behind_external(one.id)
        except NoSuchPerson:
            return "", ""
        return person.nickname, person.unionid

    def _transfer(self, call: Call) -> Answer:
        return self._hand_over(call.read(HandOver), has_resigned=True)

    def _transfer_at_work(self, call: Call) -> Answer:
        return self._hand_over(call.read(HandOver), has_resigned=False)

    def _hand_over(self, asked: HandOver, has_resigned: bool) -> Answer:
        if not asked.chat_id_list:
            raise WecomError(40063, "chat_id_list")
        few(asked.chat_id_list, MOST_CHATS, "chat_id_list")
        self._corp.staff.get(asked.new_owner, 90507)
        failed = []
        for chat_id in asked.chat_id_list:
            try:
                self._give(chat_id, asked.new_owner, has_resigned)
            except WecomError as error:
                failed.append(
                    {"chat_id": chat_id, "errcode": error.errcode, "errmsg": error.errmsg}
                )
        return {"failed_chat_list": failed}

    def _give(self, chat_id: str, new_owner: str, has_resigned: bool) -> None:
        chat = self.find(chat_id)
        if chat is None:
            raise WecomError(90501)
        owner = self._corp.staff.find(chat.owner)
        is_at_work = owner is not None and owner.resigned_at is None
        if is_at_work == has_resigned:
            raise WecomError(90500 if has_resigned else 90507)
        others = tuple(one for one in chat.inside if one.id not in (new_owner, chat.owner))
        now = self._corp.ground.now()
        inside = (Inside(new_owner, STAFF, now, INVITED), *others)
        status = HAS_NEW_OWNER if has_resigned else NORMAL
        self._chats.put(replace(chat, owner=new_owner, inside=inside, status=status))

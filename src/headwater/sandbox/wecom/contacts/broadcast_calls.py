"""The calls about broadcasts: order one, follow it, remind its members, stop it."""

from __future__ import annotations

from typing import Any

import msgspec

from headwater.sandbox.people import Person
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
from headwater.sandbox.wecom.contacts.broadcasts import (
    SENT,
    UNSENT,
    Broadcast,
    Broadcasts,
    Part,
    Target,
)
from headwater.sandbox.wecom.contacts.groups import GroupChats
from headwater.sandbox.wecom.contacts.relations import Relation, Relations
from headwater.sandbox.wecom.content import Content, check_message, shown
from headwater.sandbox.wecom.corp import Corp
from headwater.sandbox.wecom.errors import WecomError
from headwater.sandbox.wecom.limits import LIMITS, within

# Source: developer.work.weixin.qq.com/document/path/92135, updated 2025-11-17.
MOST_CUSTOMERS = 10_000
MOST_CHATS = 2_000
MOST_TAGS = 100
TASK_SENT = 2
BY_COMPANY, BY_MEMBER, BY_ANYBODY = 0, 1, 2
LONGEST_SPAN_SECONDS = 31 * 86_400


class TagList(msgspec.Struct):
    tag_list: list[str] = []


class TagFilter(msgspec.Struct):
    group_list: list[TagList] = []


class AddTemplate(Content, frozen=True):
    """The body of add_msg_template."""

    chat_type: str = "single"
    external_userid: list[str] = msgspec.field(default_factory=list)
    chat_id_list: list[str] = msgspec.field(default_factory=list)
    tag_filter: TagFilter | None = None
    sender: str = ""
    allow_select: bool = False


class Listing(msgspec.Struct):
    chat_type: str = ""
    start_time: int = 0
    end_time: int = 0
    creator: str = ""
    filter_type: int = BY_ANYBODY
    limit: int = 0
    cursor: str = ""


class OneMessage(msgspec.Struct):
    msgid: str = ""
    userid: str = ""
    limit: int = 0
    cursor: str = ""


class BroadcastCalls:
    """The API over the broadcasts."""

    def __init__(
        self, corp: Corp, relations: Relations, groups: GroupChats, broadcasts: Broadcasts
    ) -> None:
        self._corp = corp
        self._relations = relations
        self._groups = groups
        self._broadcasts = broadcasts

    def apis(self) -> list[Api]:
        """Broadcasts ordered, followed, reminded of and stopped."""
        return [
            contact_api("add_msg_template", self._add),
            contact_api("get_groupmsg_list_v2", self._list),
            contact_api("get_groupmsg_task", self._tasks),
            contact_api("get_groupmsg_send_result", self._results),
            contact_api("remind_groupmsg_send", self._remind),
            contact_api("cancel_groupmsg_send", self._cancel),
        ]

    def _add(self, call: Call) -> Answer:
        asked = call.read(AddTemplate)
        check_message(asked, self._corp.media, call.now)
        if asked.chat_type not in ("single", "group"):
            raise WecomError(40058, "chat_type")
        if asked.sender:
            self._corp.staff.get(asked.sender)
        shares, failed = self._to_groups(asked) if _is_group(asked) else self._to_customers(asked)
        if not shares:
            raise WecomError(41048)
        content = Content(asked.text, asked.attachments)
        number = self._broadcasts.new_number()
        broadcast = self._broadcasts.order(
            Broadcast(number, asked.chat_type, call.now, content, allow_select=asked.allow_select),
            shares,
        )
        return {"fail_list": failed, "msgid": broadcast.msgid}

    def _to_groups(self, asked: AddTemplate) -> tuple[dict[str, list[str]], list[str]]:
        if not asked.sender:
            raise WecomError(40063, "sender")
        few(asked.chat_id_list, MOST_CHATS, "chat_id_list")
        own = [one.chat_id for one in self._groups.owned_by(asked.sender)]
        wanted = asked.chat_id_list or own
        good = [one for one in dict.fromkeys(wanted) if one in own]
        failed = [one for one in wanted if one not in own]
        return ({asked.sender: good} if good else {}), failed

    def _to_customers(self, asked: AddTemplate) -> tuple[dict[str, list[str]], list[str]]:
        few(asked.external_userid, MOST_CUSTOMERS, "external_userid")
        groups = asked.tag_filter.group_list if asked.tag_filter is not None else []
        for group in groups:
            few(group.tag_list, MOST_TAGS, "tag_list")
        if not asked.external_userid and not asked.sender and not groups:
            raise WecomError(40063, "sender, external_userid")
        persons, failed = self._named(asked)
        shares: dict[str, list[str]] = {}
        for person in persons:
            relation = self._speaker(person, asked.sender, groups)
            if relation is not None:
                shares.setdefault(relation.userid, []).append(person.id)
            elif asked.external_userid and not groups:
                failed.append(self._corp.ground.people.external_userid(person))
        return shares, failed

    def _named(self, asked: AddTemplate) -> tuple[list[Person], list[str]]:
        if not asked.external_userid:
            if asked.sender:
                listed = self._relations.listed(asked.sender)
                return [self._relations.person(one) for one in listed], []
            return self._relations.customers(), []
        persons, failed = [], []
        for number in dict.fromkeys(asked.external_userid):
            try:
                persons.append(self._relations.behind(number))
            except WecomError:
                failed.append(number)
        return persons, failed

    def _speaker(self, person: Person, sender: str, groups: list[TagList]) -> Relation | None:
        """Who would speak to this customer: the sender, or whoever last talked with them."""
        found = [
            one
            for one in self._relations.followers(person)
            if sender in ("", one.userid)
            and all(set(group.tag_list) & set(one.tags) for group in groups)
        ]
        return max(found, key=lambda one: one.spoke_at or one.since, default=None)

    def _list(self, call: Call) -> Answer:
        asked = call.read(Listing)
        if asked.chat_type not in ("single", "group") or not asked.start_time:
            raise WecomError(40058, "chat_type, start_time, end_time")
        if not 0 <= asked.end_time - asked.start_time <= LONGEST_SPAN_SECONDS:
            raise WecomError(40058, "start_time and end_time are at most a month apart")
        found = [
            one
            for one in self._broadcasts.everything()
            if one.chat_type == asked.chat_type
            and asked.start_time <= stamp(one.made_at) <= asked.end_time
            and asked.filter_type in (BY_ANYBODY, _kind(one))
            and asked.creator in ("", one.creator)
        ]
        rows, cursor = page(found, asked.cursor, checked_limit(asked.limit, 100, 50))
        return {"next_cursor": cursor, "group_msg_list": [_shown(one) for one in rows]}

    def _needed(self, msgid: str) -> Broadcast:
        if not msgid:
            raise WecomError(41046)
        broadcast = self._broadcasts.find(msgid)
        if broadcast is None:
            raise WecomError(41047)
        return broadcast

    def _tasks(self, call: Call) -> Answer:
        asked = call.read(OneMessage)
        broadcast = self._needed(asked.msgid)
        parts = self._broadcasts.parts(broadcast.msgid)
        rows, cursor = page(parts, asked.cursor, checked_limit(asked.limit, 1_000, 500))
        return {"next_cursor": cursor, "task_list": [_task(one) for one in rows]}

    def _results(self, call: Call) -> Answer:
        asked = call.read(OneMessage)
        broadcast = self._needed(asked.msgid)
        if not asked.userid:
            raise WecomError(41009)
        part = self._broadcasts.part(broadcast.msgid, asked.userid)
        if part is None:
            raise WecomError(40003)
        limit = checked_limit(asked.limit, 1_000, 500)
        rows, cursor = page(part.targets, asked.cursor, limit)
        is_group = broadcast.chat_type == "group"
        sent = [self._result(part.userid, one, is_group) for one in rows]
        return {"next_cursor": cursor, "send_list": sent}

    def _result(self, userid: str, target: Target, is_group: bool) -> dict[str, Any]:
        people = self._corp.ground.people
        whom = (
            {"chat_id": target.id}
            if is_group
            else {"external_userid": people.external_userid(people.get(target.id))}
        )
        sent = {"send_time": stamp(target.sent_at)} if target.status == SENT else {}
        return {**whom, "userid": userid, "status": target.status, **sent}

    def _remind(self, call: Call) -> Answer:
        broadcast = self._needed(call.read(OneMessage).msgid)
        if broadcast.is_cancelled:
            raise WecomError(41093)
        counted = within(list(broadcast.reminded), "reminders_a_day", call.now)
        if counted >= LIMITS["reminders_a_day"].most:
            raise WecomError(41094)
        self._broadcasts.change(broadcast, reminded=(*broadcast.reminded, call.now))
        return {}

    def _cancel(self, call: Call) -> Answer:
        broadcast = self._needed(call.read(OneMessage).msgid)
        if broadcast.is_cancelled:
            raise WecomError(41093)
        self._broadcasts.change(broadcast, is_cancelled=True)
        return {}


def _is_group(asked: AddTemplate) -> bool:
    return asked.chat_type == "group"


def _kind(broadcast: Broadcast) -> int:
    return BY_MEMBER if broadcast.creator else BY_COMPANY


def _task(part: Part) -> dict[str, Any]:
    if part.state != "done":
        return {"userid": part.userid, "status": UNSENT}
    return {"userid": part.userid, "status": TASK_SENT, "send_time": stamp(part.sent_at)}


def _shown(broadcast: Broadcast) -> dict[str, Any]:
    return {
        "msgid": broadcast.msgid,
        "creator": broadcast.creator,
        "create_time": stamp(broadcast.made_at),
        "create_type": _kind(broadcast),
        **shown(broadcast.content),
    }

"""Broadcast tasks: the company writes, a member must confirm, a customer's month has a cap."""

from __future__ import annotations

import calendar
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from headwater.sandbox.credentials import letters
from headwater.sandbox.people import Person
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.wecom.contacts.groups import GroupChats
from headwater.sandbox.wecom.contacts.relations import Relations
from headwater.sandbox.wecom.content import Content, Text, messages
from headwater.sandbox.wecom.corp import SHANGHAI, CannotDo, Corp

UNSENT, SENT, NOT_FRIEND, OVER_CAP = 0, 1, 2, 3
# Source: developer.work.weixin.qq.com/document/path/92135, updated 2025-11-17: as many a month as
# it has days, or what the company's admin chose instead.
Cap = Literal["month", "week", "day"]
MOST_A_WEEK = 7


@dataclass(frozen=True)
class Broadcast:
    """What is to be said, and by whom it was ordered; no creator means the company."""

    msgid: str
    chat_type: str
    made_at: datetime
    content: Content
    creator: str = ""
    allow_select: bool = False
    reminded: tuple[datetime, ...] = ()
    is_cancelled: bool = False


@dataclass(frozen=True)
class Target:
    """A customer or a group, and what became of the message there."""

    id: str
    status: int = UNSENT
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Part:
    """One member's share of a broadcast."""

    msgid: str
    userid: str
    targets: tuple[Target, ...]
    state: str = "waiting"
    sent_at: datetime | None = None


class Broadcasts:
    """All broadcasts, their shares, and how often each customer was reached."""

    def __init__(self, corp: Corp, relations: Relations, groups: GroupChats) -> None:
        self._corp = corp
        self._relations = relations
        self._groups = groups
        journal = corp.ground.journal
        self._rows = Shelf(journal, "wecom_broadcast", Broadcast, lambda one: one.msgid)
        self._parts = Shelf(journal, "wecom_share", Part, lambda one: f"{one.msgid}\t{one.userid}")
        self._reached: defaultdict[str, list[date]] = defaultdict(list)
        self.cap: Cap = "month"
        for part in self._parts.everything():
            self._count(part)

    def order(self, broadcast: Broadcast, shares: dict[str, list[str]]) -> Broadcast:
        """Give each member a share; nothing goes out before they confirm."""
        # The broadcast is written first, so that no share can outlive a kill without it.
        self._rows.put(broadcast)
        for userid, ids in shares.items():
            targets = tuple(Target(one) for one in ids)
            self._parts.put(Part(broadcast.msgid, userid, targets))
        return broadcast

    def find(self, msgid: str) -> Broadcast | None:
        """A broadcast by its id."""
        return self._rows.get(msgid)

    def everything(self) -> list[Broadcast]:
        """All broadcasts, those of members too."""
        return self._rows.everything()

    def change(self, broadcast: Broadcast, **changes: Any) -> Broadcast:
        """The broadcast with something else about it."""
        return self._rows.put(replace(broadcast, **changes))

    def part(self, msgid: str, userid: str) -> Part | None:
        """One member's share."""
        return self._parts.get(f"{msgid}\t{userid}")

    def parts(self, msgid: str) -> list[Part]:
        """Everybody's share."""
        return [one for one in self._parts.everything() if one.msgid == msgid]

    def new_number(self) -> str:
        """The id of the next broadcast."""
        return "msg" + letters(self._corp.ground.seed, 30, "broadcast", len(self._rows))

    def parts_of(self, userid: str) -> list[tuple[Broadcast, Part]]:
        """What the company asked of one member, the latest first."""
        mine = [one for one in self._parts.everything() if one.userid == userid]
        found = [(self._rows.rows[one.msgid], one) for one in mine]
        return [pair for pair in reversed(found) if not pair[0].creator]

    def confirm(
        self, msgid: str, userid: str, now: datetime, only: list[str] | None = None
    ) -> Part:
        """The member lets it go out; with `only`, to some of the customers."""
        broadcast, part = self._waiting(msgid, userid)
        if only is not None and not broadcast.allow_select:
            raise CannotDo("the company does not let members choose")
        targets = tuple(
            self._sent(broadcast, part, one, now) if only is None or one.id in only else one
            for one in part.targets
        )
        done = replace(part, targets=targets, state="done", sent_at=now)
        self._count(done)
        return self._parts.put(done)

    def ignore(self, msgid: str, userid: str) -> None:
        """The member does not want to; it stays unsent."""
        _, part = self._waiting(msgid, userid)
        self._parts.put(replace(part, state="ignored"))

    def by_member(self, userid: str, persons: list[Person], words: str, now: datetime) -> Part:
        """A member's own broadcast: one a customer and day, and the same cap as the company's."""
        content = Content(Text(words))
        broadcast = self._rows.put(Broadcast(self.new_number(), "single", now, content, userid))
        targets = tuple(Target(one.id) for one in persons)
        part = Part(broadcast.msgid, userid, targets, "done", now)
        today = now.astimezone(SHANGHAI).date()
        done = replace(
            part,
            targets=tuple(
                replace(one, status=OVER_CAP)
                if self._was_reached_by(userid, one.id, today)
                else self._sent(broadcast, part, one, now)
                for one in targets
            ),
        )
        self._count(done)
        return self._parts.put(done)

    def _waiting(self, msgid: str, userid: str) -> tuple[Broadcast, Part]:
        broadcast, part = self._rows.get(msgid), self._parts.get(f"{msgid}\t{userid}")
        if broadcast is None or part is None:
            raise CannotDo("there is no such task")
        if broadcast.is_cancelled:
            raise CannotDo("the company has stopped this broadcast")
        if part.state == "done":
            raise CannotDo("this was sent already")
        return broadcast, part

    def _sent(self, broadcast: Broadcast, part: Part, target: Target, now: datetime) -> Target:
        said = messages(broadcast.content, now)
        if broadcast.chat_type == "group":
            chat = self._groups.find(target.id)
            if chat is None or chat.owner != part.userid:
                return replace(target, status=NOT_FRIEND)
            if self._is_over_cap(target.id, now):
                return replace(target, status=OVER_CAP)
            self._groups.say(chat, part.userid, said)
            return replace(target, status=SENT, sent_at=now)
        person = self._corp.ground.people.get(target.id)
        relation = self._relations.find(part.userid, person)
        if relation is None or relation.standing != "friend":
            return replace(target, status=NOT_FRIEND)
        if self._is_over_cap(target.id, now):
            return replace(target, status=OVER_CAP)
        self._relations.tell(relation, said, now)
        return replace(target, status=SENT, sent_at=now)

    def _is_over_cap(self, target_id: str, now: datetime) -> bool:
        today = now.astimezone(SHANGHAI).date()
        reached = self._reached[target_id]
        if self.cap == "day":
            return today in reached
        if self.cap == "week":
            monday = today - timedelta(days=today.weekday())
            return sum(monday <= one for one in reached) >= MOST_A_WEEK
        days = calendar.monthrange(today.year, today.month)[1]
        return sum((one.year, one.month) == (today.year, today.month) for one in reached) >= days

    def _was_reached_by(self, userid: str, person_id: str, today: date) -> bool:
        return any(
            target.id == person_id and target.status == SENT and _day(target) == today
            for part in self._parts.everything()
            if part.userid == userid and self._rows.rows[part.msgid].creator == userid
            for target in part.targets
        )

    def _count(self, part: Part) -> None:
        for target in part.targets:
            if target.status == SENT:
                self._reached[target.id].append(_day(target))


def _day(target: Target) -> date:
    assert target.sent_at is not None
    return target.sent_at.astimezone(SHANGHAI).date()

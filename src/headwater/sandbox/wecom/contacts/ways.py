"""Contact ways: codes by which customers find a member, each with a state of the merchant's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from headwater.sandbox.credentials import derive, letters
from headwater.sandbox.people import Person
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.wecom.api import (
    Answer,
    Api,
    Call,
    at_most,
    checked_limit,
    contact_api,
    page,
    stamp,
)
from headwater.sandbox.wecom.contacts.relations import Relations
from headwater.sandbox.wecom.corp import Corp
from headwater.sandbox.wecom.errors import WecomError
from headwater.sandbox.wecom.limits import Rates

# Source: developer.work.weixin.qq.com/document/path/96311, updated 2025-12-11.
MOST_WAYS = 500_000
MOST_MEMBERS = 100
LONGEST = 30
LONGEST_TEMPORARY_SECONDS = 14 * 86_400
ALONE, MANY = 1, 2
IN_MINI_PROGRAM, BY_CODE = 1, 2
STYLES = (1, 2, 3)
PATH = "/ca/"


@dataclass(frozen=True)
class Way:
    """One contact way as it stands."""

    config_id: str
    type: int
    scene: int
    made_at: datetime
    style: int = 1
    remark: str = ""
    skip_verify: bool = True
    state: str = ""
    user: tuple[str, ...] = ()
    party: tuple[int, ...] = ()
    is_temp: bool = False
    expires_in: int = 7 * 86_400
    chat_expires_in: int = 86_400
    unionid: str = ""
    is_exclusive: bool = False
    conclusions: dict[str, Any] | None = None
    is_over: bool = False


class AddWay(msgspec.Struct):
    type: int | None = None
    scene: int | None = None
    style: int | None = None
    remark: str = ""
    skip_verify: bool = True
    state: str = ""
    user: list[str] = []
    party: list[int] = []
    is_temp: bool = False
    expires_in: int = 7 * 86_400
    chat_expires_in: int = 86_400
    unionid: str = ""
    is_exclusive: bool = False
    mark_source: bool = True
    conclusions: dict[str, Any] | None = None


class UpdateWay(msgspec.Struct):
    config_id: str = ""
    style: int | None = None
    remark: str | None = None
    skip_verify: bool | None = None
    state: str | None = None
    user: list[str] | None = None
    party: list[int] | None = None
    expires_in: int | None = None
    chat_expires_in: int | None = None
    unionid: str | None = None
    mark_source: bool | None = None
    conclusions: dict[str, Any] | None = None


class OneWay(msgspec.Struct):
    config_id: str = ""


class ListWays(msgspec.Struct):
    start_time: int | None = None
    end_time: int | None = None
    cursor: str = ""
    limit: int = 0


class CloseChat(msgspec.Struct):
    userid: str = ""
    external_userid: str = ""


class Ways:
    """All contact ways of the company."""

    def __init__(self, corp: Corp, relations: Relations, rates: Rates) -> None:
        self._corp = corp
        self._seed = corp.ground.seed
        self._base_url = corp.ground.credentials["wecom"]["base_url"]
        self._relations = relations
        self._rates = rates
        self._ways = Shelf(corp.ground.journal, "wecom_way", Way, lambda one: one.config_id)
        self.lasting = sum(1 for one in self._ways.everything() if _counts(one))
        """How many contact ways count against the company's most."""

    def apis(self) -> list[Api]:
        """Contact ways made, read, changed and taken away."""
        return [
            contact_api("add_contact_way", self._add),
            contact_api("get_contact_way", self._get),
            contact_api("list_contact_way", self._list),
            contact_api("update_contact_way", self._update),
            contact_api("del_contact_way", self._delete),
            contact_api("close_temp_chat", self._close),
        ]

    def everything(self) -> list[Way]:
        """The contact ways that lead somewhere."""
        return [one for one in self._ways.everything() if not one.is_over]

    def code(self, way: Way) -> str:
        """What is in the picture of the code."""
        return f"{self._base_url}{PATH}{way.config_id}"

    def behind(self, code: str) -> Way | None:
        """The contact way of a scanned code, of its picture's address, or of its id."""
        way = self._ways.get(code.rstrip("/").rpartition("/")[2])
        return None if way is None or way.is_over else way

    def open_to(self, way: Way, person: Person, now: datetime) -> bool:
        """Whether this person may come this way; temporary ones end, and may be for one person."""
        if not way.is_temp:
            return True
        is_in_time = now - way.made_at < timedelta(seconds=way.expires_in)
        return is_in_time and way.unionid in ("", person.unionid)

    def members(self, way: Way) -> list[str]:
        """The members behind a way, departments unfolded, as far as they still work there."""
        inside = [one.userid for number in way.party for one in self._corp.staff.within(number)]
        at_work = {one.userid for one in self._corp.staff.everybody()}
        return [one for one in dict.fromkeys((*way.user, *inside)) if one in at_work]

    def choose(self, way: Way, person: Person) -> str | None:
        """Which member a customer gets: the one they know if the way says so, else any."""
        members = self.members(way)
        known = {one.userid for one in self._relations.followers(person)}
        if way.is_exclusive and known & set(members):
            return next(one for one in members if one in known)
        if not members:
            return None
        drawn = int.from_bytes(derive(self._seed, "way", way.config_id, person.id)[:4])
        return members[drawn % len(members)]

    def spend(self, way: Way) -> None:
        """A temporary code dies as soon as somebody was added through it."""
        if way.is_temp:
            self._ways.put(replace(way, is_over=True))

    def _add(self, call: Call) -> Answer:
        asked = call.read(AddWay)
        if asked.type is None:
            raise WecomError(41037)
        if asked.type not in (ALONE, MANY):
            raise WecomError(41039)
        if asked.scene is None:
            raise WecomError(41038)
        if asked.scene not in (IN_MINI_PROGRAM, BY_CODE):
            raise WecomError(41040)
        self._check_counts(asked, call.now)
        number = letters(self._seed, 32, "way", len(self._ways))
        way = Way(
            config_id=number,
            type=asked.type,
            scene=asked.scene,
            made_at=call.now,
            style=1 if asked.style is None else asked.style,
            remark=asked.remark,
            skip_verify=asked.skip_verify,
            state=asked.state,
            user=tuple(asked.user),
            party=tuple(asked.party),
            is_temp=asked.is_temp,
            expires_in=asked.expires_in,
            chat_expires_in=asked.chat_expires_in,
            unionid=asked.unionid,
            is_exclusive=asked.is_exclusive,
            conclusions=asked.conclusions,
        )
        self._check(way)
        self._ways.put(way)
        self.lasting += 0 if way.is_temp else 1
        picture = {} if way.scene == IN_MINI_PROGRAM else {"qr_code": self._picture(way)}
        return {"config_id": number, **picture}

    def _check_counts(self, asked: AddWay, now: datetime) -> None:
        if asked.is_temp:
            if asked.type != ALONE:
                raise WecomError(40058, "temporary contact way is for a single user")
            self._rates.count("temporary_ways_a_day", "company", now)
        elif self.lasting >= MOST_WAYS:
            raise WecomError(41045)

    def _check(self, way: Way) -> None:
        at_most(way.state, LONGEST, "state")
        at_most(way.remark, LONGEST, "remark")
        if way.style not in STYLES:
            raise WecomError(41042)
        for userid in way.user:
            self._corp.staff.get(userid)
        if not all(self._corp.staff.knows_department(one) for one in way.party):
            raise WecomError(40066)
        if way.type == ALONE and (len(way.user) != 1 or way.party):
            raise WecomError(40058, "a single contact way has one user")
        members = self.members(way)
        if not members:
            raise WecomError(40063, "user, party")
        if len(members) > MOST_MEMBERS:
            raise WecomError(41041)
        for length in (way.expires_in, way.chat_expires_in):
            if way.is_temp and not 1 <= length <= LONGEST_TEMPORARY_SECONDS:
                raise WecomError(40058, "expires_in out of range")

    def _needed(self, config_id: str) -> Way:
        if not config_id:
            raise WecomError(41043)
        way = self._ways.get(config_id)
        if way is None or way.is_over:
            raise WecomError(41044)
        return way

    def _get(self, call: Call) -> Answer:
        way = self._needed(call.read(OneWay).config_id)
        shown = msgspec.to_builtins(way)
        for hidden in ("made_at", "is_over", "is_exclusive"):
            del shown[hidden]
        if way.scene == BY_CODE:
            shown["qr_code"] = self._picture(way)
        temporary = ("expires_in", "chat_expires_in", "unionid", "conclusions")
        kept = {k: v for k, v in shown.items() if way.is_temp or k not in temporary}
        return {"contact_way": kept}

    def _list(self, call: Call) -> Answer:
        asked = call.read(ListWays)
        start = asked.start_time or stamp(call.now - timedelta(days=90))
        end = asked.end_time or stamp(call.now)
        found = [
            {"config_id": one.config_id}
            for one in self.everything()
            if not one.is_temp and start <= stamp(one.made_at) <= end
        ]
        rows, cursor = page(found, asked.cursor, checked_limit(asked.limit, 1_000, 100))
        return {"contact_way": rows, **({"next_cursor": cursor} if cursor else {})}

    def _update(self, call: Call) -> Answer:
        asked = call.read(UpdateWay)
        way = self._needed(asked.config_id)
        changes: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name in asked.__struct_fields__
            if (value := getattr(asked, name)) is not None and name != "mark_source"
        }
        changed = replace(way, **changes)
        self._check(changed)
        self._ways.put(changed)
        return {}

    def _delete(self, call: Call) -> Answer:
        way = self._needed(call.read(OneWay).config_id)
        self._ways.put(replace(way, is_over=True))
        self.lasting -= 0 if way.is_temp else 1
        return {}

    def _close(self, call: Call) -> Answer:
        asked = call.read(CloseChat)
        relation = self._relations.asked_for(asked.userid, asked.external_userid)
        self._relations.save(relation, standing="ended")
        return {}

    def _picture(self, way: Way) -> str:
        return f"{self._base_url}/wwpic/{way.config_id}"


def _counts(way: Way) -> bool:
    return not way.is_temp and not way.is_over

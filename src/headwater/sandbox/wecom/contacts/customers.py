"""Reading and noting customers: one by one with all members, or many by member."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from headwater.sandbox.people import NoSuchPerson, Person
from headwater.sandbox.wecom.api import (
    Answer,
    Api,
    Call,
    at_most,
    checked_limit,
    contact_api,
    few,
    page,
    stamp,
)
from headwater.sandbox.wecom.contacts.relations import Relation, Relations
from headwater.sandbox.wecom.contacts.tags import Tags
from headwater.sandbox.wecom.corp import Corp
from headwater.sandbox.wecom.errors import WecomError

FOLLOWERS_A_PAGE = 500
MOST_MEMBERS = 100
MOST_A_BATCH = 100
LONGEST_USERID_BYTES = 64
OWN_TAG = 1
FROM_WECHAT = 1


class Batch(msgspec.Struct):
    userid_list: list[str] = []
    cursor: str = ""
    limit: int = 0


class Remark(msgspec.Struct):
    userid: str = ""
    external_userid: str = ""
    remark: str | None = None
    description: str | None = None
    remark_company: str | None = None
    remark_mobiles: list[str] | None = None
    remark_pic_mediaid: str | None = None


class Unionid(msgspec.Struct):
    unionid: str = ""
    openid: str = ""


class Customers:
    """The calls about customers."""

    def __init__(self, corp: Corp, relations: Relations, tags: Tags) -> None:
        self._corp = corp
        self._people = corp.ground.people
        self._relations = relations
        self._tags = tags

    def apis(self) -> list[Api]:
        """Customers read, noted, and found by union id."""
        return [
            contact_api("list", self._list, "GET"),
            contact_api("get", self._get, "GET"),
            contact_api("batch/get_by_user", self._batch),
            contact_api("remark", self._remark),
            contact_api("unionid_to_external_userid", self._by_unionid),
        ]

    def _list(self, call: Call) -> Answer:
        member = self._corp.staff.get(call.needs("userid", 41009))
        found = self._relations.listed(member.userid)
        if not found:
            raise WecomError(84061)
        return {"external_userid": [self._relations.external(one) for one in found]}

    def _get(self, call: Call) -> Answer:
        person = self._relations.behind(call.query.get("external_userid", ""))
        followers = self._relations.followers(person)
        if not followers:
            raise WecomError(84061)
        found, cursor = page(followers, call.query.get("cursor", ""), FOLLOWERS_A_PAGE)
        said: Answer = {
            "external_contact": self._contact(person),
            "follow_user": [self._follower(one) for one in found],
        }
        return {**said, "next_cursor": cursor} if cursor else said

    def _batch(self, call: Call) -> Answer:
        asked = call.read(Batch)
        if not asked.userid_list:
            raise WecomError(40063, "userid_list")
        few(asked.userid_list, MOST_MEMBERS, "userid_list")
        limit = checked_limit(asked.limit, MOST_A_BATCH, 50)
        found = self._of_members(asked.userid_list)
        rows, cursor = page(found, asked.cursor, limit)
        shown = [
            {
                "external_contact": self._contact(self._relations.person(one)),
                "follow_info": _followed(one),
            }
            for one in rows
        ]
        return {"external_contact_list": shown, "next_cursor": cursor}

    def _of_members(self, userids: Sequence[str]) -> list[Relation]:
        for userid in userids:
            # The text of the platform speaks of the list, the rule is about each id in it
            # (community/personal/oCJUsw-YSzR2br8N_c3RZFJoQFeg/question).
            if len(userid.encode()) > LONGEST_USERID_BYTES:
                raise WecomError(40058, f"userid_list exceed max length {LONGEST_USERID_BYTES}")
            self._corp.staff.get(userid)
        return [one for userid in dict.fromkeys(userids) for one in self._relations.listed(userid)]

    def _remark(self, call: Call) -> Answer:
        asked = call.read(Remark)
        given = (asked.remark, asked.description, asked.remark_company, asked.remark_mobiles)
        if all(one is None for one in (*given, asked.remark_pic_mediaid)):
            raise WecomError(40063, "remark, description, remark_company, remark_mobiles")
        relation = self._relations.asked_for(asked.userid, asked.external_userid)
        if asked.remark_pic_mediaid:
            self._corp.media.usable(asked.remark_pic_mediaid, call.now)
        changes = noted(asked.remark, asked.description, asked.remark_mobiles)
        if asked.remark_company is not None:
            at_most(asked.remark_company, 20, "remark_company")
            changes["company"] = asked.remark_company
        self._relations.save(relation, **changes)
        return {}

    def _by_unionid(self, call: Call) -> Answer:
        asked = call.read(Unionid)
        if not asked.unionid or not asked.openid:
            raise WecomError(40063, "unionid, openid")
        if self._hides_unionid():
            raise WecomError(41057)
        try:
            person = self._people.behind_unionid(asked.unionid)
        except NoSuchPerson:
            raise WecomError(84061) from None
        if asked.openid not in self._openids(person):
            raise WecomError(40058, "unionid and openid do not match")
        if not self._relations.followers(person):
            raise WecomError(84061)
        return {"external_userid": self._people.external_userid(person)}

    def _openids(self, person: Person) -> set[str]:
        apps = ("official_account", "mini_program")
        appids = [self._corp.ground.credentials[app]["appid"] for app in apps]
        return {self._people.openid(person, appid) for appid in appids}

    def _hides_unionid(self) -> bool:
        return self._corp.ground.faults.drawn("hide_unionid") > 0

    def _contact(self, person: Person) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "external_userid": self._people.external_userid(person),
            "name": person.nickname,
            "type": FROM_WECHAT,
            "avatar": f"https://wx.qlogo.cn/mmhead/{person.id}/0",
            "gender": 0,
        }
        return shown if self._hides_unionid() else {**shown, "unionid": person.unionid}

    def _follower(self, relation: Relation) -> dict[str, Any]:
        tags = [tag for one in relation.tags if (tag := self._tags.find(one)) is not None]
        shown = _noted(relation) | {
            "tags": [
                {
                    "group_name": self._tags.group_of(tag).name,
                    "tag_name": tag.name,
                    "tag_id": tag.id,
                    "type": OWN_TAG,
                }
                for tag in tags
            ]
        }
        return shown | ({"state": relation.state} if relation.state else {})


def noted(remark: str | None, description: str | None, mobiles: list[str] | None) -> dict[str, Any]:
    """What a note changes, within the lengths that the platform allows."""
    changes: dict[str, Any] = {}
    if remark is not None:
        at_most(remark, 20, "remark")
        changes["remark"] = remark
    if description is not None:
        at_most(description, 150, "description")
        changes["description"] = description
    if mobiles is not None:
        few(mobiles, 5, "remark_mobiles")
        # A list with an empty text in it is how the platform is told to forget the numbers.
        changes["mobiles"] = tuple(one for one in mobiles if one)
    return changes


def _noted(relation: Relation) -> dict[str, Any]:
    return {
        "userid": relation.userid,
        "remark": relation.remark,
        "description": relation.description,
        "createtime": stamp(relation.since),
        "remark_corp_name": relation.company,
        "remark_mobiles": list(relation.mobiles),
        "oper_userid": relation.oper_userid,
        "add_way": relation.add_way,
    }


def _followed(relation: Relation) -> dict[str, Any]:
    """The other shape: an object, tags by id only."""
    shown = _noted(relation) | {"tag_id": list(relation.tags)}
    return shown | ({"state": relation.state} if relation.state else {})

"""Tags on followers: a hundred of them, twenty on one person, fifty people a call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import Person
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.weixin.account.users import Followers
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import most, refuse, within

STARRED = 2
OWN_FROM = 100


class Named(msgspec.Struct):
    name: str = ""
    id: int = 0


class TagRequest(msgspec.Struct):
    tag: Named


class Members(msgspec.Struct):
    openid_list: list[str]
    tagid: int


class MembersOf(msgspec.Struct):
    tagid: int
    next_openid: str = ""


class TagsOf(msgspec.Struct):
    openid: str


@dataclass(frozen=True)
class Tag:
    """One tag; a deleted one keeps its number."""

    id: int
    name: str
    is_gone: bool = False


class Tags:
    """The account's tags and who wears them."""

    def __init__(self, ground: Ground, followers: Followers) -> None:
        self._followers = followers
        self._tags = Shelf(ground.journal, "weixin_tag", Tag, lambda one: str(one.id))

    @property
    def _names(self) -> dict[int, str]:
        own = {one.id: one.name for one in self._tags.everything() if not one.is_gone}
        return {STARRED: "星标组"} | own

    def create(self, call: Call) -> dict[str, Any]:
        """tags/create: a new tag with a name of its own."""
        name = self._checked_name(call.read(TagRequest).tag.name)
        if len(self._names) >= most("tags"):
            raise refuse("tags")
        tag = self._tags.put(Tag(OWN_FROM + len(self._tags), name))
        return {"tag": {"id": tag.id, "name": name}}

    def everything(self, call: Call) -> dict[str, Any]:
        """tags/get: all tags and how many wear each."""
        worn = [tag for one in self._followers.everybody() for tag in self._followers.of(one).tags]
        return {
            "tags": [
                {"id": number, "name": name, "count": worn.count(number)}
                for number, name in self._names.items()
            ]
        }

    def rename(self, call: Call) -> dict[str, Any]:
        """tags/update: another name for a tag."""
        asked = call.read(TagRequest).tag
        self._own(asked.id)
        if self._names[asked.id] != asked.name:
            self._tags.put(Tag(asked.id, self._checked_name(asked.name)))
        return done()

    def delete(self, call: Call) -> dict[str, Any]:
        """tags/delete: the tag goes, from everybody too."""
        number = call.read(TagRequest).tag.id
        self._own(number)
        self._tags.put(Tag(number, self._names[number], is_gone=True))
        for person in self._followers.everybody():
            self._take(person, number)
        return done()

    def put_on(self, call: Call) -> dict[str, Any]:
        """tags/members/batchtagging: all of them, or nobody when one cannot."""
        asked = self._checked_members(call)
        people = [self._followers.follower(one) for one in dict.fromkeys(asked.openid_list)]
        bare = [one for one in map(self._followers.of, people) if asked.tagid not in one.tags]
        if any(len(one.tags) >= most("tags.of_a_user") for one in bare):
            raise refuse("tags.of_a_user")
        for one in bare:
            self._followers.keep(replace(one, tags=(*one.tags, asked.tagid)))
        return done()

    def take_off(self, call: Call) -> dict[str, Any]:
        """tags/members/batchuntagging: whoever does not wear it is no error."""
        asked = self._checked_members(call)
        for person in [self._followers.follower(one) for one in asked.openid_list]:
            self._take(person, asked.tagid)
        return done()

    def members(self, call: Call) -> dict[str, Any]:
        """user/tag/get: the open ids that wear a tag."""
        asked = call.read(MembersOf)
        self._existing(asked.tagid)
        openids = self.openids(asked.tagid)
        start = openids.index(asked.next_openid) + 1 if asked.next_openid in openids else 0
        listed = openids[start : start + most("users.page")]
        answer: dict[str, Any] = {"count": len(listed)}
        if listed:
            answer |= {"data": {"openid": listed}, "next_openid": listed[-1]}
        return answer

    def of_user(self, call: Call) -> dict[str, Any]:
        """tags/getidlist: what one person wears."""
        person = self._followers.follower(call.read(TagsOf).openid)
        return {"tagid_list": list(self._followers.of(person).tags)}

    def openids(self, number: int) -> list[str]:
        """Everybody who wears this tag."""
        return [
            self._followers.openid(one)
            for one in self._followers.everybody()
            if number in self._followers.of(one).tags
        ]

    def numbers(self) -> list[int]:
        """The numbers of all tags."""
        return list(self._names)

    def exists(self, number: int) -> bool:
        """Whether there is such a tag."""
        return number in self._names

    def _take(self, person: Person, number: int) -> None:
        known = self._followers.of(person)
        if number in known.tags:
            left = tuple(one for one in known.tags if one != number)
            self._followers.keep(replace(known, tags=left))

    def _checked_name(self, name: str) -> str:
        if not name or name in self._names.values():
            raise WeixinError(45157, "invalid tag name")
        within("tag.name", len(name.encode()))
        return name

    def _checked_members(self, call: Call) -> Members:
        asked = call.read(Members)
        if not asked.openid_list:
            raise refuse("tags.batch")
        within("tags.batch", len(asked.openid_list))
        self._existing(asked.tagid)
        return asked

    def _existing(self, number: int) -> None:
        if number not in self._names:
            raise WeixinError(45159, "invalid tag id")

    def _own(self, number: int) -> None:
        if number in (0, 1, 2):
            raise WeixinError(45058, "can't modify sys tag")
        self._existing(number)

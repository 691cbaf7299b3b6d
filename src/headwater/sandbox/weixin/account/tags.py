"""Tags on followers: a hundred of them, twenty on one person, fifty people a call."""

from __future__ import annotations

from typing import Any

import msgspec

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


class Tags:
    """The account's tags and who wears them."""

    def __init__(self, followers: Followers) -> None:
        self._followers = followers
        self._names: dict[int, str] = {STARRED: "星标组"}
        self._next = OWN_FROM

    def create(self, call: Call) -> dict[str, Any]:
        """tags/create: a new tag with a name of its own."""
        name = self._checked_name(call.read(TagRequest).tag.name)
        if len(self._names) >= most("tags"):
            raise refuse("tags")
        number, self._next = self._next, self._next + 1
        self._names[number] = name
        return {"tag": {"id": number, "name": name}}

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
            self._names[asked.id] = self._checked_name(asked.name)
        return done()

    def delete(self, call: Call) -> dict[str, Any]:
        """tags/delete: the tag goes, from everybody too."""
        number = call.read(TagRequest).tag.id
        self._own(number)
        del self._names[number]
        for person in self._followers.everybody():
            known = self._followers.of(person)
            known.tags = [one for one in known.tags if one != number]
        return done()

    def put_on(self, call: Call) -> dict[str, Any]:
        """tags/members/batchtagging: all of them, or nobody when one cannot."""
        asked = self._checked_members(call)
        followings = [self._followers.of(self._followers.follower(o)) for o in asked.openid_list]
        for known in followings:
            if asked.tagid not in known.tags and len(known.tags) >= most("tags.of_a_user"):
                raise refuse("tags.of_a_user")
        for known in followings:
            if asked.tagid not in known.tags:
                known.tags.append(asked.tagid)
        return done()

    def take_off(self, call: Call) -> dict[str, Any]:
        """tags/members/batchuntagging: whoever does not wear it is no error."""
        asked = self._checked_members(call)
        followings = [self._followers.of(self._followers.follower(o)) for o in asked.openid_list]
        for known in followings:
            known.tags = [one for one in known.tags if one != asked.tagid]
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

    def exists(self, number: int) -> bool:
        """Whether there is such a tag."""
        return number in self._names

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

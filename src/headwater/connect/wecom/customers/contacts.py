"""External contacts: the same customer read from two answers of different shape.

developer.work.weixin.qq.com/document/path/92114 gives `follow_user`, an array with names of tags;
document/path/96316 gives `follow_info`, one object with ids of tags.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

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
    every,
    filled,
    moment,
    page,
)
from headwater.connect.wecom.errors import NotACustomer

_WECHAT: Final = 1


@dataclass(frozen=True)
class Follower:
    """How one member of staff knows a customer; `state` says through which contact way."""

    user_id: str
    since_at: datetime
    remark: str
    description: str
    tag_ids: tuple[str, ...]
    mobiles: tuple[str, ...]
    state: str | None
    came_by: int
    added_by: str | None


@dataclass(frozen=True)
class Contact:
    """A customer at WeCom, with those of the staff who know them and whom our app may see.

    `unionid` is there for people on WeChat only, and only where a developer id is bound.
    """

    external_id: str
    name: str
    is_on_wechat: bool
    unionid: str | None
    avatar_url: str | None
    followers: tuple[Follower, ...]


@dataclass(frozen=True)
class Remark:
    """What a guide notes about a customer; None leaves a note as it is, an empty text clears it."""

    name: str | None = None
    description: str | None = None
    company: str | None = None
    mobiles: tuple[str, ...] | None = None


class _Person(msgspec.Struct):
    external_userid: WireId
    name: Words = ""
    type: int = _WECHAT
    unionid: Words = ""
    avatar: Words = ""


class _Tag(msgspec.Struct):
    # A tag that a member of staff made for themselves has no id.
    tag_id: Words = ""


class _Follow(msgspec.Struct):
    userid: WireId
    createtime: Seconds
    remark: Words = ""
    description: Words = ""
    remark_mobiles: list[Words] = []
    state: Words = ""
    add_way: int = 0
    oper_userid: Words = ""


class _FollowUser(_Follow):
    tags: list[_Tag] = []


class _FollowInfo(_Follow):
    tag_id: list[WireId] = []


class _Got(msgspec.Struct):
    external_contact: _Person
    follow_user: list[_FollowUser] = []
    next_cursor: Cursor = ""


class _Entry(msgspec.Struct):
    external_contact: _Person
    follow_info: _FollowInfo


class _Batch(msgspec.Struct):
    external_contact_list: list[_Entry] = []
    next_cursor: Cursor = ""


class _Ids(msgspec.Struct):
    external_userid: list[WireId] = []


class _Staff(msgspec.Struct):
    follow_user: list[WireId] = []


class _External(msgspec.Struct):
    external_userid: WireId


class Contacts:
    """Reads customers and writes what is noted about them.

    What we write here does not come back as a push, so the caller keeps its own copy in step.
    """

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def staff(self) -> tuple[str, ...]:
        """List the staff who may have customers; reading again is harmless."""
        path = "/cgi-bin/externalcontact/get_follow_user_list"
        return tuple((await self._api.get(path, {}, _Staff)).follow_user)

    async def ids_of(self, user_id: str) -> tuple[str, ...]:
        """List the customers of one member of staff; reading again is harmless."""
        (checked,) = bounds.user_ids("user_id", (user_id,), 1)
        path = "/cgi-bin/externalcontact/list"
        try:
            return tuple((await self._api.get(path, {"userid": checked}, _Ids)).external_userid)
        except NotACustomer:
            # This is how the server says that somebody has no customers yet.
            return ()

    async def get(self, external_id: str) -> Contact:
        """Read one customer with everybody who knows them; reading again is harmless.

        Beyond five hundred the server cuts the list into pages, which are put together here.
        """
        people: list[_Person] = []

        async def fetch(cursor: str | None) -> Page[Follower]:
            query = {"external_userid": external_id} | ({"cursor": cursor} if cursor else {})
            wire = await self._api.get("/cgi-bin/externalcontact/get", query, _Got)
            people.append(wire.external_contact)
            found = (_follower(each, _ids(each.tags)) for each in wire.follow_user)
            return page(found, wire.next_cursor)

        followers = tuple([follower async for follower in every(fetch)])
        return _contact(people[0], followers)

    async def batch(
        self,
        user_ids: tuple[str, ...],
        cursor: str | None = None,
        limit: int = bounds.BATCH_CUSTOMERS,
    ) -> Page[Contact]:
        """Read a page of the customers of some staff; reading again is harmless.

        A customer of two of them comes twice, each time with the one follower concerned.
        """
        body = filled(
            {
                "userid_list": bounds.user_ids("user_ids", user_ids, bounds.BATCH_USERS),
                "cursor": cursor,
                "limit": bounds.number("limit", limit, bounds.BATCH_CUSTOMERS),
            }
        )
        wire = await self._api.post("/cgi-bin/externalcontact/batch/get_by_user", body, _Batch)
        found = (
            _contact(each.external_contact, (_of_batch(each.follow_info),))
            for each in wire.external_contact_list
        )
        return page(found, wire.next_cursor)

    async def note(self, user_id: str, external_id: str, remark: Remark) -> None:
        """Write what one member of staff notes about a customer; a repeat writes the same."""
        body: dict[str, Any] = {
            "userid": user_id,
            "external_userid": external_id,
            "remark": _short("name", remark.name, bounds.REMARK_CHARACTERS),
            "description": _short("description", remark.description, bounds.DESCRIPTION_CHARACTERS),
            "remark_company": _short("company", remark.company, bounds.COMPANY_CHARACTERS),
        }
        if remark.mobiles is not None:
            # One empty number is the server's way to clear them all.
            body["remark_mobiles"] = list(remark.mobiles) or [""]
        await self._api.post("/cgi-bin/externalcontact/remark", filled(body), Nothing)

    async def mark(
        self,
        user_id: str,
        external_id: str,
        add: tuple[str, ...] = (),
        remove: tuple[str, ...] = (),
    ) -> None:
        """Put company tags on a customer and take others off; a repeat changes nothing more."""
        if not add and not remove:
            raise BadInput("tags", "nothing to add or to remove")
        body = {
            "userid": user_id,
            "external_userid": external_id,
            "add_tag": list(add) or None,
            "remove_tag": list(remove) or None,
        }
        await self._api.post("/cgi-bin/externalcontact/mark_tag", filled(body), Nothing)

    async def by_unionid(self, unionid: str, openid: str) -> str:
        """Find a customer by union id and open id of one app of ours; reading again is harmless.

        UnknownToProvider or NotACustomer where nobody whom the app may see knows this person.
        """
        body = {"unionid": unionid, "openid": openid}
        path = "/cgi-bin/externalcontact/unionid_to_external_userid"
        return (await self._api.post(path, body, _External)).external_userid


def _short(field: str, text: str | None, most: int) -> str | None:
    return None if text is None else bounds.characters(field, text, most)


def _contact(person: _Person, followers: tuple[Follower, ...]) -> Contact:
    return Contact(
        external_id=person.external_userid,
        name=person.name,
        is_on_wechat=person.type == _WECHAT,
        unionid=person.unionid or None,
        avatar_url=person.avatar or None,
        followers=followers,
    )


def _of_batch(wire: _FollowInfo) -> Follower:
    return _follower(wire, tuple(wire.tag_id))


def _ids(tags: list[_Tag]) -> tuple[str, ...]:
    return tuple(tag.tag_id for tag in tags if tag.tag_id)


def _follower(wire: _Follow, tag_ids: tuple[str, ...]) -> Follower:
    return Follower(
        user_id=wire.userid,
        since_at=moment(wire.createtime),
        remark=wire.remark,
        description=wire.description,
        tag_ids=tag_ids,
        mobiles=tuple(wire.remark_mobiles),
        state=wire.state or None,
        came_by=wire.add_way,
        added_by=wire.oper_userid or None,
    )

"""What became of a post in Moments: who put it up, who saw it, who liked it.

developer.work.weixin.qq.com/document/path/93333
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True)
class Poster:
    """One member of staff who was asked to post, and whether it was done."""

    user_id: str
    has_posted: bool


@dataclass(frozen=True)
class Reaction:
    """A like or a comment, from a customer or from a member of staff; the words stay there."""

    external_id: str | None
    user_id: str | None
    at: datetime


@dataclass(frozen=True)
class Reactions:
    """Who liked and who commented one person's post."""

    comments: tuple[Reaction, ...]
    likes: tuple[Reaction, ...]


class _Task(msgspec.Struct):
    userid: WireId
    publish_status: int


class _Tasks(msgspec.Struct):
    task_list: list[_Task] = []
    next_cursor: Cursor = ""


class _Customer(msgspec.Struct):
    external_userid: WireId


class _Customers(msgspec.Struct):
    customer_list: list[_Customer] = []
    next_cursor: Cursor = ""


class _Reaction(msgspec.Struct):
    create_time: Seconds
    external_userid: Words = ""
    userid: Words = ""


class _Reactions(msgspec.Struct):
    comment_list: list[_Reaction] = []
    like_list: list[_Reaction] = []


class MomentResults:
    """Reads what staff and customers made of a post."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def posters(self, moment_id: str, cursor: str | None = None) -> Page[Poster]:
        """Read who was asked to post and who did; reading again is harmless."""
        body = {"moment_id": moment_id, "limit": bounds.MOMENT_CUSTOMERS_PAGE, "cursor": cursor}
        path = "/cgi-bin/externalcontact/get_moment_task"
        wire = await self._api.post(path, filled(body), _Tasks)
        found = (Poster(each.userid, each.publish_status == 1) for each in wire.task_list)
        return page(found, wire.next_cursor)

    async def meant_for(self, moment_id: str, user_id: str, cursor: str | None = None) -> Page[str]:
        """List the customers whom one person chose for a post; reading again is harmless."""
        path = "/cgi-bin/externalcontact/get_moment_customer_list"
        limit = bounds.MOMENT_CUSTOMERS_PAGE
        return await self._customers(path, moment_id, user_id, cursor, limit)

    async def seen_by(self, moment_id: str, user_id: str, cursor: str | None = None) -> Page[str]:
        """List the customers to whom one person's post went; reading again is harmless."""
        path = "/cgi-bin/externalcontact/get_moment_send_result"
        limit = bounds.MOMENT_SENT_PAGE
        return await self._customers(path, moment_id, user_id, cursor, limit)

    async def reactions(self, moment_id: str, user_id: str) -> Reactions:
        """Read who liked and commented one person's post; reading again is harmless."""
        body = {"moment_id": moment_id, "userid": user_id}
        path = "/cgi-bin/externalcontact/get_moment_comments"
        wire = await self._api.post(path, body, _Reactions)
        return Reactions(
            tuple(_reaction(each) for each in wire.comment_list),
            tuple(_reaction(each) for each in wire.like_list),
        )

    async def _customers(
        self, path: str, moment_id: str, user_id: str, cursor: str | None, limit: int
    ) -> Page[str]:
        body = {"moment_id": moment_id, "userid": user_id, "cursor": cursor, "limit": limit}
        wire = await self._api.post(path, filled(body), _Customers)
        return page((each.external_userid for each in wire.customer_list), wire.next_cursor)


def _reaction(wire: _Reaction) -> Reaction:
    return Reaction(wire.external_userid or None, wire.userid or None, moment(wire.create_time))

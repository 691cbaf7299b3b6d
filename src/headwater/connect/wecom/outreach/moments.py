"""Moments (朋友圈): a post that staff confirm and put up, made by a job that takes a while.

developer.work.weixin.qq.com/document/path/96351 (create) and 93333 (results)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

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
    filled,
    moment,
    page,
)
from headwater.connect.wecom.outreach.content import Image, Link, Video


class JobState(StrEnum):
    """How far the making of a task is; an unknown word of theirs reads as UNKNOWN."""

    BEGUN = "begun"
    RUNNING = "running"
    DONE = "done"
    UNKNOWN = "unknown"


_JOB_STATES = {1: JobState.BEGUN, 2: JobState.RUNNING, 3: JobState.DONE}


@dataclass(frozen=True)
class NewMoment:
    """A post with up to nine pictures, or a film, or a link with its picture; and for whom.

    Without senders everybody whom the app may see is asked; without tags all their customers
    may look at it.
    """

    words: str = ""
    images: tuple[Image, ...] = ()
    video: Video | None = None
    link: tuple[Link, str] | None = None
    sender_ids: tuple[str, ...] = ()
    department_ids: tuple[int, ...] = ()
    tag_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """How far the making of a task is, what was made, and who was left out as wrong."""

    state: JobState
    moment_id: str | None
    refusal_code: str | None
    wrong_sender_ids: tuple[str, ...]
    wrong_tag_ids: tuple[str, ...]


@dataclass(frozen=True)
class Posted:
    """A post of the company or of a member of staff, as it is listed."""

    moment_id: str
    creator_id: str | None
    created_at: datetime
    is_by_company: bool
    words: str


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


class _Job(msgspec.Struct):
    jobid: WireId


class _Senders(msgspec.Struct):
    user_list: list[WireId] = []


class _Tags(msgspec.Struct):
    tag_list: list[WireId] = []


class _Result(msgspec.Struct):
    errcode: int = 0
    moment_id: Words = ""
    invalid_sender_list: _Senders | None = None
    invalid_external_contact_list: _Tags | None = None


class _JobResult(msgspec.Struct):
    status: int
    result: _Result | None = None


class _Text(msgspec.Struct):
    content: Words = ""


class _Moment(msgspec.Struct):
    moment_id: WireId
    create_time: Seconds
    creator: Words = ""
    create_type: int = 0
    text: _Text | None = None


class _Moments(msgspec.Struct):
    moment_list: list[_Moment] = []
    next_cursor: Cursor = ""


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


class Moments:
    """Lays posts before the staff, and reads who put them up and who saw them."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def create(self, new: NewMoment) -> str:
        """Begin to lay a post before the staff and give the job's id; a repeat is a second post."""
        body = _body(new)
        return (await self._api.post("/cgi-bin/externalcontact/add_moment_task", body, _Job)).jobid

    async def job(self, job_id: str) -> Job:
        """Read how far the job is, for a day after it began; reading again is harmless."""
        path = "/cgi-bin/externalcontact/get_moment_task_result"
        wire = await self._api.get(path, {"jobid": job_id}, _JobResult)
        made = wire.result or _Result()
        senders = made.invalid_sender_list or _Senders()
        tags = made.invalid_external_contact_list or _Tags()
        return Job(
            state=_JOB_STATES.get(wire.status, JobState.UNKNOWN),
            moment_id=made.moment_id or None,
            refusal_code=str(made.errcode) if made.errcode else None,
            wrong_sender_ids=tuple(senders.user_list),
            wrong_tag_ids=tuple(tags.tag_list),
        )

    async def cancel(self, moment_id: str) -> None:
        """Take the task back from those who have not posted; a repeat changes nothing."""
        body = {"moment_id": moment_id}
        await self._api.post("/cgi-bin/externalcontact/cancel_moment_task", body, Nothing)

    async def list(
        self,
        begin_at: datetime,
        end_at: datetime,
        cursor: str | None = None,
        limit: int = bounds.MOMENTS_PAGE,
    ) -> Page[Posted]:
        """List posts of at most a month; reading again is harmless."""
        span = (end_at - begin_at).total_seconds()
        if not 0 < span <= bounds.BROADCASTS_SPAN_SECONDS:
            raise BadInput("end_at", "after the begin, and at most a month later")
        body = {
            "start_time": int(begin_at.timestamp()),
            "end_time": int(end_at.timestamp()),
            "filter_type": 2,
            "limit": bounds.number("limit", limit, bounds.MOMENTS_PAGE),
            "cursor": cursor,
        }
        path = "/cgi-bin/externalcontact/get_moment_list"
        wire = await self._api.post(path, filled(body), _Moments)
        return page((_posted(each) for each in wire.moment_list), wire.next_cursor)

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


def _body(new: NewMoment) -> dict[str, Any]:
    bounds.characters("words", new.words, bounds.MOMENT_TEXT_CHARACTERS)
    bounds.in_bytes("words", new.words, bounds.TEXT_BYTES)
    attachments = _attachments(new)
    if not new.words and not attachments:
        raise BadInput("words", "words, pictures, a film or a link")
    body: dict[str, Any] = {"text": {"content": new.words}} if new.words else {}
    if attachments:
        body["attachments"] = attachments
    if seen := _visible_to(new):
        body["visible_range"] = seen
    return body


def _attachments(new: NewMoment) -> list[Mapping[str, Any]]:
    if (bool(new.images) + (new.video is not None) + (new.link is not None)) > 1:
        raise BadInput("images", "pictures, or a film, or a link; not two of them")
    bounds.count("images", new.images, bounds.MOMENT_IMAGES, least=0)
    if any(image.media_id is None for image in new.images):
        raise BadInput("images", "a moment takes uploaded pictures only")
    if new.link is not None:
        link, media_id = new.link
        bounds.in_bytes("url", link.url, bounds.URL_BYTES)
        fields = {"title": link.title, "url": link.url, "media_id": media_id}
        return [{"msgtype": "link", "link": fields}]
    if new.video is not None:
        return [new.video.wire()]
    return [image.wire() for image in new.images]


def _visible_to(new: NewMoment) -> dict[str, Any]:
    bounds.count("sender_ids", new.sender_ids, bounds.MOMENT_USERS, least=0)
    seen: dict[str, Any] = {}
    if new.sender_ids or new.department_ids:
        senders = {
            "user_list": list(new.sender_ids) or None,
            "department_list": list(new.department_ids) or None,
        }
        seen["sender_list"] = filled(senders)
    if new.tag_ids:
        seen["external_contact_list"] = {"tag_list": list(new.tag_ids)}
    return seen


def _posted(wire: _Moment) -> Posted:
    return Posted(
        moment_id=wire.moment_id,
        creator_id=wire.creator or None,
        created_at=moment(wire.create_time),
        is_by_company=wire.create_type == 0,
        words=wire.text.content if wire.text else "",
    )


def _reaction(wire: _Reaction) -> Reaction:
    return Reaction(wire.external_userid or None, wire.userid or None, moment(wire.create_time))

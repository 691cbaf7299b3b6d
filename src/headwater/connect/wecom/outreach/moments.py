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
from headwater.connect.wecom.outreach.moment_results import MomentResults


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


class Moments:
    """Lays posts before the staff; what became of them stands in `results`."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api
        self.results = MomentResults(api)

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

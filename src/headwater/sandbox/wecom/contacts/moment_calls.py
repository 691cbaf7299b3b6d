"""The calls about moments: order one, ask for the job, follow posts and reactions, stop it."""

from __future__ import annotations

from typing import Any

import msgspec

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
from headwater.sandbox.wecom.contacts.moments import MADE, Moment, Moments, Post, Reaction
from headwater.sandbox.wecom.contacts.relations import Relations
from headwater.sandbox.wecom.contacts.tags import Tags
from headwater.sandbox.wecom.content import Content, check_moment
from headwater.sandbox.wecom.corp import Corp
from headwater.sandbox.wecom.errors import WecomError

# Source: developer.work.weixin.qq.com/document/path/96351, updated 2025-09-11.
MOST_SENDERS = 100_000
LONGEST_SPAN_SECONDS = 30 * 86_400
BY_COMPANY, BY_MEMBER, BY_ANYBODY = 0, 1, 2
TO_SOME, TO_ALL = 0, 1


class Senders(msgspec.Struct, frozen=True):
    user_list: list[str] = msgspec.field(default_factory=list)
    department_list: list[int] = msgspec.field(default_factory=list)


class Audience(msgspec.Struct, frozen=True):
    tag_list: list[str] = msgspec.field(default_factory=list)


class Range(msgspec.Struct, frozen=True):
    sender_list: Senders = Senders()
    external_contact_list: Audience = Audience()


class AddMoment(Content, frozen=True):
    """The body of add_moment_task."""

    visible_range: Range = Range()


class Listing(msgspec.Struct):
    start_time: int = 0
    end_time: int = 0
    creator: str = ""
    filter_type: int = BY_ANYBODY
    cursor: str = ""
    limit: int = 0


class OneMoment(msgspec.Struct):
    moment_id: str = ""
    userid: str = ""
    cursor: str = ""
    limit: int = 0


class MomentCalls:
    """The API over the moments."""

    def __init__(self, corp: Corp, relations: Relations, tags: Tags, moments: Moments) -> None:
        self._corp = corp
        self._people = corp.ground.people
        self._relations = relations
        self._tags = tags
        self._moments = moments

    def apis(self) -> list[Api]:
        """Moments ordered, followed and stopped."""
        return [
            contact_api("add_moment_task", self._add),
            contact_api("get_moment_task_result", self._job, "GET"),
            contact_api("cancel_moment_task", self._cancel),
            contact_api("get_moment_list", self._list),
            contact_api("get_moment_task", self._tasks),
            contact_api("get_moment_customer_list", self._chosen),
            contact_api("get_moment_send_result", self._visible),
            contact_api("get_moment_comments", self._reactions),
        ]

    def _add(self, call: Call) -> Answer:
        asked = call.read(AddMoment)
        check_moment(asked, self._corp.media, call.now)
        wanted, tags = asked.visible_range.sender_list, asked.visible_range.external_contact_list
        few(wanted.user_list, MOST_SENDERS, "user_list")
        staff = self._corp.staff
        at_work = {one.userid for one in staff.everybody()}
        departments = [one for one in wanted.department_list if staff.knows_department(one)]
        inside = [one.userid for number in departments for one in staff.within(number)]
        named = [one for one in wanted.user_list if one in at_work]
        is_for_all = not wanted.user_list and not wanted.department_list
        senders = [one.userid for one in staff.everybody()] if is_for_all else [*named, *inside]
        moment = self._moments.order(
            Content(asked.text, asked.attachments),
            call.now,
            senders=tuple(dict.fromkeys(senders)),
            tags=tuple(one for one in tags.tag_list if self._tags.find(one) is not None),
            wrong_senders=tuple(one for one in wanted.user_list if one not in at_work),
            wrong_departments=tuple(set(wanted.department_list) - set(departments)),
            wrong_tags=tuple(one for one in tags.tag_list if self._tags.find(one) is None),
        )
        return {"jobid": moment.job_id}

    def _job(self, call: Call) -> Answer:
        moment = self._moments.by_job(call.needs("jobid"))
        if moment is None:
            raise WecomError(40088)
        status = self._moments.progress(moment, call.now)
        said: Answer = {"status": status, "type": "add_moment_task"}
        return {**said, "result": _result(moment)} if status == MADE else said

    def _cancel(self, call: Call) -> Answer:
        moment = self._needed(call.read(OneMoment).moment_id, call)
        if moment.creator:
            raise WecomError(41067)
        self._moments.cancel(moment)
        return {}

    def _list(self, call: Call) -> Answer:
        asked = call.read(Listing)
        if not asked.start_time or not asked.end_time:
            raise WecomError(40063, "start_time, end_time")
        if not 0 <= asked.end_time - asked.start_time <= LONGEST_SPAN_SECONDS:
            raise WecomError(40058, "start_time and end_time are at most 30 days apart")
        found = [
            one
            for one in self._moments.everything()
            if asked.start_time <= stamp(one.made_at) <= asked.end_time
            and call.now >= one.ready_at
            and asked.filter_type in (BY_ANYBODY, _kind(one))
            and asked.creator in ("", one.creator)
        ]
        rows, cursor = page(found, asked.cursor, checked_limit(asked.limit, 20, 20))
        return {"next_cursor": cursor, "moment_list": [_shown(one) for one in rows]}

    def _tasks(self, call: Call) -> Answer:
        asked = call.read(OneMoment)
        moment = self._needed(asked.moment_id, call)
        if moment.creator:
            raise WecomError(41067)
        rows, cursor = page(moment.senders, asked.cursor, checked_limit(asked.limit, 1_000, 500))
        tasks = [
            {"userid": one, "publish_status": int(self._has_posted(moment, one))} for one in rows
        ]
        return {"next_cursor": cursor, "task_list": tasks}

    def _chosen(self, call: Call) -> Answer:
        asked = call.read(OneMoment)
        moment = self._needed(asked.moment_id, call)
        self._needed_post(moment, asked.userid)
        meant = self._moments.audience(moment, asked.userid)
        rows, cursor = page(meant, asked.cursor, checked_limit(asked.limit, 1_000, 500))
        shown = [
            {"userid": one.userid, "external_userid": self._relations.external(one)} for one in rows
        ]
        return {"next_cursor": cursor, "customer_list": shown}

    def _visible(self, call: Call) -> Answer:
        asked = call.read(OneMoment)
        post = self._needed_post(self._needed(asked.moment_id, call), asked.userid)
        rows, cursor = page(post.visible, asked.cursor, checked_limit(asked.limit, 5_000, 3_000))
        shown = [{"external_userid": self._external(one)} for one in rows]
        return {"next_cursor": cursor, "customer_list": shown}

    def _reactions(self, call: Call) -> Answer:
        asked = call.read(OneMoment)
        post = self._needed_post(self._needed(asked.moment_id, call), asked.userid)
        return {
            "comment_list": [self._reaction(one) for one in post.comments],
            "like_list": [self._reaction(one) for one in post.likes],
        }

    def _needed(self, moment_id: str, call: Call) -> Moment:
        if not moment_id:
            raise WecomError(41059)
        moment = self._moments.find(moment_id)
        if moment is None or call.now < moment.ready_at:
            raise WecomError(41060)
        return moment

    def _needed_post(self, moment: Moment, userid: str) -> Post:
        if not userid:
            raise WecomError(41009)
        if userid not in moment.senders:
            raise WecomError(41061)
        post = self._moments.post_of(moment.moment_id, userid)
        if post is None or post.state != "done":
            raise WecomError(41062)
        return post

    def _has_posted(self, moment: Moment, userid: str) -> bool:
        post = self._moments.post_of(moment.moment_id, userid)
        return post is not None and post.state == "done"

    def _reaction(self, one: Reaction) -> dict[str, Any]:
        who = {"userid": one.who} if one.is_staff else {"external_userid": self._external(one.who)}
        return {**who, "create_time": stamp(one.at)}

    def _external(self, person_id: str) -> str:
        return self._people.external_userid(self._people.get(person_id))


def _result(moment: Moment) -> dict[str, Any]:
    wrong: dict[str, Any] = {
        "invalid_sender_list": {
            "user_list": list(moment.wrong_senders),
            "department_list": list(moment.wrong_departments),
        },
        "invalid_external_contact_list": {"tag_list": list(moment.wrong_tags)},
    }
    if not moment.senders:
        return {"errcode": 40031, "errmsg": "invalid user list", "moment_id": "", **wrong}
    return {"errcode": 0, "errmsg": "ok", "moment_id": moment.moment_id, **wrong}


def _kind(moment: Moment) -> int:
    return BY_MEMBER if moment.creator else BY_COMPANY


def _shown(moment: Moment) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "moment_id": moment.moment_id,
        "creator": moment.creator,
        "create_time": str(stamp(moment.made_at)),
        "create_type": _kind(moment),
        "visible_type": TO_SOME if moment.tags else TO_ALL,
        "text": {"content": moment.content.words},
    }
    images = [one.image for one in moment.content.attachments if one.image is not None]
    if images:
        shown["image"] = [{"media_id": one.media_id} for one in images]
    for one in moment.content.attachments:
        if one.link is not None:
            shown["link"] = {"title": one.link.title, "url": one.link.url}
        if one.video is not None:
            shown["video"] = {"media_id": one.video.media_id, "thumb_media_id": ""}
    return shown

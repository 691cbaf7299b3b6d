"""Mass messages: four a month for each follower, once per client id, told when they are out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import Message, Person
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.weixin.account.drafts import Drafts
from headwater.sandbox.weixin.account.mass_wire import Filter, MassRequest, Stored, Which
from headwater.sandbox.weixin.account.publishing import Publishing
from headwater.sandbox.weixin.account.tags import Tags
from headwater.sandbox.weixin.account.users import Followers
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import SHANGHAI, Meters, most, refuse, within
from headwater.sandbox.weixin.media import Media
from headwater.sandbox.weixin.pushes.queue import Pushes

TAKES_SECONDS = 2.0
REMEMBERED = timedelta(hours=24)
TOO_SOON = timedelta(minutes=1)
APPROVED_WITHIN = timedelta(minutes=30)
# What the event says when an administrator refused, or did not answer in half an hour.
REFUSED, NOT_ANSWERED = "err(40001)", "err(40002)"
ASSISTANT = "mphelper"


@dataclass(frozen=True)
class Job:
    """One mass message, on its way or out."""

    msg_id: int
    asked: MassRequest
    targets: tuple[str, ...]
    asked_at: datetime
    due_at: datetime
    article_id: str = ""
    status: str = "SENDING"
    is_waiting: bool = False
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """How many mass messages reached a person in one month of Shanghai's calendar."""

    person_id: str
    month: str
    count: int


@dataclass(frozen=True)
class Subjects:
    """What mass messages are about and whom they reach."""

    followers: Followers
    tags: Tags
    drafts: Drafts
    publishing: Publishing
    media: Media


class Mass:
    """The account's mass messages."""

    def __init__(self, ground: Ground, subjects: Subjects, pushes: Pushes, meters: Meters) -> None:
        self._people = ground.people
        self._of = subjects
        self._pushes = pushes
        self._meters = meters
        self._takes = timedelta(seconds=TAKES_SECONDS / ground.speed)
        self._approval = APPROVED_WITHIN / ground.speed
        self._jobs = Shelf(ground.journal, "weixin_mass", Job, lambda one: str(one.msg_id))
        self._by_client_id = {
            one.asked.clientmsgid: one.msg_id
            for one in self._jobs.everything()
            if one.asked.clientmsgid
        }
        self._tried_at: dict[str, datetime] = {}
        self._received = Shelf(
            ground.journal, "weixin_received", Received, lambda one: f"{one.person_id} {one.month}"
        )
        self.needs_approval = False

    def send_all(self, call: Call) -> dict[str, Any]:
        """message/mass/sendall: to everybody, or to those who wear a tag."""
        asked = call.read(MassRequest)
        wanted = asked.filter or Filter()
        if wanted.is_to_all:
            targets = self._of.followers.everybody()
        elif wanted.tag_id is None or not self._of.tags.exists(wanted.tag_id):
            raise WeixinError(45159, "invalid tag id")
        else:
            openids = self._of.tags.openids(wanted.tag_id)
            targets = [self._of.followers.person(one) for one in openids]
        return self._submit(asked, targets, call)

    def send(self, call: Call) -> dict[str, Any]:
        """message/mass/send: to a list of open ids; who does not follow is left out."""
        asked = call.read(MassRequest)
        openids = asked.touser if isinstance(asked.touser, list) else []
        if len(openids) < 2:
            raise refuse("mass.openids")
        within("mass.openids", len(openids))
        found = [self._of.followers.person(one) for one in dict.fromkeys(openids)]
        return self._submit(asked, [one for one in found if one.follows], call)

    def preview(self, call: Call) -> dict[str, Any]:
        """message/mass/preview: to one person, outside of the month's four."""
        asked = call.read(MassRequest)
        openid = asked.touser if isinstance(asked.touser, str) else asked.towxname
        person = self._of.followers.follower(openid or "")
        self._check_content(asked, call)
        self._meters.spend("mass.preview.day", call.app.appid, call.now)
        self._people.deliver(person, self._message(asked, "", call.now))
        return done(msg_id=0)

    def status(self, call: Call) -> dict[str, Any]:
        """message/mass/get: how far a message is."""
        job = self._find(call.read(Which).msg_id)
        return {"msg_id": job.msg_id, "msg_status": job.status}

    def delete(self, call: Call) -> dict[str, Any]:
        """message/mass/delete: what was sent stays in the chats, but can be opened no more."""
        asked = call.read(Which)
        job = self._find(asked.msg_id)
        if job.article_id:
            self._of.publishing.withdraw(job.article_id, asked.article_idx)
        self._jobs.put(replace(job, status="DELETE"))
        return done()

    def decide(self, msg_id: int, is_allowed: bool, now: datetime) -> None:
        """An administrator answers on the phone to a message that waits for it."""
        job = self._find(msg_id)
        if not job.is_waiting:
            raise WeixinError(40059, "invalid msg id")
        if is_allowed:
            self._jobs.put(replace(job, is_waiting=False, due_at=now + self._takes))
        else:
            self._fail(job, REFUSED, now)

    def finish_due(self, now: datetime) -> None:
        """Deliver what was submitted a moment ago, and tell how it went."""
        for job in [one for one in self._jobs.everything() if one.status == "SENDING"]:
            if job.due_at > now:
                continue
            if job.is_waiting:
                self._fail(job, NOT_ANSWERED, now)
            else:
                self._finish(job, now)

    def everything(self) -> list[Job]:
        """All mass messages."""
        return self._jobs.everything()

    def _submit(self, asked: MassRequest, targets: list[Person], call: Call) -> dict[str, Any]:
        self._check_content(asked, call)
        self._check_client_id(asked.clientmsgid, call.now)
        self._meters.spend("mass.day", call.app.appid, call.now)
        self._meters.spend("mass.minute", call.app.appid, call.now)
        msg_id = 3_147_483_000 + len(self._jobs) + 1
        wait = self._approval if self.needs_approval else self._takes
        due_at, names = call.now + wait, tuple(one.id for one in targets)
        waits = self.needs_approval
        self._jobs.put(Job(msg_id, asked, names, call.now, due_at, is_waiting=waits))
        if asked.clientmsgid:
            self._by_client_id[asked.clientmsgid] = msg_id
        answer = {"errcode": 0, "errmsg": "send job submission success", "msg_id": msg_id}
        return answer | ({"msg_data_id": msg_id + 1} if asked.msgtype == "mpnews" else {})

    def _check_client_id(self, client_id: str, now: datetime) -> None:
        if not client_id:
            return
        within("mass.clientmsgid", len(client_id.encode()))
        tried_at = self._tried_at.get(client_id)
        self._tried_at[client_id] = now
        known = self._by_client_id.get(client_id)
        if known is None or now - self._find(known).asked_at >= REMEMBERED:
            return
        if tried_at is not None and now - tried_at < TOO_SOON:
            raise WeixinError(45066, "the same clientmsgid retry too fast, please retry 1min later")
        raise WeixinError(45065, "clientmsgid exist", msg_id=known)

    def _check_content(self, asked: MassRequest, call: Call) -> None:
        if asked.msgtype == "text" and asked.text is not None:
            if not asked.text.content:
                raise WeixinError(44004, "empty content")
            return
        if asked.msgtype == "mpnews" and asked.mpnews is not None:
            self._of.drafts.find(asked.mpnews.media_id)
            return
        stored = getattr(asked, asked.msgtype, None) if asked.msgtype != "images" else None
        if isinstance(stored, Stored):
            self._of.media.find(stored.media_id, call.app.appid, call.now)
            return
        if asked.msgtype == "image" and asked.images is not None and asked.images.media_ids:
            for media_id in asked.images.media_ids:
                self._of.media.find(media_id, call.app.appid, call.now)
            return
        raise WeixinError(40008, "invalid message type")

    def _find(self, msg_id: int | str) -> Job:
        job = self._jobs.get(str(msg_id))
        if job is None:
            raise WeixinError(40059, "invalid msg id")
        return job

    def _finish(self, job: Job, now: datetime) -> None:
        article_id = ""
        if job.asked.mpnews is not None and job.asked.msgtype == "mpnews":
            article_id = self._of.publishing.put_out(
                self._of.drafts.find(job.asked.mpnews.media_id), now
            )
        month = now.astimezone(SHANGHAI).strftime("%Y-%m")
        current = [self._people.get(one) for one in job.targets]
        ready = [
            one for one in current if one.follows and self._got(one, month) < most("mass.month")
        ]
        for person in ready:
            self._received.put(Received(person.id, month, self._got(person, month) + 1))
            self._people.deliver(person, self._message(job.asked, article_id, now))
        counts = {
            "TotalCount": len(job.targets),
            "FilterCount": len(ready),
            "SentCount": len(ready),
            "ErrorCount": 0,
        }
        self._jobs.put(replace(job, status="SEND_SUCCESS", article_id=article_id, counts=counts))
        said: dict[str, Any] = {"Event": "MASSSENDJOBFINISH", "MsgID": job.msg_id}
        said |= {"Status": "send success", **counts} | self._addresses(article_id)
        self._pushes.event(self._of.followers.app, ASSISTANT, said, now)

    def _got(self, person: Person, month: str) -> int:
        known = self._received.get(f"{person.id} {month}")
        return known.count if known is not None else 0

    def _fail(self, job: Job, why: str, now: datetime) -> None:
        counts = {"TotalCount": len(job.targets), "FilterCount": 0, "SentCount": 0}
        counts["ErrorCount"] = 0
        self._jobs.put(replace(job, status="SEND_FAIL", is_waiting=False, counts=counts))
        said = {"Event": "MASSSENDJOBFINISH", "MsgID": job.msg_id, "Status": why, **counts}
        self._pushes.event(self._of.followers.app, ASSISTANT, said, now)

    def _addresses(self, article_id: str) -> dict[str, Any]:
        group = self._of.publishing.of(article_id)
        if not group:
            return {}
        items = [{"ArticleIdx": one.place, "ArticleUrl": one.url} for one in group]
        return {"ArticleUrlResult": {"Count": len(items), "ResultList": {"item": items}}}

    def _message(self, asked: MassRequest, article_id: str, now: datetime) -> Message:
        if asked.msgtype == "text" and asked.text is not None:
            return Message("text", asked.text.content, (), None, now)
        if asked.mpnews is not None and asked.msgtype == "mpnews":
            group = self._of.publishing.of(article_id)
            articles = [one.article for one in group] or list(
                self._of.drafts.find(asked.mpnews.media_id).articles
            )
            lines = tuple((one.title, one.digest) for one in articles)
            url = group[0].url if group else None
            cover = articles[0].thumb_media_id
            return Message("mpnews", articles[0].title, lines, url, now, media_id=cover)
        stored = getattr(asked, asked.msgtype)
        if stored is None and asked.images is not None:
            stored = Stored(asked.images.media_ids[0])
        return Message(asked.msgtype, "", (), None, now, media_id=stored.media_id)

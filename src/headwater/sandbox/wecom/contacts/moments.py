"""Moments: the company writes, members post, customers look, like and comment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from headwater.sandbox.credentials import letters
from headwater.sandbox.people import Person
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.wecom.contacts.relations import Relation, Relations
from headwater.sandbox.wecom.content import Content
from headwater.sandbox.wecom.corp import CannotDo, Corp

STARTED, WORKING, MADE = 1, 2, 3
JOB_SECONDS = 2


@dataclass(frozen=True)
class Moment:
    """What is to be posted, by whom, for whom; no creator means the company."""

    moment_id: str
    job_id: str
    made_at: datetime
    ready_at: datetime
    content: Content
    senders: tuple[str, ...]
    tags: tuple[str, ...] = ()
    creator: str = ""
    wrong_senders: tuple[str, ...] = ()
    wrong_departments: tuple[int, ...] = ()
    wrong_tags: tuple[str, ...] = ()
    is_cancelled: bool = False


@dataclass(frozen=True)
class Reaction:
    """A like, or a comment when it has words; `who` is a person's id or a userid."""

    who: str
    is_staff: bool
    at: datetime
    words: str = ""


@dataclass(frozen=True)
class Post:
    """One member's post of a moment, and what came of it."""

    moment_id: str
    userid: str
    state: str
    posted_at: datetime | None = None
    visible: tuple[str, ...] = ()
    likes: tuple[Reaction, ...] = ()
    comments: tuple[Reaction, ...] = ()


class Moments:
    """All moments and posts."""

    def __init__(self, corp: Corp, relations: Relations) -> None:
        self._corp = corp
        self._relations = relations
        journal = corp.ground.journal
        self._moments = Shelf(journal, "wecom_moment", Moment, lambda one: one.moment_id)
        self._posts = Shelf(
            journal, "wecom_post", Post, lambda one: f"{one.moment_id}\t{one.userid}"
        )

    def order(self, content: Content, now: datetime, **more: Any) -> Moment:
        """The company wants a moment; its task is ready a little later."""
        seed, number = self._corp.ground.seed, len(self._moments)
        return self._moments.put(
            Moment(
                moment_id="mom" + letters(seed, 30, "moment", number),
                job_id=letters(seed, 40, "moment job", number),
                made_at=now,
                ready_at=now + timedelta(seconds=JOB_SECONDS / self._corp.ground.speed),
                content=content,
                **more,
            )
        )

    def progress(self, moment: Moment, now: datetime) -> int:
        """How far the making of the task is."""
        if now >= moment.ready_at:
            return MADE
        half = moment.made_at + (moment.ready_at - moment.made_at) / 2
        return WORKING if now >= half else STARTED

    def by_job(self, job_id: str) -> Moment | None:
        """The moment that a job makes."""
        found = (one for one in self._moments.everything() if one.job_id == job_id)
        return next(found, None)

    def find(self, moment_id: str) -> Moment | None:
        """A moment by its id."""
        return self._moments.get(moment_id)

    def everything(self) -> list[Moment]:
        """All moments, those of members too."""
        return self._moments.everything()

    def cancel(self, moment: Moment) -> Moment:
        """Nobody may post it any more; what was posted stays."""
        return self._moments.put(replace(moment, is_cancelled=True))

    def post_of(self, moment_id: str, userid: str) -> Post | None:
        """One member's post."""
        return self._posts.get(f"{moment_id}\t{userid}")

    def tasks_of(self, userid: str, now: datetime) -> list[tuple[Moment, Post | None]]:
        """What the company asked of one member, the latest first."""
        asked = [
            one
            for one in reversed(self._moments.everything())
            if not one.creator and userid in one.senders and now >= one.ready_at
        ]
        return [(one, self.post_of(one.moment_id, userid)) for one in asked]

    def audience(self, moment: Moment, userid: str) -> list[Relation]:
        """Which of a member's customers are meant to see it."""
        listed = self._relations.listed(userid)
        return [one for one in listed if not moment.tags or set(moment.tags) & set(one.tags)]

    def confirm(
        self, moment_id: str, userid: str, now: datetime, only: list[str] | None = None
    ) -> Post:
        """The member posts it; whoever has deleted the member does not see it."""
        moment, post = self.find(moment_id), self.post_of(moment_id, userid)
        if moment is None or userid not in moment.senders or now < moment.ready_at:
            raise CannotDo("there is no such task")
        if moment.is_cancelled:
            raise CannotDo("the company has stopped this moment")
        if post is not None and post.state == "done":
            raise CannotDo("this was posted already")
        seen = [
            one.person_id
            for one in self.audience(moment, userid)
            if one.standing == "friend" and not one.is_blocked
        ]
        visible = tuple(one for one in seen if only is None or one in only)
        return self._posts.put(Post(moment_id, userid, "done", now, visible))

    def ignore(self, moment_id: str, userid: str) -> None:
        """The member does not want to post it."""
        moment = self.find(moment_id)
        if moment is None or userid not in moment.senders:
            raise CannotDo("there is no such task")
        self._posts.put(Post(moment_id, userid, "ignored"))

    def by_member(self, userid: str, content: Content, now: datetime) -> Moment:
        """A member's own moment, seen by all her customers."""
        moment = self.order(content, now, senders=(userid,), creator=userid)
        made = self._moments.put(replace(moment, ready_at=now))
        self.confirm(made.moment_id, userid, now)
        return made

    def seen_by(self, person: Person) -> list[tuple[Moment, Post]]:
        """What a customer finds in Moments, the latest first."""
        found = [
            (self._moments.rows[post.moment_id], post)
            for post in self._posts.everything()
            if person.id in post.visible
        ]
        return sorted(found, key=lambda pair: pair[1].posted_at or pair[0].made_at, reverse=True)

    def like(self, post: Post, who: str, is_staff: bool, now: datetime) -> Post:
        """Somebody likes a post; liking it again takes that back, as in WeChat."""
        kept = tuple(one for one in post.likes if one.who != who)
        likes = kept if len(kept) < len(post.likes) else (*kept, Reaction(who, is_staff, now))
        return self._posts.put(replace(post, likes=likes))

    def comment(self, post: Post, who: str, is_staff: bool, words: str, now: datetime) -> Post:
        """Somebody writes under a post."""
        said = Reaction(who, is_staff, now, words)
        return self._posts.put(replace(post, comments=(*post.comments, said)))


def _post_key(post: Post) -> str:
    return f"{post.moment_id}\t{post.userid}"

"""Articles that everybody may read: published out of a draft, or sent to followers."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from headwater.sandbox.credentials import digits
from headwater.sandbox.hosts import Ground
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.weixin.account.drafts import Article, Draft, Drafts
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.pushes.queue import Pushes

TAKES_SECONDS = 2.0
DONE, UNDER_WAY, DELETED = 0, 1, 5


@dataclass(frozen=True)
class Published:
    """An article with an address of its own."""

    article_id: str
    place: int
    article: Article
    url: str
    published_at: datetime
    reads: int = 0
    is_deleted: bool = False


@dataclass(frozen=True)
class Group:
    """The articles that went out together."""

    article_id: str
    articles: tuple[Published, ...]


@dataclass(frozen=True)
class Job:
    """One publishing: under way for a moment, then done."""

    publish_id: str
    draft: Draft
    due_at: datetime
    article_id: str = ""


class Submitted(msgspec.Struct):
    media_id: str


class WhichJob(msgspec.Struct):
    publish_id: str


class WhichArticle(msgspec.Struct):
    article_id: str
    index: int = 0


class Page(msgspec.Struct):
    offset: int = 0
    count: int = 20
    no_content: int = 0


class Publishing:
    """What was published, and what is on its way."""

    def __init__(self, ground: Ground, app: App, drafts: Drafts, pushes: Pushes) -> None:
        self._app = app
        self._drafts = drafts
        self._pushes = pushes
        self._seed = ground.seed
        self._takes = timedelta(seconds=TAKES_SECONDS / ground.speed)
        self._base_url = ground.credentials[app.kind]["open_base_url"]
        self._jobs = Shelf(ground.journal, "weixin_publishing", Job, lambda one: one.publish_id)
        self._groups = Shelf(ground.journal, "weixin_articles", Group, lambda one: one.article_id)
        self._reads: Counter[tuple[str, int]] = Counter()

    def submit(self, call: Call) -> dict[str, Any]:
        """freepublish/submit: the draft leaves the box; an event tells when it is out."""
        draft = self._drafts.take(call.read(Submitted).media_id)
        number = "100" + digits(self._seed, 7, "publish", len(self._jobs))
        self._jobs.put(Job(number, draft, call.now + self._takes))
        return done(publish_id=number, msg_data_id=int(number) + 1)

    def finish_due(self, now: datetime) -> None:
        """Publish what was submitted a moment ago."""
        for job in [one for one in self._jobs.everything() if not one.article_id]:
            if job.due_at > now:
                continue
            article_id = self.put_out(job.draft, now)
            self._jobs.put(replace(job, article_id=article_id))
            event = {
                "Event": "PUBLISHJOBFINISH",
                "PublishEventInfo": {
                    "publish_id": job.publish_id,
                    "publish_status": DONE,
                    "article_id": article_id,
                    "article_detail": self._detail(article_id),
                },
            }
            self._pushes.event(self._app, "mphelper", event, now)

    def put_out(self, draft: Draft, now: datetime) -> str:
        """The articles of a draft under addresses of their own."""
        article_id = secrets.token_urlsafe(32)
        start = f"{self._base_url}/s/{article_id}?idx="
        listed = [
            Published(article_id, place, one, f"{start}{place}", now)
            for place, one in enumerate(draft.articles, start=1)
        ]
        self._groups.put(Group(article_id, tuple(listed)))
        return article_id

    def job(self, call: Call) -> dict[str, Any]:
        """freepublish/get: how far the publishing is."""
        job = self._jobs.get(call.read(WhichJob).publish_id)
        if job is None:
            raise WeixinError(40059, "invalid publish id")
        if not job.article_id:
            return {"publish_id": job.publish_id, "publish_status": UNDER_WAY, "fail_idx": []}
        is_gone = all(one.is_deleted for one in self.of(job.article_id))
        return {
            "publish_id": job.publish_id,
            "publish_status": DELETED if is_gone else DONE,
            "article_id": job.article_id,
            "article_detail": self._detail(job.article_id),
            "fail_idx": [],
        }

    def get(self, call: Call) -> dict[str, Any]:
        """freepublish/getarticle: what can be read under an article id."""
        return {"news_item": [_shown(one) for one in self._of(call.read(WhichArticle).article_id)]}

    def delete(self, call: Call) -> dict[str, Any]:
        """freepublish/delete: one article of a group, or all of them."""
        asked = call.read(WhichArticle)
        found = self._of(asked.article_id)
        if asked.index and asked.index not in [one.place for one in found]:
            raise WeixinError(40114, "invalid index value")
        self.withdraw(asked.article_id, asked.index)
        return done()

    def page(self, call: Call) -> dict[str, Any]:
        """freepublish/batchget: a page of what is out, the latest first."""
        asked = call.read(Page)
        if not 1 <= asked.count <= 20 or asked.offset < 0:
            raise WeixinError(40097, "invalid args")
        found = [job for job in reversed(self._jobs.everything()) if job.article_id]
        items = [
            {
                "article_id": job.article_id,
                "content": {"news_item": [_shown(one) for one in self.of(job.article_id)]},
                "update_time": int(job.due_at.timestamp()),
            }
            for job in found[asked.offset : asked.offset + asked.count]
        ]
        return {"total_count": len(found), "item_count": len(items), "item": items}

    def everything(self) -> list[Published]:
        """All that can still be read, the latest last."""
        rows = [one for group in self._groups.everything() for one in group.articles]
        return [one for one in rows if not one.is_deleted]

    def read(self, article_id: str, place: int) -> Published | None:
        """Somebody opens an article."""
        group = self.of(article_id)
        if not 1 <= place <= len(group) or group[place - 1].is_deleted:
            return None
        self._reads[article_id, place] += 1
        return replace(group[place - 1], reads=self._reads[article_id, place])

    def of(self, article_id: str) -> list[Published]:
        """One group of articles."""
        group = self._groups.get(article_id)
        return list(group.articles) if group is not None else []

    def withdraw(self, article_id: str, place: int) -> None:
        """An article that was sent can be read no more."""
        left = [
            replace(one, is_deleted=one.is_deleted or place in (0, one.place))
            for one in self.of(article_id)
        ]
        self._groups.put(Group(article_id, tuple(left)))

    def _of(self, article_id: str) -> list[Published]:
        found = self.of(article_id)
        if not found:
            raise WeixinError(53600, "Article ID 无效")
        return found

    def _detail(self, article_id: str) -> dict[str, Any]:
        group = self.of(article_id)
        items = [{"idx": one.place, "article_url": one.url} for one in group]
        return {"count": len(items), "item": items}


def _shown(one: Published) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(one.article)
    return plain | {"url": one.url, "is_deleted": one.is_deleted}

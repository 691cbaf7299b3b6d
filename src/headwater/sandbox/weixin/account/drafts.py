"""Drafts of articles: written, changed and listed until they are sent or published."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from headwater.sandbox.hosts import Ground
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import refuse, within
from headwater.sandbox.weixin.media import Media


class Article(msgspec.Struct):
    """One article as its author wrote it."""

    title: str
    content: str
    thumb_media_id: str
    author: str = ""
    digest: str = ""
    content_source_url: str = ""
    need_open_comment: int = 0
    only_fans_can_comment: int = 0
    show_cover_pic: int = 1


class DraftRequest(msgspec.Struct):
    articles: list[Article]


class Change(msgspec.Struct):
    media_id: str
    index: int
    articles: Article


class Which(msgspec.Struct):
    media_id: str


class Page(msgspec.Struct):
    offset: int = 0
    count: int = 20
    no_content: int = 0


@dataclass(frozen=True)
class Draft:
    """One to eight articles under one media id."""

    media_id: str
    articles: tuple[Article, ...]
    made_at: datetime
    changed_at: datetime
    is_gone: bool = False


class Drafts:
    """The box of drafts."""

    def __init__(self, ground: Ground, app: App, media: Media) -> None:
        self._app = app
        self._media = media
        self._drafts = Shelf(ground.journal, "weixin_draft", Draft, lambda one: one.media_id)

    def add(self, call: Call) -> dict[str, Any]:
        """draft/add: a new draft."""
        articles = call.read(DraftRequest).articles
        if not articles:
            raise refuse("articles.news")
        within("articles.news", len(articles))
        for article in articles:
            self._check(article, call.now)
        media_id = secrets.token_urlsafe(48)
        self._drafts.put(Draft(media_id, tuple(articles), call.now, call.now))
        return {"media_id": media_id}

    def get(self, call: Call) -> dict[str, Any]:
        """draft/get: what is in it."""
        draft = self.find(call.read(Which).media_id)
        return {
            "news_item": [_shown(one) for one in draft.articles],
            "create_time": int(draft.made_at.timestamp()),
            "update_time": int(draft.changed_at.timestamp()),
        }

    def update(self, call: Call) -> dict[str, Any]:
        """draft/update: another article in the place of one."""
        asked = call.read(Change)
        draft = self.find(asked.media_id)
        if not 0 <= asked.index < len(draft.articles):
            raise WeixinError(40114, "invalid index value")
        self._check(asked.articles, call.now)
        articles = list(draft.articles)
        articles[asked.index] = asked.articles
        self._drafts.put(replace(draft, articles=tuple(articles), changed_at=call.now))
        return done()

    def delete(self, call: Call) -> dict[str, Any]:
        """draft/delete: gone for good."""
        self.take(call.read(Which).media_id)
        return done()

    def count(self, call: Call) -> dict[str, Any]:
        """draft/count: how many there are."""
        return {"total_count": len(self._there())}

    def page(self, call: Call) -> dict[str, Any]:
        """draft/batchget: a page of them, the latest first."""
        asked = call.read(Page)
        if not 1 <= asked.count <= 20 or asked.offset < 0:
            raise WeixinError(40097, "invalid args")
        found = sorted(self._there(), key=lambda one: one.changed_at, reverse=True)
        listed = found[asked.offset : asked.offset + asked.count]
        items = [
            {
                "media_id": one.media_id,
                "content": {"news_item": [_shown(each, asked.no_content) for each in one.articles]},
                "update_time": int(one.changed_at.timestamp()),
            }
            for one in listed
        ]
        return {"total_count": len(found), "item_count": len(items), "item": items}

    def find(self, media_id: str) -> Draft:
        """The draft with this id."""
        draft = self._drafts.get(media_id)
        if draft is None or draft.is_gone:
            raise WeixinError(40007, "invalid media_id")
        return draft

    def take(self, media_id: str) -> Draft:
        """The draft with this id, out of the box: it is published from now on."""
        draft = self.find(media_id)
        self._drafts.put(replace(draft, is_gone=True))
        return draft

    def _there(self) -> list[Draft]:
        return [one for one in self._drafts.everything() if not one.is_gone]

    def _check(self, article: Article, now: datetime) -> None:
        if not article.title:
            raise refuse("article.title")
        within("article.title", len(article.title))
        within("article.author", len(article.author))
        within("article.digest", len(article.digest))
        if not article.content:
            raise WeixinError(44003, "empty news data")
        within("article.content", len(article.content))
        within("article.source_url", len(article.content_source_url.encode()))
        cover = self._media.find(article.thumb_media_id, self._app.appid, now)
        if cover.until is not None or cover.kind not in ("image", "thumb"):
            raise WeixinError(40007, "invalid media_id")


def _shown(article: Article, without_content: int = 0) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(article)
    if without_content:
        del plain["content"]
    return plain

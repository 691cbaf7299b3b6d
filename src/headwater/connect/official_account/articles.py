"""Articles: written as drafts, published by the platform after its own checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.sending import Identifier
from headwater.connect.weixin_api import WeixinApp

# developers.weixin.qq.com/doc/offiaccount/Draft_Box/Add_draft.html; pages differ about the title
# (32 or 64), so the smaller number holds.
TITLE_CHARACTERS: Final = 32
AUTHOR_CHARACTERS: Final = 16
DIGEST_CHARACTERS: Final = 128
CONTENT_CHARACTERS: Final = 20_000
CONTENT_BYTES: Final = 1024 * 1024
ARTICLES_MOST: Final = 8


@dataclass(frozen=True)
class Draft:
    """One article as it is written; pictures inside it come from `materials.for_article`."""

    title: str
    content: str
    cover_media_id: str
    author: str = ""
    digest: str = ""
    source_url: str = ""
    may_comment: bool = False


class Stage(Enum):
    """How far a publication is; a number that WeChat adds tomorrow reads as UNKNOWN."""

    PUBLISHED = 0
    UNDER_WAY = 1
    NOT_ORIGINAL = 2
    FAILED = 3
    REJECTED = 4
    DELETED = 5
    BANNED = 6
    UNKNOWN = -1

    @classmethod
    def _missing_(cls, value: object) -> Stage:
        return cls.UNKNOWN


@dataclass(frozen=True)
class Publication:
    """What became of a draft that was handed in for publication."""

    publish_id: str
    stage: Stage
    article_id: str | None
    addresses: tuple[str, ...]


class _MediaId(msgspec.Struct):
    media_id: Identifier


class _Submitted(msgspec.Struct):
    publish_id: str | int


class _Item(msgspec.Struct):
    article_url: str = ""


class _Detail(msgspec.Struct):
    item: list[_Item] = []


class _Publication(msgspec.Struct):
    publish_id: str | int
    publish_status: int
    article_id: str = ""
    article_detail: _Detail | None = None


class _Article(msgspec.Struct):
    title: str = ""
    content: str = ""
    thumb_media_id: str = ""
    author: str = ""
    digest: str = ""
    content_source_url: str = ""
    need_open_comment: int = 0


class _Articles(msgspec.Struct):
    news_item: list[_Article]


class _Count(msgspec.Struct):
    total_count: int


@dataclass(frozen=True)
class Articles:
    """The drafts and publications of one official account."""

    app: WeixinApp

    async def draft(self, articles: Sequence[Draft]) -> str:
        """Write a draft of one or more articles and give its id; a repeat writes a second one."""
        if not 1 <= len(articles) <= ARTICLES_MOST:
            raise BadInput("articles", f"from 1 to {ARTICLES_MOST}")
        body = {"articles": [_wire(each) for each in articles]}
        return (await self.app.post("/cgi-bin/draft/add", body, _MediaId)).media_id

    async def read(self, draft_id: str) -> list[Draft]:
        """Read a draft; reading again changes nothing."""
        wire = await self.app.post("/cgi-bin/draft/get", {"media_id": draft_id}, _Articles)
        return [_draft(each) for each in wire.news_item]

    async def rewrite(self, draft_id: str, place: int, article: Draft) -> None:
        """Put an article in the place of another within a draft; a repeat writes the same."""
        body = {"media_id": draft_id, "index": place, "articles": _wire(article)}
        await self.app.do("/cgi-bin/draft/update", body)

    async def throw_away(self, draft_id: str) -> None:
        """Delete a draft; it cannot be brought back, and a repeat may be refused."""
        await self.app.do("/cgi-bin/draft/delete", {"media_id": draft_id})

    async def count_drafts(self) -> int:
        """Count the drafts; counting again changes nothing."""
        return (await self.app.get("/cgi-bin/draft/count", _Count)).total_count

    async def publish(self, draft_id: str) -> str:
        """Hand a draft in for publication and give a number to ask about.

        A published draft is a draft no more, so a repeat is refused. The result comes by
        `publication`, and as a push, PublishFinished.
        """
        path, body = "/cgi-bin/freepublish/submit", {"media_id": draft_id}
        return str((await self.app.post(path, body, _Submitted)).publish_id)

    async def publication(self, publish_id: str) -> Publication:
        """Ask what became of a publication; asking again changes nothing."""
        body = {"publish_id": publish_id}
        wire = await self.app.post("/cgi-bin/freepublish/get", body, _Publication)
        items = wire.article_detail.item if wire.article_detail else []
        return Publication(
            publish_id=str(wire.publish_id),
            stage=Stage(wire.publish_status),
            article_id=wire.article_id or None,
            addresses=tuple(each.article_url for each in items),
        )

    async def withdraw(self, article_id: str, place: int = 0) -> None:
        """Delete a published article, or all under this id with place 0; a repeat changes nothing.

        It cannot be brought back.
        """
        body = {"article_id": article_id, "index": place}
        await self.app.do("/cgi-bin/freepublish/delete", body)


def _wire(draft: Draft) -> dict[str, Any]:
    for field, text, most in (
        ("title", draft.title, TITLE_CHARACTERS),
        ("author", draft.author, AUTHOR_CHARACTERS),
        ("digest", draft.digest, DIGEST_CHARACTERS),
        ("content", draft.content, CONTENT_CHARACTERS - 1),
    ):
        if len(text) > most:
            raise BadInput(field, f"at most {most} characters")
    if not draft.title or not draft.content or not draft.cover_media_id:
        raise BadInput("article", "needs a title, a content and a cover")
    if len(draft.content.encode("utf-8", "replace")) >= CONTENT_BYTES:
        raise BadInput("content", f"fewer than {CONTENT_BYTES} bytes")
    return {
        "title": draft.title,
        "author": draft.author,
        "digest": draft.digest,
        "content": draft.content,
        "content_source_url": draft.source_url,
        "thumb_media_id": draft.cover_media_id,
        "need_open_comment": int(draft.may_comment),
        "only_fans_can_comment": 0,
    }


def _draft(wire: _Article) -> Draft:
    return Draft(
        title=wire.title,
        content=wire.content,
        cover_media_id=wire.thumb_media_id,
        author=wire.author,
        digest=wire.digest,
        source_url=wire.content_source_url,
        may_comment=wire.need_open_comment == 1,
    )

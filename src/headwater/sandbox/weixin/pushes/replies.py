"""What a merchant's server answers to a push: nothing, or words for the person at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.pushes.crypto import NotSealed, Sealer, signature
from headwater.sandbox.weixin.pushes.wire import NoXml, read_xml

NOTHING = (b"", b"success", b"SUCCESS")
LONGEST_TEXT = 2_048
MOST_ARTICLES = 8


class BadReply(Exception):
    """The reply is not one that the platform would show; the person reads of a fault instead."""


@dataclass(frozen=True)
class Article:
    """One card of a news reply."""

    title: str
    description: str
    picture: str
    url: str


@dataclass(frozen=True)
class Reply:
    """A passive reply as it was understood."""

    kind: str
    text: str = ""
    media_id: str | None = None
    articles: tuple[Article, ...] = ()


def understood(app: App, openid: str, body: bytes, is_sealed: bool) -> Reply | None:
    """The reply for this person, None for a plain acknowledgement."""
    if body.strip() in NOTHING:
        return None
    try:
        fields = read_xml(body)
        if is_sealed or "Encrypt" in fields:
            fields = read_xml(_opened(app, fields))
    except (NoXml, NotSealed) as error:
        raise BadReply(str(error)) from None
    if fields.get("ToUserName") != openid or fields.get("FromUserName") != app.original_id:
        raise BadReply("addressed to somebody else, or from somebody else")
    if not str(fields.get("CreateTime", "")).isdigit():
        raise BadReply("CreateTime is no number")
    return _reply(fields)


def _opened(app: App, fields: dict[str, Any]) -> bytes:
    """The message inside a sealed reply, whose signature must be right too."""
    parts = [fields.get(name) for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")]
    if not all(isinstance(part, str) and part for part in parts):
        raise BadReply("a sealed reply needs Encrypt, MsgSignature, TimeStamp and Nonce")
    encrypt, signed, timestamp, nonce = (str(part) for part in parts)
    if signature(app.token, timestamp, nonce, encrypt) != signed:
        raise BadReply("wrong MsgSignature")
    return Sealer(app.encoding_aes_key, app.appid).open(encrypt)


def _reply(fields: dict[str, Any]) -> Reply:
    kind = fields.get("MsgType")
    if kind == "text":
        content = fields.get("Content")
        if not isinstance(content, str) or not content:
            raise BadReply("no Content")
        if len(content.encode()) > LONGEST_TEXT:
            raise BadReply(f"Content is longer than {LONGEST_TEXT} bytes")
        return Reply("text", content)
    if kind in ("image", "voice", "video"):
        inside = fields.get(kind.capitalize())
        media_id = inside.get("MediaId") if isinstance(inside, dict) else None
        if not isinstance(media_id, str) or not media_id:
            raise BadReply("no MediaId")
        return Reply(kind, media_id=media_id)
    if kind == "news":
        return Reply("news", articles=_articles(fields))
    if kind == "transfer_customer_service":
        return Reply(kind)
    raise BadReply("unknown MsgType")


def _articles(fields: dict[str, Any]) -> tuple[Article, ...]:
    inside = fields.get("Articles")
    items = inside.get("item") if isinstance(inside, dict) else None
    listed = items if isinstance(items, list) else [items]
    if str(fields.get("ArticleCount")) != str(len(listed)) or len(listed) > MOST_ARTICLES:
        raise BadReply("ArticleCount does not fit")
    return tuple(_article(item) for item in listed)


def _article(item: Any) -> Article:
    if not isinstance(item, dict):
        raise BadReply("an article without fields")
    names = ("Title", "Description", "PicUrl", "Url")
    return Article(*(str(item.get(name) or "") for name in names))

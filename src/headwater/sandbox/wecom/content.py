"""What a message says: text and attachments, checked as the platform checks them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from headwater.sandbox.people import Message
from headwater.sandbox.wecom.company.media import IN_MOMENTS, Media
from headwater.sandbox.wecom.errors import WecomError

MOST_ATTACHMENTS = 9
KINDS = ("image", "link", "miniprogram", "video", "file")
MOST_TEXT_BYTES = 4_000
MOST_MOMENT_CHARACTERS = 2_000
_LINK_BYTES = {"title": 128, "picurl": 2_048, "desc": 512, "url": 2_048}
_MINIPROGRAM_TITLE_BYTES = 64


class Text(msgspec.Struct, frozen=True, omit_defaults=True):
    content: str = ""


class Image(msgspec.Struct, frozen=True, omit_defaults=True):
    media_id: str = ""
    pic_url: str = ""


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    title: str = ""
    picurl: str = ""
    desc: str = ""
    url: str = ""
    media_id: str = ""


class Miniprogram(msgspec.Struct, frozen=True, omit_defaults=True):
    title: str = ""
    pic_media_id: str = ""
    appid: str = ""
    page: str = ""


class Blob(msgspec.Struct, frozen=True, omit_defaults=True):
    media_id: str = ""


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One attachment: its kind, and the part of that name."""

    msgtype: str = ""
    image: Image | None = None
    link: Link | None = None
    miniprogram: Miniprogram | None = None
    video: Blob | None = None
    file: Blob | None = None


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """Text and attachments together."""

    text: Text | None = None
    attachments: list[Attachment] = []

    @property
    def words(self) -> str:
        """The text, empty when there is none."""
        return self.text.content if self.text is not None else ""


def check_message(content: Content, media: Media, now: datetime) -> None:
    """Refuse what cannot be sent into a chat."""
    if not content.words and not content.attachments:
        raise WecomError(40063, "text and attachments both empty")
    if len(content.words.encode()) > MOST_TEXT_BYTES:
        raise WecomError(45002, "invalid text size")
    if len(content.attachments) > MOST_ATTACHMENTS:
        raise WecomError(41064)
    for one in content.attachments:
        _check_attachment(one, media, now)


def check_moment(content: Content, media: Media, now: datetime) -> None:
    """Refuse what cannot be posted: nine pictures, or one video, or one link."""
    if not content.words and not content.attachments:
        raise WecomError(41089)
    if len(content.words) > MOST_MOMENT_CHARACTERS:
        raise WecomError(45002, "invalid text size")
    kinds = {one.msgtype for one in content.attachments}
    if not kinds <= {"image", "video", "link"}:
        raise WecomError(41065)
    most = MOST_ATTACHMENTS if kinds == {"image"} else 1
    if len(content.attachments) > most:
        raise WecomError(41064)
    for one in content.attachments:
        part = one.image or one.video or one.link
        if part is None or (one.link is not None and not one.link.url):
            raise WecomError(40063)
        if one.link is None or part.media_id:
            media.usable(part.media_id, now, IN_MOMENTS)


def messages(content: Content, now: datetime) -> list[Message]:
    """The content as it arrives on a phone, one message each."""
    said = [Message("text", content.words, (), None, now)] if content.words else []
    return said + [_message(one, now) for one in content.attachments]


def shown(content: Content) -> dict[str, Any]:
    """The content as the platform gives it back."""
    built: dict[str, Any] = msgspec.to_builtins(content)
    return {"text": {"content": content.words}, "attachments": [], **built}


def _check_attachment(given: Attachment, media: Media, now: datetime) -> None:
    if given.msgtype not in KINDS:
        raise WecomError(41065)
    part = getattr(given, given.msgtype)
    if part is None:
        raise WecomError(40063, given.msgtype)
    if isinstance(part, Link):
        _check_link(part)
    elif isinstance(part, Miniprogram):
        _check_miniprogram(part)
        media.usable(part.pic_media_id, now)
    elif not (isinstance(part, Image) and part.pic_url):
        media.usable(part.media_id, now)


def _check_link(link: Link) -> None:
    if not link.title or not link.url:
        raise WecomError(40063, "link.title, link.url")
    for name, most in _LINK_BYTES.items():
        if len(getattr(link, name).encode()) > most:
            raise WecomError(40058, f"link.{name} exceed max length {most}")


def _check_miniprogram(card: Miniprogram) -> None:
    if not (card.title and card.pic_media_id and card.appid and card.page):
        raise WecomError(40063, "miniprogram")
    if len(card.title.encode()) > _MINIPROGRAM_TITLE_BYTES:
        raise WecomError(40058, f"miniprogram.title exceed max length {_MINIPROGRAM_TITLE_BYTES}")


def _message(given: Attachment, now: datetime) -> Message:
    if given.link is not None:
        lines = (("", given.link.desc),) if given.link.desc else ()
        return Message("news", given.link.title, lines, given.link.url, now)
    if given.miniprogram is not None:
        card = given.miniprogram
        ids = {"media_id": card.pic_media_id, "appid": card.appid, "pagepath": card.page}
        return Message("miniprogrampage", card.title, (), None, now, **ids)
    if given.image is not None:
        url = given.image.pic_url or None
        return Message("image", "", (), url, now, media_id=given.image.media_id or None)
    blob = given.video or given.file
    assert blob is not None
    return Message(given.msgtype, "", (), None, now, media_id=blob.media_id)

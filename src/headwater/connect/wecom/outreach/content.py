"""What a message says: words and up to nine things beside them, within WeCom's lengths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from headwater.base.errors import BadInput
from headwater.connect.wecom import bounds
from headwater.connect.wecom.api import filled


class Attachment(Protocol):
    """One thing beside the words."""

    def wire(self) -> Mapping[str, Any]:
        """Say it in WeCom's words, or raise BadInput; the same thing gives the same words."""
        ...


@dataclass(frozen=True)
class Image:
    """A picture, by the id of an upload (three days) or by an address that WeCom gave."""

    media_id: str | None = None
    url: str | None = None

    def wire(self) -> Mapping[str, Any]:
        """Say it in WeCom's words, or raise BadInput; the same picture gives the same words."""
        if (self.media_id is None) == (self.url is None):
            raise BadInput("image", "either media_id or url")
        return _typed("image", {"media_id": self.media_id, "pic_url": self.url})


@dataclass(frozen=True)
class Link:
    """A card that opens a page."""

    title: str
    url: str
    description: str | None = None
    picture_url: str | None = None

    def wire(self) -> Mapping[str, Any]:
        """Say it in WeCom's words, or raise BadInput; the same card gives the same words."""
        return _typed("link", link_fields(self))


@dataclass(frozen=True)
class MiniProgram:
    """A card that opens a page of a mini program which is tied to the company."""

    title: str
    picture_media_id: str
    appid: str
    page: str

    def wire(self) -> Mapping[str, Any]:
        """Say it in WeCom's words, or raise BadInput; the same card gives the same words."""
        return _typed("miniprogram", mini_program_fields(self))


@dataclass(frozen=True)
class Video:
    """A film, by the id of an upload."""

    media_id: str

    def wire(self) -> Mapping[str, Any]:
        """Say it in WeCom's words; the same film gives the same words."""
        return _typed("video", {"media_id": self.media_id})


@dataclass(frozen=True)
class File:
    """A document, by the id of an upload."""

    media_id: str

    def wire(self) -> Mapping[str, Any]:
        """Say it in WeCom's words; the same document gives the same words."""
        return _typed("file", {"media_id": self.media_id})


@dataclass(frozen=True)
class Content:
    """What a customer shall read and see; words, attachments, or both."""

    words: str = ""
    attachments: tuple[Attachment, ...] = ()

    def wire(self) -> dict[str, Any]:
        """Say it in WeCom's words, or raise BadInput; the same content gives the same words."""
        if not self.words and not self.attachments:
            raise BadInput("content", "words or an attachment")
        bounds.in_bytes("words", self.words, bounds.TEXT_BYTES)
        bounds.count("attachments", self.attachments, bounds.ATTACHMENTS, least=0)
        said: dict[str, Any] = {"text": {"content": self.words}} if self.words else {}
        if self.attachments:
            said["attachments"] = [each.wire() for each in self.attachments]
        return said


@dataclass(frozen=True)
class Closing:
    """What a temporary chat says when it ends: words, and at most one thing beside them."""

    words: str = ""
    attachment: Image | Link | MiniProgram | None = None

    def wire(self) -> dict[str, Any]:
        """Say it in WeCom's words, or raise BadInput; the same closing gives the same words."""
        if not self.words and self.attachment is None:
            raise BadInput("closing", "words or an attachment")
        bounds.in_bytes("words", self.words, bounds.TEXT_BYTES)
        said: dict[str, Any] = {"text": {"content": self.words}} if self.words else {}
        if self.attachment is not None:
            beside = dict(self.attachment.wire())
            beside.pop("msgtype")
            said |= beside
        return said


def link_fields(link: Link) -> dict[str, Any]:
    """Check a link card, and say its fields as customers' messages do."""
    if not link.title:
        raise BadInput("title", "must not be empty")
    bounds.in_bytes("url", link.url, bounds.URL_BYTES)
    bounds.in_bytes("title", link.title, bounds.LINK_TITLE_BYTES)
    bounds.in_bytes("description", link.description or "", bounds.LINK_DESCRIPTION_BYTES)
    bounds.in_bytes("picture_url", link.picture_url or "", bounds.URL_BYTES)
    return {
        "title": link.title,
        "url": link.url,
        "desc": link.description,
        "picurl": link.picture_url,
    }


def mini_program_fields(card: MiniProgram) -> dict[str, Any]:
    """Check a mini-program card, and say its fields."""
    bounds.in_bytes("title", card.title, bounds.MINI_PROGRAM_TITLE_BYTES)
    return {
        "title": card.title,
        "pic_media_id": card.picture_media_id,
        "appid": card.appid,
        "page": card.page,
    }


def _typed(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"msgtype": kind, kind: filled(fields)}

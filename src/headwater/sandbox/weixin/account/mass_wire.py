"""Mass messages as they come: to whom, of what kind, with what inside."""

from __future__ import annotations

import msgspec


class Filter(msgspec.Struct):
    is_to_all: bool = False
    tag_id: int | None = None


class Text(msgspec.Struct):
    content: str


class Stored(msgspec.Struct):
    media_id: str


class Images(msgspec.Struct):
    media_ids: list[str]
    recommend: str = ""


class MassRequest(msgspec.Struct):
    """The body of sendall, send and preview."""

    msgtype: str
    filter: Filter | None = None
    touser: list[str] | str | None = None
    towxname: str | None = None
    text: Text | None = None
    mpnews: Stored | None = None
    image: Stored | None = None
    images: Images | None = None
    voice: Stored | None = None
    mpvideo: Stored | None = None
    send_ignore_reprint: int = 0
    clientmsgid: str = ""


class Which(msgspec.Struct):
    msg_id: int | str
    article_idx: int = 0

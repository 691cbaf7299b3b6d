"""Uploaded files: kept three days, known by an id, each kind within its bounds."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from headwater.sandbox.hosts import Ground
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.wecom.api import Answer, Api, Call, File, stamp
from headwater.sandbox.wecom.errors import WecomError

LIVES = timedelta(days=3)
SMALLEST = 6
MEGABYTE = 1024 * 1024
# Source: developer.work.weixin.qq.com/document/path/90253, read 2026-11.
MOST_BYTES = {
    "image": 10 * MEGABYTE,
    "voice": 2 * MEGABYTE,
    "video": 10 * MEGABYTE,
    "file": 20 * MEGABYTE,
}
MOST_PICTURE_BYTES = 2 * MEGABYTE
IN_MOMENTS, IN_ALBUMS = "1", "2"
_BEGINNINGS = {
    "image": (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"),
    "voice": (b"#!AMR",),
}
_KINDS_BY_BEGINNING = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@dataclass(frozen=True)
class Medium:
    """One file; `scene` says where an attachment may be used, none for ordinary ones."""

    id: str
    kind: str
    name: str
    content: bytes
    made_at: datetime
    scene: str = ""
    is_lasting: bool = False


class Media:
    """All files of the company."""

    def __init__(self, ground: Ground) -> None:
        self._media = Shelf(ground.journal, "wecom_medium", Medium, lambda one: one.id)
        self._base_url = ground.credentials["wecom"]["base_url"]

    def apis(self) -> list[Api]:
        """Files come in; any app may bring them, and all apps may use them."""
        return [
            Api("/cgi-bin/media/upload", "POST", "any", self._upload, takes_file=True),
            Api("/cgi-bin/media/uploadimg", "POST", "any", self._upload_picture, takes_file=True),
            Api("/cgi-bin/media/upload_attachment", "POST", "any", self._attach, takes_file=True),
        ]

    def usable(self, media_id: str, now: datetime, scene: str = "") -> Medium:
        """A file that may be used here and now."""
        medium = self._media.get(media_id)
        if medium is None or (now - medium.made_at > LIVES and not medium.is_lasting):
            raise WecomError(40007)
        if scene and medium.scene == IN_ALBUMS:
            raise WecomError(41072)
        if medium.scene != scene:
            raise WecomError(40007)
        return medium

    def find(self, media_id: str) -> Medium | None:
        """A file, whether or not the platform would still send it."""
        return self._media.get(media_id)

    def _upload(self, call: Call) -> Answer:
        medium = self._keep(call.query.get("type", ""), call.needs_file(), call.now)
        # The platform writes this moment as text here, and as a number for attachments.
        made = str(stamp(call.now))
        return {"type": medium.kind, "media_id": medium.id, "created_at": made}

    def _attach(self, call: Call) -> Answer:
        scene = call.query.get("attachment_type", "")
        if scene not in (IN_MOMENTS, IN_ALBUMS):
            raise WecomError(40058, "attachment_type")
        kind = call.query.get("media_type", "")
        medium = self._keep(kind, call.needs_file(), call.now, scene=scene)
        return {"type": kind, "media_id": medium.id, "created_at": stamp(call.now)}

    def _upload_picture(self, call: Call) -> Answer:
        file = call.needs_file()
        if len(file.content) > MOST_PICTURE_BYTES:
            raise WecomError(45001)
        medium = self._keep("image", file, call.now, is_lasting=True)
        return {"url": f"{self._base_url}/wwpic/{medium.id}"}

    def _keep(self, kind: str, file: File, now: datetime, **more: Any) -> Medium:
        if kind not in MOST_BYTES:
            raise WecomError(40004)
        if len(file.content) < SMALLEST:
            raise WecomError(44001)
        if len(file.content) > MOST_BYTES[kind]:
            raise WecomError(45001)
        if not file.content.startswith(_BEGINNINGS.get(kind, (b"",))):
            raise WecomError(40004)
        media_id = secrets.token_urlsafe(48)
        return self._media.put(Medium(media_id, kind, file.name, file.content, now, **more))


def content_type(medium: Medium) -> str:
    """What a browser should take the file for."""
    for beginning, kind in _KINDS_BY_BEGINNING.items():
        if medium.content.startswith(beginning):
            return kind
    return "application/octet-stream"

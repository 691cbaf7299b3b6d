"""Uploads: a picture or a file gets an id that lasts three days.

developer.work.weixin.qq.com/document/path/90253 and 95098
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.wecom import bounds
from headwater.connect.wecom.api import Upload, WecomApi, WireId, moment

Kind = Literal["image", "voice", "video", "file"]

# WeCom writes this number as a text in one answer and as a number in another.
_CreatedAt = (
    Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,11}\Z")]
    | Annotated[int, msgspec.Meta(ge=0, le=99_999_999_999)]
)


@dataclass(frozen=True)
class Media:
    """What was uploaded, and until when its id may be used."""

    media_id: str
    until: datetime


class _Uploaded(msgspec.Struct):
    media_id: WireId
    created_at: _CreatedAt


class Uploads:
    """Brings files to WeCom."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def upload(self, kind: Kind, file: Upload) -> Media:
        """Upload for messages; a repeat is a second copy with an id of its own."""
        _check(kind, file)
        return _media(
            await self._api.upload("/cgi-bin/media/upload", {"type": kind}, file, _Uploaded)
        )

    async def upload_for_moments(self, kind: Literal["image", "video"], file: Upload) -> Media:
        """Upload for moments, whose ids are a kind of their own; a repeat is a second copy."""
        _check(kind, file)
        query = {"media_type": kind, "attachment_type": "1"}
        path = "/cgi-bin/media/upload_attachment"
        return _media(await self._api.upload(path, query, file, _Uploaded))


def _check(kind: Kind, file: Upload) -> None:
    most = bounds.MEDIA_BYTES[kind]
    if not bounds.MEDIA_LEAST_BYTES < len(file.content) <= most:
        raise BadInput("file", f"more than {bounds.MEDIA_LEAST_BYTES} and at most {most} bytes")
    if not file.name.strip() or any(sign in file.name for sign in '"\r\n\0'):
        raise BadInput("file", "needs a plain name")


def _media(wire: _Uploaded) -> Media:
    until = moment(int(wire.created_at)) + timedelta(seconds=bounds.MEDIA_SECONDS)
    return Media(wire.media_id, until)

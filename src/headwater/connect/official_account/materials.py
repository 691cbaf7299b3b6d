"""Pictures and other files: for three days, for good, or inside an article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.weixin_api import File, WeixinApp

Kind = Literal["image", "voice", "video", "thumb"]

# Bytes at most; a picture inside an article may only have a megabyte.
MOST_BYTES: Final = {
    "image": 10 * 1024 * 1024,
    "voice": 2 * 1024 * 1024,
    "video": 10 * 1024 * 1024,
    "thumb": 64 * 1024,
}
ARTICLE_PICTURE_BYTES: Final = 1024 * 1024
TEMPORARY_LASTS: Final = timedelta(days=3)

_Seconds = Annotated[int, msgspec.Meta(ge=0, le=9_999_999_999)]


@dataclass(frozen=True)
class Temporary:
    """A file that WeChat keeps for three days."""

    media_id: str
    until: datetime


@dataclass(frozen=True)
class Permanent:
    """A file that WeChat keeps until it is deleted; a picture has an address as well."""

    media_id: str
    url: str | None


class _Temporary(msgspec.Struct):
    created_at: _Seconds
    media_id: str = ""
    thumb_media_id: str = ""


class _Permanent(msgspec.Struct):
    media_id: str
    url: str = ""


class _Picture(msgspec.Struct):
    url: str


@dataclass(frozen=True)
class Materials:
    """The files of one official account."""

    app: WeixinApp

    async def lend(self, kind: Kind, file: File) -> Temporary:
        """Upload a file for three days; a repeat uploads another copy."""
        _check(file, MOST_BYTES[kind])
        wire = await self.app.upload("/cgi-bin/media/upload", file, _Temporary, type=kind)
        begun_at = datetime.fromtimestamp(wire.created_at, UTC)
        return Temporary(wire.media_id or wire.thumb_media_id, begun_at + TEMPORARY_LASTS)

    async def keep(self, kind: Kind, file: File) -> Permanent:
        """Upload a file for good; a repeat keeps another copy and counts against 100,000."""
        _check(file, MOST_BYTES[kind])
        path = "/cgi-bin/material/add_material"
        wire = await self.app.upload(path, file, _Permanent, type=kind)
        return Permanent(wire.media_id, wire.url or None)

    async def for_article(self, picture: File) -> str:
        """Upload a picture for use inside an article and give its address.

        A repeat gives another address; pictures from elsewhere are taken out of articles.
        """
        _check(picture, ARTICLE_PICTURE_BYTES)
        return (await self.app.upload("/cgi-bin/media/uploadimg", picture, _Picture)).url

    async def delete(self, media_id: str) -> None:
        """Delete a file that was kept for good; a repeat is refused, because it is gone."""
        await self.app.do("/cgi-bin/material/del_material", {"media_id": media_id})


def _check(file: File, most: int) -> None:
    if not 1 <= len(file.content) <= most:
        raise BadInput("file", f"from 1 to {most} bytes")

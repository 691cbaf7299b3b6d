"""Files that the apps uploaded or that people sent: three days, or for good."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from headwater.sandbox.journal import Journal
from headwater.sandbox.weixin.calls import Answer, Call, Picture, Upload
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import within

TEMPORARY = timedelta(days=3)
KINDS = ("image", "voice", "video", "thumb")
# The first bytes decide, as a name or a declared type may lie.
IMAGES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
}


@dataclass(frozen=True)
class File:
    """One stored file; without an end it is kept for good."""

    media_id: str
    appid: str
    kind: str
    name: str
    media_type: str
    content: bytes
    made_at: datetime
    until: datetime | None = None


class Which(msgspec.Struct):
    media_id: str


class Page(msgspec.Struct):
    type: str
    offset: int = 0
    count: int = 20


class Media:
    """All files by media id; the phone shows them by the same id."""

    def __init__(self, base_url: str, journal: Journal) -> None:
        self._base_url = base_url
        self._journal = journal
        self._files = {one.media_id: one for one in journal.rows("weixin_file", File)}
        for gone in journal.rows("weixin_file_gone", str):
            self._files.pop(gone, None)

    def keep(
        self, appid: str, kind: str, upload: Upload, now: datetime, for_good: bool = False
    ) -> File:
        """Keep a file under a new media id."""
        media_id = secrets.token_urlsafe(48)
        until = None if for_good else now + TEMPORARY
        file = File(
            media_id, appid, kind, upload.name, upload.content_type, upload.content, now, until
        )
        self._files[media_id] = file
        if for_good:
            self._journal.write("weixin_file", file)
        return file

    def find(self, media_id: str, appid: str, now: datetime) -> File:
        """A file of this app that is still there."""
        file = self._files.get(media_id)
        if file is None or file.appid != appid or (file.until is not None and now >= file.until):
            raise WeixinError(40007, "invalid media_id")
        return file

    def shown(self, media_id: str) -> File | None:
        """A file for the screen of a phone, whosever it is."""
        return self._files.get(media_id)

    def address(self, file: File) -> str:
        """Where a browser finds the file."""
        return f"{self._base_url}/_sandbox/media/{file.media_id}"

    def upload(self, call: Call) -> dict[str, Any]:
        """media/upload: a file for three days."""
        kind = call.query.get("type") or call.form.get("type", "")
        file = self.keep(call.app.appid, kind, checked(call, kind), call.now)
        name = "thumb_media_id" if kind == "thumb" else "media_id"
        return {"type": kind, name: file.media_id, "created_at": int(call.now.timestamp())}

    def fetch(self, call: Call) -> Answer:
        """media/get: the bytes again."""
        file = self.find(call.query.get("media_id", ""), call.app.appid, call.now)
        return Picture(file.content, file.media_type, file.name or "file")

    def upload_image(self, call: Call) -> dict[str, Any]:
        """media/uploadimg: a picture for the inside of an article, which has only an address."""
        upload = checked(call, "image")
        within("media.uploadimg", len(upload.content))
        if upload.content_type not in ("image/jpeg", "image/png"):
            raise WeixinError(40005, "invalid file type")
        file = self.keep(call.app.appid, "inside", upload, call.now, for_good=True)
        return {"url": self.address(file)}

    def add_material(self, call: Call) -> dict[str, Any]:
        """material/add_material: a file for good."""
        kind = call.query.get("type") or call.form.get("type", "")
        file = self.keep(call.app.appid, kind, checked(call, kind), call.now, for_good=True)
        answer = {"media_id": file.media_id}
        return answer | ({"url": self.address(file)} if kind in ("image", "thumb") else {})

    def get_material(self, call: Call) -> Answer:
        """material/get_material: the bytes again."""
        file = self.find(call.read(Which).media_id, call.app.appid, call.now)
        return Picture(file.content, file.media_type, file.name or "file")

    def delete_material(self, call: Call) -> dict[str, Any]:
        """material/del_material: gone for good."""
        file = self.find(call.read(Which).media_id, call.app.appid, call.now)
        del self._files[file.media_id]
        self._journal.write("weixin_file_gone", file.media_id)
        return done()

    def count_material(self, call: Call) -> dict[str, Any]:
        """material/get_materialcount: how many of each kind there are."""
        kinds = [one.kind for one in self._lasting(call.app.appid)]
        names = ("voice", "video", "image")
        return {f"{name}_count": kinds.count(name) for name in names} | {"news_count": 0}

    def list_material(self, call: Call) -> dict[str, Any]:
        """material/batchget_material: a page of one kind, the latest first."""
        asked = call.read(Page)
        if asked.type not in (*KINDS, "news"):
            raise WeixinError(40004, "invalid media type")
        if not 1 <= asked.count <= 20 or asked.offset < 0:
            raise WeixinError(40097, "invalid args")
        found = [one for one in self._lasting(call.app.appid) if one.kind == asked.type][::-1]
        page = found[asked.offset : asked.offset + asked.count]
        items = [
            {
                "media_id": one.media_id,
                "name": one.name,
                "update_time": int(one.made_at.timestamp()),
                "url": self.address(one),
            }
            for one in page
        ]
        return {"total_count": len(found), "item_count": len(items), "item": items}

    def _lasting(self, appid: str) -> list[File]:
        return [one for one in self._files.values() if one.appid == appid and one.until is None]


def checked(call: Call, kind: str) -> Upload:
    """The file of an upload, if the platform takes such a file."""
    if kind not in KINDS:
        raise WeixinError(40004, "invalid media type")
    upload = call.files.get("media")
    if upload is None or not upload.content:
        raise WeixinError(41005, "media data missing")
    within(f"media.{kind}", len(upload.content))
    if kind not in ("image", "thumb"):
        return upload
    found = image_type(upload.content)
    if found is None or (kind == "thumb" and found != "image/jpeg"):
        raise WeixinError(40005, "invalid file type")
    return Upload(upload.name, found, upload.content)


def image_type(content: bytes) -> str | None:
    """What kind of picture these bytes are."""
    return next((kind for start, kind in IMAGES.items() if content.startswith(start)), None)

"""The twin of object storage in a folder of this machine, for demos, tests and single servers."""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from headwater.base.errors import Forged, NotFound
from headwater.connect.object_storage.port import (
    LARGEST_UPLOAD_BYTES,
    UPLOAD_SECONDS,
    Upload,
    check_upload,
    safe,
    too_long,
)


class LocalFolder:
    """The port on a folder."""

    def __init__(self, folder: Path, public_url: str, secret: bytes | None = None) -> None:
        self._folder = folder
        self._public_url = public_url.rstrip("/")
        self._secret = secret or secrets.token_bytes(32)

    @property
    def origins(self) -> tuple[str, ...]:
        """None: the shop gives out and takes what lies here."""
        return ()

    async def put(
        self, name: str, content: bytes, content_type: str = "application/octet-stream"
    ) -> None:
        """Keep these bytes; the same name again replaces them whole, never in part.

        A folder does not remember the kind: whoever serves it goes by the name's ending.
        """
        await asyncio.to_thread(_write_whole, self._folder, safe(name), content)

    async def get(self, name: str, most_bytes: int = LARGEST_UPLOAD_BYTES) -> bytes:
        """Give the bytes back as often as one asks, or NotFound; one that is longer is refused."""
        try:
            content = await asyncio.to_thread(_read, self._folder / safe(name), most_bytes + 1)
        except FileNotFoundError as error:
            raise NotFound(name=name) from error
        if len(content) > most_bytes:
            raise too_long()
        return content

    async def delete(self, name: str) -> None:
        """Take the object away; again, or where nothing was, it is gone all the same."""
        await asyncio.to_thread((self._folder / safe(name)).unlink, missing_ok=True)

    def url(self, name: str) -> str:
        """Say where a browser finds the object, whether or not it exists yet."""
        return f"{self._public_url}/{safe(name)}"

    def upload(self, name: str, content_type: str, size_bytes: int, now: datetime) -> Upload:
        """Let a browser put one object of this kind and size; again it replaces what it put."""
        check_upload(content_type, size_bytes)
        until = int(now.timestamp()) + UPLOAD_SECONDS
        signed = {"type": content_type, "size": str(size_bytes), "until": str(until)}
        signature = self._sign(safe(name), signed)
        query = urlencode({**signed, "signature": signature})
        return Upload("PUT", f"{self.url(name)}?{query}", {"Content-Type": content_type})

    async def take(
        self,
        name: str,
        query: Mapping[str, str],
        content_type: str,
        content: bytes,
        now: datetime,
    ) -> None:
        """Keep what a browser sent with an upload's address; anything else is Forged.

        Again, it replaces the object with the same kind and size, until the address ends.
        """
        signed = {one: query.get(one, "") for one in ("type", "size", "until")}
        is_ours = hmac.compare_digest(
            self._sign(safe(name), signed).encode(), query.get("signature", "").encode()
        )
        # A signature that is ours stands under a number, so only then is it read as one.
        if not is_ours or now.timestamp() > int(signed["until"]):
            raise Forged(why="the upload was not allowed, or no longer is")
        if (content_type, str(len(content))) != (signed["type"], signed["size"]):
            raise Forged(why="the upload is of another kind or size than was allowed")
        await self.put(name, content, content_type)

    def _sign(self, name: str, signed: Mapping[str, str]) -> str:
        text = "\n".join([name, *(signed[one] for one in ("type", "size", "until"))])
        return hmac.digest(self._secret, text.encode(), "sha256").hex()


def _read(file: Path, most_bytes: int) -> bytes:
    with file.open("rb") as opened:
        return opened.read(most_bytes)


def _write_whole(folder: Path, name: str, content: bytes) -> None:
    """Write beside and swap, so that a reader or a crash never meets half a file."""
    folder.mkdir(parents=True, exist_ok=True)
    # The leading dot keeps unfinished files out of the reach of every legal name.
    handle, beside = tempfile.mkstemp(dir=folder, prefix=".unfinished-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(folder / name)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise

"""The port of object storage: flat names, whole objects, uploads that a browser makes by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from headwater.base.errors import BadInput

UPLOAD_SECONDS: Final = 600
LARGEST_UPLOAD_BYTES: Final = 20_000_000

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_KIND: Final = re.compile(r"[a-z]+/[a-z0-9.+-]{1,64}")


@dataclass(frozen=True)
class Upload:
    """One permission to put one object: send exactly this, before it ends."""

    method: str
    url: str
    headers: Mapping[str, str]


class ObjectStorage(Protocol):
    """Keeps bytes under flat names; a name has no path parts."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Which other hosts a browser meets when it reads and puts; none where it is our own."""
        ...

    async def put(
        self, name: str, content: bytes, content_type: str = "application/octet-stream"
    ) -> None:
        """Keep these bytes; the same name again replaces them whole, never in part."""
        ...

    async def get(self, name: str, most_bytes: int = LARGEST_UPLOAD_BYTES) -> bytes:
        """Give the bytes back as often as one asks, or NotFound; one that is longer is refused."""
        ...

    async def delete(self, name: str) -> None:
        """Take the object away; again, or where nothing was, it is gone all the same."""
        ...

    def url(self, name: str) -> str:
        """Say where a browser finds the object, whether or not it exists yet."""
        ...

    def upload(self, name: str, content_type: str, size_bytes: int, now: datetime) -> Upload:
        """Let a browser put one object of this kind and size; again it replaces what it put."""
        ...

    async def take(
        self,
        name: str,
        query: Mapping[str, str],
        content_type: str,
        content: bytes,
        now: datetime,
    ) -> None:
        """Keep what a browser sent to our own door with an upload's address; else Forged."""
        ...


def safe(name: str) -> str:
    """The name, if it is one; anything that could be a path is refused."""
    if not _NAME.fullmatch(name):
        raise BadInput("name", "lower-case letters, digits, dots, dashes and lines; no path")
    return name


def too_long() -> BadInput:
    """Name the refusal of an object that is longer than its reader wants to hold in memory."""
    return BadInput("picture", "too_large")


def check_upload(content_type: str, size_bytes: int) -> None:
    """Refuse to sign for what nobody would want to keep."""
    if not _KIND.fullmatch(content_type):
        raise BadInput("content_type", "a plain media type such as image/png")
    if not 1 <= size_bytes <= LARGEST_UPLOAD_BYTES:
        raise BadInput("size_bytes", f"1 to {LARGEST_UPLOAD_BYTES} bytes")

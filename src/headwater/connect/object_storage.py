"""Where pictures, codes and posters lie: a port of three verbs, and its twin in a local folder.

Tencent's COS comes behind the same port later; nothing here speaks to it yet.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path
from typing import Final, Protocol

from headwater.base.errors import BadInput, NotFound

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")


class ObjectStorage(Protocol):
    """Keeps bytes under flat names; a name has no path parts."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep these bytes; the same name again replaces them whole, never in part."""
        ...

    async def get(self, name: str) -> bytes:
        """Give the bytes back as often as one asks, or NotFound."""
        ...

    def url(self, name: str) -> str:
        """Say where a browser finds the object, whether or not it exists yet."""
        ...


class LocalFolder:
    """The port on a folder of this machine, for demos, tests and single servers."""

    def __init__(self, folder: Path, public_url: str) -> None:
        self._folder = folder
        self._public_url = public_url.rstrip("/")

    async def put(self, name: str, content: bytes) -> None:
        """Keep these bytes; the same name again replaces them whole, never in part."""
        await asyncio.to_thread(_write_whole, self._folder, _safe(name), content)

    async def get(self, name: str) -> bytes:
        """Give the bytes back as often as one asks, or NotFound."""
        try:
            return await asyncio.to_thread((self._folder / _safe(name)).read_bytes)
        except FileNotFoundError as error:
            raise NotFound(name=name) from error

    def url(self, name: str) -> str:
        """Say where a browser finds the object, whether or not it exists yet."""
        return f"{self._public_url}/{_safe(name)}"


def _safe(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadInput("name", "lower-case letters, digits, dots, dashes and lines; no path")
    return name


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

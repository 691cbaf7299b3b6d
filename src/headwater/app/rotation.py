"""Secrets change while the house stands: the credentials file is read anew when it changes."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from pathlib import Path

from headwater.app import credentials
from headwater.web.kit.building import OutsideNow

log = logging.getLogger(__name__)

LOOKS_SECONDS = 5.0


class Rotation:
    """Looks whether the file has changed, and puts the adapters of the new one in place.

    A file that cannot be used is refused and named in the log, and the old adapters go on. Another
    merchant or another app is no rotation but another house: that needs a restart.
    """

    def __init__(self, file: Path, outside: OutsideNow) -> None:
        self._file = file
        self._outside = outside
        raw = file.read_bytes()
        self._seen = _digest(raw)
        self._identity = credentials.identity(credentials.understood(raw, str(file)))

    def look(self) -> bool:
        """Read the file once; tell whether new adapters are in place."""
        try:
            raw = self._file.read_bytes()
        except OSError as error:
            return self._refuse(b"", f"{self._file} cannot be read ({error.strerror})")
        if _digest(raw) == self._seen:
            return False
        try:
            known = credentials.understood(raw, str(self._file))
            if credentials.identity(known) != self._identity:
                return self._refuse(raw, "another merchant or app needs a restart")
            self._outside.become(known)
        except Exception as error:
            # Whatever is wrong with a new file, the house goes on with the old one.
            return self._refuse(raw, str(error) or type(error).__name__)
        self._seen = _digest(raw)
        log.warning("new credentials are in use")
        return True

    async def watch(self) -> None:
        """Look every few seconds until called off."""
        while True:
            await asyncio.sleep(LOOKS_SECONDS)
            self.look()

    def _refuse(self, raw: bytes, why: str) -> bool:
        """Say once what is wrong with a file, and remember that it was said."""
        if _digest(raw) != self._seen:
            log.error("the new credentials are refused, the old ones are used on: %s", why)
            self._seen = _digest(raw)
        return False


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()

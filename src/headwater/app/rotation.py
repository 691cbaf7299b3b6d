"""Secrets change while the house stands: their files are read anew when they change."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from headwater.app import credentials
from headwater.base import settings
from headwater.base.crypto import Keys
from headwater.base.db import Pool
from headwater.base.settings import Settings
from headwater.web.kit.building import Building, OutsideNow, SecretsNow

log = logging.getLogger(__name__)

LOOKS_SECONDS: Final = 5.0
# What may change in the settings while the house stands.
SECRET_SETTINGS: Final = frozenset({"metrics_token", "database_url", "owner_url"})


class Watch:
    """Looks whether a file has changed, and lets what it says now take its place.

    A file that cannot be used is refused and named in the log, and the old secrets go on.
    """

    def __init__(self, file: Path, what: str, become: Callable[[bytes], None]) -> None:
        self._file = file
        self._what = what
        self._become = become
        self._seen = _digest(file.read_bytes()) if file.exists() else b""

    def look(self) -> bool:
        """Read the file once; tell whether something new is in place."""
        try:
            raw = self._file.read_bytes()
        except FileNotFoundError as error:
            return bool(self._seen) and self._refuse(b"", str(error.strerror))
        except OSError as error:
            return self._refuse(b"", f"{self._file} cannot be read ({error.strerror})")
        if _digest(raw) == self._seen:
            return False
        try:
            self._become(raw)
        except Exception as error:
            # Whatever is wrong with a new file, the house goes on with the old one.
            return self._refuse(raw, str(error) or type(error).__name__)
        self._seen = _digest(raw)
        log.warning("new %s are in use", self._what)
        return True

    def _refuse(self, raw: bytes, why: str) -> bool:
        """Say once what is wrong with a file, and remember that it was said."""
        if _digest(raw) != self._seen:
            log.error("the new %s are refused, the old ones are used on: %s", self._what, why)
            self._seen = _digest(raw)
        return False


@dataclass(frozen=True)
class Rotation:
    """Everything that may change while the house stands."""

    watches: tuple[Watch, ...]

    def look(self) -> bool:
        """Look at each file once; tell whether something new is in place."""
        looked = [each.look() for each in self.watches]
        return any(looked)

    async def watch(self) -> None:
        """Look every few seconds until called off."""
        while True:
            await asyncio.sleep(LOOKS_SECONDS)
            self.look()


def of_credentials(file: Path, outside: OutsideNow) -> Watch:
    """Watch the credentials of the outside; all adapters change in one step.

    Another merchant or another app is no rotation but another house: that needs a restart.
    """
    identity = credentials.identity(credentials.understood(file.read_bytes(), str(file)))

    def become(raw: bytes) -> None:
        known = credentials.understood(raw, str(file))
        if credentials.identity(known) != identity:
            raise ValueError("another merchant or app needs a restart")
        outside.become(known)

    return Watch(file, "credentials", become)


def of_keys(file: Path, secrets: SecretsNow) -> Watch:
    """Watch our own keys: fresh ones may come, and none may go that something was sealed with."""

    def become(raw: bytes) -> None:
        fresh = Keys.understood(raw, str(file))
        fresh.must_open_what(secrets.keys)
        secrets.become(fresh)

    return Watch(file, "keys", become)


def of_settings(
    file: Path,
    building: Building,
    lead: Callable[[Pool, str], None],
    read: Callable[[], Settings] = settings.read,
) -> Watch:
    """Watch the settings' file for the metrics token and the database's address.

    Connections that stand stay until they end; new ones are made at the new address.
    """

    def become(_raw: bytes) -> None:
        before = building.secrets.settings or building.settings
        fresh = read()
        others = _changed(before, fresh) - SECRET_SETTINGS
        if others:
            log.warning("these settings want a restart: %s", ", ".join(sorted(others)))
        if fresh.database_url and fresh.database_url != before.database_url:
            lead(building.pool, fresh.database_url)
        kept: Mapping[str, str | None] = {name: getattr(fresh, name) for name in SECRET_SETTINGS}
        building.secrets.settings = dataclasses.replace(before, **kept)  # type: ignore[arg-type]

    return Watch(file, "settings", become)


def _changed(before: Settings, after: Settings) -> set[str]:
    names = [field.name for field in dataclasses.fields(Settings)]
    return {name for name in names if getattr(before, name) != getattr(after, name)}


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()

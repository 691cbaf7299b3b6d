"""The home folder of an embedded database: where its data lie, its keys, and who is using it."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import stat
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from headwater.base.postgres.account import SHARED_FOLDER, Account, shared_folder
from headwater.base.postgres.errors import DiskFull, FolderNotWritable, GroundTrouble, KeysLost

PATIENCE_SECONDS = 120.0
KEYS_FILE = "postgres.json"
# initdb writes 50 MB and the write-ahead log soon 100 MB more.
_LEAST_FREE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Keys:
    """What is needed to find and open the database; kept in a file that only we can read."""

    folder: str
    port: int
    admin_password: str
    owner_password: str
    app_password: str
    is_ready: bool = False


class Home:
    """One home folder and the files in it that concern the database."""

    def __init__(self, path: Path, runner: Account) -> None:
        self.path = path.expanduser().resolve()
        self.runner = runner

    def make(self) -> None:
        """Make the folder, or say in one line why that cannot be."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self.path / f".probe-{secrets.token_hex(4)}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise trouble_with(self.path, error) from error

    def keys(self) -> Keys | None:
        """Read the keys, or None when this home has no database yet."""
        file = self.path / KEYS_FILE
        if not file.exists():
            return None
        try:
            return Keys(**json.loads(file.read_text(encoding="utf-8")))
        except (ValueError, TypeError, OSError) as error:
            raise KeysLost(f"{file} cannot be read ({error}); put it back from a backup") from error

    def save(self, keys: Keys) -> Keys:
        """Write the keys whole or not at all, readable by us alone."""
        file = self.path / KEYS_FILE
        working = file.with_suffix(".new")
        try:
            working.unlink(missing_ok=True)
            descriptor = os.open(working, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                opened.write(json.dumps(asdict(keys), indent=1) + "\n")
                opened.flush()
                os.fsync(opened.fileno())
            working.replace(file)
        except OSError as error:
            raise trouble_with(self.path, error) from error
        return keys

    def new_keys(self, port: int) -> Keys:
        """Choose where the data go and invent the passwords, before anything is made."""
        folder = self._choose_folder()
        if (folder / "data").exists():
            raise KeysLost(
                f"the database of {self.path} lies in {folder}, but its passwords are gone; "
                f"put {self.path / KEYS_FILE} back, or remove {folder} to begin anew"
            )
        free = shutil.disk_usage(self.path if folder.is_relative_to(self.path) else "/var").free
        if free < _LEAST_FREE_BYTES:
            raise DiskFull(f"a database needs 256 MB, but {folder} has only {free >> 20} MB left")
        return self.save(Keys(str(folder), port, _password(), _password(), _password()))

    def make_folder(self, keys: Keys) -> Path:
        """Make the folder of the data, owned by who runs the server."""
        folder = Path(keys.folder)
        try:
            if folder.is_relative_to(SHARED_FOLDER):
                shared_folder()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.runner.is_other:
                os.chown(folder, self.runner.user_id, self.runner.group_id)
        except OSError as error:
            raise trouble_with(folder, error) from error
        return folder

    def _choose_folder(self) -> Path:
        """Keep the data in the home; only where root's home is closed, beside it in /var/lib."""
        if not self.runner.is_other or self.runner.may_enter(self.path.parent):
            # The home itself is ours to open: the account may pass through, but not look.
            if self.runner.is_other:
                self.path.chmod(stat.S_IMODE(self.path.stat().st_mode) | 0o011)
            return self.path / "postgres"
        name = hashlib.sha256(str(self.path).encode()).hexdigest()[:16]
        return SHARED_FOLDER / name

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Keep others from starting or stopping the server at the same moment."""
        descriptor = self._open_lock("postgres.lock")
        try:
            waited_until = time.monotonic() + PATIENCE_SECONDS
            while not _locked(descriptor, fcntl.LOCK_EX):
                if time.monotonic() > waited_until:
                    raise GroundTrouble(f"another process keeps {self.path} busy; try again later")
                await asyncio.sleep(0.05)
            yield
        finally:
            os.close(descriptor)

    def use(self) -> int:
        """Say that we use the server, for as long as we hold what this returns, or live."""
        descriptor = self._open_lock("postgres.users")
        if not _locked(descriptor, fcntl.LOCK_SH):
            os.close(descriptor)
            raise GroundTrouble(f"{self.path} is being closed; try again")
        return descriptor

    def is_unused(self) -> bool:
        """Tell whether no living process uses the server any more."""
        descriptor = self._open_lock("postgres.users")
        try:
            return _locked(descriptor, fcntl.LOCK_EX)
        finally:
            os.close(descriptor)

    def forget(self) -> None:
        """Remove the keys, after the data are gone."""
        (self.path / KEYS_FILE).unlink(missing_ok=True)

    def _open_lock(self, name: str) -> int:
        try:
            return os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise trouble_with(self.path, error) from error


def trouble_with(folder: Path, error: OSError) -> GroundTrouble:
    """Say in one line why a folder cannot be used."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"there is no room left for {folder}; free some space and start again")
    why = error.strerror or str(error)
    return FolderNotWritable(f"the folder {folder} cannot be written ({why}); choose another one")


def _password() -> str:
    return secrets.token_urlsafe(24)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

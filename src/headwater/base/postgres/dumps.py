"""A whole database in one file, and back again; the programs are those of the wheel."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from headwater.base.postgres.account import ENVIRONMENT, account, programs
from headwater.base.postgres.errors import GroundTrouble

# What the programs complain of begins with their name; the last such line says why.
_WORDS_MOST: Final = 400


async def asked(program: str, url: str, *arguments: str) -> str:
    """Let one of the server's programs work on the database of an address, and give its words."""
    whole = urlsplit(url)
    login, _at, where = whole.netloc.rpartition("@")
    without_password = whole._replace(netloc=f"{login.partition(':')[0]}@{where}")
    command = [str(programs(account()) / program), *arguments]
    command += ["--dbname", urlunsplit(without_password)]
    # Never in the command line, where every user of the machine could read it.
    return await _run(command, {"PGPASSWORD": unquote(whole.password or "")})


async def dump(url: str, file: Path) -> None:
    """Write all of a database into one packed file, as it stood at one moment.

    Whoever restores it owns it, and gives the application its rights anew.
    """
    await asked(
        "pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={file}"
    )


async def restore(url: str, file: Path) -> None:
    """Fill an empty database from such a file, all of it or nothing."""
    await asked(
        "pg_restore",
        url,
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        str(file),
    )


async def tables(file: Path) -> int:
    """Count the tables whose rows a file holds; one that is torn or none of ours is refused."""
    command = [str(programs(account()) / "pg_restore"), "--list", str(file)]
    return (await _run(command, {})).count(" TABLE DATA ")


async def _run(command: list[str], more: dict[str, str]) -> str:
    ended = await asyncio.to_thread(
        subprocess.run, command, env={**ENVIRONMENT, **more}, capture_output=True, text=True
    )
    if ended.returncode != 0:
        name = Path(command[0]).name
        raise GroundTrouble(f"{name} failed: {ended.stderr.strip()[-_WORDS_MOST:]}")
    return ended.stdout

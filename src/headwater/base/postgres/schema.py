"""Write down what the migrations make, so that a reader sees it whole and a test sees it change."""

from __future__ import annotations

import asyncio
import re
import subprocess
from urllib.parse import unquote, urlsplit, urlunsplit

from headwater.base.postgres.account import ENVIRONMENT, account, programs
from headwater.base.postgres.errors import GroundTrouble

# What pg_dump says about itself and its session, and never about our tables.
_NOISE = re.compile(r"^(?:--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(?:un)?restrict .*)$", re.M)
_HEAD = "-- What the migrations make, recorded by `make schema`. Do not edit.\n\n"


async def dump(url: str) -> str:
    """Give the schema of a database as SQL, the same text for the same schema."""
    whole = urlsplit(url)
    login, _at, where = whole.netloc.rpartition("@")
    without_password = whole._replace(netloc=f"{login.partition(':')[0]}@{where}")
    command = [str(programs(account()) / "pg_dump"), "--schema-only", "--no-owner"]
    command += ["--no-privileges", "--dbname", urlunsplit(without_password)]
    ended = await asyncio.to_thread(
        subprocess.run,
        command,
        # Never in the command line, where every user of the machine could read it.
        env={**ENVIRONMENT, "PGPASSWORD": unquote(whole.password or "")},
        capture_output=True,
        text=True,
    )
    if ended.returncode != 0:
        raise GroundTrouble(f"the schema could not be read: {ended.stderr.strip()}")
    return _HEAD + re.sub(r"\n{2,}", "\n\n", _NOISE.sub("", ended.stdout)).strip() + "\n"

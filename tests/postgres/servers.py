"""What the tests of the embedded server share: small settings, questions, and other users."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
from tests import grounds

from headwater.base.postgres.supervisor import Cluster

SMALL = {**grounds.SETTINGS, "shared_buffers": "16MB", "max_connections": "20"}
IS_ROOT = os.geteuid() == 0
# Uses the database of a home until it is told to stop.
USER_PROGRAM = """
import asyncio, signal, sys
from pathlib import Path
from headwater.base.postgres import supervisor

# Whoever started the tests in the background has taught them to ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

async def main():
    async with supervisor.running(Path(sys.argv[1])) as cluster:
        sys.stdout.write(f"{cluster.process_id()}\\n")
        sys.stdout.flush()
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def ask(url: str, query: str) -> object:
    """Give the first value of a query's first row."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def is_down(cluster: Cluster) -> bool:
    """Tell that no process serves the cluster's folder any more."""
    return cluster.process_id() is None


async def another_user(home: Path) -> tuple[asyncio.subprocess.Process, int]:
    """Start another process that uses the database, and tell which server it found."""
    user = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        USER_PROGRAM,
        str(home),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert user.stdout is not None
    return user, int(await user.stdout.readline())

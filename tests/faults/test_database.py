"""The database goes away under us: trouble that one can try again, and then it is back."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest
from tests.faults.patience import until
from tests.postgres.servers import SMALL

from headwater.base.crypto import Keys
from headwater.base.db import NOBODY, Db, Pool
from headwater.base.errors import Trouble
from headwater.base.postgres import supervisor
from headwater.base.postgres.keeper import kept
from headwater.base.postgres.supervisor import Cluster

BACK_SECONDS = 40.0


@pytest.fixture
async def home() -> AsyncIterator[Path]:
    """A home whose database may be killed."""
    path = Path(tempfile.mkdtemp(prefix="headwater-"))
    path.chmod(0o755)
    # The keeper starts the server with the settings of a real one; this start makes the roles.
    await (await supervisor.start(path, SMALL)).stop()
    yield path
    await supervisor.erase(path)
    shutil.rmtree(path)


async def test_a_session_that_is_ended_in_the_middle_is_trouble(
    app_url: str, cluster: Cluster
) -> None:
    pool = await Pool.open(app_url, 1)

    async def ask() -> None:
        async with pool.transaction(NOBODY) as db:
            await _end_session(cluster, db)
            await db.raw.execute("SELECT 1")

    with pytest.raises(Trouble):
        await ask()
    async with pool.transaction(NOBODY) as db:
        assert await db.raw.fetchval("SELECT 1") == 1
    await pool.close()


async def test_a_session_that_ends_while_nobody_asks_is_no_bug(
    app_url: str, cluster: Cluster
) -> None:
    pool = await Pool.open(app_url, 1)

    async def ask() -> None:
        async with pool.transaction(NOBODY) as db:
            is_over = asyncio.Event()
            db.raw.add_termination_listener(lambda _ended: is_over.set())
            await _end_session(cluster, db)
            # The server's last word is read now, when no statement waits for it.
            await is_over.wait()
            async with db.attempt():
                await db.raw.execute("SELECT 1")

    with pytest.raises(Trouble):
        await ask()
    async with pool.transaction(NOBODY) as db:
        assert await db.raw.fetchval("SELECT 1") == 1
    await pool.close()


async def test_a_wrong_value_is_a_bug_and_no_trouble(app_url: str) -> None:
    pool = await Pool.open(app_url, 1)
    with pytest.raises(asyncpg.DataError):
        async with pool.transaction(NOBODY) as db:
            await db.raw.fetchval("SELECT $1::int", "seven")
    await pool.close()


async def test_a_database_that_nobody_serves_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match="cannot be reached"):
            await Pool.open(f"postgresql://nobody:nothing@127.0.0.1:{port}/none", 1)


async def test_a_killed_server_is_brought_back_by_whoever_uses_it(home: Path) -> None:
    came: list[Cluster] = []
    async with kept(home, came.append) as cluster:
        pool = await Pool.open(cluster.app_url, 2)
        killed = _kill(cluster)
        answers = _answers(pool)

        async def is_back() -> bool:
            # The server answers a moment before its keeper tells that it came.
            return bool(came) and await answers()

        await until(is_back, BACK_SECONDS, "the database")
        assert [each.process_id() for each in came] != [killed]
        assert came[0].port == cluster.port
        await pool.close()
    assert cluster.process_id() is None


async def test_a_server_that_comes_back_elsewhere_is_found(home: Path) -> None:
    # A port that the system deals out may go to anybody while its owner is away.
    pools: list[Pool] = []
    moved: list[Cluster] = []

    def lead(came: Cluster) -> None:
        moved.append(came)
        pools[0].lead_to(came.app_url)

    async with kept(home, lead) as cluster:
        pools.append(await Pool.open(cluster.app_url, 2))
        await _death_of(_kill(cluster))
        stranger = await _take(cluster.port)
        await until(_answers(pools[0]), BACK_SECONDS, "the database at another port")
        assert moved[-1].port != cluster.port
        stranger.close()
        await pools[0].close()


async def _death_of(process_id: int) -> None:
    """Wait until a process is dead, and lose no moment."""
    try:
        handle = os.pidfd_open(process_id)
    except ProcessLookupError:
        return
    is_dead, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_reader(handle, is_dead.set)
    await is_dead.wait()
    loop.remove_reader(handle)
    os.close(handle)


async def _take(port: int) -> asyncio.Server:
    """Take a port the moment its owner is dead, before anybody looks after it."""
    taken: list[asyncio.Server] = []

    async def is_taken() -> bool:
        try:
            taken.append(await asyncio.start_server(_hang_up, "127.0.0.1", port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        return bool(taken)

    await until(is_taken, BACK_SECONDS, "the port")
    return taken[0]


async def test_two_that_start_at_once_draw_one_set_of_keys(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    drawn = await asyncio.gather(*(asyncio.to_thread(Keys.load, file) for _ in range(8)))
    assert all(each == drawn[0] for each in drawn)
    assert file.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [file]


async def _end_session(cluster: Cluster, db: Db) -> None:
    backend = await db.raw.fetchval("SELECT pg_backend_pid()")
    connection = await asyncpg.connect(cluster.admin_url)
    try:
        await connection.execute("SELECT pg_terminate_backend($1, 5000)", backend)
    finally:
        await connection.close()


async def _hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def _kill(cluster: Cluster) -> int:
    process_id = cluster.process_id()
    assert process_id is not None
    os.kill(process_id, signal.SIGKILL)
    return process_id


def _answers(pool: Pool) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        try:
            async with pool.transaction(NOBODY) as db:
                return bool(await db.raw.fetchval("SELECT 1") == 1)
        except Trouble:
            return False

    return ask

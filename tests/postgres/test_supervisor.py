"""Our own server: made, shared, stopped, and back after every kind of end."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from tests import grounds

from headwater.base.postgres import supervisor
from headwater.base.postgres.account import Account, account
from headwater.base.postgres.errors import (
    DatabaseWouldNotStart,
    DataLost,
    DiskFull,
    FolderNotWritable,
    GroundTrouble,
    KeysLost,
)
from headwater.base.postgres.home import Home
from headwater.base.postgres.server import explained
from headwater.base.postgres.supervisor import Cluster

SMALL = {**grounds.SETTINGS, "shared_buffers": "16MB", "max_connections": "20"}
IS_ROOT = os.geteuid() == 0
# Uses the database of a home until it is told to stop.
USER_PROGRAM = """
import asyncio, sys
from pathlib import Path
from headwater.base.postgres import supervisor

async def main():
    async with supervisor.running(Path(sys.argv[1])) as cluster:
        sys.stdout.write(f"{cluster.process_id()}\\n")
        sys.stdout.flush()
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def home() -> AsyncIterator[Path]:
    """A home of its own, gone with its server when the test ends."""
    path = Path(tempfile.mkdtemp(prefix="headwater-"))
    path.chmod(0o755)
    yield path
    await supervisor.erase(path)
    shutil.rmtree(path)


@pytest.fixture
async def closed_home() -> AsyncIterator[Path]:
    """A home below a folder that only its owner may enter, like root's."""
    above = Path(tempfile.mkdtemp(prefix="headwater-"))
    path = above / "share" / "headwater"
    yield path
    await supervisor.erase(path)
    shutil.rmtree(above)


async def ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def is_down(cluster: Cluster) -> bool:
    return cluster.process_id() is None


async def test_what_was_written_is_there_after_a_stop(home: Path) -> None:
    cluster = await supervisor.start(home, SMALL)
    await ask(cluster.owner_url, "CREATE TABLE kept AS SELECT 7 AS number")
    await cluster.stop()
    await cluster.stop()
    assert is_down(cluster)

    again = await supervisor.start(home, SMALL)
    assert await ask(again.owner_url, "SELECT number FROM kept") == 7
    assert again.port == cluster.port
    await again.stop()


async def test_nobody_enters_without_a_password(home: Path) -> None:
    cluster = await supervisor.start(home, SMALL)
    hba = (cluster.folder / "data" / "pg_hba.conf").read_text()
    assert "trust" not in hba
    for url in (cluster.owner_url, cluster.app_url, cluster.admin_url):
        user, _, rest = url.partition("://")[2].partition(":")
        forged = f"postgresql://{user}:wrong@{rest.partition('@')[2]}"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(forged, "SELECT 1")
    with socket.socket() as probe:
        address = f"/tmp/.s.PGSQL.{cluster.port}"
        assert not Path(address).exists()
        probe.bind(("127.0.0.2", cluster.port))
    await cluster.stop()


async def test_passwords_are_readable_by_us_alone_and_in_no_command_line(home: Path) -> None:
    cluster = await supervisor.start(home, SMALL)
    keys = home / "postgres.json"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    command = Path(f"/proc/{cluster.process_id()}/cmdline").read_text()
    assert cluster.owner_url.split(":")[2].partition("@")[0] not in command
    assert not list(cluster.folder.glob("*.secret"))
    await cluster.stop()


async def test_the_application_is_neither_owner_nor_above_the_walls(home: Path) -> None:
    cluster = await supervisor.start(home, SMALL)
    rights = "rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls"
    for role in ("headwater_app", "headwater_owner"):
        query = f"SELECT {rights} FROM pg_roles WHERE rolname = '{role}'"
        assert await ask(cluster.owner_url, query) is False
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'headwater'"
    assert await ask(cluster.app_url, owner) == "headwater_owner"
    await cluster.stop()


async def test_a_server_is_durable_unless_a_test_asks_otherwise(home: Path) -> None:
    cluster = await supervisor.start(home)
    for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert await ask(cluster.app_url, f"SHOW {name}") == "on"
    await cluster.stop()


async def test_two_who_start_at_once_share_one_server_and_the_last_ends_it(home: Path) -> None:
    one, two = await asyncio.gather(supervisor.start(home, SMALL), supervisor.start(home, SMALL))
    assert one.process_id() == two.process_id()
    await one.stop()
    assert await ask(two.app_url, "SELECT 1") == 1
    await two.stop()
    assert is_down(two)


async def test_two_homes_run_side_by_side(home: Path, closed_home: Path) -> None:
    one, two = await asyncio.gather(
        supervisor.start(home, SMALL), supervisor.start(closed_home, SMALL)
    )
    assert one.port != two.port
    assert await ask(one.app_url, "SELECT 1") == await ask(two.app_url, "SELECT 1") == 1
    await one.stop()
    assert await ask(two.app_url, "SELECT 1") == 1
    await two.stop()


@pytest.mark.skipif(not IS_ROOT, reason="only root must run the server as somebody else")
async def test_root_runs_it_as_another_and_outside_its_closed_home(closed_home: Path) -> None:
    cluster = await supervisor.start(closed_home, SMALL)
    assert cluster.folder.is_relative_to("/var/lib/headwater")
    assert Path(f"/proc/{cluster.process_id()}").stat().st_uid == account().user_id != 0
    await cluster.stop()
    again = await supervisor.start(closed_home, SMALL)
    assert again.folder == cluster.folder
    await again.stop()


async def test_after_kill_9_of_the_server_it_comes_back_with_its_data(home: Path) -> None:
    cluster = await supervisor.start(home)
    await ask(cluster.owner_url, "CREATE TABLE kept AS SELECT 7 AS number")
    # A session at work holds the shared memory for a while after its postmaster is gone.
    busy = asyncio.create_task(ask(cluster.owner_url, "SELECT pg_sleep(2)"))
    await asyncio.sleep(0.1)
    os.kill(cluster.process_id() or 0, signal.SIGKILL)
    again = await supervisor.start(home)
    assert await ask(again.owner_url, "SELECT number FROM kept") == 7
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await busy
    await cluster.stop()
    await again.stop()
    assert is_down(again)


async def _user(home: Path) -> tuple[asyncio.subprocess.Process, int]:
    user = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        USER_PROGRAM,
        str(home),
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(grounds.CHECKOUT / "src")},
    )
    assert user.stdout is not None
    return user, int(await user.stdout.readline())


async def test_after_kill_9_of_its_starter_the_server_is_joined(home: Path) -> None:
    starter, server = await _user(home)
    starter.kill()
    await starter.wait()
    cluster = await supervisor.start(home)
    assert cluster.process_id() == server
    assert await ask(cluster.app_url, "SELECT 1") == 1
    await cluster.stop()
    assert is_down(cluster)


async def test_ctrl_c_stops_the_server_cleanly(home: Path) -> None:
    user, _ = await _user(home)
    user.send_signal(signal.SIGINT)
    await user.wait()
    folder = Path(home / "postgres") if (home / "postgres").exists() else home
    assert not list(folder.glob("data/postmaster.pid"))
    cluster = await supervisor.start(home, SMALL)
    log = next((cluster.folder / "data" / "log").glob("*.log")).read_text()
    assert "database system is shut down" in log
    assert "not properly shut down" not in log
    await cluster.stop()


async def test_ctrl_c_of_one_leaves_the_server_to_the_other(home: Path) -> None:
    first, server = await _user(home)
    second, same = await _user(home)
    assert server == same
    first.send_signal(signal.SIGINT)
    await first.wait()
    assert Path(f"/proc/{server}").exists()
    second.send_signal(signal.SIGINT)
    await second.wait()
    assert not Path(f"/proc/{server}/cwd").exists()


async def test_halt_ends_a_server_that_others_use(home: Path) -> None:
    cluster = await supervisor.start(home, SMALL)
    assert await supervisor.halt(home)
    assert is_down(cluster)
    assert not await supervisor.halt(home)
    await cluster.stop()


async def test_a_stale_pid_that_went_to_another_process_is_no_obstacle(home: Path) -> None:
    cluster = await supervisor.start(home, SMALL)
    file = cluster.folder / "data" / "postmaster.pid"
    as_it_was = file.read_text()
    await cluster.stop()
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        file.write_text("\n".join([str(bystander.pid), *as_it_was.split("\n")[1:]]))
        shutil.chown(file, account().user_id, account().group_id)
        again = await supervisor.start(home, SMALL)
        assert await ask(again.app_url, "SELECT 1") == 1
        await again.stop()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\n\r\n"])
async def test_a_port_taken_by_a_stranger_is_exchanged(home: Path, answer: bytes) -> None:
    cluster = await supervisor.start(home, SMALL)
    await cluster.stop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", cluster.port):
        again = await supervisor.start(home, SMALL)
        assert again.port != cluster.port
        assert await ask(again.app_url, "SELECT 1") == 1
        await again.stop()


async def test_an_initdb_that_was_cut_short_begins_anew(home: Path) -> None:
    runner = account()
    place = Home(home, runner)
    folder = place.make_folder(place.new_keys(port=1))
    (folder / "data.new").mkdir()
    (folder / "data.new" / "postgresql.conf").write_text("half a fi")
    cluster = await supervisor.start(home, SMALL)
    assert await ask(cluster.app_url, "SELECT 1") == 1
    await cluster.stop()


async def test_a_start_that_was_cut_short_before_its_roles_goes_on(home: Path) -> None:
    cluster = await supervisor.start(home, SMALL)
    await ask(cluster.admin_url, "DROP DATABASE headwater")
    await cluster.stop()
    keys = home / "postgres.json"
    keys.write_text(keys.read_text().replace('"is_ready": true', '"is_ready": false'))
    again = await supervisor.start(home, SMALL)
    assert await ask(again.app_url, "SELECT 1") == 1
    await again.stop()


async def test_a_setting_that_the_server_refuses_is_one_clear_line(home: Path) -> None:
    with pytest.raises(DatabaseWouldNotStart, match="did not start: configuration file"):
        await supervisor.start(home, {**SMALL, "no_such_setting": "1"})


@pytest.mark.parametrize(
    "words, kind",
    [
        ("initdb: error: could not write: No space left on device", DiskFull),
        ("FATAL:  could not open file: Permission denied", FolderNotWritable),
        ("FATAL:  something else", DatabaseWouldNotStart),
        ("", DatabaseWouldNotStart),
    ],
)
def test_what_the_server_says_becomes_one_line(words: str, kind: type[GroundTrouble]) -> None:
    trouble = explained(Path("/data"), words)
    assert type(trouble) is kind
    assert "\n" not in str(trouble)


async def test_data_that_are_gone_are_not_silently_made_anew(home: Path) -> None:
    cluster = await supervisor.start(home, SMALL)
    await cluster.stop()
    data = cluster.folder / "data"
    data.rename(cluster.folder / "unmounted")
    with pytest.raises(DataLost, match="are gone"):
        await supervisor.start(home, SMALL)
    assert not data.exists()


async def test_data_of_another_major_version_are_one_clear_line(home: Path) -> None:
    cluster = await supervisor.start(home, SMALL)
    await cluster.stop()
    version = cluster.folder / "data" / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(DatabaseWouldNotStart, match="was written by PostgreSQL 17"):
        await supervisor.start(home, SMALL)
    version.write_text("18\n")


async def test_lost_passwords_are_one_clear_line(home: Path) -> None:
    cluster = await supervisor.start(home, SMALL)
    await cluster.stop()
    (home / "postgres.json").rename(home / "elsewhere.json")
    with pytest.raises(KeysLost, match="its passwords are gone"):
        await supervisor.start(home, SMALL)
    (home / "elsewhere.json").rename(home / "postgres.json")


async def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FolderNotWritable, match="cannot be written"):
        await supervisor.start(tmp_path / "file" / "home", SMALL)


@pytest.fixture
async def small_disk() -> AsyncIterator[Path]:
    """A disk of 300 MB."""
    path = Path(tempfile.mkdtemp(prefix="headwater-"))
    options = "size=300m,mode=755"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    if not IS_ROOT or subprocess.run(command, capture_output=True).returncode != 0:
        path.rmdir()
        pytest.skip("only root can mount a small disk")
    yield path
    await supervisor.erase(path)
    subprocess.run(["umount", "--lazy", str(path)], check=True)
    path.rmdir()


async def test_no_room_for_a_new_database_is_one_clear_line(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(100 << 20))
    with pytest.raises(DiskFull, match="needs 256 MB"):
        await supervisor.start(small_disk, SMALL)


async def test_after_a_full_disk_has_room_again_nothing_is_missing(small_disk: Path) -> None:
    cluster = await supervisor.start(small_disk)
    await ask(cluster.owner_url, "CREATE TABLE kept AS SELECT 7 AS number")
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await ask(cluster.owner_url, "CREATE TABLE big AS SELECT * FROM generate_series(1, 9e6)")

    more = ["mount", "-o", "remount,size=600m", str(small_disk)]
    subprocess.run(more, check=True)
    again = await supervisor.start(small_disk)
    assert await ask(again.owner_url, "SELECT number FROM kept") == 7
    await cluster.stop()
    await again.stop()


def test_an_account_cannot_enter_below_a_closed_folder(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    stranger = Account(user_id=61_234, group_id=61_234)
    tmp_path.joinpath("closed").chmod(0o700)
    assert not stranger.may_enter(inner)
    assert account().user_id != 0

"""What can stand in the way of our own server: it goes on, or says so in one line."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from tests.postgres.servers import IS_ROOT, SMALL, ask

from headwater.base.postgres import supervisor
from headwater.base.postgres.account import account
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


async def test_a_stale_pid_that_went_to_another_process_is_no_obstacle(home: Path) -> None:
    cluster = await supervisor.start(home, SMALL)
    file = cluster.folder / "data" / "postmaster.pid"
    as_it_was = file.read_text()
    await cluster.stop()
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        file.write_text("\n".join([str(bystander.pid), *as_it_was.split("\n")[1:]]))
        socket_lock = file.parents[1] / f".s.PGSQL.{cluster.port}.lock"
        socket_lock.write_text(file.read_text())
        for each in (file, socket_lock):
            shutil.chown(each, account().user_id, account().group_id)
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

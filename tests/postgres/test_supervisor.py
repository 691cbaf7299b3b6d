"""Our own server: made, shared, stopped, and back after every kind of end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
from pathlib import Path

import asyncpg
import pytest
from tests.postgres.servers import IS_ROOT, SMALL, another_user, ask, is_down

from headwater.base.postgres import supervisor
from headwater.base.postgres.account import Account, account


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
    at_work = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
    while await ask(cluster.admin_url, at_work) is None:
        continue
    os.kill(cluster.process_id() or 0, signal.SIGKILL)
    again = await supervisor.start(home)
    assert await ask(again.owner_url, "SELECT number FROM kept") == 7
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await busy
    await cluster.stop()
    await again.stop()
    assert is_down(again)


async def test_after_kill_9_of_its_starter_the_server_is_joined(home: Path) -> None:
    starter, server = await another_user(home)
    starter.kill()
    await starter.wait()
    cluster = await supervisor.start(home)
    assert cluster.process_id() == server
    assert await ask(cluster.app_url, "SELECT 1") == 1
    await cluster.stop()
    assert is_down(cluster)


async def test_ctrl_c_stops_the_server_cleanly(home: Path) -> None:
    user, _ = await another_user(home)
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
    first, server = await another_user(home)
    second, same = await another_user(home)
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


def test_an_account_cannot_enter_below_a_closed_folder(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    stranger = Account(user_id=61_234, group_id=61_234)
    tmp_path.joinpath("closed").chmod(0o700)
    assert not stranger.may_enter(inner)
    assert account().user_id != 0

"""What is wrong at the start is one clear line, and an end that scripts can see."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest
from tests import grounds
from tests.faults import starting
from tests.faults.town import environment, free_ports

from headwater.base.postgres.supervisor import Cluster
from headwater.cli import headwater
from headwater.sandbox import make_credentials
from headwater.sandbox.credentials import Hosts
from headwater.sandbox.serve import wall_clock

NEEDS_DATABASE = (
    ("serve",),
    ("work",),
    ("migrate", "--yes"),
    ("doctor",),
    ("staff", "list"),
    ("jobs", "dead"),
    ("jobs", "retry", "0199c0de-0000-7000-8000-000000000000"),
)
CREDENTIALS = '{"pay": {}, "official_account": {}, "sms": {}}'


@pytest.fixture
def free() -> int:
    """A port nobody uses."""
    return free_ports(4)


@pytest.fixture
def taken(free: int) -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", free))
        other.listen()
        yield free


def complaint(home: Path, port: int, *arguments: str, **more: str) -> str:
    """Start a command that cannot start, and give the one line that it leaves."""
    folder = home if home.is_dir() else home.parent
    ended = starting.run(folder, {**environment(home, port), **more}, *arguments)
    assert ended.code > 0, (ended.code, ended.said)
    assert "Traceback" not in ended.complained, ended.complained
    lines = ended.complained.strip().splitlines()
    assert len(lines) == 1, ended.complained
    return lines[0]


def test_a_port_in_use_is_named(tmp_path: Path, taken: int) -> None:
    (tmp_path / "credentials.json").write_text(CREDENTIALS)
    line = complaint(tmp_path, taken, "serve")
    assert "HEADWATER_PORT" in line
    assert str(taken) in line


def test_a_port_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text(CREDENTIALS)
    assert "70000" in complaint(tmp_path, 70_000, "serve")


def test_the_sandbox_names_its_port_in_use(tmp_path: Path, taken: int) -> None:
    line = complaint(
        tmp_path, taken, "sandbox", "--ports-from", str(taken), "--credentials-out",
        str(tmp_path / "credentials.json"),
    )  # fmt: skip
    assert str(taken) in line


@pytest.mark.parametrize("arguments", NEEDS_DATABASE, ids=" ".join)
def test_a_database_that_does_not_answer_is_named(
    tmp_path: Path, free: int, arguments: tuple[str, ...]
) -> None:
    _copy_credentials(tmp_path)
    nowhere = f"postgresql://nobody:secret-word@127.0.0.1:{free + 1}/nothing"
    line = complaint(tmp_path, free, *arguments, DATABASE_URL=nowhere)
    assert "database" in line
    assert "secret-word" not in line


@pytest.mark.parametrize("command", ["serve", "migrate", "doctor"])
def test_a_database_address_that_is_none_is_named(tmp_path: Path, free: int, command: str) -> None:
    _copy_credentials(tmp_path)
    line = complaint(tmp_path, free, command, DATABASE_URL="mysql://localhost/shop")
    assert "database" in line.lower()


@pytest.mark.parametrize("arguments", NEEDS_DATABASE, ids=" ".join)
def test_a_home_that_cannot_be_written_is_named(
    tmp_path: Path, free: int, arguments: tuple[str, ...]
) -> None:
    # Even root cannot make a folder below a file.
    home = tmp_path / "file"
    home.write_text("this is no folder")
    _copy_credentials(tmp_path)
    line = complaint(
        home, free, *arguments, HEADWATER_CREDENTIALS_FILE=str(tmp_path / "credentials.json")
    )
    assert str(home) in line


@pytest.mark.parametrize("command", ["serve", "work"])
def test_missing_credentials_are_named(tmp_path: Path, free: int, command: str) -> None:
    line = complaint(tmp_path, free, command)
    assert "HEADWATER_CREDENTIALS_FILE" in line
    assert str(tmp_path / "credentials.json") in line


@pytest.mark.parametrize("text", ["not JSON", "[]", "7", '{"pay": {}}', CREDENTIALS])
def test_credentials_that_are_none_are_named(tmp_path: Path, free: int, text: str) -> None:
    (tmp_path / "credentials.json").write_text(text)
    line = complaint(tmp_path, free, "serve")
    assert "HEADWATER_CREDENTIALS_FILE" in line


@pytest.mark.parametrize(
    "command, name, value",
    [
        ("serve", "HEADWATER_POOL_SIZE", "many"),
        ("serve", "HEADWATER_POOL_SIZE", "0"),
        ("work", "HEADWATER_HOLD_SECONDS", "soon"),
        ("migrate", "HEADWATER_SETTINGS", "no-such-file.toml"),
        ("doctor", "HEADWATER_PORT", "eighty"),
        ("serve", "HEADWATER_LOG_LEVEL", "loudly"),
    ],
)
def test_a_setting_that_is_wrong_is_named(
    tmp_path: Path, free: int, command: str, name: str, value: str
) -> None:
    line = complaint(tmp_path, free, command, **{name: value})
    assert name in line
    assert value in line


@pytest.mark.parametrize("command", ["serve", "work", "doctor"])
async def test_a_database_that_was_not_migrated_says_what_to_do(
    tmp_path: Path, cluster: Cluster, free: int, command: str
) -> None:
    _copy_credentials(tmp_path)
    name = f"run_{os.getpid()}_unmigrated"
    async with grounds.admin(cluster) as admin:
        await admin.execute(f"CREATE DATABASE {name} OWNER headwater_owner")
        try:
            url = grounds.url_of(cluster.owner_url, name)
            line = complaint(tmp_path, free, command, DATABASE_URL=url)
        finally:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert "headwater migrate" in line


def test_keys_that_are_none_are_named(tmp_path: Path, free: int, app_url: str) -> None:
    _copy_credentials(tmp_path)
    (tmp_path / "keys.json").write_text('{"sealing": ["zz"]}')
    line = complaint(tmp_path, free, "serve", DATABASE_URL=app_url)
    assert "keys.json" in line


def test_a_setting_nobody_knows_is_named(tmp_path: Path, free: int) -> None:
    (tmp_path / "settings.toml").write_text('colour = "green"')
    assert "colour" in complaint(tmp_path, free, "doctor")


def test_every_command_shows_how_it_is_used() -> None:
    lacking = [
        " ".join(path)
        for path, command in _commands(headwater, ("headwater",))
        if not re.search(r"Examples?:\s+(\S+=\S+ )*headwater", command.help or "")
    ]
    assert lacking == []


def _commands(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from _commands(each, (*path, name))


def _copy_credentials(folder: Path) -> None:
    """Write credentials that are in order, for what goes wrong after they were read."""
    hosts = Hosts(*(f"http://127.0.0.1:{port}" for port in range(1, 5)))
    made = make_credentials(1, wall_clock(), hosts)
    (folder / "credentials.json").write_bytes(msgspec.json.encode(made))

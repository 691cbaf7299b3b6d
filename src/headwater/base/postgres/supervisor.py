"""Our own PostgreSQL, when no other is named: found or made, started, joined, and stopped."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import asyncpg

from headwater.base.postgres.account import account, programs
from headwater.base.postgres.errors import DatabaseWouldNotStart, DataLost, PortTrouble
from headwater.base.postgres.home import KEYS_FILE, PATIENCE_SECONDS, Home, Keys
from headwater.base.postgres.server import (
    ADMIN,
    Server,
    explained,
    is_about_the_port,
    may_pass_by_itself,
)

DATABASE = "headwater"
OWNER = "headwater_owner"
APP = "headwater_app"


class Cluster:
    """A running database of ours, for as long as we use it."""

    def __init__(self, home: Home, keys: Keys, server: Server, users: int) -> None:
        self.folder = server.folder
        self.port = keys.port
        at = server.socket_folder
        self.owner_url = _url(keys, OWNER, keys.owner_password, DATABASE, at)
        self.app_url = _url(keys, APP, keys.app_password, DATABASE, at)
        # For backups and for tests that make databases; the application never sees it.
        self.admin_url = _url(keys, ADMIN, keys.admin_password, "postgres", at)
        self._home = home
        self._server = server
        self._users: int | None = users

    def process_id(self) -> int | None:
        """Give the number of the server's first process, or None when it is down."""
        return self._server.process_id()

    async def stop(self) -> None:
        """Leave the database; the last to leave ends it. Leaving twice is leaving once."""
        if self._users is None:
            return
        async with self._home.alone():
            os.close(self._users)
            self._users = None
            if self._home.is_unused():
                await self._server.stop()
            else:
                self._server.leave_running()


async def start(home: Path, settings_for_tests: Mapping[str, str] | None = None) -> Cluster:
    """Bring up the database of this home, or join the one that already runs there.

    Waits up to two minutes, since recovery after a crash takes its time. It is safe to call from
    several processes at once. The settings count only for a server that this call starts.
    """
    runner = account()
    place = Home(home, runner)
    place.make()
    async with place.alone():
        keys = place.keys() or place.new_keys(_free_port())
        folder = place.make_folder(keys)
        server = Server(folder, runner, programs(runner), settings_for_tests or {})
        if keys.is_ready and not server.data.exists():
            raise DataLost(
                f"the data of {place.path} should lie in {server.data}, but are gone; mount or "
                f"restore them, or remove {place.path / KEYS_FILE} to begin anew"
            )
        await server.make(keys.admin_password)
        server.refuse_other_version()
        users = place.use()
        try:
            keys = await _come_up(place, keys, server)
            if not keys.is_ready:
                await _make_roles(keys)
                keys = place.save(replace(keys, is_ready=True))
        except BaseException:
            os.close(users)
            if server.was_launched() and place.is_unused():
                await server.stop()
            raise
    return Cluster(place, keys, server, users)


@asynccontextmanager
async def running(home: Path) -> AsyncIterator[Cluster]:
    """Use the database of this home for the length of a block, Ctrl-C included."""
    cluster = await start(home)
    try:
        yield cluster
    finally:
        await asyncio.shield(cluster.stop())


async def halt(home: Path) -> bool:
    """End the server of this home whoever uses it, and tell whether there was one."""
    place, server = _look(home)
    if server is None:
        return False
    async with place.alone():
        was_running = server.process_id() is not None
        await server.stop()
        return was_running


async def erase(home: Path) -> None:
    """End the server of this home and remove its data for good."""
    place, server = _look(home)
    if server is None:
        return
    async with place.alone():
        await server.stop()
        shutil.rmtree(server.folder)
        place.forget()


def _look(home: Path) -> tuple[Home, Server | None]:
    runner = account()
    place = Home(home, runner)
    keys = place.keys()
    if keys is None:
        return place, None
    return place, Server(Path(keys.folder), runner, programs(runner), {})


async def _come_up(place: Home, keys: Keys, server: Server) -> Keys:
    """Start until it answers: orphans may hold its memory for a while, or others its port."""
    waited_until = time.monotonic() + PATIENCE_SECONDS
    ports_tried = 0
    while True:
        answer = await server.answers(_url(keys, ADMIN, keys.admin_password, "postgres"))
        if answer is True:
            return keys
        if time.monotonic() > waited_until:
            raise DatabaseWouldNotStart(
                f"the database in {server.folder} was not ready after {PATIENCE_SECONDS:.0f} s; "
                f"its log is in {server.data / 'log'}"
            )
        if answer is False and not server.was_launched() and server.process_id() is None:
            words = server.last_words()
            if is_about_the_port(words) or (not words and _is_taken(keys.port)):
                ports_tried += 1
                if ports_tried > 20:
                    raise PortTrouble("no free port on 127.0.0.1 could be had for the database")
                keys = place.save(replace(keys, port=_free_port()))
            elif words and not may_pass_by_itself(words):
                raise explained(server.folder, words)
            server.launch(keys.port)
        await asyncio.sleep(0.1)


async def _make_roles(keys: Keys) -> None:
    """Make the owner, the application's role and the database; again is harmless."""
    connection = await asyncpg.connect(_url(keys, ADMIN, keys.admin_password, "postgres"))
    try:
        for role, password in ((OWNER, keys.owner_password), (APP, keys.app_password)):
            known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
            verb = "ALTER" if known else "CREATE"
            # Our own passwords have no quote in them, and DDL takes no parameters.
            await connection.execute(
                f"{verb} ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS "
                f"PASSWORD '{password}'"
            )
        await connection.execute(f"GRANT {APP} TO {OWNER}")
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        await connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
        await connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP}")
    finally:
        await connection.close()


def _url(
    keys: Keys, role: str, password: str, database: str, socket_folder: Path | None = None
) -> str:
    if socket_folder is not None:
        where = f"host={quote(str(socket_folder), safe='/')}&port={keys.port}"
        return f"postgresql://{role}:{password}@/{database}?{where}"
    # The wheel has no TLS, and the loopback needs none.
    return f"postgresql://{role}:{password}@127.0.0.1:{keys.port}/{database}?sslmode=disable"


def _free_port() -> int:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", 0))
        except OSError as error:
            raise PortTrouble(f"no port on 127.0.0.1 can be had ({error.strerror})") from error
        return int(probe.getsockname()[1])


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False

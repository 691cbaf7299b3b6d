"""Bring a database to the schema that this release needs: forward only, each file once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from headwater.base.db import Db
from headwater.base.postgres import migrations
from headwater.base.postgres.errors import (
    DatabaseTooOld,
    GroundTrouble,
    MigrationFailed,
    MigrationRefused,
)
from headwater.base.postgres.migrations import Migration
from headwater.base.sql import statements

sql = statements(__file__)

APP_ROLE = "headwater_app"
OLDEST_VERSION = 15
# Any number that nobody else uses: whoever holds this lock is the one that migrates.
_LOCK = 4_117_020_241
_MAY_WAIT = "SET lock_timeout = '60s'"
# Patience with other transactions is short, since everything queues up behind a waiting ALTER.
_AT_WORK = "SET lock_timeout = '4s'; SET statement_timeout = '15min'"
_RECORD = """
CREATE SCHEMA IF NOT EXISTS base;
CREATE TABLE IF NOT EXISTS base.migrations (
    number     integer     PRIMARY KEY,
    name       text        NOT NULL,
    sha256     text        NOT NULL,
    applied_at timestamptz NOT NULL
);
COMMENT ON TABLE base.migrations IS 'ground: which migrations this database has';
"""


@dataclass(frozen=True)
class Applied:
    """A migration that the database has."""

    number: int
    name: str
    sha256: str


@dataclass(frozen=True)
class Plan:
    """What the database has, and what it lacks."""

    applied: tuple[Applied, ...]
    waiting: tuple[Migration, ...]


@dataclass(frozen=True)
class _Server:
    version: int
    encoding: str
    login: str


@dataclass(frozen=True)
class _AppRole:
    passes_walls: bool
    is_ours: bool


@dataclass(frozen=True)
class _Named:
    name: str


async def plan(url: str, folder: Path | None = None) -> Plan:
    """Show what `apply` would do, and change nothing."""
    files = migrations.read(folder or migrations.folder())
    async with _connected(url) as db:
        return await _plan(db, files)


async def apply(
    url: str,
    folder: Path | None = None,
    *,
    partition_members: bool = False,
    only_pre: bool = False,
) -> list[Migration]:
    """Apply what is missing, each file in a transaction of its own; again changes nothing.

    `only_pre` stops before the first file that must wait until the old release is gone.
    `partition_members` is for tests: it spreads members' tables over hash partitions.
    """
    files = migrations.read(folder or migrations.folder())
    async with _connected(url) as db, _alone(db):
        await _ensure_app_role(db)
        await db.raw.execute(_RECORD)
        done = []
        for migration in (await _plan(db, files)).waiting:
            if only_pre and migration.phase == "post":
                break
            await _apply_one(db, migration, partition_members)
            done.append(migration)
        await _grant(db)
        return done


async def _plan(db: Db, files: list[Migration]) -> Plan:
    """Hold the files against the record; where they tell different stories, stop."""
    has_record = await db.value(sql.has_record)
    applied = await db.all(sql.applied, Applied) if has_record else []
    by_number = {each.number: each for each in files}
    for position, each in enumerate(applied, start=1):
        file = by_number.get(each.number)
        if file is None:
            raise MigrationRefused(
                f"the database has {each.name}, which this release does not know; "
                f"it was migrated by a newer one"
            )
        if each.number != position:
            raise MigrationRefused(f"the database lacks number {position:04}, but has {each.name}")
        if file.sha256 != each.sha256:
            raise MigrationRefused(
                f"{file.name} was changed after it was applied; "
                f"put the file back and write a new migration instead"
            )
    return Plan(tuple(applied), tuple(files[len(applied) :]))


async def _apply_one(db: Db, migration: Migration, partition_members: bool) -> None:
    text = migrations.partitioned(migration.text) if partition_members else migration.text
    try:
        async with db.raw.transaction():
            await db.raw.execute(text)
            await db.run(
                sql.record,
                number=migration.number,
                name=migration.name,
                sha256=migration.sha256,
            )
    except asyncpg.PostgresError as error:
        raise MigrationFailed(f"{migration.name}: {error}; nothing of it was kept") from error


async def _ensure_app_role(db: Db) -> None:
    """Make the role that the application works as; it never owns what it works on."""
    login = (await db.one(sql.server, _Server)).login
    role = await db.maybe(sql.app_role, _AppRole, role=APP_ROLE)
    try:
        if role is None:
            await _create_role(db)
            role = await db.one(sql.app_role, _AppRole, role=APP_ROLE)
        if not role.is_ours:
            await db.raw.execute(f'GRANT {APP_ROLE} TO "{login}"')
    except asyncpg.InsufficientPrivilegeError as error:
        raise GroundTrouble(
            f"'{login}' may not make the application's role; an administrator can: "
            f'CREATE ROLE {APP_ROLE} NOLOGIN; GRANT {APP_ROLE} TO "{login}";'
        ) from error
    if role.passes_walls:
        raise GroundTrouble(f"the role {APP_ROLE} must be no superuser and have no BYPASSRLS")


async def _create_role(db: Db) -> None:
    try:
        await db.raw.execute(f"CREATE ROLE {APP_ROLE} NOLOGIN")
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        # Roles belong to the whole server: somebody else migrates a second database just now.
        return


async def _grant(db: Db) -> None:
    """Let the application read and write rows, and nothing more; again is harmless."""
    commands = []
    for schema in await db.all(sql.our_schemas, _Named):
        name = f'"{schema.name}"'
        rights = "SELECT, INSERT, UPDATE, DELETE"
        commands += [
            f"GRANT USAGE ON SCHEMA {name} TO {APP_ROLE}",
            f"GRANT {rights} ON ALL TABLES IN SCHEMA {name} TO {APP_ROLE}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT {rights} ON TABLES TO {APP_ROLE}",
        ]
        for partition in await db.all(sql.partitions, _Named, schema=schema.name):
            commands.append(f"REVOKE ALL ON {partition.name} FROM {APP_ROLE}")
        for table in await db.all(sql.append_only, _Named, schema=schema.name):
            commands.append(f"REVOKE UPDATE, DELETE ON {table.name} FROM {APP_ROLE}")
    commands.append(f"REVOKE INSERT, UPDATE, DELETE ON base.migrations FROM {APP_ROLE}")
    async with db.raw.transaction():
        await db.raw.execute("; ".join(commands))


@asynccontextmanager
async def _alone(db: Db) -> AsyncIterator[None]:
    """Let one migrate at a time; the others wait, and then find nothing left to do."""
    try:
        await db.raw.execute(f"{_MAY_WAIT}; SELECT pg_advisory_lock({_LOCK})")
    except asyncpg.LockNotAvailableError as error:
        raise GroundTrouble("another process is migrating this database; try again") from error
    # The lock ends with the connection, so that a crash leaves none behind.
    await db.raw.execute(_AT_WORK)
    yield


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Db]:
    where = urlsplit(url).hostname or "the socket"
    try:
        connection = await asyncpg.connect(url, timeout=30)
    except (OSError, TimeoutError) as error:
        raise GroundTrouble(f"the database on {where} does not answer ({error})") from error
    except asyncpg.PostgresError as error:
        raise GroundTrouble(f"the database on {where} lets us not in: {error}") from error
    except (asyncpg.InterfaceError, ValueError) as error:
        raise GroundTrouble(f"the address of the database is none: {error}") from error
    try:
        db = Db(connection)
        _suits(await db.one(sql.server, _Server))
        yield db
    finally:
        await connection.close()


def _suits(server: _Server) -> None:
    version = server.version // 10_000
    if version < OLDEST_VERSION:
        raise DatabaseTooOld(f"this is PostgreSQL {version}; {OLDEST_VERSION} or newer is needed")
    if server.encoding != "UTF8":
        raise GroundTrouble(f"the database stores {server.encoding}; UTF8 is needed")

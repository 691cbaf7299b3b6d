"""The database under the tests: one server per checkout, one template per schema, clones of it."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from headwater.base.postgres import migrate, migrations
from headwater.base.postgres.supervisor import Cluster

CHECKOUT = Path(__file__).resolve().parents[1]
HOME = CHECKOUT / "var" / "tests"
# Tests ask for answers, not for durability.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "summarize_wal": "off",
    "log_min_duration_statement": "-1",
}


def url_of(cluster_url: str, database: str) -> str:
    """Give the same login at another database."""
    return urlunsplit(urlsplit(cluster_url)._replace(path=f"/{database}"))


@asynccontextmanager
async def admin(cluster: Cluster, database: str = "postgres") -> AsyncIterator[asyncpg.Connection]:
    """Connect as the server's administrator, who may make and drop databases."""
    connection = await asyncpg.connect(url_of(cluster.admin_url, database))
    try:
        yield connection
    finally:
        await connection.close()


async def template(cluster: Cluster, *, partitioned: bool = False) -> str:
    """Give the name of a migrated database to clone, made once for each state of the files."""
    files = migrations.read(migrations.folder())
    state = hashlib.sha256("".join(each.sha256 for each in files).encode()).hexdigest()[:12]
    name = f"template_{'partitioned' if partitioned else 'plain'}_{state}"
    with _one_at_a_time():
        async with admin(cluster) as connection:
            if not await _has(connection, name):
                await _drop_others(connection, name)
                await _create(connection, "making", "template0")
                await migrate.apply(
                    url_of(cluster.owner_url, "making"), partition_members=partitioned
                )
                await connection.execute(f"ALTER DATABASE making RENAME TO {name}")
    return name


@asynccontextmanager
async def clone(cluster: Cluster, source: str, purpose: str) -> AsyncIterator[str]:
    """Lend a copy of a database for the length of a block, by its name."""
    name = f"run_{os.getpid()}_{purpose}"
    with _one_at_a_time():
        async with admin(cluster) as connection:
            await _drop_orphans(connection)
            await _create(connection, name, source)
    try:
        yield name
    finally:
        async with admin(cluster) as connection:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def _create(connection: asyncpg.Connection, name: str, source: str) -> None:
    await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {source} OWNER headwater_owner")


async def _has(connection: asyncpg.Connection, name: str) -> bool:
    found = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name)
    return found is not None


async def _drop_others(connection: asyncpg.Connection, name: str) -> None:
    """Drop the templates of earlier states of the files."""
    alike = name.rpartition("_")[0] + "_%"
    for row in await connection.fetch(
        "SELECT datname FROM pg_database WHERE datname LIKE $1", alike
    ):
        await connection.execute(f"DROP DATABASE {row['datname']} WITH (FORCE)")


async def _drop_orphans(connection: asyncpg.Connection) -> None:
    """Drop the clones of runs that were killed."""
    rows = await connection.fetch(r"SELECT datname FROM pg_database WHERE datname LIKE 'run\_%'")
    for row in rows:
        try:
            os.kill(int(row["datname"].split("_")[1]), 0)
        except ProcessLookupError:
            await connection.execute(f"DROP DATABASE {row['datname']} WITH (FORCE)")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Keep the workers of a run, and other runs, from making the same thing twice."""
    with (HOME / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

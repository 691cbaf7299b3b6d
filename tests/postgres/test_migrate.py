"""Migrations: forward only, once, and refused when the files tell another story."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from tests import grounds

from headwater.base.db import Db
from headwater.base.postgres import migrate, migrations
from headwater.base.postgres.errors import GroundTrouble, MigrationFailed, MigrationRefused
from headwater.base.postgres.supervisor import Cluster

FIRST = """-- 0001_pre_first.sql
-- Begin.
CREATE SCHEMA room;
CREATE TABLE room.people (
    bucket smallint NOT NULL,
    id     uuid     NOT NULL,
    PRIMARY KEY (bucket, id)
) /* by bucket */;
"""
SECOND = "-- 0002_post_second.sql\n-- Go on.\nALTER TABLE room.people ADD COLUMN name text;\n"


@pytest.fixture
async def empty(cluster: Cluster) -> AsyncIterator[str]:
    """The owner's way into a database that nothing was done to."""
    async with grounds.clone(cluster, "template0", "empty") as name:
        yield grounds.url_of(cluster.owner_url, name)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with two migrations."""
    (tmp_path / "0001_pre_first.sql").write_text(FIRST)
    (tmp_path / "0002_post_second.sql").write_text(SECOND)
    return tmp_path


async def _value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_the_plan_shows_what_apply_then_does_once(empty: str, files: Path) -> None:
    plan = await migrate.plan(empty, files)
    assert [each.purpose for each in plan.waiting] == ["Begin.", "Go on."]
    assert await _value(empty, "SELECT to_regnamespace('room')") is None

    assert [each.number for each in await migrate.apply(empty, files)] == [1, 2]
    assert await migrate.apply(empty, files) == []
    assert (await migrate.plan(empty, files)).waiting == ()


async def test_two_at_once_apply_each_file_once(empty: str, files: Path) -> None:
    done = await asyncio.gather(migrate.apply(empty, files), migrate.apply(empty, files))
    assert sorted(len(each) for each in done) == [0, 2]


async def test_only_pre_stops_before_what_must_wait(empty: str, files: Path) -> None:
    assert [each.number for each in await migrate.apply(empty, files, only_pre=True)] == [1]
    assert [each.number for each in await migrate.apply(empty, files)] == [2]


async def test_a_changed_file_is_refused(empty: str, files: Path) -> None:
    await migrate.apply(empty, files)
    (files / "0001_pre_first.sql").write_text(FIRST + "-- one word more\n")
    with pytest.raises(MigrationRefused, match="was changed after it was applied"):
        await migrate.apply(empty, files)


async def test_a_database_from_a_newer_release_is_refused(empty: str, files: Path) -> None:
    await migrate.apply(empty, files)
    (files / "0002_post_second.sql").unlink()
    with pytest.raises(MigrationRefused, match="this release does not know"):
        await migrate.plan(empty, files)


async def test_a_gap_in_the_record_is_refused(empty: str, files: Path) -> None:
    await migrate.apply(empty, files)
    await _value(empty, "DELETE FROM base.migrations WHERE number = 1")
    with pytest.raises(MigrationRefused, match="lacks number 0001"):
        await migrate.apply(empty, files)


@pytest.mark.parametrize("name", ["0004_pre_later.sql", "0002_pre_again.sql", "2_pre_short.sql"])
def test_a_gap_a_double_and_a_strange_name_are_refused(files: Path, name: str) -> None:
    (files / name).write_text("SELECT 1;")
    with pytest.raises(MigrationRefused):
        migrations.read(files)


async def test_of_a_file_that_fails_nothing_stays(empty: str, files: Path) -> None:
    (files / "0002_post_second.sql").write_text(SECOND + "SELECT 1 / 0;")
    with pytest.raises(MigrationFailed, match=r"0002_post_second.sql: division by zero"):
        await migrate.apply(empty, files)
    query = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'people'"
    assert await _value(empty, query) == 2
    assert [each.number for each in (await migrate.plan(empty, files)).waiting] == [2]


async def test_the_application_reads_and_writes_but_owns_nothing(
    cluster: Cluster, empty: str, files: Path
) -> None:
    await migrate.apply(empty, files)
    app = empty.replace(cluster.owner_url.split("@")[0], cluster.app_url.split("@")[0])
    assert await _value(app, "SELECT count(*) FROM room.people") == 0
    for forbidden in (
        "ALTER TABLE room.people DISABLE ROW LEVEL SECURITY",
        "DROP TABLE room.people",
        "TRUNCATE room.people",
        "UPDATE base.migrations SET sha256 = ''",
        "CREATE TABLE room.more (id integer)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _value(app, forbidden)


async def test_with_partitions_a_key_without_bucket_is_refused_by_the_database(
    empty: str, files: Path
) -> None:
    planted = FIRST.replace("PRIMARY KEY (bucket, id)", "PRIMARY KEY (bucket, id), UNIQUE (id)")
    (files / "0001_pre_first.sql").write_text(planted)
    with pytest.raises(MigrationFailed, match="must include all partitioning columns"):
        await migrate.apply(empty, files, partition_members=True)


async def test_partitions_cannot_be_read_past_the_walls(
    cluster: Cluster, empty: str, files: Path
) -> None:
    await migrate.apply(empty, files, partition_members=True)
    app = empty.replace(cluster.owner_url.split("@")[0], cluster.app_url.split("@")[0])
    assert await _value(app, "SELECT count(*) FROM room.people") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _value(app, "SELECT count(*) FROM room.people_part_0")


def test_a_table_before_a_members_table_stays_whole() -> None:
    text = "CREATE TABLE room.plain (\n    id uuid\n);\n" + FIRST
    spread = migrations.partitioned(text)
    assert "CREATE TABLE room.plain (\n    id uuid\n);" in spread
    assert spread.count("PARTITION BY HASH (bucket)") == 1
    assert spread.count("PARTITION OF room.people") == migrations.PARTITIONS


async def test_a_server_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(GroundTrouble, match=r"the database on 127\.0\.0\.1 does not answer"):
        await migrate.plan("postgresql://nobody:x@127.0.0.1:1/none")


async def test_a_migrated_database_has_every_room(db: Db) -> None:
    found = await db.raw.fetch("SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg%'")
    assert {"base", "books", "trade", "members"} <= {row["nspname"] for row in found}

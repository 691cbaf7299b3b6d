"""The schema can be spread over machines: the rules hold, and each one bites."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
from tests import grounds

from headwater.base.db import Db
from headwater.base.postgres import lint
from headwater.base.postgres.migrate import APP_ROLE
from headwater.base.postgres.supervisor import Cluster

MEMBER_TABLE = """
CREATE TABLE room.people (
    bucket smallint NOT NULL, id uuid NOT NULL, store_id uuid, PRIMARY KEY (bucket, id)
);
COMMENT ON TABLE room.people IS 'member: somebody';
ALTER TABLE room.people ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON room.people USING (false);
"""
STOCK_TABLE = """
CREATE TABLE room.levels (variant_id uuid PRIMARY KEY);
COMMENT ON TABLE room.levels IS 'stock: how many';
"""
# What is planted, and what the lint must then say.
PLANTED = [
    ("COMMENT ON TABLE room.people IS 'people'", "room.people: its comment must begin with"),
    ("COMMENT ON TABLE room.people IS 'member:'", "room.people: its comment must begin with"),
    ("CREATE TABLE room.bare (id uuid PRIMARY KEY)", "room.bare: its comment must begin with"),
    ("ALTER TABLE room.people ADD UNIQUE (id)", "must begin with bucket"),
    ("CREATE UNIQUE INDEX ON room.people (id, bucket)", "must begin with bucket"),
    ("CREATE UNIQUE INDEX ON room.people (abs(bucket), id)", "must begin with bucket"),
    (
        "ALTER TABLE room.people DROP CONSTRAINT people_pkey, ADD PRIMARY KEY (id, bucket)",
        "room.people_pkey must begin with bucket",
    ),
    ("ALTER TABLE room.people DROP CONSTRAINT people_pkey", "room.people: has no primary key"),
    ("ALTER TABLE room.people ALTER bucket TYPE integer", "needs a column bucket smallint"),
    ("ALTER TABLE room.people DISABLE ROW LEVEL SECURITY", "needs row-level security"),
    ("DROP POLICY wall ON room.people", "needs row-level security and a policy"),
    (f"ALTER TABLE room.people OWNER TO {APP_ROLE}", "its walls do not bind it"),
    ("CREATE VIEW room.all_people AS SELECT id FROM room.people", "past its walls"),
    (
        "ALTER TABLE room.people ADD FOREIGN KEY (id) REFERENCES room.levels (variant_id)",
        "ties a member row to a stock row",
    ),
    ("CREATE SEQUENCE room.numbers", "room.numbers: sequence is not allowed"),
    ("ALTER TABLE room.levels ADD number serial", "sequence is not allowed"),
    (
        "ALTER TABLE room.levels ADD number bigint GENERATED ALWAYS AS IDENTITY",
        "sequence is not allowed",
    ),
    (
        "CREATE FUNCTION room.rule() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "room.rule(): function is not allowed",
    ),
    (
        "CREATE TRIGGER guard BEFORE UPDATE ON room.levels FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "room.levels: trigger guard is not allowed",
    ),
    (
        "ALTER TABLE room.levels ADD UNIQUE (variant_id) DEFERRABLE",
        "exclusion or deferred constraint",
    ),
]


@pytest.fixture(scope="module")
async def scratch(cluster: Cluster) -> AsyncIterator[str]:
    """A database in which a small and blameless room was laid out."""
    async with grounds.clone(cluster, "template0", "scratch") as name:
        async with grounds.admin(cluster, name) as connection:
            await connection.execute("CREATE SCHEMA room;" + MEMBER_TABLE + STOCK_TABLE)
        yield name


async def _lint_after(cluster: Cluster, database: str, change: str) -> list[str]:
    connection = await asyncpg.connect(grounds.url_of(cluster.admin_url, database))
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(change)
        return await lint.violations(Db(connection), ["room"], APP_ROLE)
    finally:
        await transaction.rollback()
        await connection.close()


async def test_a_blameless_room_passes(cluster: Cluster, scratch: str) -> None:
    assert await _lint_after(cluster, scratch, "SELECT 1") == []


@pytest.mark.parametrize("change, complaint", PLANTED)
async def test_each_rule_bites(cluster: Cluster, scratch: str, change: str, complaint: str) -> None:
    found = await _lint_after(cluster, scratch, change)
    assert any(complaint in line for line in found), found


async def test_every_table_of_every_room_keeps_the_rules(db: Db) -> None:
    found = await db.raw.fetch(
        "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^(pg_|public|information_)'"
    )
    schemas = [row["nspname"] for row in found]
    assert len(await lint.read(db, schemas, APP_ROLE)) > 20
    assert await lint.violations(db, schemas, APP_ROLE) == []

"""The house rules, held against the house."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from tests import grounds
from tests.tidy import fronts, house, sizes, statements, words

from headwater.base.db import Db
from headwater.base.postgres import migrations, schema
from headwater.base.postgres.supervisor import Cluster
from headwater.base.sql import read

ROOT = grounds.CHECKOUT


@pytest.mark.parametrize(
    "complaints",
    [sizes.complaints, statements.complaints, words.complaints, fronts.complaints],
    ids=["sizes", "statements", "words", "fronts"],
)
def test_the_house_is_tidy(complaints: Callable[[Path], list[str]]) -> None:
    found = complaints(ROOT)
    assert not found, "\n" + "\n".join(found)


async def test_every_statement_prepares(db: Db) -> None:
    failed = []
    for file in sorted({block.file for block in house.blocks(ROOT)}):
        for statement in read(file).all():
            try:
                async with db.attempt():
                    await db.raw.prepare(statement.text)
            except asyncpg.PostgresError as error:
                failed.append(f"{file.relative_to(ROOT)}: {statement.name}: {error}")
    assert not failed, "\n" + "\n".join(failed)


async def test_the_recorded_schema_is_what_the_migrations_make(
    cluster: Cluster,
) -> None:
    source = await grounds.template(cluster)
    async with grounds.clone(cluster, source, "schema") as name:
        made = await schema.dump(grounds.url_of(cluster.owner_url, name))
    recorded = migrations.folder() / migrations.RECORDED_SCHEMA
    assert recorded.exists(), "run make schema"
    assert recorded.read_text(encoding="utf-8") == made, "the schema changed: run make schema"

"""Hold a database's catalog against the rules that let it spread over machines one day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)

# A member's rows go with the member, a lookup's with the value looked up: both have a bucket.
WITH_BUCKET = ("member", "lookup")
KINDS = ("member", "stock", "reference", "lookup", "ground")


@dataclass(frozen=True)
class Table:
    """A table, and what its rules ask of it."""

    name: str
    comment: str
    has_walls: bool
    has_policy: bool
    has_bucket: bool
    walls_bind_the_application: bool

    @property
    def kind(self) -> str:
        """Give the word before the colon in the table's comment: how its rows are spread."""
        return self.comment.partition(":")[0]


@dataclass(frozen=True)
class _Index:
    table_name: str
    name: str
    is_primary: bool
    first_column: str


@dataclass(frozen=True)
class _ForeignKey:
    table_name: str
    other_table: str
    name: str


@dataclass(frozen=True)
class _Thing:
    table_name: str
    thing: str


@dataclass(frozen=True)
class _View:
    name: str
    table_name: str


async def violations(db: Db, schemas: list[str], app_role: str) -> list[str]:
    """Say, one line each, what in these schemas could not be spread or stands outside the walls."""
    tables = {each.name: each for each in await read(db, schemas, app_role)}
    indexes = await db.all(sql.unique_indexes, _Index, schemas=schemas)
    foreign_keys = await db.all(sql.foreign_keys, _ForeignKey, schemas=schemas)
    things = await db.all(sql.forbidden_things, _Thing, schemas=schemas)
    views = await db.all(sql.views_over, _View, schemas=schemas)
    return [
        *_about_kinds(tables),
        *_about_keys(tables, indexes),
        *_about_walls(tables, views),
        *_about_neighbours(tables, foreign_keys),
        *(f"{each.table_name}: {each.thing} is not allowed" for each in things),
    ]


async def read(db: Db, schemas: list[str], app_role: str) -> list[Table]:
    """List the tables of these schemas."""
    return await db.all(sql.tables, Table, schemas=schemas, app_role=app_role)


def _about_kinds(tables: dict[str, Table]) -> Iterator[str]:
    for table in tables.values():
        if table.kind not in KINDS or not table.comment.partition(": ")[2]:
            yield f"{table.name}: its comment must begin with one of {', '.join(KINDS)} and a colon"


def _about_keys(tables: dict[str, Table], indexes: list[_Index]) -> Iterator[str]:
    spread = {name: each for name, each in tables.items() if each.kind in WITH_BUCKET}
    with_primary = {each.table_name for each in indexes if each.is_primary}
    for name, table in spread.items():
        if not table.has_bucket:
            yield f"{name}: needs a column bucket smallint NOT NULL"
    for name in tables.keys() - with_primary:
        yield f"{name}: has no primary key"
    for index in indexes:
        if index.table_name in spread and index.first_column != "bucket":
            yield f"{index.table_name}: {index.name} must begin with bucket"


def _about_walls(tables: dict[str, Table], views: list[_View]) -> Iterator[str]:
    behind_walls = {name for name, each in tables.items() if each.kind in WITH_BUCKET}
    for name in sorted(behind_walls):
        table = tables[name]
        if not (table.has_walls and table.has_policy):
            yield f"{name}: needs row-level security and a policy"
        if not table.walls_bind_the_application:
            yield f"{name}: belongs to the application, so its walls do not bind it"
    for view in views:
        if view.table_name in behind_walls:
            yield f"{view.name}: reads {view.table_name} past its walls; add security_invoker"


def _about_neighbours(tables: dict[str, Table], foreign_keys: list[_ForeignKey]) -> Iterator[str]:
    apart = {
        ("member", "stock"),
        ("stock", "member"),
        ("member", "lookup"),
        ("lookup", "member"),
        ("lookup", "stock"),
        ("stock", "lookup"),
    }
    for key in foreign_keys:
        kinds = (tables[key.table_name].kind, tables[key.other_table].kind)
        if kinds in apart:
            yield f"{key.table_name}: {key.name} ties a {kinds[0]} row to a {kinds[1]} row"
        elif kinds[0] == "reference" and kinds[1] in ("member", "stock", "lookup"):
            yield f"{key.table_name}: {key.name} ties reference to rows that are spread"

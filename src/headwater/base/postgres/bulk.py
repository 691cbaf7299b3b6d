"""Many rows at once: arrays for set statements, and PostgreSQL's binary COPY out of numpy."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.base.db import Db

Array = NDArray[Any]
# What one call of COPY's stream carries; large enough to be cheap, small enough for memory.
CHUNK = 50_000
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_EPOCH = np.datetime64("2000-01-01T00:00:00", "us")


def arrays(rows: Sequence[Any], row: type) -> dict[str, list[Any]]:
    """Turn rows into one array a field, as a statement with unnest takes them."""
    names = [field.name for field in dataclasses.fields(row)]
    return {name: [getattr(each, name) for each in rows] for name in names}


def chunks(rows: Sequence[Any], size: int = 10_000) -> Iterator[Sequence[Any]]:
    """Cut a long list into sets that one statement carries well."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def whole(values: Array, size: int) -> Array:
    """Give numbers the byte order and width that PostgreSQL's integers have on the wire."""
    return values.astype(f">i{size}")


def moments(values: Array) -> Array:
    """Give UTC moments (datetime64) the form of timestamptz on the wire."""
    return (values.astype("datetime64[us]") - _EPOCH).astype(">i8")


def uuids(values: Iterable[Any]) -> Array:
    """Give UUIDs as sixteen bytes each."""
    return np.frombuffer(b"".join(value.bytes for value in values), dtype="V16")


def same(text: str, count: int) -> Array:
    """Repeat one text for every row."""
    raw = text.encode()
    return np.full(count, np.void(raw), dtype=f"V{len(raw)}")


async def fill(db: Db, table: str, columns: Mapping[str, Array]) -> None:
    """COPY columns into a table; every column has one width, and numbers are big-endian.

    COPY is refused to a role whose rows are walled, so the connection must be the owner's.
    """
    await fill_from(db, table, list(columns), _cut(columns))


async def fill_from(
    db: Db, table: str, names: Sequence[str], blocks: Iterable[Mapping[str, Array]]
) -> None:
    """COPY blocks of columns; a block has one width a column, the next may have another."""
    schema, _, name = table.rpartition(".")
    db.round_trips += 1
    await db.raw.copy_to_table(
        name,
        schema_name=schema or None,
        columns=list(names),
        source=_stream(names, blocks),
        format="binary",
    )


async def put_from(
    db: Db, table: str, names: Sequence[str], blocks: Iterable[Mapping[str, Array]]
) -> None:
    """COPY blocks into a table, and into one that has rows only those whose keys are new."""
    if await is_empty(db, table):
        async with _foreign_keys_held_back(db, table):
            await fill_from(db, table, names, blocks)
        return
    beside = f"new_{table.replace('.', '_')}"
    listed = ", ".join(names)
    db.round_trips += 2
    # Table and column names come from the importing rooms, never from a file.
    await db.raw.execute(f"CREATE TEMPORARY TABLE {beside} (LIKE {table}) ON COMMIT DROP")
    for name in await _unfilled(db, beside, names):
        await db.raw.execute(f"ALTER TABLE {beside} ALTER COLUMN {name} DROP NOT NULL")
    await fill_from(db, beside, names, blocks)
    await db.raw.execute(
        f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {beside} "  # noqa: S608
        "ON CONFLICT DO NOTHING"
    )


async def put(db: Db, table: str, columns: Mapping[str, Array]) -> None:
    """COPY columns into a table, leaving rows alone whose keys are there already."""
    await put_from(db, table, list(columns), _cut(columns))


async def refresh_statistics(db: Db, tables: Sequence[str]) -> None:
    """Let the planner look at what was loaded, before the first reader asks."""
    db.round_trips += 1
    await db.raw.execute(f"ANALYZE {', '.join(tables)}")


@asynccontextmanager
async def _foreign_keys_held_back(db: Db, table: str) -> AsyncIterator[None]:
    """Check an empty table's foreign keys once at the end, in one join instead of row by row.

    All of it lies in the import's own transaction: either the keys hold again, or nothing came.
    """
    keys = await db.raw.fetch(
        "SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint "
        "WHERE conrelid = $1::regclass AND contype = 'f' AND conparentid = 0",
        table,
    )
    for key in keys:
        await db.raw.execute(f"ALTER TABLE {table} DROP CONSTRAINT {key['conname']}")
    yield
    await db.raw.execute("SET LOCAL maintenance_work_mem = '128MB'")
    for key in keys:
        await db.raw.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {key['conname']} {key['definition']}"
        )
    db.round_trips += 2 * len(keys) + 2


async def _unfilled(db: Db, table: str, names: Sequence[str]) -> list[str]:
    """List the columns that a load leaves to their defaults, which LIKE does not copy."""
    rows = await db.raw.fetch(
        "SELECT attname FROM pg_attribute "
        "WHERE attrelid = $1::regclass AND attnum > 0 AND attnotnull AND attname <> ALL ($2)",
        table,
        list(names),
    )
    return [row["attname"] for row in rows]


async def is_empty(db: Db, table: str) -> bool:
    """Tell whether a table has no row; the name comes from our own code."""
    db.round_trips += 1
    # Only tables that the importing rooms name reach this line.
    found = await db.raw.fetchval(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608
    return not found


def _cut(columns: Mapping[str, Array]) -> Iterator[Mapping[str, Array]]:
    count = len(next(iter(columns.values())))
    for start in range(0, count, CHUNK):
        yield {name: values[start : start + CHUNK] for name, values in columns.items()}


async def _stream(
    names: Sequence[str], blocks: Iterable[Mapping[str, Array]]
) -> AsyncIterator[bytes]:
    yield _HEADER
    for block in blocks:
        yield _packed(names, block)
    yield _TRAILER


def _packed(names: Sequence[str], block: Mapping[str, Array]) -> bytes:
    """Lay columns side by side, each value behind its length: that is the whole format."""
    layout: list[tuple[str, Any]] = [("fields", ">i2")]
    for name in names:
        layout += [(f"{name} length", ">i4"), (name, block[name].dtype)]
    packed = np.empty(len(block[names[0]]), dtype=np.dtype(layout))
    packed["fields"] = len(names)
    for name in names:
        packed[f"{name} length"] = block[name].dtype.itemsize
        packed[name] = block[name]
    return packed.tobytes()

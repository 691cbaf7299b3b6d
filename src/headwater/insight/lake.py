"""The lake: a day of sales in an open file, whose name is the hash of what it holds."""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.base.times import business_day, day_start

sql = statements(__file__)

ORDER_LINES: Final = "order_lines"

_SCHEMA: Final = pa.schema(
    [
        ("order_id", pa.string()),
        ("line_no", pa.int16()),
        ("member_id", pa.string()),
        ("store_id", pa.string()),
        ("variant_id", pa.string()),
        ("quantity", pa.int32()),
        ("goods_fen", pa.int64()),
        ("discount_fen", pa.int64()),
        ("payable_fen", pa.int64()),
        ("refunded_fen", pa.int64()),
        ("door", pa.string()),
        ("paid_at", pa.timestamp("us", tz="UTC")),
    ]
)


@dataclass(frozen=True)
class Export:
    """A day of a dataset that lies in the lake."""

    id: UUID
    dataset: str
    day: date
    file: str
    row_count: int
    amount_fen: int
    sha256: bytes
    exported_at: datetime


@dataclass(frozen=True)
class _Line:
    order_id: UUID
    line_no: int
    member_id: UUID
    store_id: UUID
    variant_id: UUID
    quantity: int
    goods_fen: int
    discount_fen: int
    payable_fen: int
    refunded_fen: int
    door: str
    paid_at: datetime


@dataclass(frozen=True)
class _Day:
    day: date


async def export_day(db: Db, folder: Path, day: date, now: datetime) -> Export:
    """Write the lines paid on a day, and then the row that says which file holds them.

    Readers go by the row: a file is there before its row, and a file without a row is waste of a
    run that died. The same lines make the same file, so that a repeat changes nothing.
    """
    lines = await db.all(
        sql.lines_of_day,
        _Line,
        from_at=day_start(day),
        until_at=day_start(day + timedelta(days=1)),
    )
    written, digest = await asyncio.to_thread(_write, folder, day, lines)
    await db.run(
        sql.note,
        id=ids.named("export", f"{ORDER_LINES}:{day}"),
        dataset=ORDER_LINES,
        day=day,
        file=str(written.relative_to(folder)),
        row_count=len(lines),
        amount_fen=sum(line.payable_fen for line in lines),
        sha256=digest,
        now=now,
    )
    return await db.one(sql.of_day, Export, dataset=ORDER_LINES, day=day)


async def exports(db: Db) -> list[Export]:
    """List what lies in the lake, the newest day first."""
    return await db.all(sql.exports, Export)


async def waiting_days(db: Db, now: datetime, most: int = 31) -> list[date]:
    """Find the days that are over, had sales, and do not lie in the lake, the oldest first."""
    rows = await db.all(sql.waiting_days, _Day, today=business_day(now), most=most)
    return [each.day for each in rows]


async def days_since(db: Db, now: datetime, days: int) -> list[date]:
    """List the exported days that lie no further back than this."""
    first = business_day(now) - timedelta(days=days)
    return [each.day for each in await db.all(sql.days_since, _Day, first=first)]


def _write(folder: Path, day: date, lines: list[_Line]) -> tuple[Path, bytes]:
    """Write beside the place and rename into it, so that no reader meets half a file."""
    place = folder / ORDER_LINES / f"day={day.isoformat()}"
    place.mkdir(parents=True, exist_ok=True)
    unfinished = place / f".writing-{os.getpid()}-{ids.new().hex}"
    try:
        pq.write_table(_table(lines), unfinished, compression="zstd")
        with unfinished.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
            os.fsync(file.fileno())
        final = place / f"{digest.hex()[:32]}.parquet"
        unfinished.replace(final)
    finally:
        unfinished.unlink(missing_ok=True)
    return final, digest


def _table(lines: list[_Line]) -> Any:
    columns = {
        field.name: [_plain(getattr(line, field.name)) for line in lines] for field in _SCHEMA
    }
    return pa.table(columns, schema=_SCHEMA)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value

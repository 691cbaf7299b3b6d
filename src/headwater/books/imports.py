"""Money that was taken elsewhere before us: booked in bulk, one row a sale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.postgres import bulk
from headwater.base.sql import statements

sql = statements(__file__)

TABLE = "books.transfers"


@dataclass(frozen=True)
class Booked:
    """What an import has booked so far."""

    rows: int
    amount_fen: int


@dataclass(frozen=True)
class SaleRow:
    """What one imported order brought."""

    bucket: int
    id: UUID
    credit: str
    amount_fen: int
    business_key: str
    member_id: UUID
    booked_at: datetime


@dataclass(frozen=True)
class BackRow:
    """What a till gave back of an imported order."""

    bucket: int
    id: UUID
    debit: str
    amount_fen: int
    business_key: str
    member_id: UUID
    booked_at: datetime


@dataclass(frozen=True)
class _Key:
    business_key: str


async def load(db: Db, columns: Mapping[str, bulk.Array]) -> None:
    """COPY transfers; one whose business key is used already books nothing."""
    await bulk.put(db, TABLE, columns)


async def put(db: Db, rows: Sequence[SaleRow], debit: str) -> int:
    """Book sales of the past, each once under its key, and tell how many are new."""
    return await db.run(sql.put, **bulk.arrays(rows, SaleRow), debit=debit)


async def put_back(db: Db, rows: Sequence[BackRow], credit: str) -> set[str]:
    """Book what tills gave back, each once under its key, and tell which keys are new."""
    new = await db.all(sql.put_back, _Key, **bulk.arrays(rows, BackRow), credit=credit)
    return {each.business_key for each in new}


async def known_keys(db: Db, keys: Mapping[str, int]) -> set[str]:
    """Tell which of these business keys, each in its bucket, are in the books already."""
    found = await db.all(sql.known_keys, _Key, buckets=list(keys.values()), keys=list(keys))
    return {each.business_key for each in found}


async def booked(db: Db, debit: str, prefix: str) -> Booked:
    """Add up what was booked from one account under keys that begin alike."""
    return await db.one(sql.booked, Booked, debit=debit, prefix=prefix)

"""Stock as another system counted it: each difference is a movement that proves the counter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.postgres.bulk import arrays
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class CountRow:
    """How many of a variant a store has, as the other system says."""

    store_id: UUID
    variant_id: UUID
    quantity: int


@dataclass(frozen=True)
class Held:
    """A counted quantity that is less than what orders hold at this moment."""

    store_id: UUID
    variant_id: UUID
    held: int


@dataclass(frozen=True)
class Totals:
    """How many counters and pieces there are."""

    levels: int
    pieces: int


async def below_held(db: Db, rows: Sequence[CountRow]) -> list[Held]:
    """List counts that would leave less than orders already hold; they need a person."""
    return await db.all(sql.below_held, Held, **arrays(rows, CountRow))


async def put_counts(db: Db, rows: Sequence[CountRow], cause: str, now: datetime) -> int:
    """Bring counters to what was counted, and tell how many changed.

    What a store never had is received; what it had is corrected. A count that agrees moves
    nothing, so a repeat changes nothing.
    """
    return await db.run(sql.put_counts, **arrays(rows, CountRow), cause=cause, now=now)


async def totals(db: Db) -> Totals:
    """Add up all counters."""
    return await db.one(sql.totals, Totals)

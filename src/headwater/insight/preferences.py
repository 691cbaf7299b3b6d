"""Preferences: when a member last bought of a category, so that nobody reads every line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)

# So many buckets at a time, so that a year of lines needs no year of memory.
SLICE: Final = 256


@dataclass(frozen=True)
class Slice:
    """Some buckets of members."""

    first_bucket: int
    last_bucket: int


SLICES: Final = tuple(Slice(each, each + SLICE - 1) for each in range(0, ids.BUCKETS, SLICE))


async def rebuild(db: Db, part: Slice) -> int:
    """Read every paid line of some members anew; after an import, and each night to be sure."""
    return await db.run(sql.rebuild, first_bucket=part.first_bucket, last_bucket=part.last_bucket)


async def note(db: Db, order_ids: Sequence[UUID]) -> None:
    """Add what was just bought; again changes nothing."""
    await db.run(
        sql.note, buckets=[ids.bucket_of(each) for each in order_ids], order_ids=list(order_ids)
    )


async def follow(db: Db, member_id: UUID, gone_id: UUID) -> None:
    """Add what an id bought that became this member; again finds nothing."""
    await db.run(
        sql.follow,
        bucket=ids.bucket_of(member_id),
        member_id=member_id,
        gone_bucket=ids.bucket_of(gone_id),
        gone_id=gone_id,
    )

"""Books: whose customers drawn members were on the first day, so that each guide can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.increment.ledger import Reading

sql = statements(__file__)


@dataclass(frozen=True)
class Entry:
    """A member in a guide's book, and where that guide works."""

    member_id: UUID
    guide_id: UUID
    store_id: UUID
    region_id: UUID


@dataclass(frozen=True)
class Keeper:
    """A guide who has a book in a question."""

    guide_id: UUID
    store_id: UUID
    region_id: UUID


async def write(db: Db, experiment_id: UUID, entries: Sequence[Entry]) -> None:
    """Write the books down before anybody is drawn from them; again changes nothing."""
    await db.run(
        sql.write,
        experiment_id=experiment_id,
        buckets=[ids.bucket_of(each.member_id) for each in entries],
        member_ids=[each.member_id for each in entries],
        guide_ids=[each.guide_id for each in entries],
        store_ids=[each.store_id for each in entries],
        region_ids=[each.region_id for each in entries],
    )


async def guides(db: Db, experiment_id: UUID) -> list[Keeper]:
    """List the guides of a question, in the order in which the sums count them."""
    return await db.all(sql.guides, Keeper, experiment_id=experiment_id)


async def latest(db: Db, experiment_id: UUID) -> Reading | None:
    """Give the newest row of the ledger that tells guides apart, or None."""
    return await db.maybe(sql.latest, Reading, experiment_id=experiment_id)

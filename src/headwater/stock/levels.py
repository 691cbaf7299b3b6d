"""Levels: how much of a variant a store has, and how much of that anybody could take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.stock.holds import Free

sql = statements(__file__)


@dataclass(frozen=True)
class FreeIn:
    """How many of one variant a store could still sell."""

    store_id: UUID
    free: int


@dataclass(frozen=True)
class Level:
    """One counter with what it counts, as the stock page shows it."""

    product_id: UUID
    variant_id: UUID
    item_number: str
    title_zh: str
    title_en: str
    size_label: str
    on_hand: int
    held: int

    @property
    def free(self) -> int:
        """How many could still be sold."""
        return self.on_hand - self.held


async def stores_with(db: Db, variant_id: UUID, most: int = 30) -> list[FreeIn]:
    """Tell which stores could sell this variant now, the fullest first."""
    return await db.all(sql.of_variant, FreeIn, variant_id=variant_id, most=most)


async def free_in(db: Db, store_id: UUID, variant_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Tell how many of each variant this store could sell now; absent means none."""
    found = await db.all(sql.in_store, Free, store_id=store_id, variant_ids=list(variant_ids))
    return {each.variant_id: each.free for each in found}


async def page(db: Db, store_id: UUID, most: int, skip: int) -> list[Level]:
    """List a store's counters with the names of what they count, the scarcest first."""
    return await db.all(sql.page, Level, store_id=store_id, most=most, skip=skip)


async def count(db: Db, store_id: UUID) -> int:
    """Count the counters of a store."""
    return int(await db.value(sql.count, store_id=store_id))

"""Movements: every change of what is on the shelf, each cause once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class Move:
    """So many of a variant into a store, or out of it with a minus."""

    store_id: UUID
    variant_id: UUID
    quantity: int


@dataclass(frozen=True)
class Drift:
    """A counter that its movements do not prove."""

    store_id: UUID
    variant_id: UUID
    on_hand: int
    held: int
    moved: int
    kept: int


async def move(db: Db, moves: Sequence[Move], kind: str, cause: str, now: datetime) -> None:
    """Change what is on the shelf, once for this cause; each store and variant appears once.

    The database refuses a movement that would take more than is there.
    """
    await db.run(
        sql.move,
        cause=cause,
        kind=kind,
        now=now,
        store_ids=[each.store_id for each in moves],
        variant_ids=[each.variant_id for each in moves],
        quantities=[each.quantity for each in moves],
    )


async def drift(db: Db) -> list[Drift]:
    """List counters that differ from their movements; the list must be empty."""
    return await db.all(sql.drift, Drift)

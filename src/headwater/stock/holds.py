"""Holds: stock set aside for an order while it is being paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.stock.errors import SoldOut

sql = statements(__file__)


@dataclass(frozen=True)
class Wanted:
    """So many of one variant."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True)
class Basket:
    """What an order wants from one store, each variant once."""

    order_id: UUID
    store_id: UUID
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True)
class Free:
    """How many of a variant anybody could still take."""

    variant_id: UUID
    free: int


async def take(db: Db, basket: Basket, held_until: datetime, now: datetime) -> None:
    """Set stock aside for an order: all of it or none.

    Holds whose end has passed do not stand in the way, even when nobody has swept them yet.
    Raises SoldOut, naming the variants and what is left of them.
    """
    if await _try_take(db, basket, held_until):
        return
    freed = await db.run(
        sql.release_stale,
        store_id=basket.store_id,
        variant_ids=[each.variant_id for each in basket.wanted],
        now=now,
    )
    if freed and await _try_take(db, basket, held_until):
        return
    raise SoldOut(left=await _shortages(db, basket))


async def sell(db: Db, order_id: UUID, now: datetime) -> bool:
    """Let an order's stock leave the shelf, once; a repeat finds it sold and does nothing.

    What was let go before the money came is taken again where the shelf still has it. False
    means that something is gone, and then nothing has left the shelf.
    """
    return bool(await db.value(sql.sell, order_id=order_id, now=now))


async def release(db: Db, order_ids: Sequence[UUID]) -> None:
    """Give held stock back to the shelf."""
    if order_ids:
        await db.run(sql.release, order_ids=list(order_ids))


async def _try_take(db: Db, basket: Basket, held_until: datetime) -> bool:
    is_taken = await db.value(
        sql.take,
        store_id=basket.store_id,
        order_id=basket.order_id,
        variant_ids=[each.variant_id for each in basket.wanted],
        quantities=[each.quantity for each in basket.wanted],
        held_until=held_until,
    )
    return bool(is_taken)


async def _shortages(db: Db, basket: Basket) -> list[dict[str, object]]:
    free = await db.all(
        sql.left_over,
        Free,
        store_id=basket.store_id,
        variant_ids=[each.variant_id for each in basket.wanted],
    )
    asked = {each.variant_id: each.quantity for each in basket.wanted}
    return [
        {"variant_id": str(each.variant_id), "left": each.free}
        for each in free
        if each.free < asked[each.variant_id]
    ]

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


@dataclass(frozen=True)
class _Taken:
    variant_id: UUID


@dataclass(frozen=True)
class _Stale:
    order_id: UUID


async def take(db: Db, basket: Basket, held_until: datetime, now: datetime) -> None:
    """Set stock aside for an order: all of it or none.

    Holds whose end has passed do not stand in the way, even when nobody has swept them yet.
    Raises SoldOut, naming the variants and what is left of them.
    """
    if await _try_take(db, basket, held_until):
        return
    stale = await db.all(
        sql.stale,
        _Stale,
        store_id=basket.store_id,
        variant_ids=[each.variant_id for each in basket.wanted],
        now=now,
    )
    if stale:
        await _undo(db, basket)
        await release(db, [each.order_id for each in stale])
        if await _try_take(db, basket, held_until):
            return
    await _undo(db, basket)
    raise SoldOut(left=await _shortages(db, basket))


async def sell(db: Db, order_id: UUID, now: datetime) -> None:
    """Let held stock leave the shelf, once; a repeat finds nothing held and does nothing."""
    await db.run(sql.sell, order_id=order_id, now=now)


async def release(db: Db, order_ids: Sequence[UUID]) -> None:
    """Give held stock back to the shelf."""
    if order_ids:
        await db.run(sql.release, order_ids=list(order_ids))


async def retake(db: Db, order_id: UUID, held_until: datetime) -> bool:
    """Take again what was let go, for money that came late; all of it or none."""
    lost = await db.value(sql.count_released, order_id=order_id)
    if lost == 0:
        return True
    taken = await db.all(sql.retake, _Taken, order_id=order_id, held_until=held_until)
    if len(taken) == lost:
        return True
    await release(db, [order_id])
    return False


async def _try_take(db: Db, basket: Basket, held_until: datetime) -> bool:
    taken = await db.all(
        sql.take,
        _Taken,
        store_id=basket.store_id,
        order_id=basket.order_id,
        variant_ids=[each.variant_id for each in basket.wanted],
        quantities=[each.quantity for each in basket.wanted],
        held_until=held_until,
    )
    return len(taken) == len(basket.wanted)


async def _undo(db: Db, basket: Basket) -> None:
    await db.run(sql.undo, order_id=basket.order_id)


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

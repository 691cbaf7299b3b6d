"""Movements: the counters are what they say, in both directions, each cause once."""

from __future__ import annotations

import asyncpg
import pytest
from tests import make

from headwater.base.db import Db
from headwater.stock import imports, movements
from headwater.stock.movements import Move


async def test_a_minus_lowers_a_counter_and_a_cause_counts_once(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, stock=5)
    lost = [Move(shop.store_id, milk.variant_id, -2)]
    for _ in range(2):
        await movements.move(db, lost, "correct", "count:7", make.NOON)
    assert await make.levels(db, shop, [milk]) == [(3, 0)]
    assert await movements.drift(db) == []


async def test_more_than_is_there_cannot_leave_nor_what_is_held(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, stock=5)
    await make.placed(db, await make.member(db), shop, (milk, 4))
    for quantity in (-6, -2):
        lost = [Move(shop.store_id, milk.variant_id, quantity)]
        with pytest.raises(asyncpg.CheckViolationError):
            async with db.attempt():
                await movements.move(db, lost, "correct", "count:8", make.NOON)
    assert await make.levels(db, shop, [milk]) == [(5, 4)]


async def test_a_counter_without_its_movement_is_found(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, stock=5)
    await db.raw.execute(
        "UPDATE stock.levels SET on_hand = 6 WHERE variant_id = $1", milk.variant_id
    )
    assert [(each.on_hand, each.moved) for each in await movements.drift(db)] == [(6, 5)]


async def test_a_recount_moves_the_difference_up_and_down(db: Db) -> None:
    shop = await make.shop(db)
    milk, bread = await make.item(db, shop, stock=5), await make.item(db, shop, stock=0)
    before = 0
    for milks, breads in ((2, 4), (2, 4), (7, 3)):
        rows = [
            imports.CountRow(shop.store_id, milk.variant_id, milks),
            imports.CountRow(shop.store_id, bread.variant_id, breads),
        ]
        changed = await imports.put_counts(db, rows, f"count:{milks}:{breads}", make.NOON)
        assert changed == (0 if breads == before else 2)
        before = breads
        assert await make.levels(db, shop, [milk, bread]) == [(milks, 0), (breads, 0)]
        assert await movements.drift(db) == []

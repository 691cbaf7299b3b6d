"""Many at once: nobody is sold what is not there, and nobody waits for each other in a circle."""

from __future__ import annotations

import asyncio
from uuid import UUID

from tests import invariants, make

from headwater.base.db import SYSTEM, Pool
from headwater.stock.errors import SoldOut
from headwater.trade import checkout, closing


async def test_two_hundred_shoppers_buy_exactly_the_hundred_that_are_there(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        hero = await make.item(db, shop, stock=100)
        shoppers = [await make.member(db) for _ in range(200)]

    async def buy(member: UUID) -> str:
        order = await make.in_walls_of(pool, member, make.ask(member, shop, (hero, 1)))
        async with pool.transaction(SYSTEM) as db:
            tried = await make.attempt(db, member, order.id)
        return await make.settled(pool, make.money(tried))

    outcomes = await asyncio.gather(*map(buy, shoppers), return_exceptions=True)
    assert outcomes.count("paid") == 100
    assert sum(isinstance(each, SoldOut) for each in outcomes) == 100
    async with pool.transaction(SYSTEM) as db:
        assert await make.levels(db, shop, [hero]) == [(0, 0)]
    assert await invariants.check_all(pool) == []


async def test_lines_in_opposite_order_do_not_lock_each_other_out(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        items = [await make.item(db, shop, stock=100) for _ in range(6)]
        shoppers = [await make.member(db) for _ in range(40)]

    async def buy(place: int, member: UUID) -> checkout.Placed:
        wanted = [(each, 1) for each in (items if place % 2 else reversed(items))]
        return await make.in_walls_of(pool, member, make.ask(member, shop, *wanted))

    placed = await asyncio.gather(*(buy(*each) for each in enumerate(shoppers)))
    assert len(placed) == 40
    async with pool.transaction(SYSTEM) as db:
        assert await make.levels(db, shop, items) == [(100, 40)] * 6


async def test_stale_holds_taken_over_while_their_orders_are_paid_and_closed(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        items = [await make.item(db, shop, stock=6) for _ in range(4)]
        slow = [await make.member(db) for _ in range(6)]
        quick = [await make.member(db) for _ in range(6)]
        stale = [await make.placed(db, each, shop, *((one, 1) for one in items)) for each in slow]
        tries = [
            await make.attempt(db, member, order.id)
            for member, order in zip(slow, stale, strict=True)
        ]
    late = make.later(16)

    async def take_over(place: int, member: UUID) -> str:
        wanted = items[place % 3 : place % 3 + 2]
        ask = make.ask(member, shop, *((each, 1) for each in wanted))
        try:
            async with pool.transaction(SYSTEM) as db:
                await checkout.place(db, ask, late)
        except SoldOut:
            return "sold out"
        return "placed"

    async def close(order_id: UUID) -> str:
        async with pool.transaction(SYSTEM) as db:
            return str(await closing.close(db, order_id, "nobody paid", "clock", late))

    outcomes = await asyncio.gather(
        *(make.settled(pool, make.money(each), late) for each in tries),
        *(take_over(*each) for each in enumerate(quick)),
        *(close(order.id) for order in stale[::2]),
        return_exceptions=True,
    )
    assert [each for each in outcomes if isinstance(each, BaseException)] == []
    assert await invariants.check_all(pool) == []
    async with pool.transaction(SYSTEM) as db:
        assert all(on_hand >= 0 for on_hand, _ in await make.levels(db, shop, items))

"""The order path is short: what a launch waits for is the way to the database and back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
from tests import make

from headwater.base.db import SYSTEM, Db, Pool, Walls, member_walls
from headwater.pricing import offers, switches
from headwater.pricing.offers import NewOffer
from headwater.trade import checkout, payments


class Count:
    """What one transaction sent: by our own count, and by the driver's."""

    ours = 0
    drivers = 0


@asynccontextmanager
async def counted(pool: Pool, walls: Walls, count: Count) -> AsyncIterator[Db]:
    """Open a transaction and count until it has committed."""
    sent: list[str] = []

    def note(query: asyncpg.connection.LoggedQuery) -> None:
        sent.append(query.query)

    async with pool.transaction(walls) as db:
        db.raw.add_query_logger(note)
        try:
            yield db
            await db.flush()
        finally:
            db.raw.remove_query_logger(note)
    count.ours = db.round_trips
    # The driver was listened to between BEGIN and COMMIT, which are one message each.
    count.drivers = len(sent) + 2


async def spent(pool: Pool, walls: Walls, work: Callable[[Db], Awaitable[object]]) -> int:
    """Run work in a transaction of its own; tell its round trips, counted in both ways."""
    count = Count()
    async with counted(pool, walls, count) as db:
        await work(db)
    assert count.ours == count.drivers
    return count.ours


async def _shelf(pool: Pool) -> tuple[make.Shop, make.Item, make.Item, UUID]:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        milk, bread = await make.item(db, shop), await make.item(db, shop)
        return shop, milk, bread, await make.member(db)


async def test_an_order_takes_five_round_trips(pool: Pool) -> None:
    shop, milk, bread, member = await _shelf(pool)
    ask = make.ask(member, shop, (milk, 1), (bread, 2))
    trips = await spent(pool, member_walls(member), lambda db: checkout.place(db, ask, make.NOON))
    assert trips == 5


async def test_offers_that_waves_of_stores_switch_cost_none(pool: Pool) -> None:
    shop, milk, bread, member = await _shelf(pool)
    async with pool.transaction(SYSTEM) as db:
        ends_at = make.NOON + timedelta(days=9)
        await offers.put(db, NewOffer("waved", shop.brand_id, "threshold", "满 10 减 3", "3 off 10",
                                      1_000, 300, make.NOON, ends_at, "waves"))  # fmt: skip
        await switches.turn_on(db, "waves", {shop.store_id: make.NOON})
    ask = make.ask(member, shop, (milk, 1), (bread, 2))
    placed: list[checkout.Placed] = []

    async def place(db: Db) -> None:
        placed.append(await checkout.place(db, ask, make.NOON))

    assert await spent(pool, member_walls(member), place) == 5
    assert placed[0].payable_fen == 3 * 1_990 - 300


async def test_an_order_from_the_cart_takes_no_more(pool: Pool) -> None:
    shop, milk, bread, member = await _shelf(pool)
    async with pool.transaction(SYSTEM) as db:
        await make.in_cart(db, member, shop, milk)
        await make.in_cart(db, member, shop, bread)
    ask = make.ask(member, shop)
    trips = await spent(pool, member_walls(member), lambda db: checkout.place(db, ask, make.NOON))
    assert trips == 5


async def test_a_coupon_costs_one_more(pool: Pool) -> None:
    shop, milk, _, member = await _shelf(pool)
    async with pool.transaction(SYSTEM) as db:
        coupon = await make.coupon(db, shop, member, 100)
    ask = replace(make.ask(member, shop, (milk, 1)), coupon_id=coupon)
    trips = await spent(pool, member_walls(member), lambda db: checkout.place(db, ask, make.NOON))
    assert trips == 6


async def test_a_payment_takes_at_most_six(pool: Pool) -> None:
    shop, milk, bread, member = await _shelf(pool)
    async with pool.transaction(SYSTEM) as db:
        order = await make.placed(db, member, shop, (milk, 1), (bread, 1))
        tried = await make.attempt(db, member, order.id)
    notice = make.money(tried)
    trips = await spent(pool, SYSTEM, lambda db: payments.settle(db, notice, make.NOON))
    assert trips <= 6

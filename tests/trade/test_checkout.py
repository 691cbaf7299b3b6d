"""Checkout: all of an order or none of it, once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests import invariants, make

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.errors import BadInput
from headwater.catalog.errors import ProductGone
from headwater.pricing import coupons
from headwater.pricing.errors import CouponGone, NoPrice
from headwater.stock.errors import SoldOut
from headwater.stores.errors import StoreGone
from headwater.trade import carts, checkout, closing, orders
from headwater.trade.errors import EmptyCart, OrderGone, PriceChanged
from headwater.trade.events import OrderPaid, OrderPlaced


async def test_an_order_exists_with_its_stock_held_and_its_amount_owed(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=1_990, stock=10)
    member = await make.member(db)
    order = await make.placed(db, member, shop, (milk, 3))
    assert (order.state, order.payable_fen, order.due_at) == ("placed", 5_970, make.later(15))
    assert await make.levels(db, shop, [milk]) == [(10, 3)]
    assert await make.announced(db, OrderPlaced, order.id) == 1
    assert await checkout.find(db, member, order.id) == order
    assert await invariants.check(db) == []


async def test_every_fen_of_a_line_is_explained(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=1_000, member_price_fen=900)
    bread = await make.item(db, shop, price_fen=333)
    await make.offer(db, shop, "threshold", 100, 1_000)
    member = await make.member(db)
    coupon = await make.coupon(db, shop, member, 50)
    ask = replace(make.ask(member, shop, (milk, 2), (bread, 1)), coupon_id=coupon)
    order = await checkout.place(db, ask, make.NOON)
    assert order.payable_fen == 1_800 + 333 - 100 - 50
    lines = await orders.lines(db, order.id)
    for line in lines:
        assert sum(part["fen"] for part in line.parts) == line.discount_fen
        assert line.goods_fen - line.discount_fen == line.payable_fen
    kinds = {line.variant_id: [part["kind"] for part in line.parts] for line in lines}
    assert kinds == {
        milk.variant_id: ["member", "threshold", "coupon"],
        bread.variant_id: ["threshold", "coupon"],
    }
    assert await invariants.check(db) == []


async def test_a_stores_own_price_goes_before_the_brands(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=1_000, member_price_fen=900)
    await make.price(db, milk, shop.store_id, 700)
    order = await make.placed(db, await make.member(db), shop, (milk, 1))
    assert order.payable_fen == 700


async def test_sold_out_changes_nothing_and_keeps_the_cart(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        plenty = await make.item(db, shop, stock=10)
        scarce = await make.item(db, shop, stock=1)
        member = await make.member(db)
        coupon = await make.coupon(db, shop, member, 100)
        await make.in_cart(db, member, shop, plenty, 2)
        await make.in_cart(db, member, shop, scarce, 2)
    ask = replace(make.ask(member, shop), coupon_id=coupon)
    with pytest.raises(SoldOut) as refused:
        await make.in_walls_of(pool, member, ask)
    assert refused.value.details == {"left": [{"variant_id": str(scarce.variant_id), "left": 1}]}
    async with pool.transaction(SYSTEM) as db:
        assert await make.levels(db, shop, [plenty, scarce]) == [(10, 0), (1, 0)]
        assert await carts.count(db, member) == 4
        assert [each.id for each in await coupons.usable(db, member, make.NOON)] == [coupon]
        assert await make.announced(db, OrderPlaced, ask.order_id) == 0
        with pytest.raises(OrderGone):
            await checkout.find(db, member, ask.order_id)


async def test_a_shortage_leaves_no_trace_on_the_shelf_even_before_the_rollback(db: Db) -> None:
    shop = await make.shop(db)
    plenty, scarce = await make.item(db, shop, stock=9), await make.item(db, shop, stock=0)
    with pytest.raises(SoldOut):
        await make.placed(db, await make.member(db), shop, (plenty, 1), (scarce, 1))
    assert await make.levels(db, shop, [plenty]) == [(9, 0)]


async def test_a_second_request_from_the_same_cart_gives_the_same_order(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        milk = await make.item(db, shop, stock=10)
        member = await make.member(db)
        await make.in_cart(db, member, shop, milk, 3)
    ask = make.ask(member, shop)
    first = await make.in_walls_of(pool, member, ask)
    second = await make.in_walls_of(pool, member, ask)
    assert second == first
    async with pool.transaction(SYSTEM) as db:
        assert await make.levels(db, shop, [milk]) == [(10, 3)]
        assert await carts.count(db, member) == 0
        assert await make.announced(db, OrderPlaced, first.id) == 1


async def test_two_copies_of_a_request_at_once_give_one_order(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        milk = await make.item(db, shop, stock=10)
        member = await make.member(db)
        coupon = await make.coupon(db, shop, member, 100)
    ask = replace(make.ask(member, shop, (milk, 2)), coupon_id=coupon)
    placed = await asyncio.gather(*(make.in_walls_of(pool, member, ask) for _ in range(5)))
    assert len(set(placed)) == 1
    async with pool.transaction(SYSTEM) as db:
        assert await make.levels(db, shop, [milk]) == [(10, 2)]
        assert await make.announced(db, OrderPlaced, ask.order_id) == 1


async def test_a_second_request_whose_coupon_the_first_used_gives_the_same_order(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=5_000)
    member = await make.member(db)
    ask = replace(
        make.ask(member, shop, (milk, 1)), coupon_id=await make.coupon(db, shop, member, 1_000)
    )
    first = await checkout.place(db, ask, make.NOON)
    assert first.payable_fen == 4_000
    assert await checkout.place(db, ask, make.NOON) == first
    assert await make.levels(db, shop, [milk]) == [(10, 1)]


async def test_two_orders_at_once_cannot_use_one_coupon(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        milk = await make.item(db, shop, stock=10)
        member = await make.member(db)
        coupon = await make.coupon(db, shop, member, 100)
    asks = [replace(make.ask(member, shop, (milk, 1)), coupon_id=coupon) for _ in range(4)]
    outcomes = await asyncio.gather(
        *(make.in_walls_of(pool, member, ask) for ask in asks), return_exceptions=True
    )
    assert sum(isinstance(each, checkout.Placed) for each in outcomes) == 1
    assert sum(isinstance(each, CouponGone) for each in outcomes) == 3
    async with pool.transaction(SYSTEM) as db:
        assert await make.levels(db, shop, [milk]) == [(10, 1)]


async def test_a_coupon_that_gives_nothing_stays_in_the_hand(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=500)
    member = await make.member(db)
    coupon = await make.coupon(db, shop, member, 100, floor_fen=1_000)
    ask = replace(make.ask(member, shop, (milk, 1)), coupon_id=coupon)
    assert (await checkout.place(db, ask, make.NOON)).payable_fen == 500
    assert [each.id for each in await coupons.usable(db, member, make.NOON)] == [coupon]


async def test_somebody_elses_coupon_is_no_coupon(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop)
    coupon = await make.coupon(db, shop, await make.member(db), 100)
    member = await make.member(db)
    ask = replace(make.ask(member, shop, (milk, 1)), coupon_id=coupon)
    with pytest.raises(CouponGone):
        await checkout.place(db, ask, make.NOON)


async def test_an_order_that_costs_nothing_is_paid_at_once(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        milk = await make.item(db, shop, price_fen=300, stock=5)
        member = await make.member(db)
        coupon = await make.coupon(db, shop, member, 1_000)
    ask = replace(make.ask(member, shop, (milk, 1)), coupon_id=coupon)
    order = await make.in_walls_of(pool, member, ask)
    assert (order.state, order.payable_fen, order.due_at) == ("paid", 0, None)
    async with pool.transaction(SYSTEM) as db:
        assert await make.levels(db, shop, [milk]) == [(4, 0)]
        assert await make.announced(db, OrderPaid, order.id) == 1
        await orders.hand_over(db, order.id, "picked up", "staff", make.NOON)


async def test_a_changed_total_is_shown_before_it_is_owed(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=500)
    ask = replace(make.ask(await make.member(db), shop, (milk, 1)), shown_fen=499)
    with pytest.raises(PriceChanged) as refused:
        await checkout.place(db, ask, make.NOON)
    assert refused.value.details == {"shown_fen": 499, "payable_fen": 500}


async def test_what_was_laid_into_the_cart_meanwhile_stays_there(db: Db) -> None:
    shop = await make.shop(db)
    milk, bread = await make.item(db, shop), await make.item(db, shop)
    member = await make.member(db)
    await make.in_cart(db, member, shop, milk, 1)
    ask = make.ask(member, shop)
    prepared = await checkout._prepare(db, ask, make.NOON)
    await make.in_cart(db, member, shop, bread, 1)
    placed = checkout.Placed(ask.order_id, "N", shop.store_id, "placed", 1_990, make.later(15))
    assert await checkout._write(db, ask, checkout._quote(ask, prepared), placed, make.NOON)
    await db.flush()
    left = await carts.lines(db, member, shop.store_id)
    assert [each.variant_id for each in left] == [bread.variant_id]


async def test_bad_input_is_named_and_changes_nothing(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop)
    member = await make.member(db)
    good = make.ask(member, shop, (milk, 1))
    other = ids.new((ids.bucket_of(member) + 1) % ids.BUCKETS)
    for field, ask in (
        ("order_id", replace(good, order_id=other)),
        ("lines", make.ask(member, shop, (milk, 1), (milk, 2))),
        ("quantity", make.ask(member, shop, (milk, 0))),
        ("quantity", make.ask(member, shop, (milk, 1_000))),
    ):
        with pytest.raises(BadInput) as refused:
            await checkout.place(db, ask, make.NOON)
        assert refused.value.field == field
    assert await make.levels(db, shop, [milk]) == [(10, 0)]


async def test_what_has_no_price_no_shelf_or_no_cart_is_refused_in_its_own_words(db: Db) -> None:
    shop, elsewhere = await make.shop(db), await make.shop(db)
    foreign = await make.item(db, elsewhere)
    member = await make.member(db)
    with pytest.raises(NoPrice):
        await make.placed(db, member, shop, (foreign, 1))
    with pytest.raises(EmptyCart):
        await make.placed(db, member, shop)
    nowhere = replace(shop, store_id=ids.new())
    with pytest.raises(StoreGone):
        await make.placed(db, member, nowhere, (foreign, 1))
    unknown = replace(foreign, variant_id=ids.new())
    with pytest.raises(ProductGone):
        await make.in_cart(db, member, shop, unknown, 1)


async def test_an_order_of_somebody_else_is_not_there(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop)
    mine = await make.placed(db, await make.member(db), shop, (milk, 1))
    stranger = await make.member(db)
    with pytest.raises(OrderGone):
        await checkout.find(db, stranger, mine.id)
    with pytest.raises(OrderGone):
        await orders.own(db, stranger, mine.id)


async def test_an_expired_hold_does_not_stand_in_the_way_even_unswept(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, stock=3)
    first = await make.placed(db, await make.member(db), shop, (milk, 3))
    member = await make.member(db)
    with pytest.raises(SoldOut):
        async with db.attempt():
            await make.placed(db, member, shop, (milk, 1), now=make.later(14))
    await make.placed(db, member, shop, (milk, 1), now=make.later(16))
    assert await make.levels(db, shop, [milk]) == [(3, 1)]
    assert await closing.close(db, first.id, "nobody paid", "clock", make.later(17))
    assert await make.levels(db, shop, [milk]) == [(3, 1)]
    assert await invariants.check(db) == []

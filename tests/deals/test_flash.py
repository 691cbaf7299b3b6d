"""A flash price holds for its while, and one order goes to each person."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from tests import make

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool, member_walls
from headwater.base.errors import BadInput
from headwater.deals import flash, reactions
from headwater.deals.errors import AlreadyTookPart, SaleNotOn, TooManyInSale
from headwater.deals.flash import BuyAsk, NewSale
from headwater.stock.errors import SoldOut
from headwater.trade import orders
from headwater.trade.events import OrderClosed


async def sale(db: Db, shop: make.Shop, what: make.Item, each_most: int = 2) -> NewSale:
    made = NewSale(
        ids.new(), shop.store_id, what.variant_id, "整点抢", "On the hour", 990, each_most,
        make.NOON, make.later(60),
    )  # fmt: skip
    await flash.set_up(db, made)
    return made


def wants(member_id: UUID, of: NewSale, quantity: int = 1) -> BuyAsk:
    return BuyAsk(of.id, ids.new(ids.bucket_of(member_id)), member_id, quantity)


async def on(db: Db, stock: int = 10) -> tuple[make.Shop, make.Item, NewSale, UUID]:
    shop = await make.shop(db)
    milk = await make.item(db, shop, 1_990, stock)
    return shop, milk, await sale(db, shop, milk), await make.member(db)


async def test_a_flash_order_costs_the_flash_price(db: Db) -> None:
    shop, _milk, made, member = await on(db)
    placed = await flash.buy(db, wants(member, made, 2), make.NOON)
    assert placed.payable_fen == 2 * 990
    assert (await orders.one(db, placed.id)).kind == "flash"
    assert [each.id for each in await flash.live(db, shop.store_id, make.NOON)] == [made.id]


async def test_a_sale_begins_and_ends_by_itself(db: Db) -> None:
    shop, _milk, made, member = await on(db)
    for moment in (make.later(-1), make.later(60)):
        assert await flash.live(db, shop.store_id, moment) == []
        with pytest.raises(SaleNotOn):
            await flash.buy(db, wants(member, made), moment)


async def test_asking_twice_is_once_and_another_order_is_refused(db: Db) -> None:
    _shop, _milk, made, member = await on(db)
    ask = wants(member, made)
    first = await flash.buy(db, ask, make.NOON)
    assert await flash.buy(db, ask, make.NOON) == first
    with pytest.raises(AlreadyTookPart):
        await flash.buy(db, wants(member, made), make.NOON)


async def test_more_than_each_may_have_is_refused(db: Db) -> None:
    _shop, _milk, made, member = await on(db)
    for quantity in (0, 3, -1):
        with pytest.raises(TooManyInSale):
            await flash.buy(db, wants(member, made, quantity), make.NOON)


async def test_who_did_not_pay_may_take_part_again(db: Db) -> None:
    shop, _milk, made, member = await on(db)
    ask = wants(member, made)
    await flash.buy(db, ask, make.NOON)
    closed = OrderClosed(ask.order_id, member, shop.store_id, "unpaid", make.later(15))
    await reactions.free_claim(db, closed)
    await reactions.free_claim(db, closed)
    await flash.buy(db, wants(member, made), make.later(16))


async def test_a_sold_out_sale_leaves_no_claim(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        _shop, _milk, made, member = await on(db, stock=0)
    for _try in range(2):
        with pytest.raises(SoldOut):
            async with pool.transaction(member_walls(member)) as db:
                await flash.buy(db, wants(member, made), make.NOON)


async def test_five_taps_at_once_take_part_once(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        _shop, _milk, made, member = await on(db)

    async def tap() -> str:
        try:
            async with pool.transaction(member_walls(member)) as db:
                await flash.buy(db, wants(member, made), make.NOON)
        except AlreadyTookPart as refusal:
            return refusal.code
        return "bought"

    found = await asyncio.gather(*(tap() for _ in range(5)))
    assert sorted(found) == ["already_took_part"] * 4 + ["bought"]


async def test_a_sale_that_ends_before_it_begins_is_refused(db: Db) -> None:
    _shop, _milk, made, _member = await on(db)
    with pytest.raises(BadInput):
        await flash.set_up(db, replace(made, id=ids.new(), ends_at=made.starts_at))

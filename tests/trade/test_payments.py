"""Payments: an order becomes paid once, whoever brings the word and however often."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from tests import invariants, make

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool, member_walls
from headwater.books import transfers
from headwater.pricing import coupons
from headwater.trade import checkout, closing, incidents, orders, payments, refunds
from headwater.trade.errors import NotPayable, OrderGone
from headwater.trade.events import OrderClosed, OrderPaid


async def kinds(db: Db, order_id: UUID) -> list[str]:
    found = await incidents.unsolved(db, most=1_000)
    return [each.kind for each in found if each.order_id == order_id]


async def test_money_pays_the_order_sells_the_goods_and_is_booked(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=1_990, stock=10)
    order = await make.paid(db, await make.member(db), shop, (milk, 2))
    found = await orders.one(db, order.id)
    assert (found.state, found.due_at) == ("paid", None)
    assert await make.levels(db, shop, [milk]) == [(8, 0)]
    sales = await transfers.balance(db, f"sales:store:{shop.store_id}")
    assert sales.net_fen == -3_980
    assert await make.announced(db, OrderPaid, order.id) == 1
    assert [(each.from_state, each.to_state) for each in await orders.log(db, order.id)] == [
        (None, "placed"),
        ("placed", "paid"),
    ]
    assert await invariants.check(db) == []


async def test_five_copies_of_a_notice_at_once_pay_once(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        milk = await make.item(db, shop, stock=10)
        member = await make.member(db)
        order = await make.placed(db, member, shop, (milk, 2))
        tried = await make.attempt(db, member, order.id)
    outcomes = await asyncio.gather(*(make.settled(pool, make.money(tried)) for _ in range(5)))
    assert sorted(outcomes) == ["paid", *["repeated"] * 4]
    async with pool.transaction(SYSTEM) as db:
        assert await make.levels(db, shop, [milk]) == [(8, 0)]
        assert await make.announced(db, OrderPaid, order.id) == 1
        sales = await transfers.balance(db, f"sales:store:{shop.store_id}")
        assert sales.net_fen == -order.payable_fen


async def test_another_amount_pays_nothing_and_is_put_before_a_person(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop)
    member = await make.member(db)
    order = await make.placed(db, member, shop, (milk, 1))
    tried = await make.attempt(db, member, order.id)
    for _ in range(2):
        assert await payments.settle(db, make.money(tried, 1), make.NOON) == "wrong_amount"
    assert (await orders.one(db, order.id)).state == "placed"
    assert await kinds(db, order.id) == ["wrong_amount"]
    assert await make.levels(db, shop, [milk]) == [(10, 1)]
    assert await payments.settle(db, make.money(tried), make.NOON) == "paid"
    assert await payments.settle(db, make.money(tried, 1), make.NOON) == "wrong_amount"
    assert await kinds(db, order.id) == ["wrong_amount", "different_repeat"]
    assert await invariants.check(db) == []


async def test_an_incident_is_open_until_a_person_has_seen_to_it(db: Db) -> None:
    shop = await make.shop(db)
    member = await make.member(db)
    order = await make.placed(db, member, shop, (await make.item(db, shop), 1))
    tried = await make.attempt(db, member, order.id)
    await payments.settle(db, make.money(tried, 1), make.NOON)
    found = [each for each in await incidents.unsolved(db, 1_000) if each.order_id == order.id]
    assert found[0].details["paid_fen"] == 1
    assert await incidents.solve(db, found[0].id, "li.na", make.NOON)
    assert not await incidents.solve(db, found[0].id, "li.na", make.NOON)
    assert await kinds(db, order.id) == []


NOBODYS = ids.named("nobody", "asked").hex


@pytest.mark.parametrize("number", ["", "zzz", "not a number at all", NOBODYS])
async def test_a_number_that_was_never_asked_for_is_refused(db: Db, number: str) -> None:
    with pytest.raises(payments.UnknownPayment):
        await payments.settle(db, payments.Paid(number, "wx1", 1, make.NOON), make.NOON)


async def test_late_money_takes_the_stock_again_while_it_is_there(db: Db) -> None:
    shop = await make.shop(db)
    milk, bread = await make.item(db, shop, stock=3), await make.item(db, shop, stock=3)
    member = await make.member(db)
    order = await make.placed(db, member, shop, (milk, 2), (bread, 3))
    tried = await make.attempt(db, member, order.id)
    assert await closing.close(db, order.id, "nobody paid", "clock", make.later(16))
    await payments.close_attempt(db, tried.out_trade_no, make.later(16))
    assert await payments.settle(db, make.money(tried), make.later(17)) == "paid"
    found = await orders.one(db, order.id)
    assert (found.state, found.ended_at) == ("paid", None)
    assert await make.levels(db, shop, [milk, bread]) == [(1, 0), (0, 0)]
    assert await invariants.check(db) == []


async def test_late_money_goes_back_by_itself_when_one_thing_is_gone(db: Db) -> None:
    shop = await make.shop(db)
    milk, bread = await make.item(db, shop, stock=3), await make.item(db, shop, stock=3)
    member = await make.member(db)
    order = await make.placed(db, member, shop, (milk, 2), (bread, 3))
    tried = await make.attempt(db, member, order.id)
    await closing.close(db, order.id, "nobody paid", "clock", make.later(16))
    await make.placed(db, await make.member(db), shop, (bread, 1), now=make.later(16))
    before = await transfers.balance(db, payments.UNMATCHED)
    assert await payments.settle(db, make.money(tried), make.later(17)) == "returned"
    assert await payments.settle(db, make.money(tried), make.later(18)) == "repeated"
    assert (await orders.one(db, order.id)).state == "closed"
    assert await make.levels(db, shop, [milk, bread]) == [(3, 0), (3, 1)]
    owed = await refunds.of_order(db, order.id)
    assert [(each.amount_fen, each.state) for each in owed] == [(order.payable_fen, "owed")]
    assert await kinds(db, order.id) == ["money_returned"]
    assert await refunds.settle(db, owed[0].id, make.later(19)) == "returned"
    assert await invariants.check(db) == []
    assert (await transfers.balance(db, payments.UNMATCHED)).net_fen == before.net_fen


async def test_money_before_the_sweep_does_not_sell_what_another_shopper_took(db: Db) -> None:
    shop = await make.shop(db)
    milk, bread = await make.item(db, shop, stock=1), await make.item(db, shop, stock=1)
    slow, quick = await make.member(db), await make.member(db)
    order = await make.placed(db, slow, shop, (milk, 1), (bread, 1))
    tried = await make.attempt(db, slow, order.id)
    await make.paid(db, quick, shop, (milk, 1), now=make.later(16))
    assert await payments.settle(db, make.money(tried), make.later(17)) == "returned"
    found = await orders.one(db, order.id)
    assert (found.state, found.due_at) == ("closed", None)
    assert await make.announced(db, OrderClosed, order.id) == 1
    assert await make.levels(db, shop, [milk, bread]) == [(0, 0), (1, 0)]
    assert await invariants.check(db) == []


async def test_money_before_the_sweep_pays_when_the_shelf_was_filled_again(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, stock=1)
    slow = await make.member(db)
    order = await make.placed(db, slow, shop, (milk, 1))
    tried = await make.attempt(db, slow, order.id)
    await make.paid(db, await make.member(db), shop, (milk, 1), now=make.later(16))
    await make.receive(db, shop, milk, 1)
    assert await payments.settle(db, make.money(tried), make.later(17)) == "paid"
    assert await make.levels(db, shop, [milk]) == [(0, 0)]
    assert await invariants.check(db) == []


async def test_a_coupon_used_elsewhere_meanwhile_sends_late_money_back(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=1_000)
    member = await make.member(db)
    coupon = await make.coupon(db, shop, member, 100)
    ask = replace(make.ask(member, shop, (milk, 1)), coupon_id=coupon)
    order = await checkout.place(db, ask, make.NOON)
    tried = await make.attempt(db, member, order.id)
    await closing.close(db, order.id, "nobody paid", "clock", make.later(16))
    assert [each.id for each in await coupons.usable(db, member, make.later(16))] == [coupon]
    again = replace(make.ask(member, shop, (milk, 1)), coupon_id=coupon)
    await checkout.place(db, again, make.later(16))
    assert await payments.settle(db, make.money(tried), make.later(17)) == "returned"
    assert await make.levels(db, shop, [milk]) == [(10, 1)]
    assert await invariants.check(db) == []


async def test_late_money_ties_its_coupon_again(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=1_000)
    member = await make.member(db)
    coupon = await make.coupon(db, shop, member, 100)
    ask = replace(make.ask(member, shop, (milk, 1)), coupon_id=coupon)
    order = await checkout.place(db, ask, make.NOON)
    tried = await make.attempt(db, member, order.id)
    await closing.close(db, order.id, "nobody paid", "clock", make.later(16))
    assert await payments.settle(db, make.money(tried), make.later(17)) == "paid"
    assert await coupons.usable(db, member, make.later(17)) == []
    assert await invariants.check(db) == []


async def test_of_two_tries_that_both_brought_money_one_is_kept_and_one_goes_back(
    pool: Pool,
) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        milk = await make.item(db, shop, stock=10)
        member = await make.member(db)
        order = await make.placed(db, member, shop, (milk, 1))
        tries = [
            await make.attempt(db, member, order.id, channel=each) for each in ("jsapi", "native")
        ]
    outcomes = await asyncio.gather(*(make.settled(pool, make.money(each)) for each in tries))
    assert sorted(outcomes) == ["paid", "returned"]
    async with pool.transaction(SYSTEM) as db:
        owed = await refunds.of_order(db, order.id)
        assert [(each.amount_fen, each.reason) for each in owed] == [
            (order.payable_fen, "paid twice")
        ]
        assert (await orders.one(db, order.id)).refunded_fen == 0
        assert await refunds.settle(db, owed[0].id, make.NOON) == "returned"
        assert await make.levels(db, shop, [milk]) == [(9, 0)]
        assert (await orders.one(db, order.id)).state == "paid"


async def test_a_second_payment_of_a_refunded_order_goes_back_too(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop)
    member = await make.member(db)
    order = await make.placed(db, member, shop, (milk, 1))
    first = await make.attempt(db, member, order.id)
    second = await make.attempt(db, member, order.id, channel="native")
    await payments.settle(db, make.money(first), make.NOON)
    await make.refunded(db, order.id, (1, 1))
    assert await payments.settle(db, make.money(second), make.later(2)) == "returned"
    assert {each.reason for each in await refunds.of_order(db, order.id)} == {
        "changed my mind",
        "paid twice",
    }
    assert await invariants.check(db) == []


async def test_opening_the_sheet_twice_is_one_try(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        member = await make.member(db)
        order = await make.placed(db, member, shop, (await make.item(db, shop), 1))

    async def open_it() -> payments.Attempt:
        async with pool.transaction(member_walls(member)) as db:
            return await make.attempt(db, member, order.id)

    opened = await asyncio.gather(*(open_it() for _ in range(4)))
    assert len({each.out_trade_no for each in opened}) == 1
    assert ids.bucket_of(UUID(hex=opened[0].out_trade_no)) == ids.bucket_of(member)


async def test_what_is_over_paid_or_not_ones_own_cannot_be_paid(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop)
    member = await make.member(db)
    order = await make.placed(db, member, shop, (milk, 1))
    with pytest.raises(NotPayable):
        await make.attempt(db, member, order.id, now=make.later(15))
    with pytest.raises(OrderGone):
        await make.attempt(db, await make.member(db), order.id)
    paid = await make.paid(db, member, shop, (milk, 1))
    with pytest.raises(NotPayable):
        await make.attempt(db, member, paid.id)


async def test_while_the_clock_closes_an_order_nobody_can_pay_it(db: Db) -> None:
    shop = await make.shop(db)
    member = await make.member(db)
    order = await make.placed(db, member, shop, (await make.item(db, shop), 1))
    claimed = await closing.claim_due(db, make.later(16), most=10_000)
    assert order.id in [each.id for each in claimed]
    with pytest.raises(NotPayable):
        await make.attempt(db, member, order.id, now=make.later(16))
    again = await closing.claim_due(db, make.later(16.5), most=10_000)
    assert order.id not in [each.id for each in again]
    after = await closing.claim_due(db, make.later(17.1), most=10_000)
    assert order.id in [each.id for each in after]


async def test_an_order_that_was_paid_meanwhile_is_not_closed(db: Db) -> None:
    shop = await make.shop(db)
    order = await make.paid(db, await make.member(db), shop, (await make.item(db, shop), 1))
    assert not await closing.close(db, order.id, "nobody paid", "clock", make.later(16))
    assert (await orders.one(db, order.id)).state == "paid"


async def test_paying_and_closing_at_once_end_in_one_of_the_two(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        milk = await make.item(db, shop, stock=40)
        member = await make.member(db)
        placed = [await make.placed(db, member, shop, (milk, 1)) for _ in range(8)]
        tries = [await make.attempt(db, member, order.id) for order in placed]

    async def close(order_id: UUID) -> bool:
        async with pool.transaction(SYSTEM) as db:
            return await closing.close(db, order_id, "nobody paid", "clock", make.later(16))

    await asyncio.gather(
        *(make.settled(pool, make.money(each), make.later(16)) for each in tries),
        *(close(order.id) for order in placed),
    )
    async with pool.transaction(SYSTEM) as db:
        assert {(await orders.one(db, order.id)).state for order in placed} == {"paid"}
        assert await make.levels(db, shop, [milk]) == [(32, 0)]
        assert await invariants.check(db) == []

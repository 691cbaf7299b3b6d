"""Refunds: per line and in fen, never more than was paid, and always the same sum."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import invariants, make

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.errors import BadInput, Refusal
from headwater.books import transfers
from headwater.trade import incidents, orders, refunds
from headwater.trade.errors import NotRefundable, OrderGone, WrongState
from headwater.trade.events import OrderRefunded


@given(st.integers(0, 10_000_000), st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_the_pieces_of_a_line_cost_together_what_the_line_cost(
    payable_fen: int, batches: list[int]
) -> None:
    quantity, given_back, total = sum(batches), 0, 0
    for batch in batches:
        part = refunds.part_of_line(payable_fen, quantity, given_back, given_back + batch)
        assert 0 <= part <= payable_fen
        given_back, total = given_back + batch, total + part
    assert total == payable_fen


async def test_piece_by_piece_all_of_the_money_goes_back_and_no_more(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=333, stock=10)
    bread = await make.item(db, shop, price_fen=100, stock=10)
    await make.offer(db, shop, "threshold", 100, 500)
    order = await make.paid(db, await make.member(db), shop, (milk, 3), (bread, 1))
    assert order.payable_fen == 999
    by_variant = {line.variant_id: line.line_no for line in await orders.lines(db, order.id)}
    milk_no, bread_no = by_variant[milk.variant_id], by_variant[bread.variant_id]
    given_back = [
        (await make.refunded(db, order.id, *lines)).amount_fen
        for lines in ([(milk_no, 1)], [(milk_no, 1), (bread_no, 1)], [(milk_no, 1)])
    ]
    assert sum(given_back) == 999
    found = await orders.one(db, order.id)
    assert (found.state, found.refunded_fen) == ("refunded", 999)
    assert await make.levels(db, shop, [milk, bread]) == [(10, 0), (10, 0)]
    assert (await transfers.balance(db, f"sales:store:{shop.store_id}")).net_fen == 0
    assert await make.announced(db, OrderRefunded, order.id) == 3
    with pytest.raises(NotRefundable):
        await refunds.ask(db, make.back(order.id, (milk_no, 1)), make.NOON)
    assert await invariants.check(db) == []


async def test_a_part_leaves_the_order_paid(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=500)
    order = await make.paid(db, await make.member(db), shop, (milk, 2))
    await make.refunded(db, order.id, (1, 1))
    found = await orders.one(db, order.id)
    assert (found.state, found.refunded_fen) == ("paid", 500)
    await orders.hand_over(db, order.id, "picked up", "staff", make.NOON)
    await make.refunded(db, order.id, (1, 1))
    assert (await orders.one(db, order.id)).state == "refunded"
    assert await invariants.check(db) == []


async def test_asking_twice_is_asking_once_and_a_notice_counts_once(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=500)
    order = await make.paid(db, await make.member(db), shop, (milk, 2))
    ask = make.back(order.id, (1, 1))
    first = await refunds.ask(db, ask, make.NOON)
    assert await refunds.ask(db, ask, make.later(1)) == first
    assert await refunds.settle(db, first.id, make.NOON, 500) == "refunded"
    assert await refunds.settle(db, first.id, make.NOON, 500) == "repeated"
    assert await make.levels(db, shop, [milk]) == [(9, 0)]
    assert await invariants.check(db) == []


async def test_two_refunds_at_once_give_back_no_more_than_was_paid(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        milk = await make.item(db, shop, price_fen=999)
        order = await make.paid(db, await make.member(db), shop, (milk, 3))

    async def ask() -> refunds.Refund:
        async with pool.transaction(SYSTEM) as db:
            return await refunds.ask(db, make.back(order.id, (1, 2)), make.NOON)

    outcomes = await asyncio.gather(*(ask() for _ in range(4)), return_exceptions=True)
    won = [each for each in outcomes if isinstance(each, refunds.Refund)]
    assert [each.amount_fen for each in won] == [1_998]
    assert sum(isinstance(each, NotRefundable) for each in outcomes) == 3

    async def settle(refund_id: UUID) -> str:
        async with pool.transaction(SYSTEM) as db:
            return await refunds.settle(db, refund_id, make.NOON)

    async with pool.transaction(SYSTEM) as db:
        rest = await refunds.ask(db, make.back(order.id, (1, 1)), make.NOON)
    words = await asyncio.gather(*(settle(each) for each in (won[0].id, rest.id) * 3))
    assert sorted(words) == ["refunded"] * 2 + ["repeated"] * 4
    async with pool.transaction(SYSTEM) as db:
        assert (await orders.one(db, order.id)).state == "refunded"
        assert await make.levels(db, shop, [milk]) == [(10, 0)]
        assert await invariants.check(db) == []


async def test_more_than_is_left_and_what_was_never_paid_are_refused(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop)
    member = await make.member(db)
    order = await make.paid(db, member, shop, (milk, 2))
    unpaid = await make.placed(db, member, shop, (milk, 1))
    elsewhere = ids.new((ids.bucket_of(member) + 1) % ids.BUCKETS)
    good = make.back(order.id, (1, 1))
    cases: list[tuple[type[Refusal], refunds.BackAsk]] = [
        (NotRefundable, make.back(order.id, (1, 3))),
        (NotRefundable, make.back(unpaid.id, (1, 1))),
        (BadInput, make.back(order.id, (1, 0))),
        (BadInput, make.back(order.id, (7, 1))),
        (BadInput, make.back(order.id)),
        (BadInput, make.back(order.id, (1, 1), (1, 1))),
        (BadInput, replace(good, refund_id=elsewhere)),
        (OrderGone, make.back(ids.new(ids.bucket_of(member)), (1, 1))),
    ]
    for refusal, ask in cases:
        with pytest.raises(refusal):
            await refunds.ask(db, ask, make.NOON)
    assert (await orders.one(db, order.id)).refunded_fen == 0


async def test_the_name_of_another_orders_refund_is_not_taken_for_this_one(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop)
    member = await make.member(db)
    one, other = [await make.paid(db, member, shop, (milk, 1)) for _ in range(2)]
    ask = make.back(one.id, (1, 1))
    await refunds.ask(db, ask, make.NOON)
    with pytest.raises(BadInput):
        await refunds.ask(db, replace(ask, order_id=other.id), make.NOON)


async def test_goods_are_not_handed_over_while_all_their_money_is_going_back(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop)
    order = await make.paid(db, await make.member(db), shop, (milk, 1))
    await refunds.ask(db, make.back(order.id, (1, 1)), make.NOON)
    with pytest.raises(WrongState):
        await orders.hand_over(db, order.id, "picked up", "staff", make.NOON)


async def test_goods_that_stay_with_the_shopper_do_not_come_back_to_the_shelf(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, stock=5)
    order = await make.paid(db, await make.member(db), shop, (milk, 1))
    ask = replace(make.back(order.id, (1, 1)), takes_back=False)
    await refunds.settle(db, (await refunds.ask(db, ask, make.NOON)).id, make.NOON)
    assert await make.levels(db, shop, [milk]) == [(4, 0)]
    assert await invariants.check(db) == []


async def test_a_refund_of_another_amount_or_a_stuck_one_is_put_before_a_person(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=500)
    order = await make.paid(db, await make.member(db), shop, (milk, 2))
    owed = await refunds.ask(db, make.back(order.id, (1, 1)), make.NOON)
    assert await refunds.settle(db, owed.id, make.NOON, 499) == "wrong_amount"
    await refunds.mark_stuck(db, owed.id, "NOT_ENOUGH", make.NOON)
    await refunds.mark_stuck(db, owed.id, "NOT_ENOUGH", make.NOON)
    found = [each for each in await incidents.unsolved(db, 1_000) if each.order_id == order.id]
    assert {each.kind for each in found} == {"wrong_refund_amount", "refund_stuck"}
    assert await refunds.settle(db, owed.id, make.NOON, 500) == "refunded"
    assert await invariants.check(db) == []


async def test_an_owed_refund_is_asked_for_by_one_worker_at_a_time(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=500)
    order = await make.paid(db, await make.member(db), shop, (milk, 2))
    owed = await refunds.ask(db, make.back(order.id, (1, 1)), make.NOON)
    asked = [
        each for each in await refunds.claim_to_ask(db, make.NOON, 1_000) if each.id == owed.id
    ]
    assert [(each.amount_fen, each.total_fen) for each in asked] == [(500, 1_000)]
    again = await refunds.claim_to_ask(db, make.later(1), 1_000)
    assert owed.id not in [each.id for each in again]
    after = await refunds.claim_to_ask(db, make.later(2), 1_000)
    assert owed.id in [each.id for each in after]

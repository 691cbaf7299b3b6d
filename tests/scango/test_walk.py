"""A walk through a store: one visit, one order, one way out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from tests import make

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool, Walls
from headwater.catalog.errors import UnknownBarcode
from headwater.scango import exits, merging, passes, scans, visits
from headwater.scango.errors import (
    NoSuchStore,
    NotPaidYet,
    PassExpired,
    PassUnknown,
    PassUsed,
    VisitOver,
)
from headwater.trade import orders, payments
from headwater.trade.checkout import Placed
from headwater.trade.errors import EmptyCart, PriceChanged
from headwater.trade.orders import Order

STAFF = ids.new()


async def in_store(db: Db) -> tuple[make.Shop, make.Item, UUID, visits.Visit]:
    shop = await make.shop(db)
    milk = await make.item(db, shop, 1_990, 10)
    member = await make.member(db)
    visit = await visits.start(db, member, shop.store_id, make.NOON)
    return shop, milk, member, visit


def order_id_for(member_id: UUID) -> UUID:
    return ids.new(ids.bucket_of(member_id))


async def paid(db: Db, member_id: UUID, placed: Placed) -> Order:
    tried = await payments.open_attempt(db, member_id, placed.id, "jsapi", make.NOON)
    assert await payments.settle(db, make.money(tried), make.later(1)) == "paid"
    return await orders.one(db, placed.id)


async def walked(db: Db) -> tuple[make.Shop, Order]:
    shop, milk, member, visit = await in_store(db)
    await scans.scan(db, visit, milk.barcode, make.NOON)
    placed = await visits.check_out(db, member, visit.id, order_id_for(member), make.NOON)
    return shop, await paid(db, member, placed)


async def test_beginning_twice_goes_on_with_the_same_visit(db: Db) -> None:
    shop, _milk, member, visit = await in_store(db)
    again = await visits.start(db, member, shop.store_id, make.later(30))
    assert again == visit
    tomorrow = await visits.start(db, member, shop.store_id, make.NOON + timedelta(hours=13))
    assert tomorrow.started_at == make.NOON + timedelta(hours=13)


async def test_scanning_twice_is_two_pieces_and_priced_by_us(db: Db) -> None:
    _shop, milk, _member, visit = await in_store(db)
    assert (await scans.basket(db, visit, make.NOON)).quote is None
    await scans.scan(db, visit, milk.barcode, make.NOON)
    await scans.scan(db, visit, f" {milk.barcode[:5]}-{milk.barcode[5:]} ", make.NOON)
    basket = await scans.basket(db, visit, make.NOON)
    assert basket.pieces == 2
    assert basket.payable_fen(milk.variant_id) == 2 * 1_990


async def test_an_unknown_barcode_leaves_the_basket_as_it_was(db: Db) -> None:
    _shop, milk, _member, visit = await in_store(db)
    await scans.scan(db, visit, milk.barcode, make.NOON)
    with pytest.raises(UnknownBarcode):
        await scans.scan(db, visit, "0000000000000", make.NOON)
    assert (await scans.basket(db, visit, make.NOON)).pieces == 1


async def test_checking_out_twice_gives_the_same_order(db: Db) -> None:
    shop, milk, member, visit = await in_store(db)
    await scans.scan(db, visit, milk.barcode, make.NOON)
    first = await visits.check_out(db, member, visit.id, order_id_for(member), make.NOON)
    again = await visits.check_out(db, member, visit.id, order_id_for(member), make.NOON)
    assert first.id == again.id
    order = await orders.one(db, first.id)
    assert (order.kind, order.fulfilment, order.store_id) == (
        "scan_and_go",
        "carried",
        shop.store_id,
    )
    ended = await visits.own(db, member, visit.id)
    with pytest.raises(VisitOver):
        await scans.scan(db, ended, milk.barcode, make.NOON)


async def test_a_changed_price_or_an_empty_basket_keeps_the_visit_open(db: Db) -> None:
    _shop, milk, member, visit = await in_store(db)
    with pytest.raises(EmptyCart):
        await visits.check_out(db, member, visit.id, order_id_for(member), make.NOON)
    await scans.scan(db, visit, milk.barcode, make.NOON)
    with pytest.raises(PriceChanged):
        await visits.check_out(db, member, visit.id, order_id_for(member), make.NOON, 1)
    assert (await visits.own(db, member, visit.id)).ended_at is None


async def test_somebody_elses_visit_does_not_exist(db: Db) -> None:
    _shop, _milk, _member, visit = await in_store(db)
    with pytest.raises(VisitOver):
        await visits.own(db, await make.member(db), visit.id)
    with pytest.raises(NoSuchStore):
        await visits.place_of(db, "no such store")


async def test_a_pass_lets_out_once_by_camera_or_by_hand(db: Db) -> None:
    shop, order = await walked(db)
    shown = passes.derive(make.KEYS, order)
    left = await exits.check(db, make.KEYS, STAFF, shown.token, make.later(5))
    assert (left.pieces, left.order.store_id) == (1, shop.store_id)
    for again in (shown.token, shown.code, order.number.lower()):
        with pytest.raises(PassUsed):
            await exits.check(db, make.KEYS, STAFF, again, make.later(6))
    assert (await orders.one(db, order.id)).state == "handed_over"


async def test_the_short_code_lets_out_as_well(db: Db) -> None:
    _shop, order = await walked(db)
    left = await exits.check(db, make.KEYS, STAFF, passes.grouped(order.number), make.later(5))
    assert left.order.id == order.id


async def test_a_pass_ends_after_an_hour(db: Db) -> None:
    _shop, order = await walked(db)
    shown = passes.derive(make.KEYS, order)
    for way in (shown.token, shown.code):
        with pytest.raises(PassExpired):
            await exits.check(db, make.KEYS, STAFF, way, make.later(61))
    assert shown.is_over(make.later(61))
    assert not shown.is_over(make.later(60.9))


async def test_an_unpaid_order_has_no_pass(db: Db) -> None:
    _shop, milk, member, visit = await in_store(db)
    await scans.scan(db, visit, milk.barcode, make.NOON)
    placed = await visits.check_out(db, member, visit.id, order_id_for(member), make.NOON)
    order = await orders.one(db, placed.id)
    with pytest.raises(NotPaidYet):
        passes.derive(make.KEYS, order)
    with pytest.raises(NotPaidYet):
        await exits.check(db, make.KEYS, STAFF, order.number, make.NOON)


async def test_an_order_of_another_kind_lets_nobody_out(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop)
    member = await make.member(db)
    order = await make.paid(db, member, shop, (milk, 1))
    with pytest.raises(PassUnknown):
        await exits.check(db, make.KEYS, STAFF, order.number, make.later(2))
    with pytest.raises(NotPaidYet):
        passes.derive(make.KEYS, await orders.one(db, order.id))


@pytest.mark.parametrize("shown", ["", "x", "not a token", "0000-0000-0000", "a.b.c", "七" * 12])
async def test_what_is_no_pass_is_refused(db: Db, shown: str) -> None:
    with pytest.raises(PassUnknown):
        await exits.check(db, make.KEYS, STAFF, shown, make.NOON)


async def test_a_pass_of_one_house_opens_no_other(db: Db) -> None:
    _shop, order = await walked(db)
    forged = passes.derive(make.KEYS.rotated().drawn(), order)
    with pytest.raises(PassUnknown):
        await exits.check(db, make.KEYS, STAFF, forged.token, make.later(5))


async def test_two_at_the_exit_at_once_let_out_once_and_only_in_their_own_store(
    pool: Pool,
) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop, order = await walked(db)
        elsewhere = await make.shop(db, shop)
    shown = passes.derive(make.KEYS, order)

    async def check(store_id: UUID) -> str:
        try:
            async with pool.transaction(Walls("staff", store_ids=(store_id,))) as db:
                await exits.check(db, make.KEYS, STAFF, shown.token, make.later(5))
        except (PassUsed, PassUnknown) as refusal:
            return refusal.code
        return "out"

    assert await check(elsewhere.store_id) == "pass_unknown"
    found = await asyncio.gather(*(check(shop.store_id) for _ in range(6)))
    assert sorted(found) == ["out"] + ["pass_used"] * 5


async def test_of_two_accounts_of_one_bucket_that_shop_in_one_store_one_visit_stays(
    db: Db,
) -> None:
    shop, _milk, kept, visit = await in_store(db)
    gone = next(
        each for each in iter(ids.new_member, None) if ids.bucket_of(each) == ids.bucket_of(kept)
    )
    other = await visits.start(db, gone, shop.store_id, make.NOON)
    for _time in range(2):
        await merging.follow(db, kept, gone, make.later(1))
    assert (await visits.own(db, kept, visit.id)).ended_at is None
    assert (await visits.own(db, kept, other.id)).ended_at == make.later(1)
    with pytest.raises(VisitOver):
        await visits.own(db, gone, other.id)

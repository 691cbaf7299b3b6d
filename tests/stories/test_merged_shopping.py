"""Somebody in the middle of shopping becomes one person of two accounts, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests import make
from tests.doors import desks
from tests.house import House
from tests.stories.test_merging import Person, became_one, person

from headwater.app import invariants
from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Walls, member_walls
from headwater.deals import flash
from headwater.deals.errors import AlreadyTookPart
from headwater.guides import credits, customers, relations, shares
from headwater.guides.credits import Claim
from headwater.guides.relations import Meeting
from headwater.increment.honesty import live
from headwater.pricing import coupons
from headwater.reach import segments
from headwater.scango import exits, passes, scans, visits
from headwater.trade import carts, checkout, closing, orders, payments

HOUR = timedelta(hours=1)


async def test_a_visit_that_is_open_goes_on_to_the_exit(house: House) -> None:
    who = await person(house)
    async with house.building.transaction(member_walls(who.by_phone)) as db:
        visit = await visits.start(db, who.by_phone, who.shop.store_id, house.now)
        await scans.scan(db, visit, who.milk.barcode, house.now)
        # The page on the phone already carries the id of the order to come.
        shown = ids.new(ids.bucket_of(who.by_phone))
    kept = await became_one(house, who)
    async with house.building.transaction(member_walls(kept)) as db:
        assert (await visits.start(db, kept, who.shop.store_id, house.now)).id == visit.id
        open_visit = await visits.own(db, kept, visit.id)
        await scans.scan(db, open_visit, who.milk.barcode, house.now)
        assert (await scans.basket(db, open_visit, house.now)).pieces == 2
        placed = await visits.check_out(db, kept, visit.id, shown, house.now)
        again = await visits.check_out(db, kept, visit.id, shown, house.now)
    assert placed == again
    async with house.building.transaction(SYSTEM) as db:
        await paid(db, house, kept, placed.id)
        order = await orders.one(db, placed.id)
        shown_at_exit = passes.derive(house.building.keys, order).token
        staff_id = (await desks.hired(house, "admin")).id
        left = await exits.check(db, house.building.keys, staff_id, shown_at_exit, house.now)
        assert left.pieces == 2


async def test_what_two_phones_scanned_is_all_in_the_basket(house: House) -> None:
    who = await person(house)
    async with house.building.transaction(SYSTEM) as db:
        for each, pieces in ((who.by_wechat, 2), (who.by_phone, 1)):
            visit = await visits.start(db, each, who.shop.store_id, house.now)
            for _piece in range(pieces):
                await scans.scan(db, visit, who.milk.barcode, house.now)
    kept = await became_one(house, who)
    async with house.building.transaction(SYSTEM) as db:
        assert await carts.count(db, kept) == 3


async def test_an_order_that_was_placed_is_paid_shown_and_sent_back_after(house: House) -> None:
    who = await person(house)
    async with house.building.transaction(SYSTEM) as db:
        order = await make.placed(db, who.by_phone, who.shop, (who.milk, 2), now=house.now)
    kept = await became_one(house, who)
    async with house.building.transaction(SYSTEM) as db:
        await paid(db, house, kept, order.id)
        assert (await checkout.find(db, kept, order.id)).state == "paid"
        await make.refunded(db, order.id, (1, 1), now=house.now)
    await house.work()
    async with house.building.transaction(SYSTEM) as db:
        assert await invariants.check(db) == []


async def test_the_coupon_of_an_order_that_nobody_paid_comes_to_the_one_who_stays(
    house: House,
) -> None:
    who = await person(house)
    async with house.building.transaction(SYSTEM) as db:
        coupon = await make.coupon(db, who.shop, who.by_phone, 100, now=house.now)
        ask = replace(make.ask(who.by_phone, who.shop, (who.milk, 1)), coupon_id=coupon)
        order = await checkout.place(db, ask, house.now)
        tried = await make.attempt(db, who.by_phone, order.id, house.now)
    kept = await became_one(house, who)
    async with house.building.transaction(SYSTEM) as db:
        assert await coupons.usable(db, kept, house.now) == []
        assert await closing.close(db, order.id, "nobody paid", "clock", house.now)
        back = await coupons.usable(db, kept, house.now)
        assert [each.off_fen for each in back] == [100]
        assert await invariants.check(db) == []
        # The money comes late, and the coupon is the order's again.
        assert await payments.settle(db, make.money(tried), house.now) == "paid"
        assert await coupons.usable(db, kept, house.now) == []


async def test_one_person_takes_part_in_a_sale_once(house: House) -> None:
    who = await person(house)
    async with house.building.transaction(SYSTEM) as db:
        sale = flash.NewSale(
            ids.new(), who.shop.store_id, who.milk.variant_id, "抢", "Now", 900, 1, house.now,
            house.now + HOUR,
        )  # fmt: skip
        await flash.set_up(db, sale)
        theirs = await flash.buy(db, wants(sale.id, who.by_phone), house.now)
    kept = await became_one(house, who)
    async with house.building.transaction(member_walls(kept)) as db:
        (shown,) = await flash.on_show(db, who.shop.store_id, kept, house.now)
        assert shown.order_number == theirs.number
    with pytest.raises(AlreadyTookPart):
        async with house.building.transaction(member_walls(kept)) as db:
            await flash.buy(db, wants(sale.id, kept), house.now)
    async with house.building.transaction(SYSTEM) as db:
        assert await closing.close(db, theirs.id, "nobody paid", "clock", house.now)
    await house.work()
    async with house.building.transaction(SYSTEM) as db:
        await flash.buy(db, wants(sale.id, kept), house.now)


async def test_of_two_orders_in_one_sale_the_one_that_stands_still_counts(house: House) -> None:
    who = await person(house)
    async with house.building.transaction(SYSTEM) as db:
        sale = flash.NewSale(
            ids.new(), who.shop.store_id, who.milk.variant_id, "抢", "Now", 900, 1, house.now,
            house.now + HOUR,
        )  # fmt: skip
        await flash.set_up(db, sale)
        mine = await flash.buy(db, wants(sale.id, who.by_wechat), house.now)
        await flash.buy(db, wants(sale.id, who.by_phone), house.now)
    kept = await became_one(house, who)
    async with house.building.transaction(SYSTEM) as db:
        assert await closing.close(db, mine.id, "nobody paid", "clock", house.now)
    await house.work()
    with pytest.raises(AlreadyTookPart):
        async with house.building.transaction(SYSTEM) as db:
            await flash.buy(db, wants(sale.id, kept), house.now)


@pytest.mark.parametrize("is_heard_late", [True, False])
async def test_a_guide_is_credited_with_what_either_account_ordered(
    house: House, is_heard_late: bool
) -> None:
    who = await person(house)
    shop = who.shop
    async with house.building.transaction(SYSTEM) as db:
        guide = await make.employee(db, "guide", "store", shop.store_id, shop.store_id)
        share = await shares.create(
            db, guide.id, shop.store_id, who.milk.product_id, "link", house.now
        )
        await shares.open_share(db, share.code, who.by_phone, house.now - HOUR)
        order = await make.placed(db, who.by_phone, shop, (who.milk, 1), now=house.now)
        if is_heard_late:
            await paid(db, house, who.by_phone, order.id)
    kept = await became_one(house, who)
    if not is_heard_late:
        async with house.building.transaction(SYSTEM) as db:
            await paid(db, house, kept, order.id)
    await house.work()
    async with house.building.transaction(SYSTEM) as db:
        credited = await db.raw.fetch(
            "SELECT guide_id, member_id FROM guides.credits WHERE order_id = $1", order.id
        )
        assert [tuple(each) for each in credited] == [(guide.id, kept)]
        assert await credits.lines_of(db, [order.id])
        assert await invariants.check(db) == []


async def test_sums_of_a_person_hold_what_both_accounts_bought(house: House) -> None:
    who = await person(house)
    for each, quantity in ((who.by_wechat, 1), (who.by_phone, 2)):
        await desks.bought(house, each, who.shop, who.milk, quantity)
        house.wait(days=40)
    async with house.building.transaction(SYSTEM) as db:
        guide = await make.employee(db, "guide", "store", who.shop.store_id, who.shop.store_id)
        claim = Claim("relation", guide.id, who.shop.store_id, house.now)
        await relations.meet(db, [Meeting(who.by_wechat, claim, house.now, house.now + HOUR)])
    kept = await became_one(house, who)

    walls = Walls("staff", store_ids=(who.shop.store_id,))
    async with house.building.transaction(walls) as db:
        (seen,) = await customers.mine(db, house.building.keys, guide.id, house.now)
        page = await customers.one(db, house.building.keys, guide.id, kept, house.now)
    assert (seen.id, seen.orders, seen.spent_fen) == (kept, 2, 3_000)
    assert sorted(each.quantity for each in page.bought) == [1, 2]
    async with house.building.transaction(SYSTEM) as db:
        assert await held(db, who, house, {"is": "spent", "least": 3_000, "days": 100}) == [kept]
        assert await held(db, who, house, {"is": "ordered", "least": 2, "days": 100}) == [kept]
        # The older account stayed away for eighty days, but the person did not.
        assert await held(db, who, house, {"is": "lapsed", "days": 60}) == []
        assert await held(db, who, house, {"is": "lapsed", "days": 39}) == [kept]
        spent = await live.spent(db, who.shop.brand_id, house.now - timedelta(days=60), house.now)
    assert spent.tolist() == [[2_000, 1_000]]


async def held(db: Db, who: Person, house: House, rule: dict[str, object]) -> list[UUID]:
    return await segments.members(db, rule, who.shop.brand_id, house.now)


async def paid(db: Db, house: House, member_id: UUID, order_id: UUID) -> None:
    tried = await make.attempt(db, member_id, order_id, house.now)
    money = payments.Paid(tried.out_trade_no, f"wx{tried.id.hex}", tried.amount_fen, house.now)
    assert await payments.settle(db, money, house.now) == "paid"


def wants(sale_id: UUID, member_id: UUID) -> flash.BuyAsk:
    return flash.BuyAsk(sale_id, ids.new(ids.bucket_of(member_id)), member_id, 1)

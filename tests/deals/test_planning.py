"""A sale is planned where it can be, says why where it cannot, and is called off in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests import make

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.deals import flash, planning
from headwater.deals.errors import SaleNotOn
from headwater.deals.flash import BuyAsk
from headwater.deals.planning import Wish
from headwater.trade import orders


def wish(item: make.Item, *stores: UUID, price_fen: int = 990) -> Wish:
    return Wish(ids.new(), stores, item.variant_id, "整点抢", "On the hour", price_fen, 2,
                make.later(60), make.later(120))  # fmt: skip


async def town(db: Db) -> tuple[make.Shop, make.Shop, make.Item]:
    """Two stores of a brand, and milk that costs 19.90 in both."""
    first = await make.shop(db)
    second = await make.shop(db, beside=first)
    return first, second, await make.item(db, first, 1_990, 10)


async def test_a_thing_is_found_by_its_number_and_by_its_barcode(db: Db) -> None:
    _first, _second, milk = await town(db)
    by_code = await planning.thing(db, f" {milk.barcode} ")
    assert by_code.variant_id == milk.variant_id
    assert await planning.thing(db, by_code.item_number.lower()) == by_code
    with pytest.raises(BadInput, match="unknown_item"):
        await planning.thing(db, "nothing")


async def test_a_plan_stands_in_every_store_and_asking_twice_is_once(db: Db) -> None:
    first, second, milk = await town(db)
    wanted = wish(milk, first.store_id, second.store_id)
    assert await planning.plan(db, wanted, make.NOON) == 2
    assert await planning.plan(db, wanted, make.NOON) == 2
    for shop in (first, second):
        assert await planning.count(db, shop.store_id) == 1
        (sale,) = await flash.live(db, shop.store_id, make.later(60))
        assert (sale.price_fen, sale.each_most) == (990, 2)


async def test_a_second_sale_of_a_thing_at_that_time_is_refused_and_a_later_one_stands(
    db: Db,
) -> None:
    first, second, milk = await town(db)
    assert await planning.plan(db, wish(milk, first.store_id), make.NOON) == 1
    with pytest.raises(BadInput, match="in_another_sale"):
        await planning.plan(db, wish(milk, first.store_id), make.NOON)
    # Where it is free it stands, and the store where it is not is passed over.
    assert await planning.plan(db, wish(milk, first.store_id, second.store_id), make.NOON) == 1
    later = replace(wish(milk, first.store_id), starts_at=make.later(120), ends_at=make.later(180))
    assert await planning.plan(db, later, make.NOON) == 1


@pytest.mark.parametrize(
    "changed,field,why",
    [
        ({"price_fen": 0}, "price", "too_small"),
        ({"price_fen": 1_990}, "price", "not_cheaper"),
        ({"price_fen": 100}, "price", "very_low"),
        ({"each_most": 0}, "each_most", "out_of_range"),
        ({"each_most": 100}, "each_most", "out_of_range"),
        ({"ends_at": make.NOON}, "ends_at", "in_the_past"),
        ({"ends_at": make.later(60)}, "ends_at", "backwards"),
        ({"ends_at": make.later(61) + timedelta(days=31)}, "ends_at", "longer_than_a_month"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_written(
    db: Db, changed: dict[str, object], field: str, why: str
) -> None:
    first, _second, milk = await town(db)
    wanted = replace(wish(milk, first.store_id), **changed)  # type: ignore[arg-type]
    with pytest.raises(BadInput) as refused:
        await planning.plan(db, wanted, make.NOON)
    assert (refused.value.field, refused.value.why) == (field, why)
    assert await planning.count(db, first.store_id) == 0


async def test_a_very_low_price_stands_when_it_is_meant(db: Db) -> None:
    first, _second, milk = await town(db)
    meant = replace(wish(milk, first.store_id, price_fen=100), is_steep_meant=True)
    assert await planning.plan(db, meant, make.NOON) == 1


async def test_a_thing_without_a_price_is_not_put_on_sale(db: Db) -> None:
    _first, _second, milk = await town(db)
    elsewhere = await make.shop(db)
    with pytest.raises(BadInput, match="not_sold_here"):
        await planning.plan(db, wish(milk, elsewhere.store_id), make.NOON)


async def test_a_sale_is_ended_early_and_what_was_ordered_stays(db: Db) -> None:
    first, _second, milk = await town(db)
    await planning.plan(db, wish(milk, first.store_id), make.NOON)
    (sale,) = await flash.live(db, first.store_id, make.later(60))
    member = await make.member(db)
    ask = BuyAsk(sale.id, ids.new(ids.bucket_of(member)), member, 2)
    placed = await flash.buy(db, ask, make.later(61))
    assert await planning.store_of(db, sale.id) == first.store_id
    await planning.stop(db, sale.id, make.later(70))
    assert await flash.live(db, first.store_id, make.later(70)) == []
    assert (await orders.one(db, placed.id)).payable_fen == 2 * 990
    (listed,) = await planning.of_store(db, first.store_id, 10)
    assert (listed.taken, listed.ends_at) == (2, make.later(70))
    with pytest.raises(SaleNotOn):
        await planning.stop(db, sale.id, make.later(71))


async def test_a_sale_is_ended_in_the_moment_in_which_it_begins(db: Db) -> None:
    first, _second, milk = await town(db)
    await planning.plan(db, wish(milk, first.store_id), make.NOON)
    (listed,) = await planning.of_store(db, first.store_id, 10)
    member = await make.member(db)
    ask = BuyAsk(listed.id, ids.new(ids.bucket_of(member)), member, 1)
    await flash.buy(db, ask, listed.starts_at)
    await planning.stop(db, listed.id, listed.starts_at)
    assert await flash.live(db, first.store_id, make.later(61)) == []


async def test_a_sale_that_has_not_begun_is_called_off_without_a_trace(db: Db) -> None:
    first, _second, milk = await town(db)
    await planning.plan(db, wish(milk, first.store_id), make.NOON)
    (listed,) = await planning.of_store(db, first.store_id, 10)
    await planning.stop(db, listed.id, make.later(59))
    assert await planning.of_store(db, first.store_id, 10) == []
    assert await planning.store_of(db, listed.id) is None

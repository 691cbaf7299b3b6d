"""Switched offers: they count in stores that are on, from their moment on, and nowhere else."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg
import pytest
from tests import make
from tests.make import NOON, Shop

from headwater.base import ids
from headwater.base.db import Db
from headwater.pricing import offers, switches
from headwater.pricing.offers import NewOffer
from headwater.trade import checkout

ON = NOON + timedelta(hours=2)
OFF = NOON + timedelta(hours=5)


async def switched(db: Db, where: Shop) -> str:
    """Put ¥3 off ¥10 in force for whatever stores are on, and give the switch's code."""
    code = ids.code()
    offer = NewOffer(
        ids.code(), where.brand_id, "threshold", "满 10 减 3", "3 off 10", 1_000, 300,
        NOON - timedelta(days=1), NOON + timedelta(days=9), code,
    )  # fmt: skip
    assert await offers.put(db, offer)
    return code


async def test_a_checkout_gives_it_where_the_store_is_on(db: Db) -> None:
    here = await make.shop(db)
    later, never = await make.shop(db, beside=here), await make.shop(db, beside=here)
    milk, code, member = await make.item(db, here), await switched(db, here), await make.member(db)
    since = {here.store_id: ON, later.store_id: ON + timedelta(hours=1)}
    await switches.turn_on(db, code, since)
    await switches.turn_on(db, code, {here.store_id: ON + timedelta(days=1)})

    for each in (here, later, never):
        await make.in_cart(db, member, each, milk)

    async def off(where: Shop, now: datetime) -> int:
        # By name, and out of the cart: two statements make the price.
        named = await checkout.preview(db, make.ask(member, where, (milk, 1)), now)
        carted = await checkout.preview(db, make.ask(member, where), now)
        shown = await offers.running(db, where.brand_id, where.store_id, now)
        assert named.discount_fen == carted.discount_fen == sum(each.off_fen for each in shown)
        return named.discount_fen

    soon = ON - timedelta(microseconds=1)
    assert await off(here, soon) == 0
    assert await off(here, ON) == 300
    assert await off(later, ON) == 0
    assert await off(later, ON + timedelta(hours=1)) == 300
    assert await off(never, OFF) == 0
    await switches.turn_off(db, code, OFF)
    assert await off(here, OFF - timedelta(seconds=1)) == 300
    assert await off(here, OFF) == await off(later, OFF) == 0


async def test_what_is_switched_by_nobody_counts_nowhere(db: Db) -> None:
    here = await make.shop(db)
    milk, member = await make.item(db, here), await make.member(db)
    await switched(db, here)
    await switches.turn_on(db, ids.code(), {here.store_id: NOON})
    assert (await checkout.preview(db, make.ask(member, here, (milk, 1)), ON)).discount_fen == 0
    await make.offer(db, here, "threshold", 100, 1_000)
    assert (await checkout.preview(db, make.ask(member, here, (milk, 1)), ON)).discount_fen == 100


async def test_an_order_that_was_placed_before_a_stop_keeps_its_price(db: Db) -> None:
    here = await make.shop(db)
    milk, code, member = await make.item(db, here), await switched(db, here), await make.member(db)
    await switches.turn_on(db, code, {here.store_id: NOON})
    placed = await checkout.place(db, make.ask(member, here, (milk, 1)), NOON)
    await switches.turn_off(db, code, NOON + timedelta(minutes=1))
    found = await checkout.find(db, member, placed.id)
    assert found.payable_fen == 1_690


async def test_a_coupon_is_never_switched(db: Db) -> None:
    brand_id = (await make.shop(db)).brand_id
    offer = NewOffer(ids.code(), brand_id, "coupon", "券", "Off", 0, 100, NOON, OFF, ids.code())
    with pytest.raises(asyncpg.CheckViolationError):
        await offers.put(db, offer)

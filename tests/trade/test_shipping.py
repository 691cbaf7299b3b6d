"""What was handed over is told to WeChat until WeChat knows it, or until a person has to look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from tests.connect.weixin.brand import Brand, opened
from tests.house import House

from headwater.base import ids, jobs
from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import NotFound
from headwater.base.jobs import DeadJob, Jobs
from headwater.connect.errors import ShippingFinal
from headwater.connect.mini_program.shipping import (
    Parcel,
    PaymentKey,
    Shipment,
    Way,
    wait_before,
)
from headwater.connect.mini_program.shipping_orders import Stage
from headwater.sandbox.weixin.host import WeixinHost
from headwater.trade import shipping
from headwater.trade.shipping import HandedOver


@pytest.fixture
async def brand() -> AsyncIterator[Brand]:
    async with opened() as brand:
        yield brand


class Worker:
    """A worker that knows how to upload, and counts how often it was tried."""

    def __init__(self, brand: Brand, pool: Pool) -> None:
        self._brand, self._pool = brand, pool
        self.tries = 0
        self._left: set[str] = set()
        self._jobs = Jobs()
        self._jobs.kind(
            shipping.JOB, self._upload, shipping.ATTEMPTS_MOST, wait_before, shipping.HOPELESS
        )

    async def _upload(self, building: Any, body: Any) -> None:
        self.tries += body["out_trade_no"] in self._left
        brand = self._brand
        await shipping.upload(brand.pay, brand.program, body, brand.now())

    async def leaves(self, goods: HandedOver) -> None:
        self._left.add(goods.out_trade_no)
        async with self._pool.transaction(SYSTEM) as db:
            await shipping.leave(db, goods, self._brand.now())

    async def works(self) -> None:
        await self._jobs.work_off(self._pool, None, self._brand.now(), most=1_000)

    async def dead(self, number: str) -> list[DeadJob]:
        async with self._pool.transaction(SYSTEM) as db:
            dead = await jobs.dead(db, 1_000)
        return [each for each in dead if each.body.get("out_trade_no") == number]


def picked_up(number: str) -> HandedOver:
    return HandedOver(number, Way.PICKED_UP, "羊绒围巾 😀*1")


async def test_a_pick_up_is_told_as_soon_as_the_platform_knows_the_payment(
    brand: Brand, pool: Pool
) -> None:
    number, worker = ids.code(), Worker(brand, pool)
    payment = await brand.bought(await brand.came(await brand.person()), number)
    await worker.leaves(picked_up(number))
    await worker.leaves(picked_up(number))
    await worker.works()
    brand.clock[0] += timedelta(seconds=9)
    await worker.works()
    assert worker.tries == 1
    brand.clock[0] += timedelta(seconds=1)
    await worker.works()
    order = await brand.program.shipping_orders.get(payment)
    assert (worker.tries, order.stage, order.times_shipped) == (2, Stage.SHIPPED, 1)
    await brand.passes(86_400)
    await worker.works()
    assert worker.tries == 2


async def test_what_the_platform_never_learns_waits_for_a_person_in_the_end(
    brand: Brand, pool: Pool
) -> None:
    number, worker = ids.code(), Worker(brand, pool)
    await brand.bought(await brand.came(await brand.person()), number)
    await brand.beside("PUT", "/misbehaviour", shipping_unknown_seconds=86_400.0)
    await worker.leaves(picked_up(number))
    begun_at = brand.now()
    while not (dead := await worker.dead(number)):
        await worker.works()
        brand.clock[0] += wait_before(worker.tries)
    assert worker.tries == shipping.ATTEMPTS_MOST
    assert timedelta(hours=8) < brand.now() - begun_at < timedelta(hours=9)
    assert "10060001" in str(dead[0].last_error)
    await brand.beside("PUT", "/misbehaviour", shipping_unknown_seconds=10.0)
    async with pool.transaction(SYSTEM) as db:
        await jobs.revive(db, dead[0].id, brand.now())
    await worker.works()
    assert await worker.dead(number) == []


async def test_what_was_told_in_silence_is_told_again_and_counts_once(
    brand: Brand, pool: Pool
) -> None:
    number, worker = ids.code(), Worker(brand, pool)
    session = await brand.came(await brand.person())
    payment = await brand.bought(session, number)
    await brand.passes(10)
    shipment = Shipment(payment, Way.PICKED_UP, (Parcel("羊绒围巾 😀*1"),))
    await brand.program.shipping.upload(shipment, session.openid, brand.now())
    await brand.passes(1)
    await worker.leaves(picked_up(number))
    await worker.works()
    order = await brand.program.shipping_orders.get(payment)
    assert (worker.tries, order.times_shipped) == (1, 1)
    assert await worker.dead(number) == []


async def test_what_others_have_shipped_for_good_is_done(brand: Brand, pool: Pool) -> None:
    number, worker = ids.code(), Worker(brand, pool)
    session = await brand.came(await brand.person())
    payment = await brand.bought(session, number)
    await brand.passes(10)
    for words in ("围巾", "围巾和手套"):
        shipment = Shipment(payment, Way.PICKED_UP, (Parcel(words),))
        await brand.program.shipping.upload(shipment, session.openid, brand.now())
        await brand.passes(1)
    shipment = Shipment(payment, Way.PICKED_UP, (Parcel("帽子"),))
    with pytest.raises(ShippingFinal):
        await brand.program.shipping.upload(shipment, session.openid, brand.now())
    await worker.leaves(picked_up(number))
    await worker.works()
    assert (worker.tries, await worker.dead(number)) == (1, [])


async def test_money_that_went_back_or_never_came_needs_no_shipping(
    brand: Brand, pool: Pool
) -> None:
    worker = Worker(brand, pool)
    session = await brand.came(await brand.person())
    unpaid, returned = ids.code(), ids.code()
    until = brand.now() + timedelta(minutes=30)
    await brand.pay.prepay_mini_program(unpaid, 100, session.openid, "围巾", until)
    await brand.bought(session, returned)
    await brand.passes(60)
    await brand.pay.refund(f"RF-{returned}", returned, 19_900, 19_900, "不合身")
    await brand.passes(3600)
    for number in (unpaid, returned):
        await worker.leaves(picked_up(number))
    await worker.works()
    assert worker.tries == 2
    for number in (unpaid, returned):
        assert await worker.dead(number) == []


async def test_goods_that_no_upload_can_carry_wait_for_a_person_at_once(
    brand: Brand, pool: Pool
) -> None:
    number, worker = ids.code(), Worker(brand, pool)
    await brand.bought(await brand.came(await brand.person()), number)
    await worker.leaves(HandedOver(number, Way.EXPRESS, "围巾"))
    await worker.works()
    assert (worker.tries, len(await worker.dead(number))) == (1, 1)


async def test_who_has_no_mini_program_is_told_so(brand: Brand) -> None:
    body = {"out_trade_no": "R-1", "way": Way.PICKED_UP.value, "description": "x"}
    with pytest.raises(NotFound):
        await shipping.upload(brand.pay, None, body, brand.now())


async def test_the_house_tells_what_was_handed_over(house: House) -> None:
    number, building = ids.code(), house.building
    assert building.program is not None
    person = house.sandbox.people.create(number)
    acts = house.sandbox.others.the(WeixinHost).acts
    session = await building.program.login.session(acts.login_code(person, house.now))
    until = house.now + timedelta(minutes=30)
    asked = (number, 19_900, session.openid, "羊绒围巾 😀", until)
    prepay_id = await building.pay.prepay_mini_program(*asked)
    # The order is the mini program's alone, so its notice would be about nothing that we know.
    house.sandbox.faults.drop_next = 1
    house.sandbox.payments.pay(prepay_id, person, house.now)
    async with building.transaction(SYSTEM) as db:
        await shipping.leave(db, picked_up(number), house.now)
    house.wait(seconds=10)
    await house.work()
    key = PaymentKey(mchid=house.sandbox.credentials["pay"]["mchid"], out_trade_no=number)
    assert (await building.program.shipping_orders.get(key)).stage is Stage.SHIPPED

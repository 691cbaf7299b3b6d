"""Refunds that the provider would not do by itself, and what becomes of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from tests import invariants
from tests.house import House
from tests.shopper import Shopper, number_of, shelf, shopper

from headwater.base.db import SYSTEM
from headwater.sandbox.faults import Faults
from headwater.trade import incidents, refunds
from headwater.trade.refunds import Refund


@dataclass
class Asked:
    """Somebody who has asked for the money back."""

    house: House
    someone: Shopper
    number: str

    async def refund(self) -> Refund:
        """How the refund stands."""
        order = await self.someone.order(self.number)
        async with self.house.building.transaction(SYSTEM) as db:
            (one,) = await refunds.of_order(db, order.id)
        return one

    async def incidents(self) -> list[str]:
        """What waits for a person about this order."""
        order = await self.someone.order(self.number)
        async with self.house.building.transaction(SYSTEM) as db:
            found = await incidents.unsolved(db, 1_000)
        return [each.kind for each in found if each.order_id == order.id]

    async def pass_minutes(self, minutes: int) -> None:
        """Let minutes go by, each with its work."""
        for _minute in range(minutes):
            self.house.wait(minutes=1)
            await self.house.work()


@pytest.fixture
async def misbehaved(house: House) -> AsyncIterator[House]:
    """The house with a provider that behaves again afterwards."""
    await house.work()
    yield house
    house.sandbox.faults.become(Faults())
    await house.work()
    assert await invariants.check_all(house.building.pool) == []


@asynccontextmanager
async def asking(house: House) -> AsyncIterator[Asked]:
    """Let somebody buy one piece and ask for its money."""
    here = await shelf(house)
    async with shopper(house, accept="text/html") as someone:
        await someone.logs_in()
        await someone.sends(here.line)
        number = number_of(await someone.checks_out(here))
        await someone.pays(number)
        await house.work()
        await someone.sees(f"/orders/{number}/refund")
        asked = await someone.sends(
            f"/orders/{number}/refunds",
            refund_id=someone.hidden("refund_id"),
            quantity_1=1,
            reason="changed_mind",
        )
        assert asked.status_code == 303
        yield Asked(house, someone, number)


async def test_a_refund_that_a_person_settled_is_found_though_its_notice_was_lost(
    misbehaved: House,
) -> None:
    misbehaved.sandbox.faults.abnormal_next = 1
    async with asking(misbehaved) as asked:
        await asked.pass_minutes(2)
        stuck = await asked.refund()
        assert stuck.state == "stuck"
        assert await asked.incidents() == ["refund_stuck"]
        misbehaved.sandbox.faults.drop_next = 1
        misbehaved.sandbox.refunds.decide(stuck.out_refund_no, "SUCCESS", misbehaved.now)
        await asked.pass_minutes(57)
        assert (await asked.refund()).state == "stuck"
        await asked.pass_minutes(4)
        assert (await asked.refund()).state == "done"
        assert (await asked.someone.order(asked.number)).state == "refunded"
        assert await asked.incidents() == []


async def test_a_refund_for_which_there_was_no_money_is_asked_for_again(misbehaved: House) -> None:
    misbehaved.sandbox.faults.not_enough_next = 2
    async with asking(misbehaved) as asked:
        await asked.pass_minutes(2)
        assert (await asked.refund()).state == "stuck"
        await asked.pass_minutes(60)
        assert (await asked.refund()).state == "stuck"
        assert await asked.incidents() == ["refund_stuck"]
        await asked.pass_minutes(62)
        done = await asked.refund()
        assert done.state == "done"
        assert [one.out_refund_no for one in misbehaved.sandbox.refunds.everything()].count(
            done.out_refund_no
        ) == 1


async def test_an_abnormal_refund_that_was_given_up_stays_before_a_person(
    misbehaved: House,
) -> None:
    misbehaved.sandbox.faults.abnormal_next = 1
    async with asking(misbehaved) as asked:
        await asked.pass_minutes(2)
        stuck = await asked.refund()
        misbehaved.sandbox.refunds.decide(stuck.out_refund_no, "CLOSED", misbehaved.now)
        await asked.pass_minutes(125)
        assert (await asked.refund()).state == "stuck"
        assert await asked.incidents() == ["refund_stuck"]


@pytest.mark.parametrize("fault", ["answer_probe_next", "frequency_next"])
async def test_an_answer_that_cannot_be_believed_is_trouble_and_can_be_asked_again(
    misbehaved: House, fault: str
) -> None:
    here = await shelf(misbehaved)
    async with shopper(misbehaved, accept="text/html") as someone:
        await someone.logs_in()
        await someone.sends(here.line)
        number = number_of(await someone.checks_out(here))
        setattr(misbehaved.sandbox.faults, fault, 1)
        assert "请稍后再试" in await someone.sees(f"/orders/{number}/pay", status=503)
        await someone.pays(number)
        setattr(misbehaved.sandbox.faults, fault, 0)
        await misbehaved.work()
        assert (await someone.order(number)).state == "paid"


@pytest.mark.parametrize("fault", ["answer_probe_next", "frequency_next", "fail_next"])
async def test_an_order_is_not_given_up_on_an_answer_that_cannot_be_believed(
    misbehaved: House, fault: str
) -> None:
    here = await shelf(misbehaved)
    async with shopper(misbehaved, accept="text/html") as someone:
        await someone.logs_in()
        await someone.sends(here.line)
        number = number_of(await someone.checks_out(here))
        await someone.sees(f"/orders/{number}/pay", status=303)
        setattr(misbehaved.sandbox.faults, fault, 1)
        assert (await someone.sends(f"/orders/{number}/closure")).status_code == 503
        assert (await someone.order(number)).state == "placed"
        assert (await someone.sends(f"/orders/{number}/closure")).status_code == 303
        assert (await someone.order(number)).state == "closed"

"""Now and then a dispatch is followed by one that sends nothing, with all its bookkeeping."""

from __future__ import annotations

from dataclasses import dataclass

from tests.make_audience import NOON, day
from tests.reach.test_campaigns import scene

from headwater.base.db import SYSTEM, Pool
from headwater.increment import arms, experiments, ledger
from headwater.increment.honesty import placebos
from headwater.reach import campaigns, due


@dataclass(frozen=True)
class House:
    """What the clock's call needs of a building."""

    pool: Pool


async def test_the_first_dispatch_is_followed_by_a_placebo_and_the_next_ones_are_not(
    own_pool: Pool,
) -> None:
    house = House(own_pool)
    async with own_pool.transaction(SYSTEM) as db:
        here = await scene(db)
        brand_id = here.where.brand_id
        first = await here.draft(db)
        await campaigns.launch(db, first, NOON)
        for at in (1, 2):
            await campaigns.launch(db, await here.draft(db), day(at))
        sent = await db.raw.fetchval("SELECT count(*) FROM gate.messages")
    assert await due.send_nothing(house, day(3), 20) == 1
    assert await due.send_nothing(house, day(3), 20) == 0
    async with own_pool.transaction(SYSTEM) as db:
        every = await experiments.of_brand(db, brand_id)
        (placebo,) = [each for each in every if placebos.is_placebo(each.code)]
        assert placebo.code == placebos.code_of(first.hex)
        assert sum(each.members for each in await arms.count(db, placebo.id)) == 40
        plan = await ledger.plan_of(db, placebo.id)
        assert plan is not None
        assert plan.details["plan"]["foreseen"]["members"] == 40
        assert await db.raw.fetchval("SELECT count(*) FROM gate.messages") == sent
        assert (await placebos.results(db, brand_id)).ran == 1


async def test_none_is_sent_where_nobody_wants_any_or_the_dispatch_is_long_past(
    own_pool: Pool,
) -> None:
    house = House(own_pool)
    async with own_pool.transaction(SYSTEM) as db:
        here = await scene(db)
        await campaigns.launch(db, await here.draft(db), NOON)
    assert await due.send_nothing(house, day(1), 0) == 0
    assert await due.send_nothing(house, day(30), 20) == 0
    assert await due.send_nothing(house, day(1), 1) == 1

"""Credit stands beside increment on the scoreboard; where it is tiny, as a share of increment."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from tests import make_audience
from tests.doors import desks
from tests.house import House
from tests.make_audience import Place
from tests.program.test_bridge import credited

from headwater.base.db import SYSTEM
from headwater.base.times import business_day
from headwater.increment import experiments
from headwater.increment.assignment import arm_of
from headwater.increment.programs import totals
from headwater.program import programs

TURNED, USUAL = "业绩相当于", "每 100 元业绩对应的增量"


@pytest.mark.parametrize("fen, said, unsaid", [(50, TURNED, USUAL), (3_000, USUAL, TURNED)])
async def test_a_little_credit_is_said_as_a_share_of_what_was_caused(
    house: House, fen: int, said: str, unsaid: str
) -> None:
    brand_id = await quarter(house, fen)
    async with desks.desk(house, "chief") as client:
        shown = (await client.get(f"/console/scoreboard?brand={brand_id}")).text
        english = await client.get(
            f"/console/scoreboard?brand={brand_id}", headers={"accept-language": "en"}
        )
    bridge = shown.partition('id="bridge"')[2].partition("</section>")[0]
    assert said in bridge
    assert unsaid not in bridge
    assert "导购任务" in bridge
    assert f"/console/channels?brand={brand_id}" in bridge
    assert english.status_code == 200


async def quarter(house: House, fen: int) -> object:
    """Let a programme's quarter pass in which the treated buy more, and credit some of it."""
    shop = (await desks.brand(house)).east
    where = Place(str(shop.store_id), shop.brand_id, shop.region_id, shop.store_id)
    start, noise = house.now, np.random.default_rng(3)
    async with house.building.transaction(SYSTEM) as db:
        members = await make_audience.members(db, where, 300, start)
        plan = programs.Plan(f"pilot-{shop.brand_id}", shop.brand_id, "试点", "Pilot",
                             business_day(start), 0.5, is_pilot=True)  # fmt: skip
        program = await programs.begin(db, plan, start)
        assert program.experiment_id is not None
        asked = await experiments.get(db, program.experiment_id)
        sold = []
        for member in members:
            habit = int(noise.integers(5_000, 15_000))
            more = 3_000 if arm_of(asked.salt, member, 0.5) == "treated" else 0
            sold += [(member, habit, start - timedelta(days=9)),
                     (member, habit + more, start + timedelta(days=5))]  # fmt: skip
        orders = await make_audience.orders(db, where, sold)
        await credited(db, where, orders[1::2], fen, start + timedelta(days=5))
        house.wait(days=92)
        await totals.read(db, asked.id, house.now)
    return shop.brand_id

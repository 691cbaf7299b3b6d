"""Live: a brand's own quarter, drawn into arms in which nothing was done."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import numpy as np
import pytest
from tests import make_audience as make
from tests.make_audience import NOON, day

from headwater.base.db import Db
from headwater.increment import arms, readings
from headwater.increment.errors import CannotEstimate
from headwater.increment.honesty import live, placebos


async def test_a_brand_that_sold_as_always_claims_something_one_time_in_twenty(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 1_100)
    noise = np.random.default_rng(5)
    habits = noise.integers(2_000, 20_000, len(members))
    sold = []
    for place, (member, habit) in enumerate(zip(members, habits.tolist(), strict=True)):
        if place < 1_050:
            sold.append((member, habit, day(-120)))
        if place % 3:
            sold.append((member, habit + int(noise.integers(0, 3_000)), day(-30)))
    await make.orders(db, where, sold)
    other = await make.place(db, "other")
    await make.orders(db, other, [(members[0], 9_999_999, day(-20))])

    found = await live.again(db, where.brand_id, NOON, draws=300)

    assert (found.members, found.draws, found.holdout_share) == (1_050, 300, 0.1)
    assert found.until_at - found.from_at == timedelta(weeks=13)
    assert found.is_right
    assert found.raw_share == pytest.approx(0.05, abs=0.04)
    assert await live.again(db, where.brand_id, NOON, draws=300) == found


async def test_a_brand_with_hardly_any_buyers_is_told_so(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 30)
    await make.orders(db, where, [(each, 5_000, day(-120)) for each in members])
    with pytest.raises(CannotEstimate) as refused:
        await live.again(db, where.brand_id, NOON)
    assert refused.value.details["why"].startswith("30 members had bought before")


def test_one_giant_among_many_is_found_out() -> None:
    spent = np.zeros((4_000, 2))
    spent[0, 0] = 1e9
    spent[:, 1] = np.arange(4_000)
    adjusted, raw = live.rejected(spent, 200, 0.1)
    # The giant mostly stands in the larger arm, whose mean it lifts a little and whose doubt more.
    assert not 0.03 <= adjusted <= 0.07
    assert not 0.03 <= raw <= 0.07


@pytest.mark.parametrize("draws, share", [(0, 0.1), (10, 0.0), (10, 1.0), (10, 0.001)])
def test_a_trial_that_could_tell_nothing_is_refused(draws: int, share: float) -> None:
    with pytest.raises(CannotEstimate):
        live.rejected(np.ones((2_000, 2)), draws, share)


async def test_a_placebo_is_kept_like_a_campaign_and_claims_nothing(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await placebos.launch(db, where.brand_id, "june", members, NOON)
    assert experiment.drawn_count == 300
    assert (await placebos.launch(db, where.brand_id, "june", members, NOON)) == experiment
    noise = np.random.default_rng(7)
    sold = [
        (member, int(noise.integers(5_000, 9_000)), at)
        for member in members
        for at in (day(-30), day(9))
    ]
    await make.orders(db, where, sold)
    assert await placebos.results(db, where.brand_id) == placebos.Placebos(1, 0, 0)
    row = await readings.read(db, experiment.id, day(29))
    assert row.state in ("not_enough", "none_seen")
    assert await placebos.results(db, where.brand_id) == placebos.Placebos(1, 1, 0)
    assert await arms.count(db, experiment.id)


async def test_a_day_keeps_one_trial_and_a_month_shows_them_newest_first(db: Db) -> None:
    where = await make.place(db)
    found = [live.Trial(900, 500, 0.1, share, 0.05, 0.01, day(-91 + at), day(at))
             for at, share in enumerate((0.04, 0.06))]  # fmt: skip
    assert [await live.keep(db, where.brand_id, each) for each in found] == [True, True]
    again = dataclasses.replace(found[0], adjusted_share=0.9)
    assert not await live.keep(db, where.brand_id, again)
    assert await live.kept(db, where.brand_id) == found[::-1]

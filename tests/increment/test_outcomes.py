"""Outcomes: the sums of the database are the sums of the rows, look by look, and nobody is lost."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import numpy as np
import pytest
from tests import make_audience as make
from tests.make_audience import Place, day

from headwater.base.db import Db
from headwater.increment import arms, experiments, outcomes, plans, readings, sizing
from headwater.increment.assignment import arm_of
from headwater.increment.errors import CannotEstimate
from headwater.increment.experiments import Experiment, Question
from headwater.increment.statistics.moments import Moments

LAUNCH = day(0)
LOOKS = [day(7), day(14), day(28)]
Sale = tuple[UUID, int, datetime]


async def asked(db: Db, where: Place, members: list[UUID], share: float = 0.4) -> Experiment:
    question = Question("campaign", where.brand_id, "sums", "和", "Sums", share, 28)
    experiment = await experiments.launch(db, question, LAUNCH)
    await arms.assign(db, experiment.id, members, LAUNCH)
    return await experiments.get(db, experiment.id)


def sales_of(members: list[UUID], seed: int) -> list[Sale]:
    """Let most members buy now and then, over half a year before and a month after."""
    random = np.random.default_rng(seed)
    return [
        (member, int(random.integers(100, 90_000)), day(float(at)))
        for member in members[len(members) // 5 :]
        for at in random.uniform(-200, 35, random.integers(0, 12))
    ]


def by_hand(members: list[UUID], sold: list[Sale]) -> Moments:
    """Add up in Python, row by row, what the database adds up by itself."""
    rows = []
    for member in members:
        mine = [
            (fen, (at - LAUNCH).total_seconds() / 86_400) for who, fen, at in sold if who == member
        ]
        before = [(fen, -days) for fen, days in mine if days < 0]
        looks = [sum(fen for fen, days in mine if 0 <= days < end) for end in (7, 14, 28)]
        spans = [
            sum(fen for fen, ago in before if first * 7 < ago <= last * 7)
            for first, last in ((0, 4), (4, 13), (13, 26))
        ]
        weeks = len({int(np.ceil(ago / 7)) for _, ago in before if ago <= 182})
        rows.append([*looks, *spans, weeks, sum(spans)])
    names = (*outcomes.sales(3), *outcomes.COVARIATES, outcomes.BEFORE)
    return Moments.of(names, list(np.array(rows, dtype=np.int64).T))


async def test_the_database_adds_up_what_the_rows_say_by_every_look(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 120)
    experiment = await asked(db, where, members)
    sold = sales_of(members, 1)
    await make.orders(db, where, sold)

    found = await outcomes.arms_of(db, experiment, LOOKS)

    for name, arm in (("treated", found.treated), ("holdout", found.holdout)):
        drawn = [m for m in members if arm_of(experiment.salt, m, 0.4) == name]
        assert arm == by_hand(drawn, sold)


@pytest.mark.parametrize("seed", range(4))
async def test_sums_are_those_of_the_orders_also_at_the_very_edge_of_a_stretch(
    db: Db, seed: int
) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 90)
    experiment = await asked(db, where, members)
    random = np.random.default_rng([seed, 7])
    edges = [-182, -91, -35, -28, -14, -7, 0, 7, 14, 28]
    trace = 1e-6 / 86_400
    sold = [
        (members[who], int(random.integers(0, 40_000)), day(edges[at] + int(side) * 2 * trace))
        for who, at, side in zip(
            random.integers(0, 90, 700), random.integers(0, len(edges), 700),
            random.integers(-1, 2, 700), strict=True,
        )
    ]  # fmt: skip
    await make.orders(db, where, sold)

    found = await outcomes.arms_of(db, experiment, LOOKS)

    drawn = {m: arm_of(experiment.salt, m, 0.4) for m in members}
    assert found.treated == by_hand([m for m in members if drawn[m] == "treated"], sold)
    assert found.holdout == by_hand([m for m in members if drawn[m] == "holdout"], sold)


async def test_one_pass_over_all_orders_finds_what_looking_each_up_finds(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 120)
    experiment = await asked(db, where, members)
    await make.orders(db, where, sales_of(members, 4))
    one_by_one = await outcomes.arms_of(db, experiment, LOOKS)
    await db.raw.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_indexscan = off")
    assert await outcomes.arms_of(db, experiment, LOOKS) == one_by_one


async def test_refunds_lower_what_was_bought_after_and_not_what_was_bought_before(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 60)
    experiment = await asked(db, where, members)
    await make.orders(db, where, [(m, 500, day(at)) for m in members for at in (-3, 3)])
    await db.raw.execute("UPDATE trade.orders SET refunded_fen = 200")
    arm = (await outcomes.arms_of(db, experiment, [day(28)])).treated
    assert arm.mean("sales 1") == 300
    assert arm.mean("spend 4 weeks") == 500


async def test_who_never_bought_is_in_every_sum(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 50)
    experiment = await asked(db, where, members)
    found = await outcomes.arms_of(db, experiment, LOOKS)
    assert found.treated.n + found.holdout.n == 50
    assert set(found.treated.sums) == {0}


@pytest.mark.parametrize("looks", [[], [day(14), day(7)], [day(-1)]])
async def test_looks_in_disorder_are_refused(db: Db, looks: list[datetime]) -> None:
    where = await make.place(db)
    experiment = await asked(db, where, await make.members(db, where, 5))
    with pytest.raises(CannotEstimate, match="looks follow each other"):
        await outcomes.arms_of(db, experiment, looks)


async def test_a_reading_is_adjusted_by_all_that_is_known_before(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 240)
    experiment = await asked(db, where, members)
    await make.orders(db, where, sales_of(members, 2))
    row = await readings.read(db, experiment.id, day(29))
    assert row.method.startswith("cuped")
    assert row.details["covariates"] == list(outcomes.COVARIATES)


def test_what_says_nothing_is_left_out() -> None:
    names = (*outcomes.sales(1), *outcomes.COVARIATES, outcomes.BEFORE)
    nothing = Moments.of(names, [np.zeros(9, dtype=np.int64) for _ in names])
    assert outcomes.usable(nothing, nothing, outcomes.COVARIATES) == ()
    young = Moments.of(names, [np.arange(9) * (name != "spend 14-26 weeks") for name in names])
    assert outcomes.usable(young, young, outcomes.COVARIATES) == (
        "spend 4 weeks", "spend 5-13 weeks", "active weeks",
    )  # fmt: skip


async def test_what_can_be_seen_is_judged_by_the_same_sums(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 120)
    experiment = await asked(db, where, members)
    await make.orders(db, where, sales_of(members, 3))
    past = await sizing.past_of(db, sizing.Audience(where.brand_id, members, 28), day(28))
    found = await outcomes.arms_of(db, experiment, [day(28)])
    assert past == found.treated + found.holdout
    visible = sizing.least_visible(past, 0.4)
    assert visible is not None
    assert visible > 0
    assert sizing.least_visible(past, 0.0) is None
    nobody = await sizing.past_of(db, sizing.Audience(where.brand_id, [], 28), day(28))
    assert sizing.least_visible(nobody, 0.4) is None


def test_a_plan_names_the_covariates_that_are_added_up() -> None:
    assert plans.COVARIATES == outcomes.COVARIATES

"""An experiment that somebody ends early is judged by the last look before, and by no later one."""

from __future__ import annotations

from tests import make_audience as make
from tests.increment.questions import LAUNCH, asked, bought
from tests.make_audience import day

from headwater.base import ids
from headwater.base.db import Db
from headwater.increment import arms, experiments, leaks, ledger, plans, readings, sizing
from headwater.increment.arms import Reached
from headwater.increment.experiments import Question
from headwater.increment.sizing import Audience


async def test_an_early_end_makes_the_last_look_before_it_the_verdict(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 400)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, 4_000)
    assert (await readings.read(db, experiment.id, day(7))).state == "open"
    assert await experiments.end(db, experiment.id, day(10))
    row = await readings.read(db, experiment.id, day(20))
    assert (row.state, row.look_no, row.true_at) == ("proven", 1, day(7))
    ended = await experiments.get(db, experiment.id)
    assert ended.is_cut_short
    assert not ended.is_open(day(11))
    assert [each.no for each in ended.looks_due(day(60))] == [1]


async def test_who_is_reached_after_an_early_end_is_no_leak(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 60)
    experiment = await asked(db, where, members, 0.5)
    held = {each.member_id for each in await arms.held_out(db, members, day(1))}
    await experiments.end(db, experiment.id, day(8))
    assert await arms.held_out(db, members, day(9)) == []
    reached = Reached(where.brand_id, experiment.id, "sms")
    await arms.expose(db, reached, list(held), day(9))
    assert (await leaks.of_experiment(db, experiment.id)).members == 0


async def test_what_was_foreseen_stands_in_the_plan_and_under_its_seal(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 200)
    await make.orders(
        db, where, [(each, 5_000 + place * 40, day(-20)) for place, each in enumerate(members)]
    )
    foreseen = await sizing.foreseen(db, Audience(where.brand_id, members, 28), 0.2, LAUNCH)
    question = Question("campaign", where.brand_id, ids.code(), "召回", "Recall", 0.2, 28)
    experiment = await experiments.launch(db, question, LAUNCH, foreseen)
    assert foreseen["members"] == 200
    assert 0 < foreseen["least_share"] < 1
    assert experiment.plan["foreseen"] == foreseen
    row = await ledger.plan_of(db, experiment.id)
    assert row is not None
    assert row.details["plan_hash"] == ledger.plan_hash(experiment.plan)
    assert await ledger.verify(db) is None


def test_a_plan_that_foresees_nothing_says_so() -> None:
    asked_of = plans.Asked("campaign", "member", "Recall", 0.2, 28, "salt")
    assert plans.written(asked_of, LAUNCH)["foreseen"] is None

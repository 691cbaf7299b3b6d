"""Guards: what must be in order before a number is shown, each broken once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests import make_audience as make
from tests.increment.questions import END, LAUNCH, MIDDLE, asked, bought
from tests.make_audience import day

from headwater.base import ids
from headwater.base.db import Db
from headwater.increment import arms, experiments, ledger, merges, readings
from headwater.increment.assignment import arm_of
from headwater.increment.experiments import Question


async def test_a_leak_is_shown_and_past_the_planned_share_shows_no_number(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=4000)
    held = [m for m in members if arm_of(experiment.salt, m, 0.4) == "holdout"]
    by_sms = arms.Reached(where.brand_id, experiment.id, "sms")
    by_guide = arms.Reached(where.brand_id, experiment.id, "guide_share")
    await arms.expose(db, by_sms, held[:2], MIDDLE)
    row = await readings.read(db, experiment.id, END)
    assert (row.state, row.details["guards"]["leaks"]) == ("proven", {"sms": 2})

    await arms.expose(db, by_guide, held[1:3], MIDDLE)
    row = await readings.read(db, experiment.id, END)
    assert (row.state, row.why) == ("not_readable", "leak")
    assert row.details["guards"]["leaks"] == {"sms": 2, "guide_share": 2}
    assert (row.estimate_fen, row.low_fen, row.lift_share, row.p) == (None,) * 4
    assert "per_member" not in row.details
    assert "sums" not in row.details


async def test_a_late_leak_takes_the_figure_away_between_looks(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=400)
    assert (await readings.read(db, experiment.id, day(8))).low_fen is not None
    held = [m for m in members if arm_of(experiment.salt, m, 0.4) == "holdout"]
    await arms.expose(db, arms.Reached(where.brand_id, experiment.id, "sms"), held, day(9))
    assert (await readings.read(db, experiment.id, day(9))).why == "leak"


async def test_arms_that_differed_before_the_start_are_not_read(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    for member in members:
        is_held = arm_of(experiment.salt, member, 0.4) == "holdout"
        habit = 9_000 + int(member.int % 2_000) + (0 if is_held else 1_500)
        await make.orders(db, where, [(member, habit, day(-9)), (member, habit, day(4))])
    row = await readings.read(db, experiment.id, END)
    assert (row.state, row.why, row.estimate_fen) == ("not_readable", "imbalance", None)
    assert row.details["guards"]["imbalance_p"] < 0.001


async def test_one_of_many_questions_must_stand_out_among_them(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=62)
    alone = await readings.read(db, experiment.id, END)
    assert (alone.state, alone.details["family"]["size"]) == ("proven", 1)
    assert alone.p is not None
    for number in range(9):
        other = await asked(db, where, members, code=f"other-{number}")
        beside = replace(
            alone, id=ids.new(), experiment_id=other.id, p=0.9, place=0, previous_hash=b"",
        )  # fmt: skip
        await ledger.add(
            db, lambda end, row=beside: replace(  # type: ignore[misc]
                row, place=end.place + 1, previous_hash=end.hash
            ).sealed(),
        )  # fmt: skip
    among = await readings.read(db, experiment.id, END)
    assert among.details["family"] == {
        "name": "2026-Q2 questions", "role": "rest", "size": 10,
        "p": pytest.approx(min(1.0, alone.p * 10)),
    }  # fmt: skip
    assert (among.state, among.why) == ("not_enough", "one_of_many")


async def test_stores_are_read_by_store_and_a_few_are_too_few(db: Db) -> None:
    where = await make.place(db)
    (shopper,) = await make.members(db, where, 1)
    question = Question(
        "store", where.brand_id, "shelves", "货架", "Shelves", 0.5, 28, unit="store"
    )
    experiment = await experiments.launch(db, question, LAUNCH)
    assert experiment.plan["unit"] == "store"
    stores = [ids.named("branch", str(number)) for number in range(90)]
    await make.write(
        db, "stores.stores",
        ["id", "brand_id", "region_id", "code", "kind", "name_zh", "name_en"],
        [(each, where.brand_id, where.region_id, f"b{n}", "shop", "店", "Shop")
         for n, each in enumerate(stores)],
    )  # fmt: skip
    await arms.assign_units(db, experiment.id, stores[:20], LAUNCH)
    few = await readings.read(db, experiment.id, day(8))
    assert (few.state, few.why) == ("not_readable", "too_few_clusters")

    await arms.assign_units(db, experiment.id, stores, LAUNCH)
    for number, store in enumerate(stores):
        usual = 50_000 + 700 * number
        more = 3_000 if arm_of(experiment.salt, store, 0.5) == "treated" else 0
        branch = replace(where, store_id=store)
        sold = [(shopper, usual, day(-20)), (shopper, usual + more + number % 7, day(5))]
        await make.orders(db, branch, sold)
    row = await readings.read(db, experiment.id, END)
    assert (row.state, row.method) == ("proven", "cuped, look 4")
    assert row.low_fen is not None
    assert row.high_fen is not None
    assert row.low_fen < 3_000 * row.treated_count < row.high_fen


async def test_lost_rows_of_an_arm_are_noticed(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 200)
    experiment = await asked(db, where, members)
    await db.raw.execute("DELETE FROM increment.arms WHERE member_id = $1", members[3])
    row = await readings.read(db, experiment.id, END)
    assert (row.state, row.why) == ("not_readable", "missing_rows")


async def test_a_member_who_was_moved_to_another_arm_is_noticed(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 200)
    experiment = await asked(db, where, members)
    await db.raw.execute("UPDATE increment.arms SET arm = 'treated' WHERE member_id = $1 "
                         "AND arm = 'holdout'", next(
        m for m in members if arm_of(experiment.salt, m, 0.4) == "holdout"))  # fmt: skip
    row = await readings.read(db, experiment.id, END)
    assert (row.state, row.why) == ("not_readable", "misdrawn")


async def test_a_merge_moves_nobody_wrongly(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=400)
    held = next(m for m in members if arm_of(experiment.salt, m, 0.4) == "holdout")
    treated = next(m for m in members if arm_of(experiment.salt, m, 0.4) == "treated")
    await merges.merge(db, held, treated, day(1))
    row = await readings.read(db, experiment.id, END)
    assert (row.state, row.treated_count + row.holdout_count) == ("proven", 299)


async def test_arms_of_the_wrong_size_are_noticed(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 400)
    experiment = await asked(db, where, members, share=0.5)
    await db.raw.execute(
        "UPDATE increment.experiments SET holdout_share = 0.3 WHERE id = $1", experiment.id
    )
    row = await readings.read(db, experiment.id, END)
    assert (row.state, row.why) == ("not_readable", "ratio_off")


async def test_a_handful_of_members_is_not_read(db: Db) -> None:
    where = await make.place(db)
    experiment = await asked(db, where, await make.members(db, where, 40))
    assert (await readings.read(db, experiment.id, END)).why == "too_few"


async def test_a_world_without_sales_is_not_read(db: Db) -> None:
    where = await make.place(db)
    experiment = await asked(db, where, await make.members(db, where, 200))
    row = await readings.read(db, experiment.id, END)
    assert (row.state, row.why) == ("not_readable", "no_estimate")
    assert row.details["cannot"] == {"code": "no_variance", "values": {}}

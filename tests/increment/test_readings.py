"""Readings: every drawn member counts, a doubt is a state, and the ledger cannot be rewritten."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import asyncpg
import numpy as np
import pytest
from tests import make_audience as make
from tests.make_audience import Place, day

from headwater.base import ids
from headwater.base.db import Db
from headwater.increment import arms, experiments, ledger, readings
from headwater.increment.assignment import arm_of
from headwater.increment.experiments import Experiment, Question

LAUNCH, MIDDLE, END = day(0), day(10), day(29)


async def asked(
    db: Db, where: Place, members: list[UUID], share: float = 0.4, code: str = "recall"
) -> Experiment:
    question = Question("campaign", where.brand_id, code, "召回", "Recall", share, 28)
    experiment = await experiments.launch(db, question, LAUNCH)
    await arms.assign(db, experiment.id, members, LAUNCH)
    return await experiments.get(db, experiment.id)


async def bought(
    db: Db, where: Place, experiment: Experiment, members: list[UUID], more_fen: int
) -> None:
    """Let everybody buy as before, and the treated for so much more."""
    random = np.random.default_rng(11)
    sold = []
    for member in members:
        habit = int(random.integers(5_000, 15_000))
        arm = arm_of(experiment.salt, member, float(experiment.holdout_share))
        sold.append((member, habit, day(-20)))
        extra = more_fen if arm == "treated" else 0
        sold.append((member, habit + extra + int(random.integers(0, 500)), day(5)))
    await make.orders(db, where, sold)


async def test_an_effect_that_is_there_is_proven_after_the_end(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=400)

    row = await readings.read(db, experiment.id, END)

    assert (row.state, row.why, row.method) == ("proven", "above_zero", "cuped, look 4")
    assert row.low_fen is not None
    assert row.estimate_fen is not None
    assert row.high_fen is not None
    truth = 400 * row.treated_count
    assert row.low_fen < truth < row.high_fen
    assert row.treated_count + row.holdout_count == 300
    # The spending before takes out nearly everything here; the raw figure stands beside it.
    assert row.details["variance_taken_out"] > 0.9
    assert (
        row.details["raw_per_member"]["standard_error"]
        > (row.details["per_member"]["standard_error"])
    )


async def test_an_open_window_shows_an_interval_and_no_verdict(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=4000)
    row = await readings.read(db, experiment.id, MIDDLE)
    assert (row.state, row.why) == ("open", "crossed_early")
    assert row.low_fen is not None
    assert (row.look_no, row.true_at, row.read_at) == (1, day(7), MIDDLE)
    # The first of four looks spends next to nothing of the error, so its interval is wide.
    assert row.alpha_spent == pytest.approx(1.47e-5, rel=0.01)
    once = row.details["one_look_per_member"]
    assert row.details["per_member"]["high"] > once["high"]


async def test_a_harm_is_called_a_harm(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=-2000)
    assert (await readings.read(db, experiment.id, END)).state == "harmful"


async def test_no_effect_is_either_too_small_to_matter_or_not_known(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 400)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=0)
    tight = await readings.read(db, experiment.id, END)
    assert (tight.state, tight.why) == ("none_seen", "too_small")

    wild = [(m, 10_000_000, day(6)) for m in members[:7]]
    await make.orders(db, where, wild)
    assert (await readings.read(db, experiment.id, END)).state == "not_enough"


async def test_who_bought_nothing_counts_as_zero(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 200)
    experiment = await asked(db, where, members)
    treated = [m for m in members if arm_of(experiment.salt, m, 0.4) == "treated"]
    await make.orders(db, where, [(treated[0], 90_000, day(3))])
    row = await readings.read(db, experiment.id, END)
    assert row.details["sums"]["treated"]["n"] == str(len(treated))
    assert row.estimate_fen == pytest.approx(90_000, abs=1)


async def test_only_paid_orders_of_this_brand_in_the_window_count(db: Db) -> None:
    where, elsewhere = await make.place(db), await make.place(db, "other")
    members = await make.members(db, where, 200)
    experiment = await asked(db, where, members)
    one, two, *_ = [m for m in members if arm_of(experiment.salt, m, 0.4) == "treated"]
    await make.orders(db, where, [(two, 100, day(0))])
    await make.orders(db, elsewhere, [(one, 1_000, day(3))])
    await make.orders(db, where, [(one, 20, day(-0.1)), (one, 300, day(28)), (one, 7, day(27.9))])
    await make.orders(db, where, [(one, 50_000, day(-183))])
    row = await readings.read(db, experiment.id, END)
    assert row.details["sums"]["treated"]["y"] == "107"
    assert row.details["sums"]["treated"]["x"] == "20"


async def test_a_return_that_comes_later_makes_a_new_row(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=400)
    first = await readings.read(db, experiment.id, END)
    assert await readings.read(db, experiment.id, day(30)) == first

    await db.raw.execute("UPDATE trade.orders SET refunded_fen = 1000 WHERE paid_at > $1", LAUNCH)
    second = await readings.read(db, experiment.id, day(31))
    assert second.place == first.place + 1
    assert second.previous_hash == first.hash
    assert (await readings.latest(db, [experiment.id]))[experiment.id] == second
    assert [r.id for r in await ledger.history(db, experiment.id)] == [second.id, first.id]


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


async def test_before_the_first_look_and_between_two_nothing_new_is_shown(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=400)
    early = await readings.read(db, experiment.id, day(6.9))
    assert (early.state, early.why, early.estimate_fen) == (
        "not_readable",
        "look_not_planned",
        None,
    )
    assert early.details["next_look_at"] == day(7).isoformat()
    first = await readings.read(db, experiment.id, day(7))
    await make.orders(db, where, [(members[0], 1_000_000, day(7.5))])
    assert await readings.read(db, experiment.id, day(13.9)) == first
    second = await readings.read(db, experiment.id, day(15))
    assert (second.look_no, second.true_at) == (2, day(14))


async def test_a_look_that_nobody_planned_is_refused_and_remembered(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=400)
    planned = await readings.read(db, experiment.id, day(15), at=day(14))
    assert planned.look_no == 2
    peeked = await readings.read(db, experiment.id, day(15), at=day(15))
    assert (peeked.state, peeked.why) == ("not_readable", "look_not_planned")
    assert "sums" not in peeked.details
    assert [each.place for each in await ledger.history(db, experiment.id)] == [3, 2]
    assert (await readings.latest(db, [experiment.id]))[experiment.id] == planned


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
    assert row.details["cannot"] == "the outcome does not vary"


async def test_the_ledger_takes_no_change_from_the_application(db: Db) -> None:
    where = await make.place(db)
    experiment = await asked(db, where, await make.members(db, where, 200))
    await readings.read(db, experiment.id, END)
    for change in (
        "UPDATE increment.readings SET state = 'proven'",
        "DELETE FROM increment.readings",
        "TRUNCATE increment.readings",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.attempt():
                await db.raw.execute(change)


async def test_the_chain_holds_and_tells_where_it_breaks(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=400)
    plan = await ledger.plan_of(db, experiment.id)
    assert plan is not None
    assert (plan.place, plan.entry, plan.details["plan"]) == (1, "plan", experiment.plan)
    first = await readings.read(db, experiment.id, MIDDLE)
    assert (first.place, first.previous_hash) == (2, plan.hash)
    await make.orders(db, where, [(members[0], 77, day(12))])
    await readings.read(db, experiment.id, END)
    assert await ledger.verify(db) is None

    await db.raw.execute("UPDATE increment.experiments SET plan = plan || '{\"least_share\": 0.5}'")
    broken = await ledger.verify(db)
    assert broken is not None
    assert (broken.place, broken.why) == (
        plan.place, "the plan of recall was changed after the launch",
    )  # fmt: skip


async def test_a_row_forged_into_the_chain_is_found(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    experiment = await asked(db, where, members)
    await bought(db, where, experiment, members, more_fen=0)
    row = await readings.read(db, experiment.id, MIDDLE)
    better = replace(
        row, id=ids.new(), place=row.place + 1, state="proven", previous_hash=row.hash,
        hash=bytes(32),
    )  # fmt: skip
    await ledger.append(db, better)
    broken = await ledger.verify(db)
    assert broken is not None
    assert (broken.place, broken.why) == (
        row.place + 1, "it was changed after it was written",
    )  # fmt: skip

"""Readings: every drawn member counts, a doubt is a state, and the ledger cannot be rewritten."""

from __future__ import annotations

import re
from dataclasses import replace

import asyncpg
import pytest
from tests import make_audience as make
from tests.increment.questions import END, LAUNCH, MIDDLE, asked, bought
from tests.make_audience import day

from headwater.app import invariants
from headwater.base import ids
from headwater.base.db import Db
from headwater.increment import ledger, readings
from headwater.increment.assignment import arm_of


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


@pytest.mark.parametrize("count", [0, 1, 2, 3])
async def test_arms_of_next_to_nobody_are_refused_in_words(db: Db, count: int) -> None:
    where = await make.place(db)
    members = await make.members(db, where, count) if count else []
    experiment = await asked(db, where, members)
    await make.orders(db, where, [(member, 1_000, day(3)) for member in members])
    row = await readings.read(db, experiment.id, END)
    assert (row.state, row.why, row.estimate_fen) == ("not_readable", "too_few", None)


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


async def test_the_doctor_walks_the_ledger(db: Db) -> None:
    where = await make.place(db)
    await asked(db, where, await make.members(db, where, 60))
    said = [each for each in await invariants.check(db) if each.startswith("increment")]
    assert said == []
    await db.raw.execute("UPDATE increment.experiments SET salt = 'a better one'")
    (said_now,) = [each for each in await invariants.check(db) if each.startswith("increment")]
    assert said_now == (
        "increment: row 1 of the ledger: the plan of recall was changed after the launch"
    )


async def test_a_row_names_the_code_that_worked_it_out(db: Db) -> None:
    assert re.fullmatch(r"statistics\.\S+\+[0-9a-f]{12}", ledger.code_version())


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

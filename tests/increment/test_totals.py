"""Totals: a quarter of a program, its campaigns as parts, and a rest that is called by its name."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from tests import make_audience as make
from tests.make_audience import NOON, Place, day

from headwater.base.db import Db
from headwater.increment import arms, experiments, ledger, readings
from headwater.increment.assignment import arm_of
from headwater.increment.experiments import Experiment, Question
from headwater.increment.programs import totals

FIRST, SECOND = day(91), day(182)


async def program_of(db: Db, where: Place, members: list[UUID], days: int = 182) -> Experiment:
    question = Question("program", where.brand_id, "program:p", "增量", "Program", 0.5, days)
    asked = await experiments.launch(db, question, NOON)
    await arms.assign(db, asked.id, members, NOON)
    return await experiments.get(db, asked.id)


async def campaign_of(
    db: Db, where: Place, members: list[UUID], code: str, at: datetime
) -> Experiment:
    question = Question("campaign", where.brand_id, code, "召回", "Recall", 0.5, 28)
    asked = await experiments.launch(db, question, at)
    await arms.assign(db, asked.id, await arms.among_rest(db, where.brand_id, members), at)
    return await experiments.get(db, asked.id)


def treats(asked: Experiment, member: UUID) -> bool:
    return arm_of(asked.salt, member, float(asked.holdout_share)) == "treated"


async def bought(
    db: Db, where: Place, program: Experiment, campaign: Experiment, members: list[UUID]
) -> None:
    """Let everybody buy by habit; the program brings 300 each quarter, the campaign 500 more."""
    random = np.random.default_rng(7)
    sold = []
    for member in members:
        habit = int(random.integers(5_000, 15_000))
        for number in (-20, 10, 40, 100):
            sold.append((member, habit + int(random.integers(0, 400)), day(number)))
        if treats(program, member):
            sold += [(member, 300, day(50)), (member, 300, day(120))]
            if treats(campaign, member):
                sold.append((member, 500, day(25)))
    await make.orders(db, where, sold)


async def test_a_total_is_its_parts_and_a_rest(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 900)
    program = await program_of(db, where, members)
    campaign = await campaign_of(db, where, members, "one", day(20))
    await bought(db, where, program, campaign, members)
    part = await readings.read(db, campaign.id, day(49))
    assert (part.state, part.why, part.details.get("cannot")) == ("proven", "above_zero", None)
    assert await totals.read(db, program.id, day(90)) == []

    (row,) = await totals.read(db, program.id, FIRST)
    assert (row.entry, row.state, row.true_at) == ("total", "proven", FIRST)
    treated = [each for each in members if treats(program, each)]
    reached = [each for each in treated if treats(campaign, each)]
    truth = 300 * len(treated) + 500 * len(reached)
    assert row.low_fen is not None
    assert row.high_fen is not None
    assert row.estimate_fen is not None
    assert row.low_fen < truth < row.high_fen
    (said,) = row.details["parts"]
    assert (said["code"], said["reading_id"]) == ("one", part.id.hex)
    assert said["low_fen"] < 500 * len(reached) < said["high_fen"]
    rest = row.details["rest"]
    assert rest["low_fen"] < 300 * len(treated) < rest["high_fen"]
    assert said["estimate_fen"] + rest["estimate_fen"] == pytest.approx(row.estimate_fen, abs=2)
    # Who subtracts two doubtful figures doubts more.
    assert rest["standard_error_fen"] > said["standard_error_fen"]
    assert row.details["unmeasured"] == []
    assert await ledger.verify(db) is None


async def test_a_second_quarter_counts_only_its_own_sales(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 900)
    program = await program_of(db, where, members)
    campaign = await campaign_of(db, where, members, "one", day(20))
    await bought(db, where, program, campaign, members)
    first, second = await totals.read(db, program.id, SECOND)
    assert [each.details["quarter"] for each in (first, second)] == [1, 2]
    treated = sum(treats(program, each) for each in members)
    assert second.low_fen is not None
    assert second.high_fen is not None
    assert second.low_fen < 300 * treated < second.high_fen
    assert second.details["parts"] == []
    assert second.details["rest"]["estimate_fen"] == second.estimate_fen
    assert await totals.of_programs(db, [program.id]) == [first, second]


async def test_what_could_not_be_read_is_named_and_not_summed(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 900)
    program = await program_of(db, where, members)
    campaign = await campaign_of(db, where, members, "one", day(20))
    await campaign_of(db, where, members, "across", day(80))
    await bought(db, where, program, campaign, members)
    (row,) = await totals.read(db, program.id, FIRST)
    assert row.details["unmeasured"] == ["across", "one"]
    assert row.details["sum_of_parts"] is None


async def test_a_total_is_written_once_and_again_when_goods_came_back(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 400)
    program = await program_of(db, where, members)
    campaign = await campaign_of(db, where, members, "one", day(20))
    await bought(db, where, program, campaign, members)
    first = await totals.read(db, program.id, FIRST)
    assert await totals.read(db, program.id, FIRST + timedelta(days=1)) == first
    await db.raw.execute("UPDATE trade.orders SET refunded_fen = 100 WHERE paid_at > $1", NOON)
    (later,) = await totals.read(db, program.id, FIRST + timedelta(days=2))
    assert later.place == first[0].place + 1
    assert await totals.of_programs(db, [program.id]) == [later]
    # The program's own readings are another kind of row.
    assert await ledger.history(db, program.id) == []


async def test_a_program_whose_holdout_leaked_has_no_total(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 400)
    program = await program_of(db, where, members)
    held = [each for each in members if not treats(program, each)]
    await arms.expose(db, arms.Reached(where.brand_id, None, "sms"), held[:40], day(3))
    (row,) = await totals.read(db, program.id, FIRST)
    assert (row.state, row.why, row.estimate_fen) == ("not_readable", "leak", None)
    assert "rest" not in row.details


async def test_a_pilot_is_one_quarter_and_a_campaign_has_no_total(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 100)
    pilot = await program_of(db, where, members, days=28)
    assert [each.until.at for each in totals.quarters(pilot)] == [day(28)]
    campaign = await campaign_of(db, where, members, "one", day(1))
    assert await totals.read(db, campaign.id, SECOND) == []

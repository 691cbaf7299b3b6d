"""A program draws its holdout first, owes a target each quarter, and never adds up winners."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from tests import make_audience as make
from tests.make_audience import APP, NOON, Place, day

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.gate import rules
from headwater.gate.rules import Channel
from headwater.increment import arms, experiments, readings
from headwater.increment.assignment import arm_of
from headwater.program import programs
from headwater.program.errors import NoSuchProgram, ProgramRuns
from headwater.program.programs import Plan
from headwater.program.scoreboard import Scoreboard, scoreboard
from headwater.reach import campaigns, segments
from headwater.reach.contents import Content

WORDS = Content("好久不见", "Long time no see", "回来看看", "Come and see")


def plan(where: Place, share: float = 0.2) -> Plan:
    return Plan(
        "growth", where.brand_id, "增长工程", "Growth", date(2026, 6, 1), share, 182, is_pilot=True
    )


@pytest.mark.parametrize(
    "today,quarter",
    [
        (date(2026, 6, 15), 1),
        (date(2026, 9, 14), 1),
        (date(2026, 9, 15), 2),
        (date(2027, 6, 14), 4),
        (date(2027, 6, 15), 5),
        (date(2026, 6, 1), 1),
    ],
)
def test_quarters_are_counted_from_the_first_day(today: date, quarter: int) -> None:
    assert programs.quarter_of(date(2026, 6, 15), today) == quarter


async def test_a_program_begins_once_and_draws_everybody(db: Db) -> None:
    where, elsewhere = await make.place(db), await make.place(db, "other")
    members = await make.members(db, where, 50)
    await make.members(db, elsewhere, 5)
    program = await programs.begin(db, plan(where), NOON)
    assert await programs.begin(db, plan(where), day(3)) == program
    assert await programs.every(db) == [program]
    assert program.experiment_id is not None
    drawn = {each.arm: each.members for each in await arms.count(db, program.experiment_id)}
    assert sum(drawn.values()) == len(members)
    assert [each.stage for each in await programs.scopes(db, program.id)] == ["running"]


async def test_the_path_is_owed_quarter_by_quarter_and_its_end_goes_on(db: Db) -> None:
    where = await make.place(db)
    program = await programs.begin(db, plan(where), NOON)
    owed = [await programs.target_of(db, program.id, number) for number in (1, 2, 3, 4, 5, 9)]
    assert [(t.low_share, t.high_share) for t in owed if t] == [
        (0.01, 0.03), (0.01, 0.03), (0.03, 0.05), (0.03, 0.05), (0.05, 0.09), (0.05, 0.09),
    ]  # fmt: skip


async def test_newcomers_are_drawn(db: Db) -> None:
    where = await make.place(db)
    program = await programs.begin(db, plan(where, 0.5), NOON)
    late = await make.members(db, where, 30, joined_at=day(1))
    assert await programs.draw_newcomers(db, program, day(2)) == 30
    assert await programs.draw_newcomers(db, program, day(2)) == 0
    held = {each.member_id for each in await arms.held_out(db, late, day(2))}
    salt = await db.raw.fetchval("SELECT salt FROM increment.experiments")
    assert held == {m for m in late if arm_of(salt, m, 0.5) == "holdout"}


async def test_a_program_is_asked_for_at_once_and_drawn_later_and_once(db: Db) -> None:
    where = await make.place(db)
    asked = await programs.ask(db, plan(where), NOON)
    assert await programs.ask(db, plan(where), day(3)) == asked
    assert asked.experiment_id is None
    assert await programs.asked(db) == [asked]
    other = dataclasses.replace(plan(where), code="another")
    with pytest.raises(ProgramRuns):
        await programs.ask(db, other, NOON)
    late = await make.members(db, where, 20, joined_at=day(-1))
    drawn = await programs.draw(db, asked.id, day(-2))
    assert await programs.draw(db, asked.id, day(-3)) == drawn
    assert await programs.asked(db) == []
    assert drawn.experiment_id is not None
    # Whoever joined between the two is drawn as well.
    assert sum(each.members for each in await arms.count(db, drawn.experiment_id)) == len(late)


async def test_a_program_cannot_begin_tomorrow(db: Db) -> None:
    where = await make.place(db)
    with pytest.raises(BadInput, match="starts_on"):
        await programs.begin(db, plan(where), day(-1))
    with pytest.raises(NoSuchProgram):
        await programs.get(db, ids.new())


async def test_the_scoreboard_shows_the_total_and_each_campaign_and_no_sum(db: Db) -> None:
    where = await make.place(db)
    await rules.open_channel(db, Channel("official_account", "open_id", APP), NOON)
    members = await make.members(db, where, 400)
    await make.consent(db, members, day(-1))
    await make.follow(db, members)
    program = await programs.begin(db, plan(where), NOON)
    everybody = {"is": "joined", "days": 3660}
    segment = await segments.draft(db, segments.Draft(where.brand_id, "全部", everybody), NOON)
    drafted = await campaigns.draft(
        db,
        campaigns.Draft(where.brand_id, "召回", segment.id, "official_account", WORDS, 0.3),
        NOON,
    )
    empty = await scoreboard(db, program.id, NOON)
    assert empty.total is not None
    assert empty.total.reading is None

    launched = (await campaigns.launch(db, drafted.id, NOON)).campaign
    assert launched.experiment_id is not None
    assert program.experiment_id is not None
    held = {each.member_id for each in await arms.held_out(db, members, NOON)}
    await make.orders(
        db, where,
        [(m, 1000 + n % 13 + (0 if m in held else 100), day(3)) for n, m in enumerate(members)],
    )  # fmt: skip
    for experiment_id in (launched.experiment_id, program.experiment_id):
        await readings.read(db, experiment_id, day(30))

    board = await scoreboard(db, program.id, day(30))
    assert (board.quarter_no, board.target) == (1, programs.PATH[0])
    assert board.total is not None
    assert board.total.reading is not None
    assert board.total.reading.state == "open"
    assert [line.reading.state for line in board.campaigns if line.reading] == ["proven"]
    # A field for a sum of campaigns would be an invitation.
    assert {each.name for each in dataclasses.fields(Scoreboard)} == {
        "program", "quarter_no", "target", "total", "campaigns", "scopes", "true_at",
    }  # fmt: skip


@pytest.mark.parametrize("share", [0.04, 0.11])
async def test_a_brand_leaves_alone_between_a_twentieth_and_a_tenth(db: Db, share: float) -> None:
    where = await make.place(db)
    with pytest.raises(BadInput, match="holdout_share"):
        await programs.begin(db, dataclasses.replace(plan(where, share), is_pilot=False), NOON)


async def test_a_program_rotates_when_its_half_year_is_over(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 200)
    program = await programs.begin(db, plan(where, 0.5), NOON)
    assert program.experiment_id is not None
    assert not await programs.rotate(db, program, day(181))
    before = {each.member_id for each in await arms.held_out(db, members, NOON)}
    assert await programs.rotate(db, program, day(182))
    second = await programs.get(db, program.id)
    assert second.experiment_id not in (None, program.experiment_id)
    after = {each.member_id for each in await arms.held_out(db, members, day(182))}
    assert after
    assert not after & before
    assert not await programs.rotate(db, second, day(182))
    assert await programs.draw_newcomers(db, second, day(182)) == 0
    assert await programs.draw_newcomers(db, second, day(182 + 28)) == len(before)


async def test_a_brand_has_one_program_at_a_time_and_an_ended_one_does_not_go_on(db: Db) -> None:
    where = await make.place(db)
    await make.members(db, where, 40)
    program = await programs.begin(db, plan(where), NOON)
    other = dataclasses.replace(plan(where), code="other")
    with pytest.raises(ProgramRuns):
        await programs.begin(db, other, day(1))
    assert program.experiment_id is not None
    assert await experiments.end(db, program.experiment_id, day(2))
    assert not await programs.rotate(db, program, day(400))
    assert (await programs.begin(db, other, day(3))).id != program.id

"""Nested draws: independent salts, rotation with a wash-out, merges with one arm, and leaks."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import duckdb
import pytest
from tests import make_audience as make
from tests.make_audience import NOON, Place, day

from headwater.base import ids
from headwater.base.db import NOBODY, SYSTEM, Db, Pool, member_walls
from headwater.base.errors import BadInput
from headwater.increment import arms, experiments, leaks, merges
from headwater.increment.arms import Reached
from headwater.increment.assignment import IN_DUCKDB, arm_of, draw
from headwater.increment.errors import NoSuchExperiment, NotOverYet
from headwater.increment.experiments import Experiment, Kind, Question, Unit
from headwater.increment.programs import rotation

HALF_YEAR = rotation.EPOCH_DAYS


async def asked(
    db: Db, where: Place, kind: Kind, share: float = 0.5, unit: Unit = "member"
) -> Experiment:
    days = HALF_YEAR if kind == "program" else 28
    question = Question(kind, where.brand_id, ids.code(), "问", "Question", share, days, unit)
    return await experiments.launch(db, question, NOON)


async def test_python_postgresql_and_duckdb_draw_the_same_thousands(db: Db) -> None:
    where = await make.place(db)
    question = await asked(db, where, "campaign", share=0.37)
    units = [ids.new_member() for _ in range(5_000)]
    await arms.assign(db, question.id, units, NOON)
    rows = await db.raw.fetch(
        "SELECT member_id, arm FROM increment.arms WHERE experiment_id = $1", question.id
    )
    in_sql = {row["member_id"]: row["arm"] for row in rows}
    memory = duckdb.connect()
    memory.execute("CREATE TABLE units (salt text, unit_id text)")
    memory.executemany("INSERT INTO units VALUES (?, ?)", [(question.salt, str(u)) for u in units])
    in_duckdb = {
        UUID(unit): number
        for unit, number in memory.execute(f"SELECT unit_id, {IN_DUCKDB} FROM units").fetchall()
    }
    for unit in units:
        assert in_duckdb[unit] == draw(question.salt, unit)
        assert in_sql[unit] == arm_of(question.salt, unit, 0.37)


async def test_every_level_draws_by_a_salt_of_its_own(db: Db) -> None:
    where = await make.place(db)
    kinds: tuple[Kind, ...] = ("program", "campaign", "journey", "guide", "store")
    salts = [(await asked(db, where, kind)).salt for kind in kinds]
    assert len(set(salts)) == 5
    units = [ids.new() for _ in range(4_000)]
    for one in range(5):
        for other in range(one):
            both = sum(draw(salts[one], u) < 0.5 and draw(salts[other], u) < 0.5 for u in units)
            assert 0.21 < both / 4_000 < 0.29


async def test_guides_and_stores_draw_as_members_do(db: Db) -> None:
    where = await make.place(db)
    question = await asked(db, where, "store", share=0.4, unit="store")
    stores = [ids.new() for _ in range(60)]
    assert await arms.assign_units(db, question.id, stores, NOON) == 60
    assert await arms.assign_units(db, question.id, stores, NOON) == 0
    held = {each for each in stores if arm_of(question.salt, each, 0.4) == "holdout"}
    assert await arms.held_units(db, stores, NOON) == held
    assert not await arms.held_units(db, stores, day(28))
    assert (await experiments.get(db, question.id)).drawn_count == 60
    of_members = await asked(db, where, "campaign")
    with pytest.raises(NoSuchExperiment):
        await arms.assign_units(db, of_members.id, stores, NOON)


async def test_a_campaign_does_not_draw_stores(db: Db) -> None:
    with pytest.raises(BadInput, match="unit"):
        await asked(db, await make.place(db), "campaign", unit="store")


async def test_each_half_year_others_are_left_alone(db: Db) -> None:
    where = await make.place(db)
    first = await asked(db, where, "program")
    members = await make.members(db, where, 400)
    await arms.assign(db, first.id, members, NOON)
    with pytest.raises(NotOverYet):
        await rotation.rotate(db, first.id, day(HALF_YEAR - 1))

    turn = day(HALF_YEAR)
    second = await rotation.rotate(db, first.id, turn)
    assert (second.epoch, second.code) == (2, f"{first.code}:2")
    assert rotation.first_code(second) == first.code
    assert await experiments.latest_epoch(db, first.code) == second
    held = {each for each in members if arm_of(first.salt, each, 0.5) == "holdout"}
    assert await arms.assign(db, second.id, members, turn) == 400 - len(held)
    both = {each.member_id for each in await arms.held_out(db, members, turn)}
    assert not both & held
    third = await rotation.rotate(db, second.id, day(2 * HALF_YEAR))
    assert (third.code, third.epoch) == (f"{first.code}:3", 3)


async def test_whom_the_last_epoch_held_out_is_in_nobodys_measurement(db: Db) -> None:
    where = await make.place(db)
    first = await asked(db, where, "program")
    members = await make.members(db, where, 200)
    await arms.assign(db, first.id, members, NOON)
    held = {each for each in members if arm_of(first.salt, each, 0.5) == "holdout"}
    turn = day(HALF_YEAR)
    second = await rotation.rotate(db, first.id, turn)
    campaign = await asked(db, where, "campaign")
    within = turn + timedelta(days=rotation.WASHOUT_DAYS - 1)
    for question in (second, campaign):
        await arms.assign(db, question.id, members, within)
        drawn = await db.raw.fetch(
            "SELECT member_id FROM increment.arms WHERE experiment_id = $1", question.id
        )
        assert {row["member_id"] for row in drawn} == set(members) - held
    assert await rotation.draw_washed_out(db, where.brand_id, within) == 0
    # They may hear of things again all the while; nobody is left alone for ever.
    assert (
        set(await arms.open_to(db, Reached(where.brand_id, None, "sms"), list(held), turn)) == held
    )

    after = turn + timedelta(days=rotation.WASHOUT_DAYS)
    assert await rotation.draw_washed_out(db, where.brand_id, after) == len(held)
    assert await rotation.draw_washed_out(db, where.brand_id, after) == 0
    assert (await experiments.get(db, second.id)).drawn_count == 200


async def two_of(db: Db, where: Place, arm: str, other: str) -> tuple[Experiment, UUID, UUID]:
    """Draw members until one fell into each arm: the first of them a day before the second."""
    question = await asked(db, where, "campaign")
    early = next(u for u in (ids.new_member() for _ in range(999))
                 if arm_of(question.salt, u, 0.5) == arm)  # fmt: skip
    late = next(u for u in (ids.new_member() for _ in range(999))
                if arm_of(question.salt, u, 0.5) == other)  # fmt: skip
    await arms.assign(db, question.id, [early], NOON)
    await arms.assign(db, question.id, [late], day(1))
    return question, early, late


@pytest.mark.parametrize("arm, other", [("holdout", "treated"), ("treated", "holdout")])
@pytest.mark.parametrize("is_early_kept", [True, False])
async def test_a_merged_person_keeps_the_arm_that_was_drawn_first(
    db: Db, arm: str, other: str, is_early_kept: bool
) -> None:
    question, early, late = await two_of(db, await make.place(db), arm, other)
    kept, gone = (early, late) if is_early_kept else (late, early)
    (logged,) = await merges.merge(db, kept, gone, day(2))
    assert (logged.kept_arm, logged.experiment_id) == (arm, question.id)
    assert {logged.own_arm, logged.gone_arm} == {arm, other}
    rows = await db.raw.fetch(
        "SELECT member_id, arm FROM increment.arms WHERE experiment_id = $1", question.id
    )
    assert [(row["member_id"], row["arm"]) for row in rows] == [(kept, arm)]
    assert (await experiments.get(db, question.id)).drawn_count == 1
    assert await merges.merge(db, kept, gone, day(3)) == []
    assert await merges.of_experiment(db, question.id) == [logged]


async def test_a_merged_person_who_was_reached_under_the_other_id_is_a_leak(db: Db) -> None:
    where = await make.place(db)
    question, early, late = await two_of(db, where, "holdout", "treated")
    await arms.expose(db, Reached(where.brand_id, question.id, "sms"), [late], day(1))
    assert (await leaks.of_experiment(db, question.id)).members == 0
    await merges.merge(db, early, late, day(2))
    assert (await leaks.of_experiment(db, question.id)).by_channel == {"sms": 1}


async def test_an_arm_comes_along_to_an_id_that_had_none(db: Db) -> None:
    question, early, _late = await two_of(db, await make.place(db), "holdout", "treated")
    newcomer = ids.new_member()
    (logged,) = await merges.merge(db, newcomer, early, day(2))
    assert (logged.own_arm, logged.kept_arm) == (None, "holdout")
    assert (await experiments.get(db, question.id)).drawn_count == 2


async def test_the_log_of_merges_takes_no_change(db: Db) -> None:
    import asyncpg

    for change in ("UPDATE increment.merges SET kept_arm = 'treated'",
                   "DELETE FROM increment.merges"):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.attempt():
                await db.raw.execute(change)


async def test_leaks_are_counted_by_channel_and_each_member_once_in_all(db: Db) -> None:
    where = await make.place(db)
    question = await asked(db, where, "campaign")
    members = [ids.new_member() for _ in range(100)]
    await arms.assign(db, question.id, members, NOON)
    held = [each for each in members if arm_of(question.salt, each, 0.5) == "holdout"]
    rest = [each for each in members if each not in held]
    for channel, reached in (("sms", held[:4]), ("guide_share", held[2:5]), ("coupon", rest)):
        await arms.expose(db, Reached(where.brand_id, question.id, channel), reached, day(3))
    found = await leaks.of_experiment(db, question.id)
    assert (found.members, found.held_out) == (5, len(held))
    assert found.by_channel == {"sms": 4, "guide_share": 3}
    assert found.share == 5 / len(held)


async def test_who_was_let_go_is_no_leak(db: Db) -> None:
    where = await make.place(db)
    question = await asked(db, where, "campaign")
    members = [ids.new_member() for _ in range(20)]
    await arms.assign(db, question.id, members, NOON)
    await arms.expose(db, Reached(where.brand_id, question.id, "sms"), members, day(28))
    assert (await leaks.of_experiment(db, question.id)).members == 0


async def test_an_audience_that_leaves_the_house_is_only_of_the_open(db: Db) -> None:
    where = await make.place(db)
    program, campaign = await asked(db, where, "program"), await asked(db, where, "campaign")
    members = [ids.new_member() for _ in range(200)]
    await arms.assign(db, program.id, members, NOON)
    await arms.assign(db, campaign.id, await arms.among_rest(db, where.brand_id, members), NOON)
    may_hear = await arms.open_to(
        db, Reached(where.brand_id, campaign.id, "ad_audience"), members, NOON
    )
    for_all = await arms.open_to(db, Reached(where.brand_id, None, "entry_banner"), members, NOON)
    of_program = {each for each in members if arm_of(program.salt, each, 0.5) == "holdout"}
    of_campaign = {each for each in members if arm_of(campaign.salt, each, 0.5) == "holdout"}
    assert for_all == [each for each in members if each not in of_program]
    assert may_hear == [each for each in for_all if each not in of_campaign]


async def test_behind_walls_that_hide_the_arms_nobody_may_hear(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        where = await make.place(db, ids.code())
        program = await asked(db, where, "program")
        members = [ids.new_member() for _ in range(40)]
        await arms.assign(db, program.id, members, NOON)
    banner = Reached(where.brand_id, None, "entry_banner")
    async with pool.transaction(NOBODY) as db:
        assert await arms.open_to(db, banner, members, NOON) == []
    for member in members[:10]:
        is_open = arm_of(program.salt, member, 0.5) == "treated"
        async with pool.transaction(member_walls(member)) as db:
            assert await arms.open_to(db, banner, [member], NOON) == [member] * is_open
            assert await arms.open_to(db, banner, [members[10]], NOON) == []


async def test_a_question_about_a_guide_is_asked_of_that_guides_customers(db: Db) -> None:
    where = await make.place(db)
    guide_id = ids.new()
    question = Question("guide", where.brand_id, ids.code(), "问", "Q", 0.5, 28, about_id=guide_id)
    about = await experiments.launch(db, question, NOON)
    members = [ids.new_member() for _ in range(40)]
    await arms.assign(db, about.id, members, NOON)
    held = [each for each in members if arm_of(about.salt, each, 0.5) == "holdout"]
    by_guide = Reached(where.brand_id, None, "guide_share", guide_id)
    by_other = Reached(where.brand_id, None, "guide_share", ids.new())
    assert set(await arms.open_to(db, by_guide, members, NOON)) == set(members) - set(held)
    assert await arms.open_to(db, by_other, members, NOON) == members
    await arms.expose(db, by_other, held, NOON)
    assert (await leaks.of_experiment(db, about.id)).members == 0
    await arms.expose(db, by_guide, held[:3], NOON)
    assert (await leaks.of_experiment(db, about.id)).by_channel == {"guide_share": 3}

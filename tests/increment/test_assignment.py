"""Assignment is a pure function of salt and member: in Python, in SQL, today and next year."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from tests import make_audience as make
from tests.make_audience import NOON, Place

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.increment import arms, experiments
from headwater.increment.assignment import arm_of, draw
from headwater.increment.errors import NoSuchExperiment
from headwater.increment.experiments import Question

SALTS = some.text(some.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


def question(where: Place, code: str = "q", share: float = 0.2, kind: str = "campaign") -> Question:
    return Question(
        "program" if kind == "program" else "campaign",
        where.brand_id, code, "问题", "Question", share, 28,
    )  # fmt: skip


@given(SALTS, some.uuids())
def test_a_draw_lies_between_zero_and_one(salt: str, unit: UUID) -> None:
    assert 0 <= draw(salt, unit) < 1
    assert draw(salt, unit) == draw(salt, UUID(str(unit)))


def test_a_draw_of_last_year_is_the_draw_of_today() -> None:
    # The first twelve digits of sha256("salt:01900000-..."), taken with another program.
    unit = UUID("01900000-0000-7000-8000-000000000001")
    assert draw("salt", unit) == 0x66A2DAFBC0CD / 2**48


def test_two_salts_draw_apart() -> None:
    units = [ids.new() for _ in range(4000)]
    both = sum(draw("one", u) < 0.5 and draw("two", u) < 0.5 for u in units)
    assert 0.22 < both / 4000 < 0.28


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(salt=SALTS, share=some.floats(0.01, 0.9), units=some.lists(some.uuids(), min_size=1))
async def test_sql_draws_what_python_draws(
    db: Db, salt: str, share: float, units: list[UUID]
) -> None:
    where = await make.place(db, ids.code())
    asked = await experiments.launch(db, question(where, ids.code(), share), NOON)
    await db.raw.execute("UPDATE increment.experiments SET salt = $2 WHERE id = $1", asked.id, salt)
    await arms.assign(db, asked.id, units, NOON)
    rows = await db.raw.fetch(
        "SELECT member_id, arm FROM increment.arms WHERE experiment_id = $1", asked.id
    )
    kept = float(Decimal(str(share)))
    assert {r["member_id"]: r["arm"] for r in rows} == {u: arm_of(salt, u, kept) for u in units}


async def test_drawing_again_changes_nothing_and_counts_once(db: Db) -> None:
    where = await make.place(db)
    asked = await experiments.launch(db, question(where), NOON)
    units = [ids.new_member() for _ in range(50)]
    assert await arms.assign(db, asked.id, units, NOON) == 50
    before = await arms.count(db, asked.id)
    assert await arms.assign(db, asked.id, units, NOON) == 0
    assert await arms.count(db, asked.id) == before
    assert (await experiments.get(db, asked.id)).drawn_count == 50


async def test_campaigns_draw_among_those_whom_no_program_holds_out(db: Db) -> None:
    where = await make.place(db)
    program = await experiments.launch(db, question(where, "p", 0.5, "program"), NOON)
    units = [ids.new_member() for _ in range(200)]
    assert await arms.assign_to_programs(db, where.brand_id, units, NOON) == 200
    rest = await arms.among_rest(db, where.brand_id, units)
    held = [u for u in units if arm_of(program.salt, u, 0.5) == "holdout"]
    assert set(rest) == set(units) - set(held)
    assert 60 < len(held) < 140

    campaign = await experiments.launch(db, question(where, "c", 0.3), NOON)
    await arms.assign(db, campaign.id, rest, NOON)
    answers = await arms.held_out(db, units, NOON)
    assert {a.member_id for a in answers if a.kind == "program"} == set(held)
    assert {a.member_id for a in answers if a.kind == "campaign"} == {
        u for u in rest if arm_of(campaign.salt, u, 0.3) == "holdout"
    }


async def test_a_campaign_lets_its_held_out_go_when_the_window_ends(db: Db) -> None:
    where = await make.place(db)
    asked = await experiments.launch(db, question(where, share=0.9), NOON)
    units = [ids.new_member() for _ in range(20)]
    await arms.assign(db, asked.id, units, NOON)
    assert await arms.held_out(db, units, make.day(27))
    assert not await arms.held_out(db, units, make.day(29))


async def test_a_program_that_ended_holds_nobody(db: Db) -> None:
    where = await make.place(db)
    program = await experiments.launch(db, question(where, "p", 0.9, "program"), NOON)
    units = [ids.new_member() for _ in range(20)]
    await arms.assign_to_programs(db, where.brand_id, units, NOON)
    assert await experiments.end(db, program.id, make.day(40))
    assert not await experiments.end(db, program.id, make.day(41))
    assert await arms.among_rest(db, where.brand_id, units) == units
    assert await arms.assign_to_programs(db, where.brand_id, [ids.new_member()], NOON) == 0


async def test_a_question_is_put_once(db: Db) -> None:
    where = await make.place(db)
    first = await experiments.launch(db, question(where, share=0.2), NOON)
    again = await experiments.launch(db, question(where, share=0.4), make.day(3))
    assert again == first
    assert first.plan["holdout_share"] == 0.2


@pytest.mark.parametrize("share", [0.0, 0.001, 0.95])
async def test_a_share_that_proves_nothing_is_refused(db: Db, share: float) -> None:
    where = await make.place(db)
    with pytest.raises(BadInput, match="holdout_share"):
        await experiments.launch(db, question(where, share=share), NOON)


async def test_drawing_for_an_unknown_experiment_is_refused(db: Db) -> None:
    with pytest.raises(NoSuchExperiment):
        await arms.assign(db, ids.new(), [ids.new_member()], NOON)

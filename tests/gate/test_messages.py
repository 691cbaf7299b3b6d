"""Every member of an audience gets an answer: planned, later and when, or refused and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from tests import make_audience as make
from tests.make_audience import APP, NOON, Place, day

from headwater.base import ids
from headwater.base.db import Db
from headwater.gate import messages, rules
from headwater.gate.errors import NoSuchChannel
from headwater.gate.messages import Plan, Planned, Service
from headwater.gate.rules import Channel
from headwater.increment import arms, experiments
from headwater.increment.assignment import arm_of
from headwater.increment.experiments import Question

CHANNEL = Channel("official_account", "open_id", APP)
WORDS = {"zh": {"title": "好久不见"}, "en": {"title": "Long time no see"}}


async def followers(db: Db, where: Place, count: int) -> list[UUID]:
    """Make members whom nothing keeps from being written to."""
    await rules.open_channel(db, CHANNEL, NOON)
    members = await make.members(db, where, count)
    await make.consent(db, members, day(-1))
    await make.follow(db, members)
    return members


def campaign(where: Place, experiment_id: UUID | None = None, days: float = 7) -> Plan:
    return Plan(
        ids.new(), experiment_id, where.brand_id, "official_account", WORDS, NOON + timedelta(days)
    )


async def answers(
    db: Db, what: Plan, members: list[UUID], now: datetime = NOON
) -> dict[UUID, tuple[str, str]]:
    planned = await messages.plan(db, what, members, now)
    return {each.member_id: (each.state, each.reason) for each in planned}


async def test_who_allows_it_and_can_be_found_is_planned(db: Db) -> None:
    where = await make.place(db)
    members = await followers(db, where, 5)
    assert set((await answers(db, campaign(where), members)).values()) == {("planned", "")}
    row = (await messages.of_member(db, members[0]))[0]
    assert row.content == WORDS["zh"]
    assert row.due_at == NOON


async def test_every_refusal_is_a_row_with_its_reason_and_an_end(db: Db) -> None:
    where = await make.place(db)
    await rules.open_channel(db, CHANNEL, NOON)
    silent, hidden, gone, withdrew = await make.members(db, where, 4)
    await make.consent(db, [hidden, gone, withdrew], day(-2))
    await make.consent(db, [withdrew], day(-1), is_granted=False)
    await make.follow(db, [silent, gone, withdrew])
    await db.raw.execute("UPDATE members.members SET erased_at = now() WHERE id = $1", gone)
    asked = campaign(where)
    found = await answers(db, asked, [silent, hidden, gone, withdrew])
    assert found == {
        silent: ("refused", "no_consent"),
        withdrew: ("refused", "no_consent"),
        hidden: ("refused", "no_address"),
        gone: ("refused", "no_member"),
    }
    for member in found:
        assert (await messages.of_member(db, member))[0].ends_at == asked.ends_at


async def test_asking_again_adds_nothing(db: Db) -> None:
    where = await make.place(db)
    members = await followers(db, where, 3)
    what = campaign(where)
    assert len(await messages.plan(db, what, members, NOON)) == 3
    assert await messages.plan(db, what, members, day(1)) == []
    assert [(c.state, c.messages) for c in await messages.progress(db, what.campaign_id)] == [
        ("planned", 3)
    ]


async def test_at_night_it_waits_for_the_morning(db: Db) -> None:
    where = await make.place(db)
    members = await followers(db, where, 1)
    night = NOON + timedelta(hours=11)
    assert await messages.plan(db, campaign(where), members, night) == [
        Planned(members[0], "later", "quiet_hours")
    ]
    assert (await messages.of_member(db, members[0]))[0].due_at == NOON + timedelta(hours=21)


async def test_the_third_message_of_a_week_waits_until_the_first_is_a_week_old(db: Db) -> None:
    where = await make.place(db)
    members = await followers(db, where, 1)
    await answers(db, campaign(where), members, NOON)
    await answers(db, campaign(where), members, day(1))
    third = campaign(where, days=20)
    assert await answers(db, third, members, day(2)) == {members[0]: ("later", "over_budget")}
    assert (await messages.of_member(db, members[0]))[0].due_at == day(7)


async def test_a_message_that_could_only_come_too_late_is_refused(db: Db) -> None:
    where = await make.place(db)
    members = await followers(db, where, 1)
    await answers(db, campaign(where), members, NOON)
    await answers(db, campaign(where), members, NOON)
    short = campaign(where, days=3)
    assert await answers(db, short, members, day(2)) == {members[0]: ("refused", "over_budget")}


async def test_the_fifth_of_a_month_waits_for_the_platforms_next_month(db: Db) -> None:
    where = await make.place(db)
    members = await followers(db, where, 1)
    for start in (0, 0, 7.1, 7.1):
        await answers(db, campaign(where, days=60), members, day(start))
    await answers(db, campaign(where, days=60), members, day(15))
    newest = (await messages.of_member(db, members[0]))[0]
    assert (newest.state, newest.reason) == ("later", "over_budget")
    # The first of July, nine o'clock in the shop.
    assert newest.due_at == NOON + timedelta(days=30, hours=-3)


async def test_held_out_members_get_nothing_of_it_on_any_channel(db: Db) -> None:
    where = await make.place(db)
    members = await followers(db, where, 60)
    program = await experiments.launch(
        db, Question("program", where.brand_id, "p", "工程", "Program", 0.3, 182), NOON
    )
    await arms.assign_to_programs(db, where.brand_id, members, NOON)
    recall = await experiments.launch(
        db, Question("campaign", where.brand_id, "c", "召回", "Recall", 0.3, 28), NOON
    )
    await arms.assign(db, recall.id, await arms.among_rest(db, where.brand_id, members), NOON)

    found = await answers(db, campaign(where, recall.id), members)

    for member in members:
        is_held = "holdout" in (
            arm_of(program.salt, member, 0.3), arm_of(recall.salt, member, 0.3),
        )  # fmt: skip
        assert found[member] == (("refused", "held_out") if is_held else ("planned", ""))
    assert len(set(found.values())) == 2


async def test_another_brands_program_holds_nobody_back_here(db: Db) -> None:
    where, elsewhere = await make.place(db), await make.place(db, "other")
    members = await followers(db, where, 30)
    await experiments.launch(
        db, Question("program", elsewhere.brand_id, "p", "工程", "Program", 0.9, 182), NOON
    )
    await arms.assign_to_programs(db, elsewhere.brand_id, members, NOON)
    assert set((await answers(db, campaign(where), members)).values()) == {("planned", "")}


async def test_only_the_reachable_are_drawn(db: Db) -> None:
    where = await make.place(db)
    members = await followers(db, where, 4)
    await make.consent(db, members[:1], day(-0.5), is_granted=False)
    await db.raw.execute(
        "UPDATE members.identities SET unlinked_at = now() WHERE member_id = $1", members[1]
    )
    assert set(await messages.reachable(db, members, "official_account")) == set(members[2:])


async def test_a_stopped_campaign_sends_no_more(db: Db) -> None:
    where = await make.place(db)
    members = await followers(db, where, 3)
    what = campaign(where)
    await messages.plan(db, what, members, NOON)
    assert await messages.withdraw(db, what.campaign_id) == 3
    assert [(c.state, c.reason) for c in await messages.progress(db, what.campaign_id)] == [
        ("refused", "withdrawn")
    ]


async def test_what_a_sale_requires_needs_no_yes_but_hears_a_no(db: Db) -> None:
    where = await make.place(db)
    await rules.open_channel(db, CHANNEL, NOON)
    quiet, refuses = await make.members(db, where, 2)
    await make.follow(db, [quiet, refuses])
    await make.consent(db, [refuses], day(-1), is_granted=False, purpose="service")
    told = [
        Service(f"paid:{m}", m, where.brand_id, "official_account", WORDS, day(1))
        for m in (quiet, refuses)
    ]
    await messages.plan_service(db, told, NOON)
    await messages.plan_service(db, told, NOON)
    assert [m.state for m in await messages.of_member(db, quiet)] == ["planned"]
    assert [m.reason for m in await messages.of_member(db, refuses)] == ["no_consent"]


async def test_a_way_out_that_does_not_exist_is_refused(db: Db) -> None:
    where = await make.place(db)
    with pytest.raises(NoSuchChannel):
        await messages.plan(db, campaign(where), [], NOON)

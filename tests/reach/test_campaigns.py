"""A campaign reaches whom it may, leaves alone whom it must, and can then be read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from tests import make_audience as make
from tests.make_audience import APP, NOON, Place, day

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.errors import BadInput
from headwater.gate import messages, rules
from headwater.gate.rules import Channel
from headwater.increment import arms, experiments, readings
from headwater.increment.experiments import Question
from headwater.reach import campaigns, due, segments
from headwater.reach.campaigns import Draft
from headwater.reach.contents import Content
from headwater.reach.errors import NobodyToReach, NoSuchCampaign, NotADraft

WORDS = Content("好久不见", "Long time no see", "回来看看", "Come and see", "/")
LAPSED = {"is": "lapsed", "days": 30}


@dataclass(frozen=True)
class Scene:
    """A brand with lapsed members, and a campaign for them."""

    where: Place
    members: list[UUID]
    plan: Draft

    async def draft(self, db: Db) -> UUID:
        return (await campaigns.draft(db, self.plan, NOON)).id


async def scene(db: Db, count: int = 40, share: float = 0.3) -> Scene:
    where = await make.place(db)
    await rules.open_channel(db, Channel("official_account", "open_id", APP), NOON)
    members = await make.members(db, where, count)
    await make.consent(db, members, day(-1))
    await make.follow(db, members)
    await make.orders(db, where, [(member, 1000, day(-60)) for member in members])
    segment = await segments.draft(db, segments.Draft(where.brand_id, "流失", LAPSED), NOON)
    plan = Draft(where.brand_id, "召回", segment.id, "official_account", WORDS, share)
    return Scene(where, members, plan)


def counted(progress: campaigns.Progress) -> dict[tuple[str, str], int]:
    return {(each.state, each.reason): each.messages for each in progress.messages}


async def test_a_launch_freezes_draws_and_plans(db: Db) -> None:
    here = await scene(db)
    campaign_id = await here.draft(db)
    progress = await campaigns.launch(db, campaign_id, NOON)

    sizes = {each.arm: each.members for each in progress.arms}
    assert sum(sizes.values()) == 40
    assert counted(progress) == {
        ("planned", ""): sizes["treated"],
        ("refused", "held_out"): sizes["holdout"],
    }
    assert progress.campaign.state == "running"
    assert progress.campaign.launched_at == NOON
    await db.flush()
    asked = await db.raw.fetchval(
        "SELECT count(*) FROM base.outbox WHERE kind = 'CampaignLaunched'"
    )
    assert asked == 1


async def test_launching_again_changes_nothing(db: Db) -> None:
    here = await scene(db)
    campaign_id = await here.draft(db)
    first = await campaigns.launch(db, campaign_id, NOON)
    (late,) = await make.members(db, here.where, 1, batch="late")
    await make.orders(db, here.where, [(late, 5, day(-60))])
    assert await campaigns.launch(db, campaign_id, day(1)) == first


async def test_the_unreachable_are_refused_and_not_drawn(db: Db) -> None:
    here = await scene(db)
    silent = here.members[:10]
    await make.consent(db, silent, day(-0.5), is_granted=False)
    progress = await campaigns.launch(db, await here.draft(db), NOON)
    assert counted(progress)["refused", "no_consent"] == 10
    assert sum(each.members for each in progress.arms) == 30


async def test_a_programs_held_out_members_are_neither_drawn_nor_reached(db: Db) -> None:
    here = await scene(db, 80)
    question = Question("program", here.where.brand_id, "p", "工程", "Program", 0.25, 182)
    program = await experiments.launch(db, question, NOON)
    progress = await campaigns.launch(db, await here.draft(db), NOON)

    # Nobody had drawn them for the program before: the launch does it first.
    sizes = {each.arm: each.members for each in await arms.count(db, program.id)}
    assert sum(sizes.values()) == 80
    assert sum(each.members for each in progress.arms) == sizes["treated"]
    drawn = {each.arm: each.members for each in progress.arms}
    assert counted(progress)["refused", "held_out"] == sizes["holdout"] + drawn["holdout"]


async def test_only_those_who_hear_of_it_hold_the_coupon(db: Db) -> None:
    here = await scene(db)
    offer_id = ids.new()
    await db.raw.execute(
        "INSERT INTO pricing.offers VALUES ($1, $2, 'BACK', 'coupon', '减 10 元', '10 off', 5000,"
        " 1000, $3, $4)",
        offer_id,
        here.where.brand_id,
        day(-1),
        day(14),
    )
    here = replace(here, plan=replace(here.plan, offer_id=offer_id))
    progress = await campaigns.launch(db, await here.draft(db), NOON)
    rows = await db.raw.fetch("SELECT member_id, expires_at FROM pricing.coupons")
    treated = {each.arm: each.members for each in progress.arms}["treated"]
    assert len({row["member_id"] for row in rows}) == len(rows) == treated
    assert {row["expires_at"] for row in rows} == {day(14)}
    held = await arms.held_out(db, here.members, NOON)
    assert not {each.member_id for each in held} & {row["member_id"] for row in rows}
    heard = await messages.of_member(db, rows[0]["member_id"])
    assert heard[0].content["body"] == "回来看看 · 减 10 元"
    assert heard[0].content["url"] == "/"


async def test_nobody_to_reach_is_refused_and_stays_a_draft(own_pool: Pool) -> None:
    async with own_pool.transaction(SYSTEM) as db:
        here = await scene(db)
        await make.consent(db, here.members, day(-0.5), is_granted=False)
        campaign_id = await here.draft(db)
    with pytest.raises(NobodyToReach):
        async with own_pool.transaction(SYSTEM) as db:
            await campaigns.launch(db, campaign_id, NOON)
    async with own_pool.transaction(SYSTEM) as db:
        progress = await campaigns.progress(db, campaign_id)
    assert (progress.campaign.state, progress.messages, progress.arms) == ("draft", [], [])


@dataclass(frozen=True)
class Worker:
    """What the clock's calls need."""

    pool: Pool


async def test_what_could_not_be_launched_says_why_until_it_is_tried_again(own_pool: Pool) -> None:
    async with own_pool.transaction(SYSTEM) as db:
        here = await scene(db)
        await make.consent(db, here.members, day(-0.5), is_granted=False)
        campaign_id = await here.draft(db)
        await campaigns.approve(db, campaign_id)
    await due.launch_approved(Worker(own_pool), NOON)
    async with own_pool.transaction(SYSTEM) as db:
        refused = await campaigns.get(db, campaign_id)
        await campaigns.approve(db, campaign_id)
        approved = await campaigns.get(db, campaign_id)
    assert (refused.state, refused.why_not) == ("draft", "nobody_to_reach")
    assert (approved.state, approved.why_not) == ("launching", None)


async def test_the_worker_launches_what_was_approved(own_pool: Pool) -> None:
    async with own_pool.transaction(SYSTEM) as db:
        here = await scene(db)
        good, bad = await here.draft(db), await here.draft(db)
        for campaign_id in (good, bad):
            await campaigns.approve(db, campaign_id)
        await campaigns.approve(db, good)
        empty = {"is": "level", "code": "nobody"}
        segment = await segments.draft(db, segments.Draft(here.where.brand_id, "空", empty), NOON)
        await db.raw.execute(
            "UPDATE reach.campaigns SET segment_id = $2 WHERE id = $1", bad, segment.id
        )
    assert await due.launch_approved(Worker(own_pool), NOON) == 2
    assert await due.launch_approved(Worker(own_pool), NOON) == 0
    async with own_pool.transaction(SYSTEM) as db:
        assert (await campaigns.get(db, good)).state == "running"
        assert (await campaigns.get(db, bad)).state == "draft"


async def test_two_launches_at_once_are_one(own_pool: Pool) -> None:
    async with own_pool.transaction(SYSTEM) as db:
        here = await scene(db)
        campaign_id = await here.draft(db)

    async def launch() -> campaigns.Progress:
        async with own_pool.transaction(SYSTEM) as db:
            return await campaigns.launch(db, campaign_id, NOON)

    one, other = await asyncio.gather(launch(), launch())
    assert one == other
    assert sum(each.messages for each in one.messages) == 40


async def test_a_stopped_campaign_sends_no_more_and_is_not_launched_again(db: Db) -> None:
    here = await scene(db)
    campaign_id = await here.draft(db)
    await campaigns.launch(db, campaign_id, NOON)
    progress = await campaigns.stop(db, campaign_id, day(1))
    assert progress.campaign.state == "stopped"
    assert {each.state for each in progress.messages} == {"refused"}
    assert await campaigns.stop(db, campaign_id, day(2)) == progress
    with pytest.raises(NotADraft):
        await campaigns.launch(db, campaign_id, day(2))
    with pytest.raises(NotADraft):
        await campaigns.approve(db, campaign_id)


async def test_a_campaign_ends_with_its_window_and_can_be_read(db: Db) -> None:
    here = await scene(db, 300)
    progress = await campaigns.launch(db, await here.draft(db), NOON)
    campaign = progress.campaign
    assert campaign.experiment_id is not None
    held = {each.member_id for each in await arms.held_out(db, here.members, NOON)}
    await make.orders(
        db, here.where,
        [(m, 500 + n % 7 + (0 if m in held else 300), day(4)) for n, m in enumerate(here.members)],
    )  # fmt: skip
    assert await campaigns.close_over(db, day(27)) == 0
    assert await campaigns.close_over(db, day(28)) == 1
    row = await readings.read(db, campaign.experiment_id, day(28))
    assert row.state == "proven"
    assert row.estimate_fen == pytest.approx(300 * row.treated_count, rel=0.02)


@pytest.mark.parametrize(
    "change,field",
    [
        ({"name": " "}, "name"),
        ({"holdout_share": 0.0}, "holdout_share"),
        ({"holdout_share": 0.8}, "holdout_share"),
        ({"window_days": 0}, "window_days"),
        ({"content": replace(WORDS, title_en="")}, "title_en"),
        ({"content": replace(WORDS, body_zh="长" * 401)}, "body_zh"),
        ({"content": replace(WORDS, path="//elsewhere")}, "path"),
        ({"offer_id": ids.new()}, "offer_id"),
    ],
)
async def test_a_plan_that_cannot_work_is_refused(
    db: Db, change: dict[str, object], field: str
) -> None:
    here = await scene(db, 1)
    with pytest.raises(BadInput) as refused:
        await campaigns.draft(db, replace(here.plan, **change), NOON)  # type: ignore[arg-type]
    assert refused.value.field == field


async def test_an_unknown_campaign_is_not_found(db: Db) -> None:
    with pytest.raises(NoSuchCampaign):
        await campaigns.launch(db, ids.new(), NOON)

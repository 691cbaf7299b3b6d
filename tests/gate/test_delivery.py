"""Delivery claims first and sends after: what nobody knows is never sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests import make_audience as make
from tests.gate.test_messages import CHANNEL, WORDS, campaign, followers
from tests.make_audience import KEYS, NOON, Place, day

from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import NotReached, Refusal, Trouble
from headwater.gate import delivery, messages, rules
from headwater.gate.delivery import Post
from headwater.gate.messages import Plan, Service
from headwater.increment import arms, experiments
from headwater.increment.experiments import Question


class NotFollowing(Refusal):
    """The member left the account."""


@dataclass
class Postbox:
    """A channel that keeps what it was given, and fails as told."""

    got: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    failure: BaseException | None = None

    async def send(self, address: str, content: Mapping[str, Any], once_key: str) -> str:
        self.got.append((address, content))
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        return f"no-{len(self.got)}"


@dataclass
class Scene:
    """A brand whose campaign was planned at noon."""

    pool: Pool
    where: Place
    members: list[UUID]
    plan: Plan
    box: Postbox

    def post(self) -> Post:
        return Post(self.pool, KEYS, {"official_account": self.box})

    async def send(self, now: datetime, most: int = 200) -> int:
        return await delivery.send_due(self.post(), now, most)

    async def states(self) -> dict[tuple[str, str], int]:
        async with self.pool.transaction(SYSTEM) as db:
            counts = await messages.progress(db, self.plan.campaign_id)
        return {(each.state, each.reason): each.messages for each in counts}


async def planned(pool: Pool, count: int, days: float = 7) -> Scene:
    async with pool.transaction(SYSTEM) as db:
        where = await make.place(db)
        members = await followers(db, where, count)
        what = campaign(where, days=days)
        await messages.plan(db, what, members, NOON)
    return Scene(pool, where, members, what, Postbox())


async def test_what_is_due_arrives_once_at_the_members_own_address(own_pool: Pool) -> None:
    scene = await planned(own_pool, 7)
    assert await scene.send(NOON - timedelta(seconds=1)) == 0
    assert await scene.send(NOON) == 7
    assert await scene.send(NOON) == 0
    assert sorted(address for address, _ in scene.box.got) == sorted(
        f"open-{member}" for member in scene.members
    )
    assert await scene.states() == {("sent", ""): 7}


async def test_two_workers_never_take_the_same_message(own_pool: Pool) -> None:
    scene = await planned(own_pool, 60)
    looked_at = await asyncio.gather(*(scene.send(NOON, most=40) for _ in range(4)))
    assert sum(looked_at) <= 60
    await scene.send(NOON)
    assert len(scene.box.got) == len({address for address, _ in scene.box.got}) == 60


async def test_consent_that_was_withdrawn_since_is_heard(own_pool: Pool) -> None:
    scene = await planned(own_pool, 3)
    async with own_pool.transaction(SYSTEM) as db:
        await make.consent(db, scene.members[:1], day(0.01), is_granted=False)
    await scene.send(day(0.05))
    assert await scene.states() == {("refused", "no_consent"): 1, ("sent", ""): 2}
    assert len(scene.box.got) == 2


async def test_a_holdout_that_began_since_is_kept(own_pool: Pool) -> None:
    scene = await planned(own_pool, 40)
    async with own_pool.transaction(SYSTEM) as db:
        question = Question("program", scene.where.brand_id, "p", "工程", "Program", 0.5, 90)
        await experiments.launch(db, question, NOON)
        await arms.assign_to_programs(db, scene.where.brand_id, scene.members, NOON)
        held = {each.member_id for each in await arms.held_out(db, scene.members, NOON)}
    await scene.send(NOON)
    assert held
    assert {address for address, _ in scene.box.got} == {
        f"open-{member}" for member in scene.members if member not in held
    }


async def test_what_is_too_late_ends_refused(own_pool: Pool) -> None:
    scene = await planned(own_pool, 2, days=1)
    await scene.send(day(2))
    assert await scene.states() == {("refused", "too_late"): 2}
    assert await scene.send(day(3)) == 0
    assert not scene.box.got


async def test_a_late_worker_does_not_disturb_the_night(own_pool: Pool) -> None:
    scene = await planned(own_pool, 1)
    assert await scene.send(NOON + timedelta(hours=12)) == 0
    assert await scene.send(NOON + timedelta(hours=21)) == 1


async def test_an_unsure_message_is_never_repeated_and_counts_as_reached(own_pool: Pool) -> None:
    scene = await planned(own_pool, 2)
    async with own_pool.transaction(SYSTEM) as db:
        question = Question("program", scene.where.brand_id, "p", "工程", "Program", 0.01, 90)
        program = await experiments.launch(db, question, NOON)
        await arms.assign_to_programs(db, scene.where.brand_id, scene.members, NOON)
    scene.box.failure = Trouble("no answer")
    await scene.send(NOON)
    assert await scene.states() == {("unsure", "unsure"): 2}
    scene.box.failure = None
    assert await scene.send(day(1)) == 0
    async with own_pool.transaction(SYSTEM) as db:
        reached = await db.raw.fetch("SELECT experiment_id, channel FROM increment.exposures")
    assert [tuple(r) for r in reached] == [(program.id, "official_account")] * 2


async def test_a_message_waits_while_the_platform_cannot_be_reached(own_pool: Pool) -> None:
    scene = await planned(own_pool, 2)
    scene.box.failure = NotReached("connection refused")
    await scene.send(NOON)
    assert await scene.states() == {("later", "not_reached"): 2}
    scene.box.failure = None
    assert await scene.send(NOON + timedelta(minutes=4)) == 0
    assert await scene.send(NOON + timedelta(minutes=6)) == 2
    assert {state for state, _reason in await scene.states()} == {"sent"}


async def test_a_clear_no_of_the_platform_is_a_failure_with_its_name(own_pool: Pool) -> None:
    scene = await planned(own_pool, 1)
    scene.box.failure = NotFollowing()
    await scene.send(NOON)
    assert await scene.states() == {("failed", "not_following"): 1}


async def test_a_killed_worker_leaves_nothing_hanging_and_nothing_doubled(own_pool: Pool) -> None:
    scene = await planned(own_pool, 3)
    scene.box.failure = asyncio.CancelledError()
    with suppress(asyncio.CancelledError):
        await scene.send(NOON)
    assert await scene.states() == {("sending", ""): 3}
    assert await delivery.sweep(scene.post(), NOON + timedelta(minutes=9)) == 0
    assert await delivery.sweep(scene.post(), NOON + timedelta(minutes=11)) == 3
    assert await scene.states() == {("unsure", "unsure"): 3}
    scene.box.failure = None
    assert await scene.send(day(1)) == 0


async def test_a_service_message_in_doubt_is_told_again(own_pool: Pool) -> None:
    box = Postbox(failure=Trouble("no answer"))
    post = Post(own_pool, KEYS, {"official_account": box})
    async with own_pool.transaction(SYSTEM) as db:
        where = await make.place(db)
        await rules.open_channel(db, CHANNEL, NOON)
        members = await make.members(db, where, 1)
        await make.follow(db, members)
        told = Service("paid:1", members[0], where.brand_id, "official_account", WORDS, day(1))
        await messages.plan_service(db, [told], NOON)
    # Also at night: the member waits for it.
    night = NOON + timedelta(hours=12)
    assert await delivery.send_due(post, night) == 1
    box.failure = None
    assert await delivery.send_due(post, night) == 0
    assert await delivery.send_due(post, night + timedelta(minutes=6)) == 1
    async with own_pool.transaction(SYSTEM) as db:
        assert [m.state for m in await messages.of_member(db, members[0])] == ["sent"]


async def test_a_member_gets_no_more_than_the_budget_however_much_is_due(own_pool: Pool) -> None:
    scene = await planned(own_pool, 1)
    async with own_pool.transaction(SYSTEM) as db:
        # Planned past the gate's own count, as a changed budget would leave them.
        await db.raw.execute("DELETE FROM gate.budgets")
        for _ in range(4):
            await messages.plan(db, campaign(scene.where), scene.members, NOON)
        await db.raw.execute(
            "INSERT INTO gate.budgets VALUES ('any', 'days', 7, 2, 'test', '2026-01-01')"
        )
    while await scene.send(NOON):
        pass
    assert len(scene.box.got) == 2


async def test_two_campaigns_that_plan_at_once_share_the_budget(own_pool: Pool) -> None:
    async with own_pool.transaction(SYSTEM) as db:
        where = await make.place(db)
        members = await followers(db, where, 20)

    async def plan_one() -> None:
        async with own_pool.transaction(SYSTEM) as db:
            await messages.plan(db, campaign(where), members, NOON)

    await asyncio.gather(*(plan_one() for _ in range(4)))
    async with own_pool.transaction(SYSTEM) as db:
        rows = await db.raw.fetch(
            "SELECT count(*) AS planned FROM gate.messages WHERE state = 'planned'"
            " GROUP BY member_id"
        )
    assert [row["planned"] for row in rows] == [2] * 20

"""The bridge joins credit and increment by one ratio, and adds them up nowhere."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import numpy as np
import pytest
from tests import make_audience as make
from tests.make_audience import NOON, Place, day

from headwater.base import ids
from headwater.base.db import Db
from headwater.increment import experiments
from headwater.increment.assignment import arm_of
from headwater.increment.experiments import Question
from headwater.increment.honesty import placebos
from headwater.increment.programs import totals
from headwater.program import bridge, programs
from headwater.program.programs import Plan


async def credited(
    db: Db, where: Place, orders: list[UUID], fen: int, at: datetime | None = None
) -> None:
    """Credit so much of each order to a guide, who gave a tenth of it back."""
    at = at or day(5)
    guide_id = ids.new()
    await make.write(
        db, "stores.staff", ["id", "login", "name", "store_id", "joined_at"],
        [(guide_id, ids.code().lower(), "张敏", where.store_id, NOON)],
    )  # fmt: skip
    version = await db.raw.fetchval("SELECT max(version) FROM guides.policies")
    await make.write(
        db, "guides.credits",
        ["bucket", "order_id", "line_no", "guide_id", "store_id", "member_id", "variant_id",
         "quantity", "order_number", "credit_fen", "reversed_fen", "reason", "basis_at",
         "policy_version", "decided_at"],
        [(ids.bucket_of(each), each, 1, guide_id, where.store_id, each, each, 1,
          ids.order_number(each), fen, fen // 10, "relation", at, version, at)
         for each in orders],
    )  # fmt: skip


async def test_of_each_quarter_it_tells_what_was_credited_and_what_was_caused(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 500)
    plan = Plan("p", where.brand_id, "增量", "Program", date(2026, 6, 1), 0.5, is_pilot=True)
    program = await programs.begin(db, plan, NOON)
    assert program.experiment_id is not None
    asked = await experiments.get(db, program.experiment_id)
    random = np.random.default_rng(3)
    sold = []
    for member in members:
        habit = int(random.integers(5_000, 15_000))
        more = 400 if arm_of(asked.salt, member, 0.5) == "treated" else 0
        sold += [(member, habit, day(-9)), (member, habit + more + habit % 97, day(5))]
    made = await make.orders(db, where, sold)
    await credited(db, where, made[1:201:2], 6_000)
    assert await bridge.bridges(db, program.id) == []

    (total,) = await totals.read(db, asked.id, day(91))
    (found,) = await bridge.bridges(db, program.id)
    assert (found.quarter, found.total, found.until_at) == (1, total, day(91))
    assert found.sold_fen == sum(fen for _member, fen, at in sold if at > NOON)
    assert [(each.scene, each.lines) for each in found.credited] == [("relation", 100)]
    assert found.credited_fen == 100 * (6_000 - 600)
    assert total.estimate_fen is not None
    assert found.share == pytest.approx(total.estimate_fen / found.credited_fen)
    ends = found.low_share, found.high_share
    assert None not in ends
    assert sorted([*ends, found.share], key=lambda each: each or 0.0)[1] == found.share


async def test_where_nothing_was_credited_or_read_there_is_no_ratio(db: Db) -> None:
    where = await make.place(db)
    plan = Plan("p", where.brand_id, "增量", "Program", date(2026, 6, 1), 0.5, is_pilot=True)
    await make.members(db, where, 200)
    program = await programs.begin(db, plan, NOON)
    assert program.experiment_id is not None
    await totals.read(db, program.experiment_id, day(91))
    (found,) = await bridge.bridges(db, program.id)
    assert (found.total.state, found.share, found.low_share) == ("not_readable", None, None)
    assert (found.sold_fen, found.credited_fen) == (0, 0)


async def test_beside_credit_stands_what_the_rule_credits_where_nothing_was_done(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 200)
    plan = Plan("p", where.brand_id, "增量", "Program", date(2026, 6, 1), 0.5, is_pilot=True)
    program = await programs.begin(db, plan, NOON)
    assert program.experiment_id is not None
    asked = await experiments.get(db, program.experiment_id)
    held = [each for each in members if arm_of(asked.salt, each, 0.5) == "holdout"]
    dispatch = Question("campaign", where.brand_id, "campaign:c", "召回", "Recall", 0.2, 28)
    await experiments.launch(db, dispatch, day(1))
    await placebos.launch(db, where.brand_id, "p", members, day(60))
    early = await make.orders(db, where, [(each, 1_000, day(3)) for each in members])
    await make.orders(db, where, [(each, 3_000, day(61)) for each in members])
    of_held = [order for order, member in zip(early, members, strict=True) if member in held]
    await credited(db, where, of_held[:10], 500)
    await totals.read(db, asked.id, day(91))

    (found,) = await bridge.bridges(db, program.id)

    # Ten of the held-out were credited to a guide, and every early sale follows the dispatch.
    assert found.null.sold_fen == 4_000 * len(held)
    assert found.null.credited_fen == 10 * (500 - 50)
    assert found.null.touched_fen == 1_000 * len(held)
    assert found.null.touched_share == 0.25
    assert found.null.touch_days > 2
    (guides,) = found.channels
    assert (guides.channel, guides.campaigns, guides.credited_fen) == ("guide", 0, 4_500)


async def test_where_nobody_was_left_alone_there_is_no_null_share() -> None:
    nothing = bridge.NullCredit(0, 0, 0, 7)
    assert (nothing.credited_share, nothing.touched_share) == (None, None)


async def test_a_channel_adds_up_all_of_its_campaigns_and_not_the_winners() -> None:
    part = {"estimate_fen": 1_000, "standard_error_fen": 300}
    loser = {"estimate_fen": -400, "standard_error_fen": 400}
    channel = bridge.channel_of("sms", [part, loser], 0)
    assert (channel.estimate_fen, channel.campaigns) == (600, 2)
    assert channel.high_fen - channel.estimate_fen == 980

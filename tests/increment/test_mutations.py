"""Mutations: what goes wrong in practice is broken on purpose, and each time a guard must fire.

Each breakage leaves figures that look healthy. None of them may reach a screen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import pytest
from tests import grounds
from tests import make_audience as make
from tests.make_audience import Place, day

from headwater.base import ids
from headwater.base.db import Db
from headwater.increment import arms, experiments, outcomes, readings, verdicts
from headwater.increment.arms import Reached
from headwater.increment.assignment import HOLDOUT, TREATED, arm_of
from headwater.increment.experiments import Experiment, Question
from headwater.increment.outcomes import Arms
from headwater.increment.statistics.moments import Moments

LAUNCH, REACHED, BOUGHT, END = day(0), day(1), day(5), day(29)
MEMBERS, SHARE = 400, 0.4


@dataclass(frozen=True)
class World:
    """An experiment in good order: the treated were reached, and bought a little more."""

    where: Place
    experiment: Experiment
    members: list[UUID]
    orders: list[UUID]

    def of(self, arm: str) -> list[UUID]:
        """Give the members of an arm."""
        salt = self.experiment.salt
        return [each for each in self.members if arm_of(salt, each, SHARE) == arm]


async def healthy(db: Db) -> World:
    where = await make.place(db)
    members = await make.members(db, where, MEMBERS)
    question = Question("campaign", where.brand_id, "recall", "召回", "Recall", SHARE, 28)
    experiment = await experiments.launch(db, question, LAUNCH)
    await arms.assign(db, experiment.id, members, LAUNCH)
    world = World(where, await experiments.get(db, experiment.id), members, [])
    noise = np.random.default_rng(3)
    treated = set(world.of(TREATED))
    sold = []
    for member in members:
        habit = int(noise.integers(5_000, 15_000))
        more = 400 if member in treated else 0
        sold.append((member, habit, day(-20)))
        sold.append((member, habit + more + int(noise.integers(0, 500)), BOUGHT))
    orders = await make.orders(db, where, sold)
    await reach(db, world, world.of(TREATED))
    return World(where, world.experiment, members, orders)


async def reach(db: Db, world: World, who: list[UUID]) -> None:
    await arms.expose(db, Reached(world.where.brand_id, world.experiment.id, "sms"), who, REACHED)


async def leak_one_in_twenty(db: Db, world: World) -> None:
    """A list that was exported by hand holds every twentieth of those left alone."""
    await reach(db, world, world.of(HOLDOUT)[::20])


async def drop_late_returns(db: Db, world: World) -> None:
    """Every twentieth order comes back after the window, and the order is not told."""
    for order in world.orders[1::40]:
        refund, bucket = ids.new(ids.bucket_of(order)), ids.bucket_of(order)
        await db.raw.execute(
            "INSERT INTO trade.refunds (bucket, id, order_id, attempt_id, member_id, store_id,"
            " out_refund_no, amount_fen, reason, state, takes_back, owed_at)"
            " SELECT bucket, $2::uuid, id, $2::uuid, member_id, store_id, $5, payable_fen, 'late',"
            " 'done', true, $3 FROM trade.orders WHERE bucket = $1 AND id = $4",
            bucket, refund, day(28), order, str(refund),
        )  # fmt: skip
        await db.raw.execute(
            "INSERT INTO trade.refund_lines (bucket, refund_id, line_no, quantity, amount_fen)"
            " SELECT bucket, id, 1, 1, amount_fen FROM trade.refunds WHERE bucket = $1 AND id = $2",
            bucket, refund,
        )  # fmt: skip


async def change_the_salt(db: Db, world: World) -> None:
    """The salt is another from some day on, and whoever joins is drawn with it."""
    await db.raw.execute(
        "UPDATE increment.experiments SET salt = 'another' WHERE id = $1", world.experiment.id
    )
    late = await make.members(db, world.where, 60, batch="late")
    await arms.assign(db, world.experiment.id, late, REACHED)


async def draw_again(db: Db, world: World) -> None:
    """Somebody draws everybody again with another salt, when the first messages have gone out."""
    for member in world.members:
        await db.raw.execute(
            "UPDATE increment.arms SET arm = $3 WHERE bucket = $1 AND member_id = $2",
            ids.bucket_of(member), member, arm_of("another salt", member, SHARE),
        )  # fmt: skip


async def reach_by_another_salt(db: Db, world: World) -> None:
    """A system outside works the draw out by itself, and has a salt of its own."""
    await reach(
        db, world, [each for each in world.members if arm_of("theirs", each, SHARE) == TREATED]
    )


async def lose_rows_of_an_arm(db: Db, world: World) -> None:
    """A clean-up removes a few of those left alone."""
    await db.raw.execute(
        "DELETE FROM increment.arms WHERE member_id = ANY ($1)", world.of(HOLDOUT)[:2]
    )


async def lose_rows_and_their_count(db: Db, world: World) -> None:
    """The same, and somebody makes the count fit."""
    gone = world.of(HOLDOUT)[::2]
    await db.raw.execute("DELETE FROM increment.arms WHERE member_id = ANY ($1)", gone)
    await db.raw.execute(
        "UPDATE increment.experiments SET drawn_count = drawn_count - $2 WHERE id = $1",
        world.experiment.id, len(gone),
    )  # fmt: skip


async def choose_the_best_customers(db: Db, world: World) -> None:
    """The arms keep their sizes, and the best customers are moved to where it pleases."""
    rows = await db.raw.fetch(
        "SELECT member_id FROM trade.orders WHERE store_id = $1 AND paid_at < $2"
        " ORDER BY payable_fen DESC",
        world.where.store_id, LAUNCH,
    )  # fmt: skip
    order = {row["member_id"]: place for place, row in enumerate(rows)}
    treated = sorted(world.of(TREATED), key=lambda each: order[each])
    held = sorted(world.of(HOLDOUT), key=lambda each: order[each])
    await db.raw.execute(
        "UPDATE increment.arms SET arm = 'treated' WHERE member_id = ANY ($1)", held[:60]
    )
    await db.raw.execute(
        "UPDATE increment.arms SET arm = 'holdout' WHERE member_id = ANY ($1)", treated[-60:]
    )
    # Nobody of them was reached yet, so that no leak gives it away.
    await db.raw.execute("DELETE FROM increment.exposures")


async def forget_the_past_of_an_arm(db: Db, world: World) -> None:
    """Old orders of half of those reached were left behind when systems changed."""
    await db.raw.execute(
        "UPDATE trade.orders SET paid_at = paid_at - interval '400 days'"
        " WHERE paid_at < $1 AND member_id = ANY ($2)",
        LAUNCH, world.of(TREATED)[::2],
    )  # fmt: skip


Breakage = Callable[[Db, World], Awaitable[None]]
BREAKAGES: list[tuple[Breakage, str]] = [
    (leak_one_in_twenty, "leak"),
    (drop_late_returns, "sales_off"),
    (change_the_salt, "misdrawn"),
    (draw_again, "misdrawn"),
    (reach_by_another_salt, "leak"),
    (lose_rows_of_an_arm, "missing_rows"),
    (lose_rows_and_their_count, "ratio_off"),
    (choose_the_best_customers, "misdrawn"),
    (forget_the_past_of_an_arm, "imbalance"),
]


@pytest.mark.parametrize(
    "breakage, guard", BREAKAGES, ids=[breakage.__name__ for breakage, _ in BREAKAGES]
)
async def test_a_guard_fires(db: Db, breakage: Breakage, guard: str) -> None:
    world = await healthy(db)
    await breakage(db, world)
    row = await readings.read(db, world.experiment.id, END)
    assert (row.state, row.why) == ("not_readable", guard)
    assert (row.estimate_fen, row.low_fen, row.lift_share) == (None, None, None)
    assert "per_member" not in row.details


async def test_where_nothing_is_broken_no_guard_fires(db: Db) -> None:
    world = await healthy(db)
    row = await readings.read(db, world.experiment.id, END)
    assert (row.state, row.why) == ("proven", "above_zero")
    assert row.details["guards"]["sales_off_fen"] == 0


async def test_sales_joined_on_a_phone_instead_of_a_member_are_refused(db: Db) -> None:
    world = await healthy(db)
    looks = [END]
    right = await outcomes.arms_of(db, world.experiment, looks)
    assert verdicts.refuse(await readings.guards_of(db, world.experiment, right)) is None
    wrong = await joined_on_phones(db, world)
    # Nobody is lost and the arms are as large as before: only the sums can tell.
    assert (wrong.treated.n, wrong.holdout.n) == (right.treated.n, right.holdout.n)
    guards = await readings.guards_of(db, world.experiment, wrong)
    refused = verdicts.refuse(guards)
    assert refused is not None
    assert refused.why == "sales_off"
    assert guards.sales_off_fen != 0


async def joined_on_phones(db: Db, world: World) -> Arms:
    """Let each fifteenth share a phone with the next, and each twentieth have given none."""
    rows = await db.raw.fetch(
        "SELECT member_id, payable_fen FROM trade.orders WHERE store_id = $1 AND paid_at > $2",
        world.where.store_id, LAUNCH,
    )  # fmt: skip
    own = {row["member_id"]: row["payable_fen"] for row in rows}
    phones = {
        member: None if place % 20 == 0 else place + 1 - (place % 15 == 1)
        for place, member in enumerate(world.members)
    }
    by_phone: dict[int, int] = {}
    for member, phone in phones.items():
        if phone is not None:
            by_phone[phone] = by_phone.get(phone, 0) + own[member]
    after = outcomes.sales(1)
    found = []
    for arm in (TREATED, HOLDOUT):
        sales = [by_phone.get(phones[each] or 0, 0) for each in world.of(arm)]
        empty = np.zeros(len(sales), dtype=np.int64)
        names = (*after, *outcomes.COVARIATES, outcomes.BEFORE)
        found.append(Moments.of(names, [np.array(sales), *([empty] * (len(names) - 1))]))
    return Arms(found[0], found[1], END)


async def test_a_look_that_nobody_planned_is_refused_and_remembered(db: Db) -> None:
    world = await healthy(db)
    row = await readings.read(db, world.experiment.id, END, at=day(23))
    assert (row.state, row.why) == ("not_readable", "look_not_planned")
    assert row.estimate_fen is None


def test_the_documents_tell_what_is_broken_and_which_guard_fires() -> None:
    page = (grounds.CHECKOUT / "docs" / "increment-honesty.md").read_text(encoding="utf-8")
    missing = [
        breakage.__name__ for breakage, guard in BREAKAGES
        if f"| {breakage.__doc__} | `{guard}` |" not in page
    ]  # fmt: skip
    assert not missing

"""Honesty: whether what we said before came true, and whether anybody has touched the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import SYSTEM, Db
from headwater.increment import experiments, leaks, ledger, plans
from headwater.increment.errors import CannotEstimate
from headwater.increment.experiments import Experiment
from headwater.increment.honesty import live, placebos
from headwater.increment.honesty.live import Trial
from headwater.increment.honesty.placebos import Placebos
from headwater.increment.leaks import ANY_CHANNEL
from headwater.increment.ledger import Broken, Reading
from headwater.stores.places import Brand
from headwater.web.console import words
from headwater.web.console.desk import brand_seen, desk_of, named, show
from headwater.web.console.increment.experiments import READ
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff
from headwater.web.kit.wording import _, language, mark

door = Door()

# What one sees four times in five lies so many standard errors from zero.
REACH = 2.8


# Each guard beside what is broken on purpose in the tests so that it has to speak.
GUARDED = {
    "missing_rows": mark("弄丢一组里的几行"),
    "misdrawn": mark("换掉盐值，或把人挪到另一组"),
    "sales_off": mark("按手机号而不是会员连接；漏掉晚到的退货"),
    "ratio_off": mark("连名册一起丢掉半组人"),
    "leak": mark("百分之五的对照组被打扰"),
    "imbalance": mark("一组半数人的旧订单没有搬过来"),
    "too_few": mark("一组只有几个人"),
    "too_few_clusters": mark("一组只有几家店或几个导购"),
    "look_not_planned": mark("不到计划的日子就去看"),
    "no_estimate": mark("一个人也没有买过"),
}


@dataclass(frozen=True)
class Chain:
    """What walking the whole ledger gave, and when it was walked."""

    broken: Broken | None
    rows: int
    walked_at: datetime


@dataclass(frozen=True)
class Kept:
    """One experiment: what was planned beside what came of it."""

    name: str
    experiment: Experiment
    reading: Reading
    looks_planned: int
    looks_taken: int
    held_share: float
    foreseen_share: float | None
    visible_share: float | None
    is_over: bool


@dataclass(frozen=True)
class Covered:
    """How many earlier intervals hold what the longest window said later."""

    held: int
    of: int


@dataclass(frozen=True)
class DryRun:
    """What the brand's own last quarter says when nothing was done, or why it cannot say it."""

    placebos: Placebos
    trial: Trial | None = None
    why: str = ""
    kept: list[Trial] = field(default_factory=list)

    @property
    def alarms(self) -> int:
        """How many of the kept trials claimed too often or too seldom."""
        return sum(not each.is_right for each in self.kept)


@dataclass(frozen=True)
class Guard:
    """What is checked before a number is shown, what breaks it, and where it speaks now."""

    why: str
    breakage: str
    speaking: list[Kept]


@door.get("/console/honesty", READ, name="console:honesty")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Show what we promised beside what came true; where there is nothing yet, say so."""
    now = building.now()
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_seen(desk, request)
    kept: list[Kept] = []
    covered, leaked = Covered(0, 0), list[tuple[str, int]]()
    async with building.transaction(SYSTEM) as db:
        chain = Chain(await ledger.verify(db), (await ledger.last(db)).place, now)
        for each in await experiments.of_brand(db, brand.id) if brand else []:
            history = await ledger.history(db, each.id)
            kept += _kept(each, history, now)
            covered = _and(covered, history, now >= each.window_ends_at)
        if brand is not None:
            leaked = await _leaks(db, brand.id)
    dry_run = await _dry_run(building, brand, "trial" in request.query_params)
    return show(request, "increment/honesty", desk, brand=brand, chain=chain, kept=kept,
                brands=list(desk.brands.values()), covered=covered,
                leaked=leaked, dry_run=dry_run, guards=_guards(kept), now=now)  # fmt: skip


async def _dry_run(building: Building, brand: Brand | None, is_wanted: bool) -> DryRun | None:
    """Look at all members' last quarter, and let only shares out; the trial runs when asked for."""
    if brand is None:
        return None
    async with building.transaction(SYSTEM) as db:
        found = await placebos.results(db, brand.id)
        kept = await live.kept(db, brand.id)
        if not is_wanted:
            return DryRun(found, kept[0] if kept else None, kept=kept)
        try:
            return DryRun(found, await live.again(db, brand.id, building.now()), kept=kept)
        except CannotEstimate as refused:
            return DryRun(found, why=refused.why.said_in(language()), kept=kept)


def _kept(question: Experiment, history: list[Reading], now: datetime) -> list[Kept]:
    """Put a plan beside its newest row; an experiment that nobody has read yet says nothing."""
    if not history:
        return []
    row = history[0]
    counted = row.treated_count + row.holdout_count
    return [
        Kept(
            named(question),
            question,
            row,
            len(plans.looks_of(question.plan)),
            len({each.look_no for each in history if each.look_no is not None}),
            row.holdout_count / counted if counted else 0.0,
            (question.plan.get("foreseen") or {}).get("least_share"),
            _visible(row),
            not question.is_open(now),
        )
    ]


def _visible(row: Reading) -> float | None:
    """The smallest lift that this many members could show, now that their spread is known."""
    sums = row.details.get("sums")
    if not sums or not row.standard_error or not row.holdout_count:
        return None
    base = int(sums["holdout"]["y"]) / row.holdout_count
    return REACH * row.standard_error / base if base > 0 else None


def _guards(kept: list[Kept]) -> list[Guard]:
    """Put beside each guard what it is for, and the experiments of which it holds a number back."""
    return [
        Guard(why, _(breakage), [each for each in kept if each.reading.why == why])
        for why, breakage in GUARDED.items()
    ]


def _and(before: Covered, history: list[Reading], is_over: bool) -> Covered:
    """Count one more experiment: does each earlier interval hold what was said at the end?"""
    if not is_over or not history or history[0].lift_share is None:
        return before
    final = history[0]
    earlier: dict[int, Reading] = {}
    for row in history:
        if row.look_no is not None and row.look_no != final.look_no:
            earlier.setdefault(row.look_no, row)
    told = [row for row in earlier.values() if words.has_figure(row) and _bounds(row)]
    held = sum(_holds(row, final) for row in told)
    return Covered(before.held + held, before.of + len(told))


def _bounds(row: Reading) -> bool:
    return row.lift_low_share is not None and row.lift_high_share is not None


def _holds(row: Reading, final: Reading) -> bool:
    assert row.lift_low_share is not None
    assert row.lift_high_share is not None
    assert final.lift_share is not None
    return row.lift_low_share <= final.lift_share <= row.lift_high_share


async def _leaks(db: Db, brand_id: UUID) -> list[tuple[str, int]]:
    """Count held-out members who were reached all the same, by channel, over all experiments."""
    every = await experiments.of_brand(db, brand_id)
    sums: dict[str, int] = {}
    for each in await leaks.of_experiments(db, [each.id for each in every]):
        if each.channel != ANY_CHANNEL:
            sums[each.channel] = sums.get(each.channel, 0) + each.members
    return sorted(sums.items())

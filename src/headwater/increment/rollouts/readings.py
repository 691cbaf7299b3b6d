"""Readings of rollouts: what waves show at a planned look, in the same ledger as all the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.base.times import business_day, day_start
from headwater.increment import experiments, ledger, proofs, readings, verdicts
from headwater.increment import plans as questions
from headwater.increment.errors import CannotEstimate, Why
from headwater.increment.experiments import Experiment
from headwater.increment.ledger import Found, Reading
from headwater.increment.places import designs
from headwater.increment.places.designs import Campaign, Design
from headwater.increment.plans import Look
from headwater.increment.rollouts import calendars, history, judging, plans, rollouts, wishes
from headwater.increment.rollouts.history import Seen
from headwater.increment.rollouts.judging import Figures, Sight, StoreGuards
from headwater.increment.rollouts.rollouts import Place, Rollout
from headwater.increment.verdicts import Verdict, not_readable
from headwater.insight import daily_sales

sql = statements(__file__)

NOTHING: Final = (0, 0)
# Reasons that no later night can take away.
FOR_EVER: Final = ("one_store", "few_draws")


@dataclass(frozen=True)
class _Case:
    """A rollout at one look, with everything that was read of it from the database."""

    rollout: Rollout
    experiment: Experiment
    look: Look
    places: list[Place]
    calendar: tuple[Campaign, ...]
    seen: Seen
    design: Design | None
    is_as_drawn: bool
    sales: tuple[int, int]
    # When somebody last told of something else that was done.
    told_at: datetime | None

    @property
    def plan(self) -> dict[str, Any]:
        """What was written at the launch."""
        return self.experiment.plan


async def read(db: Db, rollout_id: UUID, now: datetime, at: datetime | None = None) -> Reading:
    """Read waves at the look that is due, and add a row; where nothing moved, none.

    A look is of its own moment, however late it is taken. `at` asks for another moment, which is
    refused, and the asking stays in the ledger.
    """
    rollout = await rollouts.get(db, rollout_id)
    experiment = await experiments.get(db, rollout_id)
    before = await ledger.latest(db, rollout_id)
    due = _due(rollout, experiment, now)
    if not due or (at is not None and at != due[-1].at):
        why = "stopped_early" if rollout.state == "stopped" and not due else "look_not_planned"
        return await readings.write(db, experiment, before, _nothing(experiment, why, now), now)
    look = due[-1]
    case = await _case(db, rollout, experiment, look)
    is_open = experiment.is_open(now)
    is_shown = before is not None and before.look_no == look.no and before.p is not None
    shown = before if is_shown else None
    if is_open and shown is not None and _is_as_shown(case, shown):
        return shown
    peers = await readings.peers_of(db, experiment)
    # Redraws take seconds; others are answered meanwhile.
    found = await asyncio.to_thread(_judge, case, peers, now)
    if is_open and shown is not None and found.per_member is not None:
        return shown
    row = await readings.write(db, experiment, before, found, now)
    # What may still be mended, as a week without figures, is not read to its end yet.
    if look.no == len(experiment.plan["looks"]) and (row.p is not None or row.why in FOR_EVER):
        await rollouts.mark_read(db, rollout_id)
    return row


def _due(rollout: Rollout, experiment: Experiment, now: datetime) -> list[Look]:
    """Give the looks that have come; what is stopped is not read beyond its end."""
    until = min(now, rollout.stopped_at) if rollout.stopped_at else now
    return questions.due(experiment.plan, until)


async def _case(db: Db, rollout: Rollout, experiment: Experiment, look: Look) -> _Case:
    places = await rollouts.places_of(db, rollout.id)
    told = await calendars.of_rollout(db, rollout.id)
    entries = [each.intervention for each in told]
    plan = experiment.plan
    design, is_as_drawn = _design(plan, rollout, places)
    compared = {
        each.store_id: each.unit for each in places if each.role in ("drawn", "picked", "compared")
    }
    first = rollout.starts_on - int(plan["weeks_before"]) * wishes.WEEK
    seen = await history.between(db, compared, first, business_day(look.at))
    calendar = wishes.campaigns_of(entries, list(compared.values()))
    sales = await _sales(db, list(compared), rollout.starts_on, business_day(look.at))
    told_at = max((each.added_at for each in told), default=None)
    return _Case(
        rollout, experiment, look, places, calendar, seen, design, is_as_drawn, sales, told_at
    )  # fmt: skip


def _is_as_shown(case: _Case, before: Reading) -> bool:
    """Tell whether a look would find again what it found: nothing that it is made of has moved.

    Its redraws take seconds, and on every night until the next look they would say the same.
    """
    sight = _sight(case)
    if sight is None or _missing(case) or case.sales[0] != case.sales[1]:
        return False
    if case.told_at is not None and case.told_at > before.read_at:
        return False
    sums = judging.sums(sight)
    return "stores" in sums and before.details["sums"] == sums


def _design(
    plan: Mapping[str, Any], rollout: Rollout, places: Sequence[Place]
) -> tuple[Design | None, bool]:
    """Read the design back, and tell whether the stores still stand where it drew them."""
    if plan["design"] is None:
        picked = sorted(each.unit for each in places if each.wave)
        return None, picked == sorted(plan["picked"])
    try:
        design = designs.from_row(plan["design"])
    except CannotEstimate:
        return None, False
    drawn = {each.unit: each.wave for each in places if each.role == "drawn"}
    wanted: dict[str, int | None] = dict.fromkeys(design.units)
    wanted |= design.waves_of
    return design, drawn == wanted and design.fingerprint == rollout.fingerprint


async def _sales(db: Db, store_ids: list[UUID], first: date, until: date) -> tuple[int, int]:
    """Add what was paid up twice: from the days that are read, and from the orders themselves."""
    days = await daily_sales.of_stores(db, store_ids, first, until - timedelta(days=1))
    paid = await db.value(
        sql.paid, store_ids=store_ids, from_at=day_start(first), until_at=day_start(until)
    )
    return int(paid), sum(each.paid_fen for each in days)


def _judge(case: _Case, peers: Mapping[UUID, float], now: datetime) -> Found:
    """Turn weeks into a verdict and its figures, or into a reason why there are none."""
    sight = _sight(case)
    guards = _guards(case, sight)
    details = readings.stand_of(case.experiment, now) | {"guards": asdict(guards)}
    counts = guards.counted_count, 0
    refused = judging.refuse(guards)
    if refused is not None or sight is None:
        return Found(refused or not_readable("missing_rows"), counts, details, look=case.look)
    try:
        found = judging.figures(sight, case.plan["way"])
    except CannotEstimate as error:
        details["cannot"] = error.why.as_row()
        return Found(not_readable("no_estimate"), counts, details, look=case.look)
    family_p = readings.among(case.plan, case.experiment.id, found.each.p, peers)
    family = {"name": case.plan["family"], "role": "rest", "size": len(peers) + 1, "p": family_p}
    details |= found.details | {"family": family, "level": sight.level}
    verdict = _verdict(case, found, family_p, now)
    return Found(verdict, found.counts, details, found.each, found.lift, case.look)


def _verdict(case: _Case, found: Figures, family_p: float, now: datetime) -> Verdict:
    """Choose the word; picked stores are never called proven."""
    is_open = case.experiment.is_open(now)
    least = float(case.plan["least_share"])
    verdict = verdicts.decide(
        verdicts.Seen(found.each, found.lift, is_open, least, family_p, float(case.plan["alpha"]))
    )
    if case.plan["way"] == "picked" and not is_open:
        return Verdict("not_enough", "picked_by_hand")
    return verdict


def _sight(case: _Case) -> Sight | None:
    """Lay out what the look sees; without whole weeks there is nothing to lay out."""
    if case.seen.panel is None or not case.is_as_drawn:
        return None
    starts = {
        each.unit: each.starts_on for each in case.places if each.role != "contaminated"
    }  # fmt: skip
    units = case.seen.panel.units
    return Sight(
        case.seen.panel,
        {unit: starts.get(unit) for unit in units},
        case.design,
        case.calendar,
        plans.level_of(case.plan, case.look.no),
        int(case.plan["redraws"]),
        case.rollout.wave_weeks,
    )


def _guards(case: _Case, sight: Sight | None) -> StoreGuards:
    """Look at everything that must be in order before a number is shown."""
    paid, counted = case.sales
    missing = _missing(case)
    holed = {unit for unit, _week in missing}
    compared = [each for each in case.places if each.role in ("drawn", "picked", "compared")]
    before = None
    if sight is not None and not missing:
        before = judging.before_p(sight)
    return StoreGuards(
        drawn_count=case.experiment.drawn_count,
        counted_count=len([each for each in compared if each.unit not in holed]),
        missing=[[unit, week.isoformat()] for unit, week in missing],
        is_as_drawn=case.is_as_drawn,
        possible_draws=case.design.possible_draws if case.design else None,
        lacks=_lacks(case),
        before_p=before,
        imbalance_alarm_p=float(case.plan["imbalance_alarm_p"]),
        sales_fen=paid,
        sales_off_fen=counted - paid,
        sales_alarm_share=proofs.ALARM_SHARE,
    )


def _missing(case: _Case) -> list[tuple[str, date]]:
    """List the weeks without a sale, but for those that the calendar cuts out anyway."""
    cut = set(case.design.cut) if case.design else set()

    def is_cut(week: date) -> bool:
        return str(week) in cut or any(c.since <= week <= c.until for c in case.calendar)

    return [(unit, week) for unit, week in case.seen.missing if not is_cut(week)]


def _lacks(case: _Case) -> dict[str, Any] | None:
    """Say why no verdict can ever come of it, if there is a reason."""
    if case.plan["way"] == "picked":
        return Why("one_store").as_row() if len(case.plan["picked"]) == 1 else None
    why = case.design.why if case.design else None
    return why.as_row() if why else None


def _nothing(experiment: Experiment, why: str, now: datetime) -> Found:
    """Refuse a look that nobody planned, or one that never came; it is remembered."""
    guards = StoreGuards(
        experiment.drawn_count, 0, [], True, None, None, None,
        float(experiment.plan["imbalance_alarm_p"]), 0, 0, proofs.ALARM_SHARE,
    )  # fmt: skip
    details = readings.stand_of(experiment, now) | {"guards": asdict(guards)}
    return Found(not_readable(why), NOTHING, details)

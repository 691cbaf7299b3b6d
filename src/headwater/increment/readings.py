"""Readings: what an experiment shows at a moment, kept in a ledger that cannot be rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from headwater.base.db import Db
from headwater.base.events import announce
from headwater.base.sql import statements
from headwater.increment import estimators, experiments, ledger, verdicts
from headwater.increment.errors import CannotEstimate, ReadAtTheSameMoment
from headwater.increment.estimators import Sums
from headwater.increment.events import MeasuredIncrement
from headwater.increment.experiments import Experiment
from headwater.increment.ledger import Reading
from headwater.increment.verdicts import Guards, Verdict

sql = statements(__file__)


@dataclass(frozen=True)
class _ArmSums:
    arm: str
    members: int
    y: Decimal
    yy: Decimal
    x: Decimal
    xx: Decimal
    xy: Decimal


async def read(db: Db, experiment_id: UUID, now: datetime) -> Reading:
    """Read an experiment and add a row to the ledger; where nothing moved, the last row stands.

    Every drawn member counts, also who bought nothing. What was refunded since makes a new row.
    """
    experiment = await experiments.get(db, experiment_id)
    arms = await _sums(db, experiment, now)
    treated, holdout = arms["treated"], arms["holdout"]
    guards = Guards(
        treated_count=treated.n,
        holdout_count=holdout.n,
        drawn_count=experiment.drawn_count,
        leaked_count=await db.value(sql.leaked, experiment_id=experiment_id),
        ratio_p=_ratio_p(treated, holdout, experiment),
        ratio_alarm_p=experiment.plan["ratio_alarm_p"],
        least_per_arm=experiment.plan["least_per_arm"],
    )
    found = judge(experiment, treated, holdout, guards, now)
    last = await ledger.last(db)
    before = await ledger.latest(db, experiment_id)
    row = ledger.follow(last, experiment_id, found, now)
    if before is not None and before.says_the_same(row):
        return before
    try:
        async with db.attempt():
            await ledger.append(db, row)
    except asyncpg.UniqueViolationError as error:
        raise ReadAtTheSameMoment(experiment_id=experiment_id) from error
    await announce(db, MeasuredIncrement(row.id, experiment_id, row.state, now), now=now)
    return row


async def latest(db: Db, experiment_ids: Sequence[UUID]) -> dict[UUID, Reading]:
    """Give the newest reading of each experiment that has one."""
    rows = await ledger.latest_of(db, experiment_ids)
    return {row.experiment_id: row for row in rows}


def judge(
    experiment: Experiment, treated: Sums, holdout: Sums, guards: Guards, now: datetime
) -> ledger.Found:
    """Turn sums into a verdict and its figures, or into a reason why there are none."""
    details: dict[str, Any] = {
        "guards": asdict(guards),
        "plan_hash": ledger.plan_hash(experiment.plan),
        "true_until": min(now, experiment.window_ends_at).isoformat(),
    }
    counts = treated.n, holdout.n
    refused = verdicts.refuse(guards)
    if refused is not None:
        return ledger.Found(refused, counts, details)
    try:
        moved = estimators.cuped(treated, holdout)
        raw = estimators.difference(treated, holdout)
        lift = estimators.relative(treated, holdout)
        raw_lift = estimators.relative(treated, holdout, is_adjusted=False)
    except CannotEstimate as error:
        details["cannot"] = error.details["why"]
        return ledger.Found(Verdict("not_readable", "no_estimate"), counts, details)
    verdict = verdicts.decide(moved, lift, experiment.is_open(now), experiment.plan["least_share"])
    details |= {
        "per_member": asdict(moved),
        "raw_per_member": asdict(raw),
        "raw_lift": None if raw_lift is None else asdict(raw_lift),
        "variance_taken_out": estimators.variance_taken_out(treated, holdout),
        "sums": {"treated": _written(treated), "holdout": _written(holdout)},
    }
    return ledger.Found(verdict, counts, details, moved, lift)


async def _sums(db: Db, experiment: Experiment, now: datetime) -> dict[str, Sums]:
    """Sum each arm in one pass, from its assignment to whatever was bought."""
    rows = await db.all(
        sql.sums,
        _ArmSums,
        experiment_id=experiment.id,
        brand_id=experiment.brand_id,
        before_from=experiment.launched_at - timedelta(days=experiments.PRE_PERIOD_DAYS),
        launched_at=experiment.launched_at,
        until=min(now, experiment.window_ends_at),
    )
    arms = {"treated": Sums(0, 0, 0), "holdout": Sums(0, 0, 0)}
    for row in rows:
        arms[row.arm] = Sums(
            row.members, int(row.y), int(row.yy), int(row.x), int(row.xx), int(row.xy)
        )
    return arms


def _ratio_p(treated: Sums, holdout: Sums, experiment: Experiment) -> float:
    if treated.n + holdout.n == 0:
        return 1.0
    return estimators.sample_ratio(treated.n, holdout.n, float(experiment.holdout_share))


def _written(sums: Sums) -> dict[str, str]:
    # As text: these whole numbers are larger than JSON promises to keep.
    return {name: str(value) for name, value in asdict(sums).items()}

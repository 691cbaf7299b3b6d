"""Readings: what an experiment shows at a moment, kept in a ledger that cannot be rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from headwater.base.db import Db
from headwater.base.events import announce
from headwater.base.sql import statements
from headwater.increment import experiments, ledger, outcomes, verdicts
from headwater.increment.errors import CannotEstimate, ReadAtTheSameMoment
from headwater.increment.events import MeasuredIncrement
from headwater.increment.experiments import Experiment
from headwater.increment.ledger import Reading
from headwater.increment.outcomes import Arms
from headwater.increment.statistics import health, means
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.relative import relative
from headwater.increment.verdicts import Guards, Verdict

sql = statements(__file__)


async def read(db: Db, experiment_id: UUID, now: datetime) -> Reading:
    """Read an experiment and add a row to the ledger; where nothing moved, the last row stands.

    Every drawn member counts, also who bought nothing. What was refunded since makes a new row.
    """
    experiment = await experiments.get(db, experiment_id)
    arms = await outcomes.arms_of(db, experiment, [min(now, experiment.window_ends_at)])
    guards = Guards(
        treated_count=arms.treated.n,
        holdout_count=arms.holdout.n,
        drawn_count=experiment.drawn_count,
        leaked_count=await db.value(sql.leaked, experiment_id=experiment_id),
        ratio_p=_ratio_p(arms, experiment),
        ratio_alarm_p=experiment.plan["ratio_alarm_p"],
        least_per_arm=experiment.plan["least_per_arm"],
    )
    found = judge(experiment, arms, guards, now)
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


def judge(experiment: Experiment, arms: Arms, guards: Guards, now: datetime) -> ledger.Found:
    """Turn sums into a verdict and its figures, or into a reason why there are none."""
    details: dict[str, Any] = {
        "guards": asdict(guards),
        "plan_hash": ledger.plan_hash(experiment.plan),
        "true_until": min(now, experiment.window_ends_at).isoformat(),
    }
    treated, holdout = arms.treated, arms.holdout
    counts = treated.n, holdout.n
    refused = verdicts.refuse(guards)
    if refused is not None:
        return ledger.Found(refused, counts, details)
    outcome = outcomes.sales(1)[0]
    try:
        known = outcomes.usable(treated, holdout, experiment.plan["covariates"])
        found = means.adjusted(treated, holdout, outcome, known)
        compared = means.compare(treated, holdout, outcome, known)
        lift = relative(found)
        raw_lift = relative(means.difference(treated, holdout, outcome))
    except CannotEstimate as error:
        details["cannot"] = error.details["why"]
        return ledger.Found(Verdict("not_readable", "no_estimate"), counts, details)
    moved = compared.adjusted
    verdict = verdicts.decide(moved, lift, experiment.is_open(now), experiment.plan["least_share"])
    details |= {
        "per_member": asdict(moved),
        "raw_per_member": asdict(compared.raw),
        "raw_lift": None if raw_lift is None else asdict(raw_lift),
        "covariates": list(known),
        "variance_taken_out": compared.variance_taken_out,
        "sums": {"treated": written(treated, outcome), "holdout": written(holdout, outcome)},
    }
    return ledger.Found(verdict, counts, details, moved, lift)


def written(arm: Moments, outcome: str) -> dict[str, Any]:
    """Write down an arm's sums, from which anybody can work the figure out again.

    As text: these whole numbers are larger than JSON promises to keep.
    """
    return {
        "n": str(arm.n),
        "y": str(arm.sums[arm.place(outcome)]),
        "x": str(arm.sums[arm.place(outcomes.BEFORE)]),
        "names": list(arm.names),
        "sums": [str(each) for each in arm.sums],
        "products": [[str(each) for each in row] for row in arm.products],
    }


def _ratio_p(arms: Arms, experiment: Experiment) -> float:
    if arms.treated.n + arms.holdout.n == 0:
        return 1.0
    return health.sample_ratio(arms.treated.n, arms.holdout.n, float(experiment.holdout_share))

"""Lifts: every campaign that is over, as its last row of the ledger has it; won or lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from headwater.base.db import Db
from headwater.increment import experiments, outcomes, readings
from headwater.increment.errors import CannotEstimate
from headwater.increment.experiments import Experiment
from headwater.increment.honesty import placebos
from headwater.increment.ledger import Reading
from headwater.increment.statistics import means
from headwater.increment.statistics.moments import Moments, Number
from headwater.increment.statistics.pooled import campaigns
from headwater.increment.statistics.shrinkage import Raw

KINDS: Final = ("campaign", "journey")

Reason = Literal["cut_short", "not_read", "not_readable", "no_lift"]


@dataclass(frozen=True)
class Over:
    """A campaign that was read at the end of its window; the lift is a logarithm."""

    experiment: Experiment
    reading: Reading
    lift: Raw


@dataclass(frozen=True)
class LeftOut:
    """A campaign that is over and says nothing, with the reason."""

    experiment: Experiment
    reading: Reading | None
    why: Reason


@dataclass(frozen=True)
class Lifts:
    """What a brand's campaigns say, the newest first; placebos did nothing and are none of them."""

    read: list[Over]
    left_out: list[LeftOut]
    running: int


async def of_brand(db: Db, brand_id: UUID, now: datetime) -> Lifts:
    """Gather the campaigns of a brand; whatever could be read takes part, proven or not."""
    asked = [
        each
        for each in await experiments.of_brand(db, brand_id)
        if each.kind in KINDS and not placebos.is_placebo(each.code)
    ]
    rows = await readings.latest(db, [each.id for each in asked])
    over = [each for each in asked if not each.is_open(now)]
    told = [_told(each, rows.get(each.id)) for each in over]
    return Lifts(
        [each for each in told if isinstance(each, Over)],
        [each for each in told if isinstance(each, LeftOut)],
        len(asked) - len(over),
    )


def _told(experiment: Experiment, row: Reading | None) -> Over | LeftOut:
    """Take a campaign's one look at the end: that one was not chosen by what it shows."""
    if experiment.is_cut_short:
        return LeftOut(experiment, row, "cut_short")
    if row is None or row.true_at < experiment.window_ends_at:
        return LeftOut(experiment, row, "not_read")
    if row.p is None:
        return LeftOut(experiment, row, "not_readable")
    lift = lift_of(row)
    return Over(experiment, row, lift) if lift is not None else LeftOut(experiment, row, "no_lift")


def lift_of(row: Reading) -> Raw | None:
    """Work a row's lift out again from the sums that it carries, as though looked at once."""
    if row.lift_share is None:
        return None
    treated, holdout = (_moments(row.details["sums"][arm]) for arm in ("treated", "holdout"))
    outcome = [name for name in treated.names if outcomes.is_sales(name)][-1]
    try:
        found = means.adjusted(treated, holdout, outcome, row.details["covariates"])
        return campaigns.log_lift(found)
    except CannotEstimate:
        return None


def _moments(written: Mapping[str, Any]) -> Moments:
    return Moments(
        tuple(written["names"]),
        int(written["n"]),
        tuple(_number(each) for each in written["sums"]),
        tuple(tuple(_number(each) for each in row) for row in written["products"]),
    )


def _number(written: str) -> Number:
    return int(written) if written.lstrip("-").isdigit() else float(written)

"""Outcomes: what drawn members bought, before and after, as sums that every estimator needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import Statement, statements
from headwater.increment.errors import CannotEstimate
from headwater.increment.experiments import Experiment
from headwater.increment.statistics.moments import Moments
from headwater.increment.sums import passes, table
from headwater.increment.sums.table import Adding, Table

sql = statements(__file__)

COVARIATES: Final = table.COVARIATES
BEFORE: Final = table.BEFORE
sales = table.sales
is_sales = table.is_sales
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True)
class Arms:
    """The sums of both arms: net sales up to each look, and what was known before.

    `until` is the last of these looks.
    """

    treated: Moments
    holdout: Moments
    until: datetime | None = None


async def arms_of(db: Db, experiment: Experiment, looks_until: Sequence[datetime]) -> Arms:
    """Add up both arms in one pass, from whoever was drawn to whatever was bought by each look.

    Who bought nothing counts too, so neither arm can lose a row. Spending before is gross: what is
    refunded after the launch may be our doing.
    """
    units = await table_of(db, experiment, looks_until)
    return Arms(units.of(units.is_treated), units.of(~units.is_treated), looks_until[-1])


async def table_of(db: Db, experiment: Experiment, looks_until: Sequence[datetime]) -> Table:
    """Give every drawn unit's row; members stand in the order of their buckets and ids."""
    statements_of = {"member": sql.of_members, "guide": sql.of_guides, "store": sql.of_stores}
    asked = _asked(experiment.brand_id, experiment.launched_at, looks_until)
    asked["experiment_id"] = experiment.id
    units = experiment.drawn_count
    if experiment.unit == "guide":
        units = await db.value(sql.in_books, experiment_id=experiment.id)
    return await _read(db, statements_of[experiment.unit], units, asked)


async def past_of(
    db: Db, brand_id: UUID, member_ids: Sequence[UUID], window_days: int, now: datetime
) -> Moments:
    """Add up what members bought in a window that has just ended, and before that window."""
    asked = _asked(brand_id, now - timedelta(days=window_days), [now])
    asked |= {
        "buckets": [ids.bucket_of(each) for each in member_ids],
        "member_ids": list(member_ids),
    }
    units = await _read(db, sql.of_past, len(member_ids), asked)
    return units.of(units.is_treated)


def usable(treated: Moments, holdout: Moments, planned: Sequence[str]) -> tuple[str, ...]:
    """Keep the covariates that say anything: that is known before the start, and by nothing after.

    A brand without history leaves none, and then the plain difference stands alone.
    """
    both = treated + holdout
    return tuple(name for name in planned if both.variance(name) > 0)


async def _read(db: Db, statement: Statement, units: int, asked: dict[str, Any]) -> Table:
    adding = Adding(len(asked["froms"]) - table.WEEKS_BEFORE)
    async with passes.over_orders(db, units):
        await passes.pour(db, statement, adding.take, **asked)
    return adding.table()


def _asked(brand_id: UUID, started_at: datetime, looks_until: Sequence[datetime]) -> dict[str, Any]:
    """Cut time into stretches, one after another: the weeks before the start, then look by look."""
    starts = [started_at, *looks_until]
    if not looks_until or any(a > b for a, b in pairwise(starts)):
        raise CannotEstimate("looks_disordered")
    weeks = [started_at - ago * _WEEK for ago in range(table.WEEKS_BEFORE, 0, -1)]
    return {
        "brand_id": brand_id,
        "started_at": started_at,
        "before_from": weeks[0],
        "until": looks_until[-1],
        "froms": [*weeks, *starts[:-1]],
    }

"""Outcomes: what drawn members bought, before and after, as sums that every estimator needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.increment.errors import CannotEstimate
from headwater.increment.experiments import Experiment
from headwater.increment.statistics.moments import Moments

sql = statements(__file__)

# What is known of everybody on the first day: spending in three stretches, and how often they came.
SPANS: Final = {"spend 4 weeks": (0, 4), "spend 5-13 weeks": (4, 13), "spend 14-26 weeks": (13, 26)}
WEEKS: Final = "active weeks"
COVARIATES: Final = (*SPANS, WEEKS)
# All spending before the start in one figure, for whoever reads the sums.
BEFORE: Final = "spend 26 weeks"
_WEEK: Final = timedelta(days=7)
_SALES: Final = "sales "


@dataclass(frozen=True)
class Arms:
    """The sums of both arms: net sales up to each look, and what was known before.

    `until` is the last of these looks.
    """

    treated: Moments
    holdout: Moments
    until: datetime | None = None


@dataclass(frozen=True)
class _Product:
    arm: str
    one: int
    other: int
    total: Decimal


@dataclass(frozen=True)
class _Stretch:
    name: str
    from_at: datetime
    until_at: datetime


def sales(looks: int) -> tuple[str, ...]:
    """Name the columns of net sales, one for each look so far."""
    return tuple(f"{_SALES}{place + 1}" for place in range(looks))


def is_sales(name: str) -> bool:
    """Tell whether a column is net sales up to some look."""
    return name.startswith(_SALES)


async def arms_of(db: Db, experiment: Experiment, looks_until: Sequence[datetime]) -> Arms:
    """Add up both arms in one pass, from whoever was drawn to whatever was bought by each look.

    Who bought nothing counts too, so neither arm can lose a row. Spending before is gross: what is
    refunded after the launch may be our doing.
    """
    started_at = experiment.launched_at
    stretches = _stretches(started_at, looks_until)
    rows = await db.all(
        sql.products if experiment.unit == "member" else sql.store_products,
        _Product,
        experiment_id=experiment.id,
        brand_id=experiment.brand_id,
        started_at=started_at,
        **_asked(stretches),
    )
    treated, holdout = (
        _moments([each for each in rows if each.arm == arm], stretches, len(looks_until))
        for arm in ("treated", "holdout")
    )
    return Arms(treated, holdout, looks_until[-1])


async def past_of(
    db: Db, brand_id: UUID, member_ids: Sequence[UUID], window_days: int, now: datetime
) -> Moments:
    """Add up what members bought in a window that has just ended, and before that window."""
    started_at = now - timedelta(days=window_days)
    stretches = _stretches(started_at, [now])
    rows = await db.all(
        sql.past_products,
        _Product,
        buckets=[ids.bucket_of(each) for each in member_ids],
        member_ids=list(member_ids),
        brand_id=brand_id,
        started_at=started_at,
        **_asked(stretches),
    )
    return _moments(rows, stretches, 1)


def usable(treated: Moments, holdout: Moments, planned: Sequence[str]) -> tuple[str, ...]:
    """Keep the covariates that say anything: that is known before the start, and by nothing after.

    A brand without history leaves none, and then the plain difference stands alone.
    """
    both = treated + holdout
    return tuple(name for name in planned if both.variance(name) > 0)


def _stretches(started_at: datetime, looks_until: Sequence[datetime]) -> list[_Stretch]:
    """Cut time into stretches, one after another: those before the start, then look by look."""
    before = [
        _Stretch(name, started_at - last * _WEEK, started_at - first * _WEEK)
        for name, (first, last) in reversed(SPANS.items())
    ]
    starts = [started_at, *looks_until]
    if not looks_until or any(a > b for a, b in pairwise(starts)):
        raise CannotEstimate("looks_disordered")
    names = sales(len(looks_until))
    after = [_Stretch(name, *ends) for name, ends in zip(names, pairwise(starts), strict=True)]
    return [*before, *after]


def _asked(stretches: Sequence[_Stretch]) -> dict[str, object]:
    return {
        "before_from": stretches[0].from_at,
        "until": stretches[-1].until_at,
        "froms": [each.from_at for each in stretches],
        "weeks_place": len(stretches) + 1,
    }


def _moments(rows: Sequence[_Product], stretches: Sequence[_Stretch], looks: int) -> Moments:
    """Turn products of stretches into sums of what had added up by each look.

    Place 0 is the number 1 for everybody: its products are the count and the sums.
    """
    found = {(each.one, each.other): int(each.total) for each in rows}
    names = [each.name for each in stretches] + [WEEKS]
    places = {name: place + 1 for place, name in enumerate(names)}
    after = sales(looks)
    columns = {name: [places[each] for each in after[: at + 1]] for at, name in enumerate(after)}
    columns |= {name: [places[name]] for name in COVARIATES}
    columns[BEFORE] = [places[name] for name in SPANS]

    def product(one: Sequence[int], other: Sequence[int]) -> int:
        return sum(found.get((min(a, b), max(a, b)), 0) for a in one for b in other)

    return Moments(
        tuple(columns),
        found.get((0, 0), 0),
        tuple(product([0], each) for each in columns.values()),
        tuple(tuple(product(a, b) for b in columns.values()) for a in columns.values()),
    )

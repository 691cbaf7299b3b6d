"""Totals: what the whole programme brought, and what its parts say of where it came from.

The total is read from the brand's own holdout and from nothing else. Campaigns are drawn among the
rest and tell what each adds to all the others; their sum is no total, and the difference is called
what it is: interaction and unmeasured. A contrast of drawn arms is uncorrelated with the mean of
those among whom was drawn, and two salts are independent, so the variances add up (Imbens and Rubin
2015, chapter 6; Deng and others, WSDM 2013, on independent layers). A sum takes all that ran: the
mean of winners alone is too high by the luck that made them win (Gelman and Carlin, Perspectives on
Psychological Science 9 (2014), 641-651). Nothing here stretches an effect over time.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.means import LEVEL, with_doubt
from headwater.increment.statistics.moments import Estimate

REST: Final = "interaction and unmeasured"

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """What one thing brought in all, over the window in which it really ran."""

    name: str
    total: Estimate
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Reconciled:
    """The programme's total as its parts and a rest; the three always add up."""

    total: Estimate
    parts: tuple[Effect, ...]
    sum_of_parts: Estimate | None
    rest: Estimate


def in_total(per_unit: Estimate, units: int) -> Estimate:
    """Turn a figure per unit into all that the units really treated brought, in their window."""
    if units < 1:
        raise CannotEstimate("nobody_treated")
    return replace(
        per_unit,
        estimate=per_unit.estimate * units,
        standard_error=per_unit.standard_error * units,
        low=per_unit.low * units,
        high=per_unit.high * units,
        method=f"{per_unit.method}, total",
    )


def reconcile(
    programme: Effect,
    parts: Sequence[Effect],
    ran: Collection[str],
    covariances: Matrix | None = None,
    level: float = LEVEL,
) -> Reconciled:
    """Say where the total came from; `ran` names all that ran, and a sum without one is refused.

    `covariances` are those of (total, parts in their order), where they are known not to be zero.
    """
    _check(programme, parts, ran)
    if not parts:
        return Reconciled(programme.total, (), None, programme.total)
    figures = [programme.total, *(each.total for each in parts)]
    spread = _covariances(figures, covariances)
    ones = np.array([0.0] + [1.0] * len(parts))
    less = np.array([1.0] + [-1.0] * len(parts))
    added = math.fsum(each.total.estimate for each in parts)
    degrees = min(each.degrees for each in figures)
    counts = programme.total.treated_count, programme.total.holdout_count
    return Reconciled(
        programme.total,
        tuple(parts),
        with_doubt(added, _of(spread, ones), degrees, counts, "sum of all that ran", level),
        with_doubt(
            programme.total.estimate - added, _of(spread, less), degrees, counts, REST, level
        ),
    )


def _check(programme: Effect, parts: Sequence[Effect], ran: Collection[str]) -> None:
    names = [each.name for each in parts]
    if len(set(names)) < len(names):
        raise CannotEstimate("part_twice")
    missing = sorted(set(ran) - set(names))
    if missing:
        raise CannotEstimate("winners_only", missing=tuple(missing))
    strange = sorted(set(names) - set(ran))
    if strange:
        raise CannotEstimate("not_in_programme", strange=tuple(strange))
    for each in (programme, *parts):
        if each.since >= each.until:
            raise CannotEstimate("window_backwards", name=each.name)
        if each.since < programme.since or each.until > programme.until:
            raise CannotEstimate("outside_total", name=each.name)


def _covariances(figures: Sequence[Estimate], given: Matrix | None) -> Matrix:
    if given is None:
        return np.diag([each.standard_error**2 for each in figures])
    spread = np.asarray(given, dtype=np.float64)
    if spread.shape != (len(figures), len(figures)) or not np.allclose(spread, spread.T):
        raise CannotEstimate("covariances_wrong")
    return spread


def _of(spread: Matrix, weights: Matrix) -> float:
    return float(weights @ spread @ weights)

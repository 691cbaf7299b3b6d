"""Looks: reading an experiment several times on a plan, without finding more than there is.

Error spending: Lan and DeMets, Biometrika 70 (1983), 659-663, in the shape of O'Brien and Fleming,
by the calendar. Repeated intervals and p-values: Jennison and Turnbull, Journal of the Royal
Statistical Society B 51 (1989), 305-361. How the looks go together is estimated from the data and
not assumed: everybody is enrolled on the first day and spending adds up, so increments are not
independent, and an adjustment by past spending takes out just what tied the looks to each other.
With such a correlation there is no recursion; the chance to be stopped is integrated by drawing
each look within the bounds given those before it (Geweke, Hajivassiliou and Keane; Genz, Journal of
Computational and Graphical Statistics 1 (1992), 141-149), on evenly spread points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.moments import Estimate, Moments

LOOKS_MOST: Final = 13
# Points behind a boundary: the error over all looks is then right to about 0.001.
DRAWS: Final = 2**13
_DRAWS_LEAST: Final = 2**6
# After so many steps the bound is sought by halving instead.
_STEPS: Final = 8
# A chance that rests on fewer points than this is bounded by its own look alone, which is safe.
_FEWEST: Final = 6.0
# Of a look that tells nothing new, so much is called new all the same.
_LEAST_NEW: Final = 1e-6
# No p-value from looks is given finer than this.
_LEAST_P: Final = 1e-9

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Looks:
    """The plan, written before the launch: when one may look, as shares of the whole window."""

    shares: tuple[float, ...]
    alpha: float = 0.05

    def __post_init__(self) -> None:
        """A plan whose looks do not follow each other to the end is none."""
        rising = all(a < b for a, b in zip(self.shares, self.shares[1:], strict=False))
        if not self.shares or len(self.shares) > LOOKS_MOST or not rising:
            raise CannotEstimate("looks_too_many", most=LOOKS_MOST)
        if self.shares[0] <= 0 or self.shares[-1] != 1.0 or not 0 < self.alpha < 1:
            raise CannotEstimate("looks_out_of_window")

    @classmethod
    def even(cls, count: int, alpha: float = 0.05) -> Looks:
        """Plan so many looks at equal distances, as one a week."""
        return cls(tuple((each + 1) / count for each in range(count)), alpha)

    def spent(self, place: int) -> float:
        """Give the error spent up to a look; hardly any at first, all of it at the last.

        Half of it on either side, as the common programs have it.
        """
        reach = float(special.ndtri(self.alpha / 4)) / math.sqrt(self.shares[place])
        return 4 * float(special.ndtr(reach))


@dataclass(frozen=True)
class Look:
    """What one planned look shows: its interval holds for all looks together."""

    place: int
    estimate: Estimate
    naive: Estimate
    boundary: float
    spent: float

    @property
    def is_beyond(self) -> bool:
        """Tell whether the effect is proven at this look already."""
        return self.estimate.low > 0 or self.estimate.high < 0


def look(
    treated: Moments,
    holdout: Moments,
    outcomes: Sequence[str],
    covariates: Sequence[str],
    plan: Looks,
    draws: int = DRAWS,
) -> Look:
    """Read at the last of these looks; `outcomes` are what had added up by each look so far.

    There must be a column for every look that the plan has had, and none beyond: a look that was
    not planned is refused. The p-value is the repeated one: it is below alpha where, and only
    where, the interval leaves zero out.
    """
    if not 1 <= len(outcomes) <= len(plan.shares):
        raise CannotEstimate("look_not_planned")
    found = [means.adjusted(treated, holdout, each, covariates) for each in outcomes]
    if any(each.variance <= 0 for each in found):
        raise CannotEstimate("no_variance_at_a_look")
    naive = means.estimate(found[-1], 1 - plan.alpha)
    correlation = together(treated, holdout, outcomes, covariates)
    bound = boundaries(plan, correlation, draws)[-1]
    # Few members have thicker tails than the normal ones from which the boundary came.
    degrees, place = naive.degrees, len(outcomes) - 1
    reach = -float(special.stdtrit(degrees, special.ndtr(-bound))) * naive.standard_error
    size = abs(naive.estimate) / naive.standard_error
    normal_size = -float(special.ndtri(special.stdtr(degrees, -size)))
    p = repeated_p(plan, correlation, normal_size, max(draws // 8, _DRAWS_LEAST))
    # Its fewer draws do not overrule the bound itself.
    p = min(p, plan.alpha * (1 - 1e-9)) if normal_size > bound else max(p, plan.alpha)
    repeated = replace(
        naive,
        low=naive.estimate - reach,
        high=naive.estimate + reach,
        p=p,
        method=f"{naive.method}, look {place + 1}",
    )
    return Look(place, repeated, naive, bound, plan.spent(place))


def boundaries(plan: Looks, correlation: Matrix, draws: int = DRAWS) -> list[float]:
    """Give how many standard errors each look so far must reach, from how the looks go together.

    A bound depends on the looks up to it only: one more look moves none of those before. With
    2 ** 11 `draws` a thousand worlds take seconds, and alpha is met to about 0.005.
    """
    root, points = _root(correlation), _points(draws)
    weights = np.ones(draws)
    normals = np.zeros((draws, len(root)))
    found: list[float] = []
    spent_before = 0.0
    for place, row in enumerate(root):
        to_spend = plan.spent(place) - spent_before
        spent_before = plan.spent(place)
        new = max(float(row[place]), _LEAST_NEW)
        known = normals[:, :place] @ row[:place]
        bound = _bound(known, new, weights, to_spend)
        below, above = special.ndtr((-bound - known) / new), special.ndtr((bound - known) / new)
        within = np.clip(below + points[:, place] * (above - below), 1e-300, 1 - 1e-16)
        normals[:, place] = special.ndtri(within)
        weights = weights * (above - below)
        found.append(bound)
    return found


def repeated_p(plan: Looks, correlation: Matrix, size: float, draws: int = DRAWS) -> float:
    """Give the least error over all looks at which this many standard errors are still beyond."""

    from scipy import optimize

    def short(log_alpha: float) -> float:
        tried = Looks(plan.shares, math.exp(log_alpha))
        return boundaries(tried, correlation, draws)[-1] - size

    least, most = math.log(_LEAST_P), math.log(0.999)
    if short(least) <= 0:
        return _LEAST_P
    if short(most) >= 0:
        return 1.0
    return math.exp(float(optimize.brentq(short, least, most, xtol=3e-3, rtol=3e-3)))


def _bound(known: Matrix, new: float, weights: Matrix, to_spend: float) -> float:
    """Find the bound that is crossed here, and at no look before, with this chance."""
    highest = float(-special.ndtri(max(to_spend, 1e-300) / 2))

    def tails(bound: float) -> Matrix:
        both = special.ndtr((-bound - known) / new) + special.ndtr((known - bound) / new)
        return np.asarray(weights * both)

    def over(bound: float) -> float:
        return float(tails(bound).mean()) - to_spend

    # So rare that hardly a point lies there: this look's own bound is all that can be said.
    if to_spend * len(weights) < 1 or over(highest) >= 0:
        return highest
    found = _newton(known, new, weights, to_spend, highest)
    if found is None and over(0.0) > 0:
        from scipy import optimize

        found = float(optimize.brentq(over, 0.0, highest, xtol=1e-4))
    if found is None:
        return highest
    chances = tails(found)
    behind = float(chances.sum()) ** 2 / max(float(chances @ chances), 1e-300)
    return found if behind >= _FEWEST else highest


def _newton(
    known: Matrix, new: float, weights: Matrix, to_spend: float, start: float
) -> float | None:
    """Step to the bound along the logarithm of its chance, which is nearly straight; or give up."""
    bound = start
    for _ in range(_STEPS):
        below, above = (-bound - known) / new, (known - bound) / new
        chance = float(weights @ (special.ndtr(below) + special.ndtr(above))) / len(weights)
        density = float(weights @ (np.exp(-(below**2) / 2) + np.exp(-(above**2) / 2)))
        slope = density / (math.sqrt(2 * math.pi) * new * len(weights))
        if min(chance, slope) < 1e-290:
            return None
        step = math.log(chance / to_spend) * chance / slope
        bound = min(max(bound + step, 0.0), start)
        if abs(step) < 1e-4:
            return bound
    return None


def together(
    treated: Moments, holdout: Moments, outcomes: Sequence[str], covariates: Sequence[str]
) -> Matrix:
    """Estimate the correlation of the contrasts at the looks, after the same adjustment."""
    columns = [*outcomes, *covariates]
    slopes = [means.slopes_of(treated, holdout, each, covariates) for each in outcomes]
    whole = np.zeros((len(outcomes), len(outcomes)))
    for side, arm in enumerate((treated, holdout)):
        taken = np.array([each[side] for each in slopes]).reshape(len(outcomes), len(covariates))
        left = np.hstack([np.eye(len(outcomes)), -taken])
        whole += left @ arm.covariances(columns) @ left.T / arm.n
    if covariates:
        both = treated + holdout
        apart = np.array([each[0] - each[1] for each in slopes])
        whole += apart @ both.covariances(covariates) @ apart.T / both.n
    scale = np.sqrt(np.diag(whole))
    if not (scale > 0).all():
        raise CannotEstimate("no_variance_at_a_look")
    return np.asarray(np.clip(whole / np.outer(scale, scale), -1.0, 1.0), dtype=np.float64)


@lru_cache(maxsize=8)
def _points(draws: int) -> Matrix:
    """Spread the same points evenly every time, so that a boundary is one number."""
    if draws < _DRAWS_LEAST or draws & (draws - 1):
        raise CannotEstimate("draws_not_power_of_two")
    # Imported late: it takes half a second, and only readers of looks need it.
    from scipy.stats import qmc

    sobol = qmc.Sobol(LOOKS_MOST, scramble=True, seed=20_261_122)
    return np.asarray(sobol.random(draws), dtype=np.float64)


def _root(correlation: Matrix) -> Matrix:
    """Take the triangular root: what each look tells that those before it did not."""
    count = len(correlation)
    root = np.zeros((count, count))
    for i in range(count):
        for j in range(i):
            seen = float(root[i, :j] @ root[j, :j])
            root[i, j] = (correlation[i, j] - seen) / root[j, j] if root[j, j] > 1e-6 else 0.0
        root[i, i] = math.sqrt(max(1.0 - float(root[i, :i] @ root[i, :i]), 0.0))
    return root

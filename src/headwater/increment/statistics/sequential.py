"""Looks: reading an experiment several times on a plan, without finding more than there is.

Error spending: Lan and DeMets, Biometrika 70 (1983), 659-663, in the shape of O'Brien and Fleming.
Repeated intervals: Jennison and Turnbull, Journal of the Royal Statistical Society B 51 (1989),
305-361. How the looks go together is estimated from the data and not assumed: everybody is enrolled
on the first day and spending adds up, so increments are not independent, and an adjustment by past
spending takes out just what tied the looks to each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.stats import qmc

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.moments import Estimate, Moments, check

LOOKS_MOST: Final = 13
# Draws behind a boundary; its error in alpha is below a thousandth.
_DRAWS: Final = 2**17
# A rarer event than this many draws is bounded by the normal tail alone, which is safe.
_FEWEST: Final = 30

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
            raise CannotEstimate(why=f"looks follow each other, at most {LOOKS_MOST}")
        if self.shares[0] <= 0 or self.shares[-1] != 1.0 or not 0 < self.alpha < 1:
            raise CannotEstimate(why="the first look comes after the start, the last at the end")

    @classmethod
    def even(cls, count: int, alpha: float = 0.05) -> Looks:
        """Plan so many looks at equal distances, as one a week."""
        return cls(tuple((each + 1) / count for each in range(count)), alpha)

    def spent(self, place: int) -> float:
        """Give the error spent up to a look; hardly any at first, all of it at the last."""
        reach = float(special.ndtri(1 - self.alpha / 2)) / math.sqrt(self.shares[place])
        return 2 * float(special.ndtr(-reach))


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
) -> Look:
    """Read at the last of these looks; `outcomes` are what had added up by each look so far.

    There must be a column for every look that the plan has had, and none beyond: a look that was
    not planned is refused.
    """
    check({"treated": treated, "holdout": holdout})
    if not 1 <= len(outcomes) <= len(plan.shares):
        raise CannotEstimate(why="this look was not planned")
    found = [means.adjusted(treated, holdout, each, covariates) for each in outcomes]
    naive = means.estimate(found[-1], 1 - plan.alpha)
    if any(each.variance <= 0 for each in found):
        raise CannotEstimate(why="the outcome does not vary at every look")
    bounds = boundaries(plan, together(treated, holdout, outcomes, covariates))
    error = math.sqrt(found[-1].variance)
    # Few members have thicker tails than the normal ones from which the boundary came.
    beyond = float(special.ndtr(-bounds[-1]))
    reach = -float(special.stdtrit(found[-1].degrees, beyond)) * error
    value, place = found[-1].value, len(outcomes) - 1
    repeated = Estimate(
        value, error, value - reach, value + reach, naive.p, naive.degrees,
        naive.treated_count, naive.holdout_count, f"{naive.method}, look {place + 1}",
    )  # fmt: skip
    return Look(place, repeated, naive, bounds[-1], plan.spent(place))


def boundaries(plan: Looks, correlation: Matrix) -> list[float]:
    """Give how many standard errors each look so far must reach, from how the looks go together."""
    count = len(correlation)
    draws = _normals(count) @ _root(correlation).T
    alive = np.ones(len(draws), dtype=bool)
    found: list[float] = []
    spent_before = 0.0
    for place in range(count):
        to_spend = plan.spent(place) - spent_before
        spent_before = plan.spent(place)
        sizes = np.sort(np.abs(draws[alive, place]))
        over = round(to_spend * len(draws))
        if over < _FEWEST or over >= len(sizes):
            found.append(float(-special.ndtri(max(to_spend, 1e-300) / 2)))
        else:
            found.append(float(sizes[-over]))
        alive &= np.abs(draws[:, place]) < found[-1]
    return found


def together(
    treated: Moments, holdout: Moments, outcomes: Sequence[str], covariates: Sequence[str]
) -> Matrix:
    """Estimate the correlation of the contrasts at the looks, after the same adjustment."""
    count = len(outcomes)
    whole = np.zeros((count, count))
    slopes = [means.slopes_of(treated, holdout, each, covariates) for each in outcomes]
    for side, arm in enumerate((treated, holdout)):
        mixed = arm
        for place, outcome in enumerate(outcomes):
            parts = {
                name: -float(b) for name, b in zip(covariates, slopes[place][side], strict=True)
            }
            mixed = mixed.with_mix(f"left {place}", {outcome: 1.0, **parts})
        whole += mixed.covariances([f"left {place}" for place in range(count)]) / arm.n
    if covariates:
        both = treated + holdout
        apart = np.array([each[0] - each[1] for each in slopes])
        whole += apart @ both.covariances(covariates) @ apart.T / both.n
    scale = np.sqrt(np.diag(whole))
    return np.asarray(np.clip(whole / np.outer(scale, scale), -1.0, 1.0), dtype=np.float64)


@lru_cache(maxsize=LOOKS_MOST)
def _normals(count: int) -> Matrix:
    """Draw the same evenly spread normal numbers every time, so that a boundary is one number."""
    sobol = qmc.Sobol(count, scramble=True, seed=20_261_122)
    return np.asarray(special.ndtri(np.clip(sobol.random(_DRAWS), 1e-12, 1 - 1e-12)))


def _root(correlation: Matrix) -> Matrix:
    """Take a square root of a correlation that may be flat in some directions."""
    values, vectors = np.linalg.eigh(correlation)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)

"""Inversion: one test gives the p-value and the interval, so that they cannot contradict.

Under an effect of v the outcome without treatment is known in every store, and each redrawn
statistic is a straight line in v. A redraw is at least as extreme as the draw exactly on an
interval around the estimate, so the test at every v is counted and none is searched for.
Fisher 1935; Rosenbaum 2002, chapter 2; Imbens and Rubin 2015, chapter 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.moments import Estimate

# A redraw with the slope of the draw itself is never less extreme than it; so much is rounding.
_ROUNDING: Final = 1e-9

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Lines:
    """The observed statistic and the redrawn ones, as constant less slope times effect."""

    observed: float
    slope: float
    redrawn: Vector
    slopes: Vector

    def __post_init__(self) -> None:
        """A statistic that does not answer to an effect is a bug, and NaN is the data's fault."""
        if not np.isfinite(self.redrawn).all() or not math.isfinite(self.observed):
            raise CannotEstimate("not_finite")
        if self.slope <= 0:
            raise CannotEstimate("nothing_sold_after")


@dataclass(frozen=True)
class Inverted:
    """The effect at which the test sees nothing, where it still agrees, and the p of no effect."""

    estimate: float
    low: float
    high: float
    p: float
    standard_error: float


def invert(lines: Lines, level: float) -> Inverted:
    """Count, at each effect, the redraws that are at least as extreme as what was seen."""
    estimate = lines.observed / lines.slope
    lows, highs = _reaches(lines, estimate)
    tests = len(lines.redrawn) + 1
    # An effect is kept while one more than the redraws that reach it exceeds this share of all.
    needed = math.floor((1 - level) * tests + _ROUNDING)
    if needed < 1:
        raise CannotEstimate("few_redraws", redraws=tests - 1, level=level)
    low = float(np.sort(lows)[needed - 1])
    high = float(np.sort(highs)[::-1][needed - 1])
    if not math.isfinite(low) or not math.isfinite(high):
        raise CannotEstimate("few_different_draws", level=level)
    p = (1 + int(((lows <= 0) & (highs >= 0)).sum())) / tests
    under = (lines.redrawn - estimate * lines.slopes) / lines.slope
    return Inverted(estimate, low, high, p, float(np.sqrt((under**2).mean())))


def over_base(each: Estimate, sold: float) -> Estimate | None:
    """Set a figure against what was sold without it, where that is surely something.

    The share rises with the figure, so the interval's ends are the ends' shares and p stays.
    """
    if sold - each.high <= 0:
        return None
    base = sold - each.estimate
    shares = {
        "estimate": each.estimate / base,
        "standard_error": each.standard_error * sold / base**2,
        "low": each.low / (sold - each.low),
        "high": each.high / (sold - each.high),
    }
    return Estimate(**{**vars(each), **shares})


def _reaches(lines: Lines, estimate: float) -> tuple[Vector, Vector]:
    """Give each redraw the effects between which it is at least as extreme as the draw."""
    inner = np.abs(lines.slopes) < lines.slope * (1 - _ROUNDING)
    slopes = np.where(inner, lines.slopes, 0.0)
    one = (lines.observed - lines.redrawn) / (lines.slope - slopes)
    other = (lines.observed + lines.redrawn) / (lines.slope + slopes)
    lows = np.minimum(np.minimum(one, other), estimate)
    highs = np.maximum(np.maximum(one, other), estimate)
    return np.where(inner, lows, -np.inf), np.where(inner, highs, np.inf)

"""Means: the plain difference of two arms, and the difference after what was known before.

Welch, Biometrika 34 (1947), 28-35, for unequal variances. CUPED: Deng, Xu, Kohavi and Walker,
WSDM 2013, equations 4-6, with slopes from both arms as one sample. Lin, Annals of Applied
Statistics 7 (2013), 295-318: each arm has slopes of its own, and is moved to the covariates' common
mean. The members are a draw from those to come, so what that common mean owes to the draw is part
of the variance (Imbens and Rubin 2015, chapter 7.6).

Slopes fitted to a small arm with a few giants in it flatter themselves: with 200 held out of 2,000
and the spending of a brand that sells rarely, intervals by Lin held the truth 85 times in 100 in
our worlds, by common slopes 94 times, and were no narrower for it. So Lin begins with large arms,
and its variance is never below what the common slopes leave.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.moments import ROUNDING, Estimate, Moments, check

LEVEL: Final = 0.95
# With fewer units than this in an arm, slopes of its own promise more than they keep.
LEAST_FOR_SLOPES: Final = 1_000

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Contrast:
    """Treated minus held out, and how it moves together with the held-out mean.

    `parts` are the variances that the two arms bring; `shared` is what the covariates' common mean
    adds. `with_base` is the covariance of the contrast with the unadjusted held-out mean, and
    `slope_at` the difference at which the delta method takes its derivatives.
    """

    value: float
    parts: tuple[float, float]
    shared: float
    base: float
    base_variance: float
    with_base: float
    counts: tuple[int, int]
    degrees: float
    method: str
    slope_at: float

    @property
    def variance(self) -> float:
        """The variance of the contrast."""
        return self.parts[0] + self.parts[1] + self.shared


@dataclass(frozen=True)
class Compared:
    """The adjusted figure with the raw one beside it, always; and what the adjustment brought."""

    adjusted: Estimate
    raw: Estimate
    variance_taken_out: float


def difference(treated: Moments, holdout: Moments, outcome: str) -> Contrast:
    """Compare the plain means."""
    none = np.zeros(0)
    return with_slopes((treated, holdout), outcome, (), (none, none), "welch")


def cuped(
    treated: Moments, holdout: Moments, outcome: str, before: str | Sequence[str]
) -> Contrast:
    """Compare the means after taking out what was known before, both arms by the same slopes."""
    check({"treated": treated, "holdout": holdout})
    names = (before,) if isinstance(before, str) else tuple(before)
    slopes = _common(treated + holdout, outcome, names)
    return with_slopes((treated, holdout), outcome, names, (slopes, slopes), "cuped")


def lin(treated: Moments, holdout: Moments, outcome: str, covariates: Sequence[str]) -> Contrast:
    """Compare the means after taking out what several covariates knew, each arm by itself."""
    check({"treated": treated, "holdout": holdout})
    arms, names = (treated, holdout), tuple(covariates)
    own = _slopes(treated, outcome, names), _slopes(holdout, outcome, names)
    common = _common(treated + holdout, outcome, names)
    found = with_slopes(arms, outcome, names, own, "lin")
    least = with_slopes(arms, outcome, names, (common, common), "lin")
    left = max(found.parts[0], least.parts[0]), max(found.parts[1], least.parts[1])
    return replace(found, parts=left, degrees=welch_degrees(left, _free(arms, names, "lin")))


def compare(
    treated: Moments,
    holdout: Moments,
    outcome: str,
    covariates: Sequence[str] = (),
    level: float = LEVEL,
) -> Compared:
    """Give the adjusted figure beside the raw one."""
    raw = difference(treated, holdout, outcome)
    chosen = adjusted(treated, holdout, outcome, covariates)
    taken_out = 1 - chosen.variance / raw.variance if raw.variance > 0 else 0.0
    return Compared(estimate(chosen, level), estimate(raw, level), taken_out)


def adjusted(
    treated: Moments, holdout: Moments, outcome: str, covariates: Sequence[str]
) -> Contrast:
    """Choose the adjustment by how much is known, and by how many there are."""
    if not covariates:
        return difference(treated, holdout, outcome)
    if _has_own_slopes(treated, holdout, covariates):
        return lin(treated, holdout, outcome, covariates)
    return cuped(treated, holdout, outcome, covariates)


def slopes_of(
    treated: Moments, holdout: Moments, outcome: str, covariates: Sequence[str]
) -> tuple[Vector, Vector]:
    """Give the slopes by which `adjusted` moves each arm."""
    names = tuple(covariates)
    if _has_own_slopes(treated, holdout, names):
        return _slopes(treated, outcome, names), _slopes(holdout, outcome, names)
    common = _common(treated + holdout, outcome, names)
    return common, common


def estimate(found: Contrast, level: float = LEVEL) -> Estimate:
    """Give a contrast its interval by Student's t with Welch's degrees of freedom."""
    return with_doubt(found.value, found.variance, found.degrees, found.counts, found.method, level)


def with_doubt(
    value: float,
    variance: float,
    degrees: float,
    counts: tuple[int, int],
    method: str,
    level: float = LEVEL,
) -> Estimate:
    """Put an interval around a figure; one that does not vary says nothing."""
    if not 0 < level < 1:
        raise CannotEstimate("level_out_of_range")
    if not math.isfinite(value) or not math.isfinite(variance):
        raise CannotEstimate("not_finite")
    if variance <= 0:
        raise CannotEstimate("no_variance")
    error = math.sqrt(variance)
    reach = float(special.stdtrit(degrees, (1 + level) / 2)) * error
    p = 2 * float(special.stdtr(degrees, -abs(value / error)))
    return Estimate(value, error, value - reach, value + reach, p, degrees, *counts, method)


def theta_of(both: Moments, outcome: str, before: str) -> float:
    """Find how much of the outcome goes with the covariate, over both arms as one sample."""
    spread = both.variance(before)
    return both.covariance(outcome, before) / spread if spread > 0 else 0.0


def welch_degrees(parts: tuple[float, float], free: tuple[float, float]) -> float:
    """Give Welch and Satterthwaite's degrees of freedom of the sum of two arms' variances."""
    if min(free) < 1:
        raise CannotEstimate("units_like_covariates")
    under = sum(part**2 / degrees for part, degrees in zip(parts, free, strict=True))
    return sum(parts) ** 2 / under if under > 0 else float(sum(free))


def left_over_of(arm: Moments, outcome: str, covariates: Sequence[str]) -> float:
    """Give the variance of an outcome that the covariates leave within one arm."""
    names = tuple(covariates)
    return _left_over(arm, outcome, names, _slopes(arm, outcome, names))


def with_slopes(
    arms: tuple[Moments, Moments],
    outcome: str,
    names: tuple[str, ...],
    slopes: tuple[Vector, Vector],
    method: str,
) -> Contrast:
    """Compare the means of (treated, held out) after moving each arm by its slopes."""
    treated, holdout = arms
    check({"treated": treated, "holdout": holdout})
    both = treated + holdout
    middle = both.means(names)
    moved = [
        arm.mean(outcome) - float(slope @ (arm.means(names) - middle))
        for arm, slope in zip(arms, slopes, strict=True)
    ]
    free = _free(arms, names, method)
    left = [
        _left_over(arm, outcome, names, slope) * (arm.n - 1) / max(spare, 1) / arm.n
        for arm, slope, spare in zip(arms, slopes, free, strict=True)
    ]
    apart = slopes[0] - slopes[1]
    shared = float(apart @ both.covariances(names) @ apart) / both.n if names else 0.0
    with_before = np.array([holdout.covariance(outcome, name) for name in names])
    own = holdout.variance(outcome) - float(slopes[1] @ with_before)
    value, plain = moved[0] - moved[1], treated.mean(outcome) - holdout.mean(outcome)
    return Contrast(
        value=value,
        parts=(left[0], left[1]),
        shared=max(shared, 0.0),
        base=holdout.mean(outcome),
        base_variance=holdout.variance(outcome) / holdout.n,
        with_base=-own / holdout.n + float(apart @ with_before) / both.n,
        counts=(treated.n, holdout.n),
        degrees=welch_degrees((left[0], left[1]), free),
        method=method,
        slope_at=value if method == "lin" else plain,
    )


def _free(
    arms: tuple[Moments, Moments], names: tuple[str, ...], method: str
) -> tuple[float, float]:
    """Give the degrees of freedom that the slopes leave in each arm; common ones are shared."""
    treated, holdout = arms
    free = float(treated.n - 1), float(holdout.n - 1)
    if method == "lin":
        used = _rank(treated + holdout, names)
        return free[0] - used, free[1] - used
    # One slope for thousands is not counted, as in the engines that published theirs.
    used = _rank(treated + holdout, names) - 1 if len(names) > 1 else 0
    share = 1 - used / (free[0] + free[1])
    return free[0] * share, free[1] * share


def _has_own_slopes(treated: Moments, holdout: Moments, covariates: Sequence[str]) -> bool:
    return len(covariates) > 1 and min(treated.n, holdout.n) >= LEAST_FOR_SLOPES


def _common(both: Moments, outcome: str, names: tuple[str, ...]) -> Vector:
    if len(names) == 1:
        return np.array([theta_of(both, outcome, names[0])])
    return _slopes(both, outcome, names)


def _left_over(arm: Moments, outcome: str, names: tuple[str, ...], slopes: Vector) -> float:
    """Give the variance of the outcome after the covariates; what rounding left is nothing."""
    whole = arm.variance(outcome)
    with_outcome = np.array([arm.covariance(outcome, name) for name in names])
    known = 2 * float(slopes @ with_outcome) - float(slopes @ arm.covariances(names) @ slopes)
    left = whole - known
    return left if left > ROUNDING * whole else 0.0


def _slopes(arm: Moments, outcome: str, names: tuple[str, ...]) -> Vector:
    """Regress the outcome on the covariates; one that says nothing of its own gets no slope."""
    spreads = np.sqrt(np.maximum([arm.variance(name) for name in names], 0.0))
    scale = np.where(spreads > 0, spreads, 1.0)
    together = arm.covariances(names) / np.outer(scale, scale)
    with_outcome = np.array([arm.covariance(outcome, name) for name in names]) / scale
    found, *_rest = np.linalg.lstsq(together, with_outcome, rcond=ROUNDING)
    return np.asarray(found / scale, dtype=np.float64)


def _rank(both: Moments, names: tuple[str, ...]) -> int:
    spreads = np.sqrt(np.maximum([both.variance(name) for name in names], 0.0))
    scale = np.where(spreads > 0, spreads, 1.0)
    return int(
        np.linalg.matrix_rank(both.covariances(names) / np.outer(scale, scale), tol=ROUNDING)
    )

"""Estimators: pure functions of sufficient statistics, one pass over the data before them.

Difference in means with unequal variances: Welch, Biometrika 34 (1947), 28-35.
CUPED: Deng, Xu, Kohavi and Walker, WSDM 2013, equations 4-6, theta from both arms in one sample.
Relative lift: the delta method on (difference, baseline) with their covariance; after Deng,
Knoblich and Lu, KDD 2018, section 2. Sample ratio: Fabijan and others, KDD 2019.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from scipy import special

from headwater.increment.errors import CannotEstimate

VERSION: Final = "1"
LEVEL: Final = 0.95


@dataclass(frozen=True)
class Sums:
    """All that is needed of an arm: y is the outcome, x what was spent before the start."""

    n: int
    y: float
    yy: float
    x: float = 0
    xx: float = 0
    xy: float = 0

    @property
    def mean(self) -> float:
        """The mean outcome."""
        return self.y / self.n

    @property
    def mean_before(self) -> float:
        """The mean of what was spent before."""
        return self.x / self.n

    @property
    def variance(self) -> float:
        """The sample variance of the outcome; whole numbers are subtracted exactly."""
        return _spread(self.n, self.yy, self.y, self.y)

    @property
    def variance_before(self) -> float:
        """The sample variance of what was spent before."""
        return _spread(self.n, self.xx, self.x, self.x)

    @property
    def covariance(self) -> float:
        """How outcome and spending before go together."""
        return _spread(self.n, self.xy, self.x, self.y)

    def __add__(self, other: Sums) -> Sums:
        """Put two arms into one sample."""
        return Sums(
            self.n + other.n, self.y + other.y, self.yy + other.yy,
            self.x + other.x, self.xx + other.xx, self.xy + other.xy,
        )  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """A figure with its doubt."""

    estimate: float
    standard_error: float
    low: float
    high: float
    p: float
    degrees: float
    treated_count: int
    holdout_count: int
    method: str
    version: str = VERSION

    def __post_init__(self) -> None:
        """An interval contains its estimate; anything else is a bug."""
        assert self.low <= self.estimate <= self.high


def difference(treated: Sums, holdout: Sums, level: float = LEVEL) -> Estimate:
    """Compare the plain means."""
    _check(treated, holdout)
    variances = treated.variance / treated.n, holdout.variance / holdout.n
    return _estimate(treated.mean - holdout.mean, variances, (treated, holdout), "welch", level)


def cuped(treated: Sums, holdout: Sums, level: float = LEVEL) -> Estimate:
    """Compare the means after taking out what was known of the members before the start."""
    _check(treated, holdout)
    theta = theta_of(treated, holdout)
    moved = treated.mean - holdout.mean - theta * (treated.mean_before - holdout.mean_before)
    variances = _adjusted(treated, theta) / treated.n, _adjusted(holdout, theta) / holdout.n
    return _estimate(moved, variances, (treated, holdout), "cuped", level)


def relative(
    treated: Sums, holdout: Sums, is_adjusted: bool = True, level: float = LEVEL
) -> Estimate | None:
    """Give the lift as a share of the held-out mean, or None where that mean is zero.

    The adjusted difference is divided by the unadjusted baseline, and both move together: the
    variance carries their covariance. A baseline below zero keeps the sign of the difference.
    """
    _check(treated, holdout)
    base = holdout.mean
    if base == 0:
        return None
    theta = theta_of(treated, holdout) if is_adjusted else 0.0
    moved = treated.mean - base - theta * (treated.mean_before - holdout.mean_before)
    spreads = _adjusted(treated, theta) / treated.n, _adjusted(holdout, theta) / holdout.n
    of_base = holdout.variance / holdout.n
    together = -(holdout.variance - theta * holdout.covariance) / holdout.n
    variance = (
        (spreads[0] + spreads[1]) / base**2
        + moved**2 * of_base / base**4
        - 2 * moved * together / base**3
    )
    name = "cuped relative" if is_adjusted else "welch relative"
    degrees = _degrees(spreads, (treated.n, holdout.n))
    return _with_doubt(
        moved / abs(base), max(variance, 0.0), degrees, (treated, holdout), name, level
    )


def theta_of(treated: Sums, holdout: Sums) -> float:
    """Find how much of the outcome goes with spending before, over both arms as one sample."""
    both = treated + holdout
    before = both.variance_before
    return both.covariance / before if before > 0 else 0.0


def variance_taken_out(treated: Sums, holdout: Sums) -> float:
    """Tell which share of the variance CUPED removed; it is reported and never assumed."""
    both = treated + holdout
    if both.variance <= 0:
        return 0.0
    return 1 - max(_adjusted(both, theta_of(treated, holdout)), 0.0) / both.variance


def sample_ratio(treated_count: int, holdout_count: int, holdout_share: float) -> float:
    """Give the p-value that the arms have the sizes they were drawn with (chi-square, 1 df)."""
    total = treated_count + holdout_count
    if total == 0:
        raise CannotEstimate(why="both arms are empty")
    expected = total * holdout_share
    missed = (holdout_count - expected) ** 2
    statistic = missed / expected + missed / (total - expected)
    return float(special.chdtrc(1, statistic))


def least_visible(both: Sums, holdout_share: float, members: int) -> float:
    """Give the lift, as a share, that such a holdout sees four times in five (5 %, two-sided)."""
    if both.mean <= 0 or not 0 < holdout_share < 1:
        raise CannotEstimate(why="nothing was sold before")
    left = max(_adjusted(both, theta_of(both, Sums(0, 0, 0))), 0.0)
    spread = left * (1 / (members * holdout_share) + 1 / (members * (1 - holdout_share)))
    return float((special.ndtri(0.975) + special.ndtri(0.8)) * math.sqrt(spread) / both.mean)


def _check(treated: Sums, holdout: Sums) -> None:
    for name, arm in (("treated", treated), ("holdout", holdout)):
        if not all(math.isfinite(v) for v in (arm.y, arm.yy, arm.x, arm.xx, arm.xy)):
            raise CannotEstimate(why=f"the sums of the {name} arm are not finite")
        if arm.n < 2:
            raise CannotEstimate(why=f"the {name} arm has {arm.n} members; two are the least")
        if arm.variance < 0 or arm.variance_before < 0:
            raise CannotEstimate(why=f"the {name} arm has a variance below zero")


def _estimate(
    moved: float,
    variances: tuple[float, float],
    arms: tuple[Sums, Sums],
    method: str,
    level: float,
) -> Estimate:
    left = max(variances[0], 0.0), max(variances[1], 0.0)
    degrees = _degrees(left, (arms[0].n, arms[1].n))
    return _with_doubt(moved, left[0] + left[1], degrees, arms, method, level)


def _with_doubt(
    moved: float,
    variance: float,
    degrees: float,
    arms: tuple[Sums, Sums],
    method: str,
    level: float,
) -> Estimate:
    if variance <= 0:
        raise CannotEstimate(why="the outcome does not vary")
    error = math.sqrt(variance)
    reach = float(special.stdtrit(degrees, (1 + level) / 2)) * error
    p = 2 * float(special.stdtr(degrees, -abs(moved / error)))
    return Estimate(
        moved, error, moved - reach, moved + reach, p, degrees, arms[0].n, arms[1].n, method
    )


def _degrees(variances: tuple[float, float], counts: tuple[int, int]) -> float:
    """Welch and Satterthwaite's degrees of freedom, of the variances of the two means."""
    under = sum(each**2 / (n - 1) for each, n in zip(variances, counts, strict=True))
    return sum(variances) ** 2 / under if under > 0 else float(sum(counts) - 2)


def _adjusted(arm: Sums, theta: float) -> float:
    return arm.variance - 2 * theta * arm.covariance + theta**2 * arm.variance_before


def _spread(n: int, product: float, left: float, right: float) -> float:
    if n < 2:
        return 0.0
    return float((n * product - left * right) / (n * (n - 1)))

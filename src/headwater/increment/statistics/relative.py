"""Relative lift: the difference as a share of what the held out did.

The adjusted difference is divided by the unadjusted baseline, and both move together, so the
variance carries their covariance: the delta method, after Deng, Knoblich and Lu, KDD 2018, section
2. Its derivatives are taken at the adjusted difference, and for CUPED at the plain one, as in
GrowthBook's engine. Fieller's interval (Journal of the Royal Statistical Society B 16 (1954),
175-185) holds also where the baseline itself is in doubt; where that cannot be told from zero it is
unbounded, and then there is no lift to speak of, by either method.
"""

from __future__ import annotations

import math

from scipy import special

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.means import LEVEL, Contrast, with_doubt
from headwater.increment.statistics.moments import Estimate


def relative(found: Contrast, level: float = LEVEL) -> Estimate | None:
    """Give the lift as a share of the held-out mean, or None where that may be zero.

    A baseline below zero keeps the sign of the difference: from -10 to -5 is half better.
    """
    base = found.base
    if not is_told_from_zero(found, level):
        return None
    variance = (
        found.variance / base**2
        + found.slope_at**2 * found.base_variance / base**4
        - 2 * found.slope_at * found.with_base / base**3
    )
    value = found.value / abs(base)
    method = f"{found.method} relative"
    return with_doubt(value, max(variance, 0.0), found.degrees, found.counts, method, level)


def fieller(found: Contrast, level: float = LEVEL) -> tuple[float, float]:
    """Give Fieller's interval of the lift, as a check on the delta method's."""
    reach = float(special.stdtrit(found.degrees, (1 + level) / 2))
    base = found.base
    doubt = reach**2 * found.base_variance
    if not is_told_from_zero(found, level):
        raise CannotEstimate("base_like_zero")
    middle = found.value * base - reach**2 * found.with_base
    inside = middle**2 - (base**2 - doubt) * (found.value**2 - reach**2 * found.variance)
    if inside < 0:
        raise CannotEstimate("lift_without_interval")
    ends = [(middle + sign * math.sqrt(inside)) / (base**2 - doubt) for sign in (-1, 1)]
    sign = math.copysign(1.0, base)
    low, high = sorted(sign * end for end in ends)
    return low, high


def is_told_from_zero(found: Contrast, level: float = LEVEL) -> bool:
    """Tell whether there is a baseline of which a lift could be a share."""
    reach = float(special.stdtrit(found.degrees, (1 + level) / 2))
    return found.base**2 > reach**2 * found.base_variance

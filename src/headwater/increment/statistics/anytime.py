"""Any time: an interval that holds however often one looked, wider than one for a single look.

Asymptotic confidence sequences: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Annals of
Statistics 52 (2024), 2613-2640. The width is tuned to be narrowest at one number of units. It holds
for large samples only, and no more is claimed: where outcomes come in late the error is no
martingale.
"""

from __future__ import annotations

import math

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.means import LEVEL
from headwater.increment.statistics.moments import Estimate


def always(found: Estimate, narrowest_at: int, level: float = LEVEL) -> Estimate:
    """Stretch an estimate's interval so that it holds at every moment at once.

    `narrowest_at` is the number of units at which it is tightest, and is fixed before the start.
    The p-value is the largest level at which the interval would still touch zero.
    """
    if narrowest_at < 1:
        raise CannotEstimate("narrowest_at_none")
    count = found.treated_count + found.holdout_count
    alpha = 1 - level
    reach = found.standard_error * _stretch(count, narrowest_at, alpha, alpha)
    tuned = _tuned(narrowest_at, alpha)
    z = abs(found.estimate) / found.standard_error
    over = count * tuned
    p = min(1.0, math.sqrt(over + 1) * math.exp(-(z**2) * over / (2 * (over + 1))))
    return Estimate(
        found.estimate,
        found.standard_error,
        found.estimate - reach,
        found.estimate + reach,
        p,
        math.inf,
        found.treated_count,
        found.holdout_count,
        f"{found.method} any time",
    )


def _stretch(count: int, narrowest_at: int, tuned_for: float, alpha: float) -> float:
    over = count * _tuned(narrowest_at, tuned_for)
    return math.sqrt(2 * (over + 1) / over * math.log(math.sqrt(over + 1) / alpha))


def _tuned(narrowest_at: int, alpha: float) -> float:
    """Give rho squared, which makes the sequence tightest at that many units."""
    certain = -2 * math.log(alpha)
    return (certain + math.log(certain + 1)) / narrowest_at

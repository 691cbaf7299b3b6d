"""Ratios: a basket's worth or a visit's, where the denominator moves as well.

The delta method: a unit's part in a ratio is its numerator less what its denominator accounts for
(Deng, Knoblich and Lu, KDD 2018, section 3). That part is a column like any other, so covariates
adjust it as they adjust a mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.means import Contrast, adjusted
from headwater.increment.statistics.moments import Moments, check

_PART = "ratio part"


def ratio(
    treated: Moments,
    holdout: Moments,
    over: str,
    under: str,
    covariates: Sequence[str] = (),
) -> Contrast:
    """Compare the ratios of two sums, adjusted by covariates where there are any."""
    check({"treated": treated, "holdout": holdout})
    arms = [_with_part(arm, over, under) for arm in (treated, holdout)]
    found = adjusted(arms[0], arms[1], _PART, covariates)
    return replace(found, method=f"ratio {found.method}")


def _with_part(arm: Moments, over: str, under: str) -> Moments:
    """Add each unit's part, whose mean is the ratio itself."""
    below = arm.mean(under)
    if below == 0:
        raise CannotEstimate(why=f"{under} is zero, so there is nothing to divide by")
    whole = arm.mean(over) / below
    return arm.with_mix(_PART, {over: 1 / below, under: -whole / below}, constant=whole)

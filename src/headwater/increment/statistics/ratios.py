"""Ratios: a basket's worth or a visit's, where the denominator moves as well.

The delta method: a unit's part in a ratio is its numerator less what its denominator accounts for
(Deng, Knoblich and Lu, KDD 2018, section 3). That part is a column like any other, so covariates
adjust it as they adjust a mean. With one covariate the slope is the one that leaves least doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.means import Contrast
from headwater.increment.statistics.moments import Moments, check

_PART = "ratio part"
_BEFORE = "ratio part before"


def ratio(
    treated: Moments,
    holdout: Moments,
    over: str,
    under: str,
    covariates: Sequence[str] = (),
    before: tuple[str, str] | None = None,
) -> Contrast:
    """Compare the ratios of two sums, adjusted by covariates where there are any.

    `before` names the same ratio's numerator and denominator of an earlier time, which then is the
    one covariate.
    """
    check({"treated": treated, "holdout": holdout})
    if before and covariates:
        raise CannotEstimate("adjusted_twice")
    names = (_BEFORE,) if before else tuple(covariates)
    one, other = (_with_part(each, _PART, over, under) for each in (treated, holdout))
    if before:
        one, other = (_with_part(each, _BEFORE, *before) for each in (one, other))
    if len(names) > 1:
        found = means.adjusted(one, other, _PART, names)
    elif names:
        slope = np.array([_least_doubt(one, other, names[0])])
        found = means.with_slopes((one, other), _PART, names, (slope, slope), "cuped")
    else:
        found = means.difference(one, other, _PART)
    return replace(found, method=f"ratio {found.method}", slope_at=found.value)


def _least_doubt(treated: Moments, holdout: Moments, name: str) -> float:
    """Find the slope at which the difference of the two ratios varies least."""
    spread = treated.variance(name) / treated.n + holdout.variance(name) / holdout.n
    shared = sum(arm.covariance(_PART, name) / arm.n for arm in (treated, holdout))
    return shared / spread if spread > 0 else 0.0


def _with_part(arm: Moments, name: str, over: str, under: str) -> Moments:
    """Add each unit's part, whose mean is the ratio itself."""
    below = arm.mean(under)
    reach = float(special.ndtri(1 - (1 - means.LEVEL) / 2))
    if below**2 <= reach**2 * arm.variance(under) / arm.n:
        raise CannotEstimate("nothing_to_divide_by", under=under)
    whole = arm.mean(over) / below
    return arm.with_mix(name, {over: 1 / below, under: -whole / below}, constant=whole)

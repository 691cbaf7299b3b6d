"""Health: whether the arms are what they were drawn to be, before any figure is believed.

Sample ratio: Fabijan and others, KDD 2019; chi-square with one degree of freedom. Watched from day
to day it is an e-value against a beta mixture (Lindon and Malek, NeurIPS 2022): its inverse is a
p-value at every moment at once. Imbalance before the start: Hotelling's T squared over all
covariates together for arms that vary differently (Krishnamoorthy and Yu, Statistics and
Probability Letters 66 (2004), 161-169).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy import special

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.moments import ROUNDING, Matrix, Moments, check

# How firmly the mixture expects the drawn share: as if this many units had been seen.
_MIXTURE: Final = 1_000.0


def sample_ratio(treated_count: int, holdout_count: int, holdout_share: float) -> float:
    """Give the p-value, at one look, that the arms have the sizes they were drawn with."""
    _check_counts(treated_count, holdout_count, holdout_share)
    total = treated_count + holdout_count
    if total == 0:
        raise CannotEstimate("both_arms_empty")
    expected = total * holdout_share
    missed = (holdout_count - expected) ** 2
    statistic = missed / expected + missed / (total - expected)
    return float(special.chdtrc(1, statistic))


def sample_ratio_always(counts: Sequence[tuple[int, int]], holdout_share: float) -> float:
    """Give a p-value that holds however often one looked; counts are (treated, held out) so far.

    It never rises again: an alarm that rang once keeps ringing.
    """
    lowest, before = 1.0, (0, 0)
    for treated_count, holdout_count in counts:
        _check_counts(treated_count, holdout_count, holdout_share)
        if treated_count < before[0] or holdout_count < before[1]:
            raise CannotEstimate("arm_shrank")
        before = treated_count, holdout_count
        evidence = _log_evidence(treated_count, holdout_count, holdout_share)
        lowest = min(lowest, math.exp(-max(evidence, 0.0)))
    return lowest


def imbalance(treated: Moments, holdout: Moments, covariates: Sequence[str]) -> float:
    """Give the p-value that the arms were alike before the start, over all covariates at once."""
    check({"treated": treated, "holdout": holdout})
    both = treated + holdout
    names = [name for name in covariates if both.variance(name) > 0]
    if not names:
        return 1.0
    parts = [arm.covariances(names) / arm.n for arm in (treated, holdout)]
    spread = parts[0] + parts[1]
    scale = np.sqrt(np.diag(spread))
    if not (scale > 0).all():
        raise CannotEstimate("constant_covariate")
    apart = (treated.means(names) - holdout.means(names)) / scale
    unit = np.outer(scale, scale)
    inverse = np.linalg.pinv(spread / unit, rcond=ROUNDING, hermitian=True)
    rank = int(np.linalg.matrix_rank(spread / unit, tol=ROUNDING, hermitian=True))
    statistic = max(float(apart @ inverse @ apart), 0.0)
    return _hotelling(
        statistic, rank, [each / unit @ inverse for each in parts], (treated, holdout)
    )


def _hotelling(
    statistic: float, rank: int, weights: Sequence[Matrix], arms: Sequence[Moments]
) -> float:
    """Give T squared's p-value by F, with the degrees of freedom that unequal arms leave."""
    below = sum(
        (float(np.trace(each @ each)) + float(np.trace(each)) ** 2) / (arm.n - 1)
        for each, arm in zip(weights, arms, strict=True)
    )
    degrees = (rank + rank**2) / below
    left = degrees - rank + 1
    if left <= 0:
        raise CannotEstimate("many_covariates")
    return float(special.fdtrc(rank, left, statistic * left / (degrees * rank)))


def _check_counts(treated_count: int, holdout_count: int, holdout_share: float) -> None:
    if min(treated_count, holdout_count) < 0:
        raise CannotEstimate("negative_count")
    if not 0 < holdout_share < 1:
        raise CannotEstimate("share_out_of_range")


def _log_evidence(treated_count: int, holdout_count: int, holdout_share: float) -> float:
    """Give the logarithm of the mixture's likelihood over that of the drawn share."""
    for_holdout, for_treated = _MIXTURE * holdout_share, _MIXTURE * (1 - holdout_share)
    mixed = special.betaln(for_holdout + holdout_count, for_treated + treated_count)
    mixed -= special.betaln(for_holdout, for_treated)
    drawn = holdout_count * math.log(holdout_share) + treated_count * math.log1p(-holdout_share)
    return float(mixed - drawn)

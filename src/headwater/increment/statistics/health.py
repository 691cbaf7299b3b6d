"""Health: whether the arms are what they were drawn to be, before any figure is believed.

Sample ratio: Fabijan and others, KDD 2019; chi-square with one degree of freedom. Watched from day
to day it is an e-value against a beta mixture (Lindon and Malek, NeurIPS 2022): its inverse is a
p-value at every moment at once. Imbalance before the start: Hotelling's T squared over all
covariates together, by chi-square, since arms of thousands are large.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy import special

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.moments import Moments

# How firmly the mixture expects the drawn share: as if this many units had been seen.
_MIXTURE: Final = 1_000.0


def sample_ratio(treated_count: int, holdout_count: int, holdout_share: float) -> float:
    """Give the p-value, at one look, that the arms have the sizes they were drawn with."""
    total = treated_count + holdout_count
    if total == 0:
        raise CannotEstimate(why="both arms are empty")
    if not 0 < holdout_share < 1:
        raise CannotEstimate(why="a share held out lies between nothing and all")
    expected = total * holdout_share
    missed = (holdout_count - expected) ** 2
    statistic = missed / expected + missed / (total - expected)
    return float(special.chdtrc(1, statistic))


def sample_ratio_always(counts: Sequence[tuple[int, int]], holdout_share: float) -> float:
    """Give a p-value that holds however often one looked; counts are (treated, held out) so far.

    It never rises again: an alarm that rang once keeps ringing.
    """
    lowest = 1.0
    for treated_count, holdout_count in counts:
        lowest = min(lowest, math.exp(-_log_evidence(treated_count, holdout_count, holdout_share)))
    return lowest


def imbalance(treated: Moments, holdout: Moments, covariates: Sequence[str]) -> float:
    """Give the p-value that the arms were alike before the start, over all covariates at once."""
    names = [name for name in covariates if (treated + holdout).variance(name) > 0]
    if not names:
        return 1.0
    apart = treated.means(names) - holdout.means(names)
    spread = treated.covariances(names) / treated.n + holdout.covariances(names) / holdout.n
    scale = np.sqrt(np.diag(spread))
    if not (scale > 0).all():
        raise CannotEstimate(why="a covariate does not vary in one of the arms")
    inverse = np.linalg.pinv(spread / np.outer(scale, scale), rcond=1e-10, hermitian=True)
    rank = int(np.linalg.matrix_rank(spread / np.outer(scale, scale), tol=1e-10, hermitian=True))
    statistic = float((apart / scale) @ inverse @ (apart / scale))
    return float(special.chdtrc(rank, max(statistic, 0.0)))


def _log_evidence(treated_count: int, holdout_count: int, holdout_share: float) -> float:
    """Give the logarithm of the mixture's likelihood over that of the drawn share."""
    if not 0 < holdout_share < 1:
        raise CannotEstimate(why="a share held out lies between nothing and all")
    for_holdout, for_treated = _MIXTURE * holdout_share, _MIXTURE * (1 - holdout_share)
    mixed = special.betaln(for_holdout + holdout_count, for_treated + treated_count)
    mixed -= special.betaln(for_holdout, for_treated)
    drawn = holdout_count * math.log(holdout_share) + treated_count * math.log1p(-holdout_share)
    return float(mixed - drawn)

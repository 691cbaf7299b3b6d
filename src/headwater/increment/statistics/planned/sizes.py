"""Sizes: how small an effect a holdout can see, and how often it would see a given one.

The power of a two-sided z-test with unequal arms; the variance is what the covariates leave of the
same members' past (Cohen 1988, chapter 2; Lin 2013 for the adjusted variance). At no effect the
power is alpha, and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.means import left_over_of
from headwater.increment.statistics.moments import Moments, check

ALPHA: Final = 0.05
POWER: Final = 0.8


@dataclass(frozen=True)
class Noise:
    """What a mean outcome is, and the variance that the covariates leave of it."""

    mean: float
    variance: float


def noise_of(past: Moments, outcome: str, covariates: Sequence[str] = ()) -> Noise:
    """Learn from the past how much of an outcome is not known beforehand."""
    check({"past": past})
    if past.mean(outcome) <= 0:
        raise CannotEstimate("nothing_sold_before")
    return Noise(past.mean(outcome), left_over_of(past, outcome, covariates))


def standard_error(noise: Noise, members: float, holdout_share: float) -> float:
    """Give the standard error of the lift, as a share, with so many members in both arms."""
    if members <= 0 or not 0 < holdout_share < 1:
        raise CannotEstimate("no_holdout")
    held, treated = members * holdout_share, members * (1 - holdout_share)
    return math.sqrt(noise.variance * (1 / held + 1 / treated)) / noise.mean


def least_visible(
    noise: Noise, members: float, holdout_share: float, power: float = POWER, alpha: float = ALPHA
) -> float:
    """Give the lift, as a share, that is seen with this power at one look at the end."""
    if not 0 < alpha < 1 or not alpha < power < 1:
        raise CannotEstimate("power_out_of_range")
    reach = float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
    return reach * standard_error(noise, members, holdout_share)


def power_at(lift: float, error: float, alpha: float = ALPHA) -> float:
    """Give the chance that a lift is found, either way, where its standard error is this."""
    if error <= 0 or not 0 < alpha < 1:
        raise CannotEstimate("no_standard_error")
    reach = float(special.ndtri(1 - alpha / 2))
    return float(np.sum(special.ndtr([lift / error - reach, -lift / error - reach])))


def members_needed(
    noise: Noise, lift: float, holdout_share: float, power: float = POWER, alpha: float = ALPHA
) -> int:
    """Give how many members both arms need together, for a lift to be seen with this power."""
    if lift <= 0:
        raise CannotEstimate("lift_not_positive")
    return math.ceil((least_visible(noise, 1.0, holdout_share, power, alpha) / lift) ** 2)

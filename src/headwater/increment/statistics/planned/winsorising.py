"""Winsorising: a few giants drawn in, by a rule that was written down before anybody could know.

Tukey, Annals of Mathematical Statistics 33 (1962), 1-67, section 14. It buys precision with a
changed question: what giants brought beyond the bound is not counted. So the bound must be older
than the start, and the untrimmed figure stands beside, always.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.means import LEVEL, Compared
from headwater.increment.statistics.moments import Moments


@dataclass(frozen=True)
class Rule:
    """Below and above which values an outcome is drawn in, and since when that is fixed."""

    outcome: str
    least: float
    most: float
    fixed_at: datetime

    def __post_init__(self) -> None:
        """Bounds in the wrong order would turn outcomes around."""
        if not (math.isfinite(self.least) and math.isfinite(self.most)):
            raise CannotEstimate("large_bounds_not_finite")
        if self.least >= self.most:
            raise CannotEstimate("large_bounds_disordered")

    @property
    def column(self) -> str:
        """The name of the outcome after the rule."""
        return f"{self.outcome} drawn in"


@dataclass(frozen=True)
class Trimmed:
    """The figure under the rule, and the untrimmed one beside it."""

    trimmed: Compared
    untrimmed: Compared
    rule: Rule


def rule_of_the_past(
    outcome: str, past: NDArray[np.float64], share: float, fixed_at: datetime
) -> Rule:
    """Take the bound from what all members did before the start: such a share lies above it."""
    if not 0 < share < 0.5 or not len(past):
        raise CannotEstimate("no_past_for_bound")
    if not np.isfinite(past).all():
        raise CannotEstimate("value_not_finite")
    return Rule(outcome, min(float(past.min()), 0.0), float(np.quantile(past, 1 - share)), fixed_at)


def drawn_in(values: NDArray[np.float64], rule: Rule) -> NDArray[np.float64]:
    """Draw the values beyond the bounds in to them."""
    return np.asarray(np.clip(values, rule.least, rule.most), dtype=np.float64)


def compare(
    arms: tuple[Moments, Moments],
    rule: Rule,
    started_at: datetime,
    covariates: Sequence[str] = (),
    level: float = LEVEL,
) -> Trimmed:
    """Compare (treated, held out) under the rule and without it; both columns were added up."""
    if rule.fixed_at > started_at:
        raise CannotEstimate("rule_too_late")
    return Trimmed(
        means.compare(*arms, rule.column, covariates, level),
        means.compare(*arms, rule.outcome, covariates, level),
        rule,
    )

"""Families: many questions asked at once find something by chance; these hold that chance down.

Holm, Scandinavian Journal of Statistics 6 (1979), 65-70, for the few primary questions: no false
claim among all of them. Benjamini and Hochberg, Journal of the Royal Statistical Society B 57
(1995), 289-300, for the rest: few false claims among those made. A family is all campaigns that
lived in one quarter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from headwater.increment.errors import CannotEstimate

Key = TypeVar("Key")


def holm(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """Give each question the p-value that holds for all of them together."""
    _check(p_values)
    adjusted: dict[Key, float] = {}
    highest, left = 0.0, len(p_values)
    for key in sorted(p_values, key=lambda each: p_values[each]):
        highest = max(highest, min(1.0, p_values[key] * left))
        adjusted[key] = highest
        left -= 1
    return {key: adjusted[key] for key in p_values}


def benjamini_hochberg(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """Give each question the share of false claims among all that are at least as strong."""
    _check(p_values)
    if not p_values:
        return {}
    # Imported late: it takes half a second, and the order path has no use for it.
    from scipy import stats

    found = stats.false_discovery_control(np.array(list(p_values.values())), method="bh")
    return dict(zip(p_values, (float(each) for each in found), strict=True))


def _check(p_values: Mapping[Key, float]) -> None:
    if any(not 0 <= each <= 1 for each in p_values.values()):
        raise CannotEstimate("p_out_of_range")

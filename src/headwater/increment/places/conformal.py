"""Conformal: whether the weeks after the start look unlike all other stretches of their length.

Chernozhukov, Wuethrich and Zhu, JASA 116 (2021), 1849-1864: the mixture is fitted over all periods
as if the effect were known, and the misses are shifted around in one block, because weeks hang
together. The interval holds all effects at which, or beyond which, the test is not yet sure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate

# Looked at on each side of the estimate, first near and then further away.
_POINTS: Final = 32
_WIDER_MOST: Final = 8
_HALVINGS: Final = 12
_ROUNDING: Final = 1e-9

Vector = NDArray[np.float64]
Misses = Callable[[float], Vector]


@dataclass(frozen=True)
class Conformal:
    """The p of no effect, and where the same test does not contradict an effect."""

    p: float
    low: float
    high: float
    periods: int


def conformal(misses: Misses, start: int, estimate: float, step: float, level: float) -> Conformal:
    """Invert the test around an estimate; `misses` tells what is left in each period at an effect.

    Between an effect that is kept and the estimate nothing is rejected, so that the kept ones are
    one interval; p is that of the least contradicted effect from zero outwards, so they agree.
    """
    periods = len(misses(estimate))
    alpha = 1 - level
    if 1 / periods > alpha + _ROUNDING:
        raise CannotEstimate("few_shifts", periods=periods, level=level, least=round(1 / alpha))
    step = max(step, _ROUNDING * max(abs(estimate), 1.0))
    low, beyond = _end(misses, start, (estimate, -step), alpha)
    high, above = _end(misses, start, (estimate, step), alpha)
    return Conformal(min(beyond, above), low, high, periods)


def p_of(left: Vector, start: int) -> float:
    """Count the shifts after which the last block is missed, on average, by at least as much.

    The block's mean is what an average effect moves; where it is nothing, nothing is contradicted.
    """
    block = len(left) - start
    around = np.concatenate([left, left[: block - 1]])
    sums = np.abs(np.convolve(around, np.ones(block), mode="valid"))
    return float((sums >= sums[start] * (1 - _ROUNDING)).mean())


def _end(misses: Misses, start: int, way: tuple[float, float], alpha: float) -> tuple[float, float]:
    """Walk away from the estimate: give the last effect kept, and the p of zero if it lies there.

    The p of an effect is the largest of it and all further away, which can only make it safer.
    """
    estimate, step = way
    zero_there = estimate * step < 0
    for _ in range(_WIDER_MOST):
        points = [estimate + step * number for number in range(1, _POINTS + 1)]
        if zero_there:
            points = sorted({*points, 0.0}, key=lambda point: abs(point - estimate))
        found = [p_of(misses(point), start) for point in points]
        kept = [at for at, p in enumerate(found) if p > alpha]
        last = kept[-1] if kept else -1
        if last < len(points) * 3 // 4:
            inside = points[last] if kept else estimate
            end = _between(misses, start, (inside, points[last + 1]), alpha)
            at_zero = [p for point, p in zip(points, found, strict=True) if point * step >= 0]
            return end, max(at_zero, default=0.0) if zero_there else 1.0
        step *= 2
    raise CannotEstimate("endless_interval")


def _between(misses: Misses, start: int, ends: tuple[float, float], alpha: float) -> float:
    inside, outside = ends
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if p_of(misses(middle), start) > alpha:
            inside = middle
        else:
            outside = middle
    return inside

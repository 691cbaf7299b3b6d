"""Shrinkage: guides, contents and channels are each drawn towards what all of them do.

Among two hundred the best ten are mostly lucky; their raw figures promise what will not come again.
Each effect has its own standard error, and the spread of the true effects is learned from all of
them: Rubin, Journal of Educational Statistics 6 (1981), 377-401; Morris, JASA 78 (1983), 47-55. How
wide that spread is stays in doubt itself, so it is summed over and not put in as one number
(Gelman and others, Bayesian Data Analysis, third edition, chapter 5.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate

LEVEL: Final = 0.95
TOP_SHARE: Final = 0.25
# With fewer units nothing can be learned of their spread.
LEAST_UNITS: Final = 5
_STEPS: Final = 200
_DRAWS: Final = 4_000
_SEED: Final = 20_261_122

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Raw:
    """What was measured of one unit, by a randomised slice of its own."""

    value: float
    standard_error: float


@dataclass(frozen=True)
class Shrunken:
    """What may be said of one unit: its figure, its band, and how surely it is among the best."""

    value: float
    low: float
    high: float
    top_chance: float
    raw: Raw


@dataclass(frozen=True)
class Shrinkage:
    """All units together: their middle, the spread of their true effects, and each of them."""

    middle: float
    spread: float
    units: Mapping[str, Shrunken]


@dataclass(frozen=True)
class _Draws:
    """Joint draws of what the true effects may be; a row is one possible world."""

    effects: Vector
    spreads: Vector
    middles: Vector


def shrink(
    measured: Mapping[str, Raw], top_share: float = TOP_SHARE, level: float = LEVEL
) -> Shrinkage:
    """Draw every unit towards the middle, the more so the less is known of it."""
    values, errors = _checked(measured, top_share, level)
    drawn = _draw(values, errors)
    best = max(1, round(len(values) * top_share))
    # The lowest effect that still is among the best, in each possible world.
    bar = np.partition(drawn.effects, len(values) - best, axis=1)[:, len(values) - best]
    chances = (drawn.effects >= bar[:, None]).mean(axis=0)
    tail = (1 - level) / 2
    lows, highs = np.quantile(drawn.effects, [tail, 1 - tail], axis=0)
    middles = drawn.effects.mean(axis=0)
    units = {
        name: Shrunken(
            float(middles[at]), float(lows[at]), float(highs[at]), float(chances[at]), raw
        )
        for at, (name, raw) in enumerate(measured.items())
    }
    return Shrinkage(float(drawn.middles.mean()), float(np.median(drawn.spreads)), units)


def _checked(measured: Mapping[str, Raw], top_share: float, level: float) -> tuple[Vector, Vector]:
    if len(measured) < LEAST_UNITS:
        raise CannotEstimate("few_to_pool", count=len(measured), least=LEAST_UNITS)
    if not 0 < top_share < 1 or not 0 < level < 1:
        raise CannotEstimate("top_share_out_of_range")
    values = np.array([each.value for each in measured.values()], dtype=np.float64)
    errors = np.array([each.standard_error for each in measured.values()], dtype=np.float64)
    if not (np.isfinite(values).all() and np.isfinite(errors).all()):
        raise CannotEstimate("not_finite")
    if not (errors > 0).all():
        raise CannotEstimate("no_weight")
    return values, errors


def _draw(values: Vector, errors: Vector) -> _Draws:
    """Draw spread, middle and effects in this order, each from what is known by then."""
    noise = np.random.default_rng(_SEED)
    spreads, chances = _spreads(values, errors)
    spread = noise.choice(spreads, _DRAWS, p=chances)
    weights = 1 / (errors**2 + spread[:, None] ** 2)
    known = weights.sum(axis=1)
    middle = (weights @ values) / known + noise.standard_normal(_DRAWS) / np.sqrt(known)
    kept = spread[:, None] ** 2 * weights
    centre = kept * values + (1 - kept) * middle[:, None]
    doubt = np.sqrt(kept) * errors
    effects = centre + doubt * noise.standard_normal((_DRAWS, len(values)))
    return _Draws(effects, spread, middle)


def _spreads(values: Vector, errors: Vector) -> tuple[Vector, Vector]:
    """Give possible spreads of the true effects and how likely each is, all alike before."""
    seen = float(values.std())
    most = 3 * max(seen, float(np.median(errors)))
    # From the middle of the first step: at no spread at all everybody would be first at once.
    grid: Vector = (np.arange(_STEPS, dtype=np.float64) + 0.5) * (most / _STEPS)
    weights = 1 / (errors**2 + grid[:, None] ** 2)
    known = weights.sum(axis=1)
    middle = (weights @ values) / known
    apart = (values - middle[:, None]) ** 2 * weights
    log_chance = 0.5 * np.log(weights).sum(axis=1) - 0.5 * np.log(known) - 0.5 * apart.sum(axis=1)
    chance = np.exp(log_chance - log_chance.max())
    return grid, np.asarray(chance / chance.sum(), dtype=np.float64)

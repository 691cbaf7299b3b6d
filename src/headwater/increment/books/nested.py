"""Nested shrinkage: a guide is drawn towards the store, a store to its region, all to the middle.

A guide of a good store is likelier good than one of whom nothing else is known. Each level has a
spread of its own, learned from all of them, in doubt itself and summed over (Gelman and Hill, Data
Analysis Using Regression and Multilevel Models, 2007, chapters 12 and 18). Given the spreads all is
Gaussian, so a tree is summed from its leaves up and drawn from its root down, with no walk in
between that could end too early.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.shrinkage import LEAST_UNITS, LEVEL, TOP_SHARE, Raw, Shrunken

_STEPS: Final = 16
_DRAWS: Final = 4_000
_SEED: Final = 20_261_122

Vector = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Home:
    """Where a unit stands: in which store, and that in which region."""

    store: str
    region: str


@dataclass(frozen=True)
class Band:
    """What may be said of a store, a region or all: a figure and its band."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Nested:
    """Guides within stores within regions, and the middle of them all."""

    middle: Band
    guides: Mapping[str, Shrunken]
    stores: Mapping[str, Band]
    regions: Mapping[str, Band]


@dataclass(frozen=True)
class _Tree:
    """Guides' figures and errors, and above each unit the number of the one it belongs to."""

    values: Vector
    errors: Vector
    store_of: Places
    region_of: Places


@dataclass(frozen=True)
class _Level:
    """What the units of one level say to the one above: a mean, and how well it is known."""

    means: Vector
    known: Vector
    log_chance: Vector


@dataclass(frozen=True)
class _Drawn:
    middles: Vector
    regions: Vector
    stores: Vector
    guides: Vector


def shrink(measured: Mapping[str, Raw], homes: Mapping[str, Home], level: float = LEVEL) -> Nested:
    """Draw every guide towards the store, every store to the region, and these to the middle.

    A guide who has a home and was not measured is given what the store says of its guides.
    """
    guides, stores, regions = list(homes), _named(homes, "store"), _named(homes, "region")
    tree = _planted(measured, homes, stores, regions)
    drawn = _draw(tree)
    best = max(1, round(len(guides) * TOP_SHARE))
    bar = np.partition(drawn.guides, len(guides) - best, axis=1)[:, len(guides) - best]
    chances = (drawn.guides >= bar[:, None]).mean(axis=0)
    bands = _bands(guides, drawn.guides, level)
    unknown = Raw(float("nan"), float("inf"))
    return Nested(
        _bands(["all"], drawn.middles[:, None], level)["all"],
        {
            name: Shrunken(
                bands[name].value, bands[name].low, bands[name].high, float(chances[at]),
                measured.get(name, unknown),
            )
            for at, name in enumerate(guides)
        },
        _bands(stores, drawn.stores, level),
        _bands(regions, drawn.regions, level),
    )  # fmt: skip


def _named(homes: Mapping[str, Home], what: str) -> list[str]:
    return sorted({getattr(each, what) for each in homes.values()})


def _planted(
    measured: Mapping[str, Raw],
    homes: Mapping[str, Home],
    stores: Sequence[str],
    regions: Sequence[str],
) -> _Tree:
    if len(measured) < LEAST_UNITS:
        raise CannotEstimate("few_to_pool", count=len(measured), least=LEAST_UNITS)
    values = np.array([measured[g].value if g in measured else 0.0 for g in homes])
    errors = np.array([measured[g].standard_error if g in measured else np.inf for g in homes])
    if not np.isfinite(values).all() or not (errors > 0).all():
        raise CannotEstimate("not_finite")
    above = {each.store: each.region for each in homes.values()}
    return _Tree(
        values,
        errors,
        np.array([stores.index(each.store) for each in homes.values()]),
        np.array([regions.index(above[each]) for each in stores]),
    )


def _draw(tree: _Tree) -> _Drawn:
    """Draw spreads by how likely they are, then all units from the middle down."""
    noise = np.random.default_rng(_SEED)
    steps, width = _steps(tree)
    guides = _up(tree.values, 1 / (tree.errors**2 + steps[:, None] ** 2), tree.store_of)
    stores = _level_up(guides, steps, tree.region_of)
    whole = np.zeros(stores.means.shape[-1], dtype=np.int64)
    regions = _level_up(stores, steps, whole)
    log_chance = regions.log_chance[..., 0] + np.log(
        width[:, None, None] * width[None, :, None] * width[None, None, :]
    )
    chance = np.exp(log_chance - log_chance.max()).ravel()
    picked = noise.choice(chance.size, _DRAWS, p=chance / chance.sum())
    first, second, third = np.unravel_index(picked, log_chance.shape)
    middle = regions.means[first, second, third, 0] + noise.standard_normal(_DRAWS) / np.sqrt(
        regions.known[first, second, third, 0]
    )
    known = (stores.means[first, second], stores.known[first, second])
    region = _below(noise, known, steps[third], middle[:, None])
    known = (guides.means[first], guides.known[first])
    store = _below(noise, known, steps[second], region[:, tree.region_of])
    known = (
        np.broadcast_to(tree.values, (_DRAWS, len(tree.values))),
        np.broadcast_to(1 / tree.errors**2, (_DRAWS, len(tree.values))),
    )
    return _Drawn(
        middle, region, store, _below(noise, known, steps[first], store[:, tree.store_of])
    )


def _steps(tree: _Tree) -> tuple[Vector, Vector]:
    """Give possible spreads, close together near none, and how much room each stands for."""
    heard = np.isfinite(tree.errors)
    seen = float(tree.values[heard].std())
    most = 3 * max(seen, float(np.median(tree.errors[heard])))
    at = (np.arange(_STEPS, dtype=np.float64) + 0.5) / _STEPS
    return most * at**2, at / at.sum()


def _level_up(level: _Level, steps: Vector, parent_of: Places) -> _Level:
    """Let one more level have a spread: a new axis, before that of the units."""
    with np.errstate(divide="ignore"):
        known = 1 / (1 / level.known[..., None, :] + steps[:, None] ** 2)
    found = _up(level.means[..., None, :], known, parent_of)
    below = level.log_chance.sum(axis=-1)[..., None]
    share = np.zeros_like(found.log_chance)
    share[..., 0] = below
    return _Level(found.means, found.known, found.log_chance + share)


def _up(values: Vector, weights: Vector, parent_of: Places) -> _Level:
    """Sum units into their parents: the mean, how well it is known, and how likely they are."""
    belongs = np.zeros((len(parent_of), int(parent_of.max()) + 1))
    belongs[np.arange(len(parent_of)), parent_of] = 1.0
    values = np.broadcast_to(values, weights.shape)
    known = weights @ belongs
    # Whom nobody measured weighs nothing, and says nothing of the spread.
    heard, told = np.where(weights > 0, weights, 1.0), np.where(known > 0, known, 1.0)
    means = ((weights * values) @ belongs) / told
    apart = (weights * (values - means[..., parent_of]) ** 2) @ belongs
    log_chance = 0.5 * (np.log(heard) @ belongs) - 0.5 * np.log(told) - 0.5 * apart
    return _Level(means, known, log_chance)


def _below(
    noise: np.random.Generator, said: tuple[Vector, Vector], spread: Vector, above: Vector
) -> Vector:
    """Draw units between what they say themselves and what stands above them."""
    means, known = said
    prior = 1 / spread[:, None] ** 2
    centre = (known * means + prior * above) / (known + prior)
    return centre + noise.standard_normal(centre.shape) / np.sqrt(known + prior)


def _bands(names: Sequence[str], drawn: Vector, level: float) -> dict[str, Band]:
    tail = (1 - level) / 2
    lows, highs = np.quantile(drawn, [tail, 1 - tail], axis=0)
    middles = drawn.mean(axis=0)
    return {
        name: Band(float(middles[at]), float(lows[at]), float(highs[at]))
        for at, name in enumerate(names)
    }

"""Nested shrinkage: a leaf is drawn towards its group, a group to what is above, all to the middle.

A guide of a good store is likelier good than one of whom nothing else is known; so is a campaign of
a good channel. Each level has a spread of its own, learned from all of them, in doubt itself and
summed over (Gelman and Hill, Data Analysis Using Regression and Multilevel Models, 2007, chapters
12 and 18). Given the spreads all is Gaussian, so a tree is summed from its leaves up and drawn from
its root down, with no walk in between that could end too early.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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
    """Where a leaf stands: in which group, and that in which upper group, if there are any."""

    group: str
    upper: str = ""


@dataclass(frozen=True)
class Band:
    """What may be said of a group, an upper group or all: a figure and its band."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Nested:
    """Leaves within groups within upper groups, and the middle of them all.

    `average` is of the measured leaves themselves, whatever others there may be. `best` is how
    likely each group is the first of those that compete.
    """

    middle: Band
    average: Band
    leaves: Mapping[str, Shrunken]
    groups: Mapping[str, Band]
    uppers: Mapping[str, Band]
    best: Mapping[str, float]


@dataclass(frozen=True)
class _Tree:
    """Leaves' figures and errors, and above each unit the number of the one it belongs to."""

    values: Vector
    errors: Vector
    group_of: Places
    upper_of: Places


@dataclass(frozen=True)
class _Level:
    """What the units of one level say to the one above: a mean, and how well it is known."""

    means: Vector
    known: Vector
    log_chance: Vector


@dataclass(frozen=True)
class _Drawn:
    middles: Vector
    uppers: Vector
    groups: Vector
    leaves: Vector

    def said(self, scale: Callable[[Vector], Vector]) -> _Drawn:
        """Give all of it on another scale."""
        every = self.middles, self.uppers, self.groups, self.leaves
        return _Drawn(*(scale(each) for each in every))


def shrink(
    measured: Mapping[str, Raw],
    homes: Mapping[str, Home],
    competing: Collection[str] = (),
    said: Callable[[Vector], Vector] = np.positive,
) -> Nested:
    """Draw every leaf towards its group, every group to what is above, and these to the middle.

    A leaf that has a home and was not measured is given what its group says of its leaves. Where
    groups compete, each of them is told how likely it is the first. `said` takes what was drawn to
    the scale on which it is shown: a mean of logarithms is not the logarithm of a mean.
    """
    leaves, groups, uppers = list(homes), _named(homes, "group"), _named(homes, "upper")
    tree = _planted(measured, homes, groups, uppers)
    drawn = _draw(tree).said(said)
    top = max(1, round(len(leaves) * TOP_SHARE))
    bar = np.partition(drawn.leaves, len(leaves) - top, axis=1)[:, len(leaves) - top]
    chances = (drawn.leaves >= bar[:, None]).mean(axis=0)
    bands = _bands(leaves, drawn.leaves)
    unknown = Raw(float("nan"), float("inf"))
    return Nested(
        _band(drawn.middles),
        _band(drawn.leaves[:, [name in measured for name in leaves]].mean(axis=1)),
        {
            name: Shrunken(
                bands[name].value, bands[name].low, bands[name].high, float(chances[at]),
                measured.get(name, unknown),
            )
            for at, name in enumerate(leaves)
        },
        _bands(groups, drawn.groups),
        _bands(uppers, drawn.uppers),
        _first(groups, drawn.groups, competing),
    )  # fmt: skip


def _first(groups: Sequence[str], drawn: Vector, competing: Collection[str]) -> dict[str, float]:
    """Count in how many possible worlds each of those that compete is the first of them."""
    places = [at for at, name in enumerate(groups) if name in competing]
    if not places:
        return {}
    first = np.bincount(drawn[:, places].argmax(axis=1), minlength=len(places)) / len(drawn)
    return {groups[at]: float(first[no]) for no, at in enumerate(places)}


def _named(homes: Mapping[str, Home], what: str) -> list[str]:
    return sorted({getattr(each, what) for each in homes.values()})


def _planted(
    measured: Mapping[str, Raw],
    homes: Mapping[str, Home],
    groups: Sequence[str],
    uppers: Sequence[str],
) -> _Tree:
    if len(measured) < LEAST_UNITS:
        raise CannotEstimate("few_to_pool", count=len(measured), least=LEAST_UNITS)
    values = np.array([measured[n].value if n in measured else 0.0 for n in homes])
    errors = np.array([measured[n].standard_error if n in measured else np.inf for n in homes])
    if not np.isfinite(values).all() or not (errors > 0).all():
        raise CannotEstimate("not_finite")
    above = {each.group: each.upper for each in homes.values()}
    return _Tree(
        values,
        errors,
        np.array([groups.index(each.group) for each in homes.values()]),
        np.array([uppers.index(above[each]) for each in groups]),
    )


def _draw(tree: _Tree) -> _Drawn:
    """Draw spreads by how likely they are, then all units from the middle down."""
    noise = np.random.default_rng(_SEED)
    steps, width = _steps(tree)
    leaves = _up(tree.values, 1 / (tree.errors**2 + steps[:, None] ** 2), tree.group_of)
    groups = _level_up(leaves, steps, tree.upper_of)
    whole = np.zeros(groups.means.shape[-1], dtype=np.int64)
    uppers = _level_up(groups, steps, whole)
    log_chance = uppers.log_chance[..., 0] + np.log(
        width[:, None, None] * width[None, :, None] * width[None, None, :]
    )
    chance = np.exp(log_chance - log_chance.max()).ravel()
    picked = noise.choice(chance.size, _DRAWS, p=chance / chance.sum())
    first, second, third = np.unravel_index(picked, log_chance.shape)
    middle = uppers.means[first, second, third, 0] + noise.standard_normal(_DRAWS) / np.sqrt(
        uppers.known[first, second, third, 0]
    )
    known = (groups.means[first, second], groups.known[first, second])
    upper = _below(noise, known, steps[third], middle[:, None])
    known = (leaves.means[first], leaves.known[first])
    group = _below(noise, known, steps[second], upper[:, tree.upper_of])
    known = (
        np.broadcast_to(tree.values, (_DRAWS, len(tree.values))),
        np.broadcast_to(1 / tree.errors**2, (_DRAWS, len(tree.values))),
    )
    return _Drawn(middle, upper, group, _below(noise, known, steps[first], group[:, tree.group_of]))


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


def _band(drawn: Vector) -> Band:
    return _bands(["one"], drawn[:, None])["one"]


def _bands(names: Sequence[str], drawn: Vector) -> dict[str, Band]:
    tail = (1 - LEVEL) / 2
    lows, highs = np.quantile(drawn, [tail, 1 - tail], axis=0)
    middles = drawn.mean(axis=0)
    return {
        name: Band(float(middles[at]), float(lows[at]), float(highs[at]))
        for at, name in enumerate(names)
    }

"""Blocks: stores that sold alike stand together, so that chance decides only between likes.

Matched tuples of one drawn store and those nearest to it: Bai, Romano and Shaikh, JASA 117 (2022).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.places.panels import Panel

# A history is looked at in so many stretches: single weeks are mostly noise.
STRETCHES: Final = 8
# Where nobody names strata there are so many, from the smallest stores to the largest.
CLASSES: Final = 4

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """Stores that are alike, and how many of them are drawn."""

    units: tuple[str, ...]
    treat: int


def paired(history: Panel, count: int, strata: Mapping[str, str]) -> tuple[Block, ...]:
    """Make blocks of likes in each of which one store is drawn, or all but one when most are."""
    made: list[Block] = []
    for units, treat in _shares(_named_strata(history, strata), count):
        spare = len(units) - treat
        if treat and spare:
            groups = _tuples(history.only(units), min(treat, spare))
            made += [Block(each, 1 if treat <= spare else len(each) - 1) for each in groups]
        else:
            made.append(Block(units, treat))
    return tuple(made)


def stratified(history: Panel, count: int, strata: Mapping[str, str]) -> tuple[Block, ...]:
    """Make one block of each stratum; without strata, of stores of about one size."""
    named = _named_strata(history, strata) if strata else _by_size(history)
    return tuple(Block(units, treat) for units, treat in _shares(named, count))


def _named_strata(history: Panel, strata: Mapping[str, str]) -> list[tuple[str, ...]]:
    names = sorted({strata.get(unit, "") for unit in history.units})
    return [tuple(unit for unit in history.units if strata.get(unit, "") == name) for name in names]


def _by_size(history: Panel) -> list[tuple[str, ...]]:
    order = np.argsort(history.values.mean(axis=1), kind="stable")
    parts = np.array_split(order, min(CLASSES, len(order) // 2 or 1))
    return [tuple(history.units[at] for at in part) for part in parts]


def _shares(strata: Sequence[tuple[str, ...]], count: int) -> list[tuple[tuple[str, ...], int]]:
    """Share the drawn out over the strata by their size; the largest remainders get the odd one."""
    whole = sum(len(units) for units in strata)
    exact = [count * len(units) / whole for units in strata]
    given = [int(share) for share in exact]
    order = sorted(range(len(strata)), key=lambda at: (given[at] - exact[at], at))
    for at in order[: count - sum(given)]:
        given[at] += 1
    return list(zip(strata, given, strict=True))


def _tuples(history: Panel, groups: int) -> list[tuple[str, ...]]:
    """Group likes, the strangest store first: it has the fewest to be like."""
    apart = _distances(history.values)
    sizes = [len(part) for part in np.array_split(np.arange(len(history.units)), groups)]
    left = list(range(len(history.units)))
    made = []
    for size in sizes:
        among = apart[np.ix_(left, left)]
        first = int(np.argmax(among.sum(axis=1)))
        nearest = np.argsort(among[first], kind="stable")
        order = [first, *(int(at) for at in nearest if at != first)][:size]
        chosen = [left[at] for at in order]
        made.append(tuple(sorted(history.units[at] for at in chosen)))
        left = [at for at in left if at not in set(chosen)]
    return made


def _distances(values: Table) -> Table:
    """Tell how unlike two histories are: in their size, and in their course about their size."""
    parts = np.array_split(np.arange(values.shape[1]), min(STRETCHES, values.shape[1]))
    coarse = np.column_stack([values[:, part].mean(axis=1) for part in parts])
    level = values.mean(axis=1, keepdims=True)
    scale = np.where(level > 0, level, 1.0)
    features = np.hstack([level * np.sqrt(coarse.shape[1]), (coarse - level) / scale])
    spread = features.std(axis=0)
    spread[1:] = np.sqrt((spread[1:] ** 2).mean())
    features = features / np.where(spread > 0, spread, 1.0)
    features[:, 0] *= np.sqrt(coarse.shape[1])
    gaps = features[:, None, :] - features[None, :, :]
    return np.asarray((gaps**2).sum(axis=2), dtype=np.float64)

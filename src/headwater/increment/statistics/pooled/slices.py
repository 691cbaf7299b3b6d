"""Slices: each guide's lift from a slice of the own book that was left alone, many small books.

Sixty held-out members are a poor base to divide by: lifts came out 0.7 points too high in worlds of
known truth, and because a low base makes a lift and its error large together, their weighted middle
one point too low. So all books share what one cannot know by itself. The slope on the past is that
within the books; a book's base is its own past, times what the held out of all books spent for each
unit of theirs; and each arm has one spread for all, as a share of the base (Pfeffermann,
Statistical Science 28 (2013), 40-68, on borrowing strength across small areas).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.moments import Moments, check
from headwater.increment.statistics.shrinkage import Raw

Arms = tuple[Moments, Moments]


@dataclass(frozen=True)
class Slices:
    """What could be read of each book, and the names of those of which nothing was known before."""

    lifts: Mapping[str, Raw]
    without_a_past: tuple[str, ...]


def lifts(books: Mapping[str, Arms], outcome: str, before: str) -> Slices:
    """Give each book's lift and its error, from its (treated, held out) and all others."""
    for name, arms in books.items():
        check({f"{name} treated": arms[0], f"{name} holdout": arms[1]})
    kept = {name: arms for name, arms in books.items() if _past(arms, before) > 0}
    if not kept:
        raise CannotEstimate("nothing_sold_before")
    slope, per_past = _shared(kept, outcome, before)
    bases = {name: per_past * _past(arms, before) for name, arms in kept.items()}
    spreads = [_spread(kept, side, bases, (slope, outcome, before)) for side in (0, 1)]
    found = {
        name: Raw(
            _apart(arms, slope, (outcome, before)) / bases[name],
            math.sqrt(spreads[0] / arms[0].n + spreads[1] / arms[1].n),
        )
        for name, arms in kept.items()
    }
    return Slices(found, tuple(name for name in books if name not in kept))


def _past(arms: Arms, before: str) -> float:
    return float(sum(arm.sums[arm.place(before)] for arm in arms)) / sum(arm.n for arm in arms)


def _shared(books: Mapping[str, Arms], outcome: str, before: str) -> tuple[float, float]:
    """Give the slope within arms, and what the held out of all books spent per unit of past."""
    together = known = sold = past = 0.0
    for arms in books.values():
        for arm in arms:
            together += arm.covariance(outcome, before) * (arm.n - 1)
            known += arm.variance(before) * (arm.n - 1)
        held = arms[1]
        sold += held.sums[held.place(outcome)]
        past += held.sums[held.place(before)]
    if sold <= 0 or past <= 0:
        raise CannotEstimate("nothing_sold_before")
    return (together / known if known > 0 else 0.0), sold / past


def _spread(
    books: Mapping[str, Arms], side: int, bases: Mapping[str, float], by: tuple[float, str, str]
) -> float:
    """Give the variance of a member about the own past in one arm, as a share of the base squared.

    An effect spreads the treated out, so what is learned of them is not put upon the held out.
    """
    slope, outcome, before = by
    left = free = 0.0
    for name, arms in books.items():
        arm = arms[side]
        apart = arm.variance(outcome) - 2 * slope * arm.covariance(outcome, before)
        apart += slope**2 * arm.variance(before)
        left += apart * (arm.n - 1) / bases[name] ** 2
        free += arm.n - 1
    if left <= 0:
        raise CannotEstimate("no_variance")
    return left / free


def _apart(arms: Arms, slope: float, names: tuple[str, str]) -> float:
    """Give treated minus held out, after taking out what their pasts account for."""
    treated, holdout = arms
    outcome, before = names
    past = treated.mean(before) - holdout.mean(before)
    return treated.mean(outcome) - holdout.mean(outcome) - slope * past

"""Looks: who looks every week or every day must not find more than who looks once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np

from headwater.increment.statistics import anytime, means, sequential
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.sequential import Looks
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import ALL_BEFORE, KNOWN, WINDOW_DAYS, Households
from headwater.world.honesty.worlds import Design, Source, Sums

DESIGN: Final = Design(20_000, 0.5)
PLAN: Final = Looks.even(13)
_WEEKLY: Final = list(range(6, WINDOW_DAYS, 7))
# An honest 95 % interval leaves zero out beyond so many standard errors.
_ONE_LOOK: Final = 1.959964

Found = dict[str, list[bool]]


def weekly(
    households: Households, worlds: int, salts: int, seed: int, draws: int = sequential.DRAWS
) -> Iterator[Line]:
    """Look thirteen times at worlds in which nothing happens; fewer draws are rougher, and fast."""
    quarter = households.quarter()
    sums = Sums(quarter, np.cumsum(quarter.daily, axis=1)[:, _WEEKLY])
    found: Found = defaultdict(list)
    for world in Source(quarter, DESIGN, salts, seed).worlds(worlds):
        _look(sums.of(world, 0.0), sums.outcomes, draws, found)
    subject = f"13 weekly looks, {DESIGN}"
    yield bands.at_most(
        subject, "planned looks with the covariance of the data", found["planned"], 0.06
    )
    yield bands.beside(subject, "the same worlds, one look at the end", found["end"])
    yield bands.beside(subject, "naive, Lin", found["naive"])
    yield bands.beside(subject, "naive, raw difference", found["raw"])


def _look(
    arms: tuple[Moments, Moments], outcomes: tuple[str, ...], draws: int, found: Found
) -> None:
    treated, holdout = arms
    sizes, raw = [], []
    for outcome in outcomes:
        narrow = outcome, *KNOWN
        one, other = treated.only(*narrow), holdout.only(*narrow)
        adjusted = means.lin(one, other, outcome, KNOWN)
        plain = means.difference(one.only(outcome), other.only(outcome), outcome)
        sizes.append(abs(adjusted.value) / adjusted.variance**0.5)
        raw.append(abs(plain.value) / plain.variance**0.5)
    narrow = *outcomes, *KNOWN
    correlation = sequential.together(treated.only(*narrow), holdout.only(*narrow), outcomes, KNOWN)
    bounds = sequential.boundaries(PLAN, correlation, draws)
    found["planned"].append(any(a > b for a, b in zip(sizes, bounds, strict=True)))
    found["end"].append(sizes[-1] > _ONE_LOOK)
    found["naive"].append(max(sizes) > _ONE_LOOK)
    found["raw"].append(max(raw) > _ONE_LOOK)


def daily(households: Households, worlds: int, salts: int, seed: int) -> Iterator[Line]:
    """Look every day of a quarter at worlds in which nothing happens."""
    quarter = households.quarter()
    sums = Sums(quarter, np.cumsum(quarter.daily, axis=1))
    always, naive = [], []
    for world in Source(quarter, DESIGN, salts, seed + 1).worlds(worlds):
        treated, holdout = sums.of(world, 0.0)
        is_beyond, is_beyond_naively = False, False
        for outcome in sums.outcomes:
            one, other = (each.only(outcome, ALL_BEFORE) for each in (treated, holdout))
            found = means.estimate(means.cuped(one, other, outcome, ALL_BEFORE))
            wide = anytime.always(found, DESIGN.members)
            is_beyond |= wide.low > 0 or wide.high < 0
            is_beyond_naively |= found.low > 0 or found.high < 0
        always.append(is_beyond)
        naive.append(is_beyond_naively)
    subject = f"91 daily looks, {DESIGN}"
    # What holds at every moment at once leaves zero out less often than it may.
    yield bands.at_most(subject, "interval for any time, CUPED", always, 0.05, usual=0.02)
    yield bands.beside(subject, "naive, CUPED", naive)

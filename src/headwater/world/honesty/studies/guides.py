"""Guides: what is said of the best ten of two hundred must come true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.statistics import shrinkage
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.pooled import slices
from headwater.increment.statistics.shrinkage import Raw, Shrinkage
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import ALL_BEFORE, Households
from headwater.world.honesty.worlds import SALES, Design, Source

GUIDES: Final = 200
BOOK: Final = 300
HELD: Final = 0.2
MEAN: Final = 0.02
BEST: Final = 10
SPREADS: Final = (0.0, 0.01, 0.03)
# A guide's customers are alike: this far apart in rank, where 1 is from the poorest to the richest.
ALIKE: Final = 0.3

Table = NDArray[np.float64]


@dataclass
class Score:
    """What one spread of true effects brought, over worlds."""

    squares: list[float]
    raw_squares: list[float]
    middles: list[float]
    claims: list[float]
    raw_claims: list[float]
    inside: list[bool]


def study(households: Households, worlds: int, salts: int, seed: int) -> Iterator[Line]:
    """Read every guide from a randomised slice of the own book, and shrink."""
    quarter = households.quarter()
    order = np.argsort(quarter.before, kind="stable")
    whole = np.column_stack([quarter.spent, quarter.before])[order]
    held = Source(quarter, Design(GUIDES * BOOK, HELD), salts, seed).held
    for spread in SPREADS:
        noise = np.random.default_rng([seed, int(spread * 1_000)])
        score = Score([], [], [], [], [], [])
        for at in range(worlds):
            true = MEAN + spread * noise.standard_normal(GUIDES)
            drawn = whole[_customers(noise, len(whole))]
            _score(_measured(drawn, held[at % salts].reshape(GUIDES, BOOK), true), true, score)
        yield from _lines(spread, score, worlds)


def _customers(noise: np.random.Generator, kinds: int) -> NDArray[np.int64]:
    """Draw each guide's book (guides x book) around a rank of the guide's own."""
    middle = noise.random((GUIDES, 1))
    rank = (middle + ALIKE * noise.standard_normal((GUIDES, BOOK))) % 1.0
    return np.asarray(np.minimum(rank * kinds, kinds - 1), dtype=np.int64)


def _measured(drawn: Table, held: NDArray[np.bool_], true: Table) -> Mapping[str, Raw]:
    """Give each guide's lift, as the product reads books."""
    books = {
        str(guide): (_moments(book[~out] * np.array([1 + true[guide], 1.0])), _moments(book[out]))
        for guide, (book, out) in enumerate(zip(drawn, held, strict=True))
    }
    return slices.lifts(books, SALES, ALL_BEFORE).lifts


def _moments(rows: Table) -> Moments:
    products = tuple(tuple(row) for row in (rows.T @ rows).tolist())
    return Moments((SALES, ALL_BEFORE), len(rows), tuple(rows.sum(axis=0).tolist()), products)


def _score(measured: Mapping[str, Raw], true: Table, score: Score) -> None:
    found: Shrinkage = shrinkage.shrink(measured)
    for name, each in found.units.items():
        score.squares.append((each.value - true[int(name)]) ** 2)
        score.raw_squares.append((each.raw.value - true[int(name)]) ** 2)
        score.inside.append(each.low <= true[int(name)] <= each.high)
    score.middles.append(found.middle - float(true.mean()))
    best = sorted(found.units, key=lambda name: -found.units[name].value)[:BEST]
    lucky = sorted(found.units, key=lambda name: -found.units[name].raw.value)[:BEST]
    score.claims.append(_beyond(best, {n: each.value for n, each in found.units.items()}, true))
    score.raw_claims.append(
        _beyond(lucky, {n: each.raw.value for n, each in found.units.items()}, true)
    )


def _beyond(names: list[str], said: Mapping[str, float], true: Table) -> float:
    """Tell how much more was said of these than came true, on average."""
    return float(np.mean([said[name] - true[int(name)] for name in names]))


def _lines(spread: float, score: Score, worlds: int) -> Iterator[Line]:
    subject = f"guides, {GUIDES} of {BOOK} members, true {MEAN:.0%} with spread {spread:.0%}"
    missed = float(np.sqrt(np.mean(score.squares)) / np.sqrt(np.mean(score.raw_squares)))
    yield Line(
        subject, "error of shrunken figures over that of raw ones", missed,
        missed / np.sqrt(2 * worlds * GUIDES), worlds, None, 0.4,
    )  # fmt: skip
    yield bands.within(subject, "the middle of all guides, beyond the truth", score.middles)
    # Where guides do not differ at all, that they might keeps the best a little apart.
    yield bands.within(
        subject, f"best {BEST}: said beyond what is true, shrunken", score.claims, 0.012, 0.01
    )
    claim, error = bands.mean(score.raw_claims)
    yield Line(
        subject, f"best {BEST}: said beyond what is true, raw", claim, error, worlds, form="+.2%"
    )
    inside, error = bands.share(score.inside)
    yield Line(subject, "95 % bands of shrunken figures hold the truth", inside, error, worlds)

"""Guides: what is said of the best ten of two hundred must come true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.statistics import means, shrinkage
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.relative import relative
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

Table = NDArray[np.float64]


@dataclass
class Score:
    """What one spread of true effects brought, over worlds."""

    squares: list[float]
    raw_squares: list[float]
    claims: list[float]
    raw_claims: list[float]
    inside: list[bool]


def study(households: Households, worlds: int, salts: int, seed: int) -> Iterator[Line]:
    """Read every guide from a randomised slice of the own book, and shrink."""
    quarter = households.quarter()
    whole = np.column_stack([quarter.spent, quarter.before])
    held = Source(quarter, Design(GUIDES * BOOK, HELD), salts, seed).held
    for spread in SPREADS:
        noise = np.random.default_rng([seed, int(spread * 1_000)])
        score = Score([], [], [], [], [])
        for at in range(worlds):
            true = MEAN + spread * noise.standard_normal(GUIDES)
            drawn = whole[noise.integers(len(whole), size=(GUIDES, BOOK))]
            _score(_measured(drawn, held[at % salts].reshape(GUIDES, BOOK), true), true, score)
        yield from _lines(spread, score, worlds)


def _measured(drawn: Table, held: NDArray[np.bool_], true: Table) -> dict[str, Raw]:
    """Give each guide's lift by CUPED, as the product reads small arms."""
    found: dict[str, Raw] = {}
    for guide, (book, out) in enumerate(zip(drawn, held, strict=True)):
        moved = book[~out] * np.array([1 + true[guide], 1.0])
        treated, holdout = _moments(moved), _moments(book[out])
        lift = relative(means.cuped(treated, holdout, SALES, ALL_BEFORE))
        if lift is not None:
            found[str(guide)] = Raw(lift.estimate, lift.standard_error)
    return found


def _moments(rows: Table) -> Moments:
    products = tuple(tuple(row) for row in (rows.T @ rows).tolist())
    return Moments((SALES, ALL_BEFORE), len(rows), tuple(rows.sum(axis=0).tolist()), products)


def _score(measured: Mapping[str, Raw], true: Table, score: Score) -> None:
    found: Shrinkage = shrinkage.shrink(measured)
    for name, each in found.units.items():
        score.squares.append((each.value - true[int(name)]) ** 2)
        score.raw_squares.append((each.raw.value - true[int(name)]) ** 2)
        score.inside.append(each.low <= true[int(name)] <= each.high)
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
    claim, error = bands.mean(score.claims)
    yield Line(
        subject, f"best {BEST}: said beyond what is true, shrunken", claim, error, worlds,
        -0.012 - 2 * error, 0.012 + 2 * error, "+.1%",
    )  # fmt: skip
    claim, error = bands.mean(score.raw_claims)
    yield Line(
        subject, f"best {BEST}: said beyond what is true, raw", claim, error, worlds, form="+.1%"
    )
    inside, error = bands.share(score.inside)
    yield Line(subject, "95 % bands of shrunken figures hold the truth", inside, error, worlds)

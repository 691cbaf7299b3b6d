"""Channels: a total, its parts and a rest; where there is much, where there is little, and nothing.

A world keeps how often each household stands in each pattern of channels that reach it, so that
sums over a hundred thousand members are sums over thirty-three patterns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.statistics import means, totals
from headwater.increment.statistics.moments import Estimate, Moments
from headwater.increment.statistics.totals import Effect, Reconciled
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import KNOWN, Households, Quarter
from headwater.world.honesty.worlds import SALES, Design, Source

MEMBERS: Final = 100_000
PROGRAMME: Final = 0.1
CHANNEL: Final = 0.2
LIFTS: Final = {"push": 0.04, "chat": 0.03, "moments": 0.03, "banner": 0.02, "sms": 0.0}
# Too little for any one of them to be seen: then a winner is whoever was lucky.
SMALL: Final = 0.003
# Each pair of channels that reaches the same member brings so much less than both alone.
OVERLAP: Final = 0.0025
_SINCE: Final = datetime(2026, 7, 1, tzinfo=UTC)
_UNTIL: Final = datetime(2026, 9, 30, tzinfo=UTC)

Table = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Truth:
    """What each part really brings per member, as shares, and what overlaps."""

    lifts: Mapping[str, float]
    overlap: float

    @property
    def on(self) -> Mask:
        """Every pattern of channels (patterns x channels); the last is of those left alone."""
        count = len(self.lifts)
        patterns = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
        return np.vstack([patterns, np.zeros((1, count), dtype=np.bool_)])

    @property
    def of_patterns(self) -> Table:
        """Give each pattern's lift."""
        count = self.on.sum(axis=1)
        alone = self.on @ np.array(list(self.lifts.values()))
        return np.asarray(alone - self.overlap * count * (count - 1) / 2, dtype=np.float64)

    def marginal(self, name: str) -> float:
        """Give what a channel adds while each of the others reaches its share."""
        return self.lifts[name] - self.overlap * (1 - CHANNEL) * (len(self.lifts) - 1)

    @property
    def whole(self) -> float:
        """What all of them bring per member of the programme."""
        count, reach = len(self.lifts), 1 - CHANNEL
        pairs = count * (count - 1) / 2
        return reach * sum(self.lifts.values()) - self.overlap * pairs * reach**2


@dataclass
class Score:
    """What many worlds of one truth said."""

    hits: dict[str, list[bool]]
    winners: list[float]
    sums: list[float]


class Patterns:
    """Turns members into sums by pattern: first their number, sums and products of columns."""

    def __init__(self, quarter: Quarter) -> None:
        """Lay out what each household adds to the sums."""
        self.spent, self.kinds = float(quarter.spent.mean()), len(quarter.spent)
        self._spent, self._known = quarter.spent[:, None], quarter.known
        wide = self._known.shape[1]
        pairs = (self._known[:, :, None] * self._known[:, None, :]).reshape(-1, wide**2)
        self._fixed = np.hstack([np.ones_like(self._spent), self._known, pairs])
        self._moved = self._spent * np.hstack([np.ones_like(self._spent), self._known])

    def of(
        self, household: NDArray[np.int64], pattern: NDArray[np.int64],
        strength: Table, lifts: Table,
    ) -> Table:  # fmt: skip
        """Add members up by pattern; each is moved by the pattern's lift times a strength."""
        kinds, count = self.kinds, len(lifts)
        cell = pattern * kinds + household

        def counted(weights: Table | None) -> Table:
            found = np.bincount(cell, weights, minlength=kinds * count)
            return np.asarray(found.reshape(count, kinds), dtype=np.float64)

        plain, once, squared = counted(None), counted(strength), counted(strength**2)
        lift = lifts[:, None]
        first, second = plain + lift * once, plain + 2 * lift * once + lift**2 * squared
        return np.hstack([plain @ self._fixed, first @ self._moved, second @ self._spent**2])

    def moments(self, sums: Table) -> Moments:
        """Lay sums out as the product's estimators take them."""
        wide = self._known.shape[1]
        known, pairs = sums[1 : 1 + wide], sums[1 + wide : 1 + wide + wide**2]
        moved, square = sums[1 + wide + wide**2 : -1], sums[-1]
        table = np.block(
            [[np.array([[square]]), moved[None, 1:]],
             [moved[1:, None], pairs.reshape(wide, wide)]]
        )  # fmt: skip
        rows = tuple(tuple(row) for row in table.tolist())
        return Moments((SALES, *KNOWN), round(sums[0]), (float(moved[0]), *known.tolist()), rows)


def study(households: Households, worlds: int, salts: int, seed: int) -> Iterator[Line]:
    """Reconcile a programme with its channels, in worlds of three kinds."""
    quarter = households.quarter()
    patterns, draws = Patterns(quarter), _draws(quarter, salts, seed)
    truths = (
        Truth(LIFTS, OVERLAP),
        Truth(dict.fromkeys(LIFTS, SMALL), 0.0),
        Truth(dict.fromkeys(LIFTS, 0.0), 0.0),
    )
    for place, truth in enumerate(truths):
        noise = np.random.default_rng([seed, len(LIFTS), place])
        score = Score(defaultdict(list), [], [])
        for _ in range(worlds):
            _score(
                _reconciled(patterns, _drawn(draws, noise), truth, noise), truth, patterns, score
            )
        yield from _lines(truth, score)


def _draws(quarter: Quarter, salts: int, seed: int) -> tuple[Mask, Mask]:
    """Let the product draw: the programme and the channels have salts of their own."""
    return (
        Source(quarter, Design(MEMBERS, PROGRAMME), salts, seed + 2).held,
        Source(quarter, Design(MEMBERS, CHANNEL), max(salts, len(LIFTS)), seed + 3).held,
    )


def _drawn(draws: tuple[Mask, Mask], noise: np.random.Generator) -> NDArray[np.int64]:
    """Give each member's pattern under one salt of the programme and one of each channel."""
    count = len(LIFTS)
    chosen = noise.choice(len(draws[1]), size=count, replace=False)
    pattern = np.zeros(MEMBERS, dtype=np.int64)
    for place, at in enumerate(chosen):
        pattern += (~draws[1][at]).astype(np.int64) << place
    pattern[draws[0][int(noise.integers(len(draws[0])))]] = 2**count
    return pattern


def _reconciled(
    patterns: Patterns, pattern: NDArray[np.int64], truth: Truth, noise: np.random.Generator
) -> Reconciled:
    """Read the total from the brand's holdout, and each channel among the rest."""
    household = noise.integers(patterns.kinds, size=MEMBERS)
    strength = noise.exponential(size=MEMBERS)
    sums = patterns.of(household, pattern, strength, truth.of_patterns)
    inside, held, on = sums[:-1].sum(axis=0), sums[-1], truth.on[:-1]
    parts = []
    for place, name in enumerate(truth.lifts):
        reached = sums[:-1][on[:, place]].sum(axis=0)
        parts.append(_effect(name, patterns.moments(reached), patterns.moments(inside - reached)))
    programme = _effect("programme", patterns.moments(inside), patterns.moments(held))
    return totals.reconcile(programme, parts, set(truth.lifts))


def _effect(name: str, treated: Moments, holdout: Moments) -> Effect:
    found = means.estimate(means.adjusted(treated, holdout, SALES, KNOWN))
    return Effect(name, totals.in_total(found, treated.n), _SINCE, _UNTIL)


def _score(found: Reconciled, truth: Truth, patterns: Patterns, score: Score) -> None:
    reached = found.total.treated_count * patterns.spent
    assert found.sum_of_parts is not None
    added = 0.0
    for part in found.parts:
        base = part.total.treated_count * patterns.spent
        added += truth.marginal(part.name) * base
        score.hits["parts"].append(_holds(part.total, truth.marginal(part.name) * base))
        score.hits["claims"].append(not _holds(part.total, 0.0))
        if part.total.low > 0:
            score.winners.append(part.total.estimate / base)
    score.sums.append((found.sum_of_parts.estimate - added) / reached)
    score.hits["total"].append(_holds(found.total, truth.whole * reached))
    score.hits["rest"].append(_holds(found.rest, truth.whole * reached - added))
    score.hits["sum"].append(_holds(found.sum_of_parts, added))
    score.hits["found"].append(found.total.low > 0)
    score.hits["claimed"].append(not _holds(found.total, 0.0))


def _holds(found: Estimate, true: float) -> bool:
    return found.low <= true <= found.high


def _lines(truth: Truth, score: Score) -> Iterator[Line]:
    subject = f"programme, true {truth.whole:.1%}, {len(truth.lifts)} channels"
    hits = score.hits
    yield bands.coverage(subject, "the total's interval", hits["total"])
    yield bands.coverage(subject, "the channels' intervals", hits["parts"])
    yield bands.coverage(subject, "the sum of all channels: interval", hits["sum"])
    yield bands.coverage(subject, "interaction and unmeasured", hits["rest"])
    yield bands.within(subject, "the sum of all channels, beyond the truth", score.sums)
    if truth.whole <= 0:
        yield bands.one_look(subject, "a total is claimed", hits["claimed"])
        yield bands.one_look(subject, "a channel is claimed", hits["claims"])
        return
    yield bands.beside(subject, "the total is proven", hits["found"])
    if truth.overlap == 0 and len(score.winners) > 1:
        yield bands.beside(subject, "a channel is proven", hits["claims"])
        said, error = bands.mean(score.winners)
        claim = f"a channel that is proven claims, where {SMALL:.1%} is true"
        yield Line(subject, claim, said, error, len(score.winners), form="+.2%")

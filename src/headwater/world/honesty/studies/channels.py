"""Channels: a total, five parts and a rest, in a world that has them and in one that has none."""

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
from headwater.world.honesty.households import KNOWN, Households
from headwater.world.honesty.worlds import SALES, Design, Source

MEMBERS: Final = 100_000
PROGRAMME: Final = 0.1
CHANNEL: Final = 0.2
LIFTS: Final = {"push": 0.04, "chat": 0.03, "moments": 0.03, "banner": 0.02, "sms": 0.0}
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

    def of_members(self, on: Mask) -> Table:
        """Give each member's lift from the channels (members x channels) that reach them."""
        count = on.sum(axis=1)
        alone = on @ np.array(list(self.lifts.values()))
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


def study(households: Households, worlds: int, salts: int, seed: int) -> Iterator[Line]:
    """Reconcile a programme with its channels, where there is an effect and where there is none."""
    there = Truth(LIFTS, OVERLAP)
    none = Truth(dict.fromkeys(LIFTS, 0.0), 0.0)
    quarter = households.quarter()
    whole = np.column_stack([quarter.spent, quarter.known])
    draws = _draws(households, salts, seed)
    for truth in (there, none):
        noise = np.random.default_rng([seed, len(LIFTS), int(truth.whole > 0)])
        found: dict[str, list[bool]] = defaultdict(list)
        for _ in range(worlds):
            rows = whole[noise.integers(len(whole), size=MEMBERS)]
            chosen = noise.choice(len(draws[1]), size=len(LIFTS), replace=False)
            out = ~draws[0][int(noise.integers(salts))]
            on = np.array([~draws[1][at] & out for at in chosen]).T
            _score(_reconciled(rows, out, on, truth), truth, float(quarter.spent.mean()), found)
        yield from _lines(truth, found)


def _draws(households: Households, salts: int, seed: int) -> tuple[Mask, Mask]:
    """Let the product draw: the programme and the channels have salts of their own."""
    quarter = households.quarter()
    return (
        Source(quarter, Design(MEMBERS, PROGRAMME), salts, seed + 2).held,
        Source(quarter, Design(MEMBERS, CHANNEL), max(salts, len(LIFTS)), seed + 3).held,
    )


def _reconciled(rows: Table, in_programme: Mask, on: Mask, truth: Truth) -> Reconciled:
    """Read the total from the brand's holdout, and each channel among the rest."""
    moved = rows.copy()
    moved[:, 0] *= 1 + truth.of_members(on)
    inside, on = moved[in_programme], on[in_programme]
    all_inside = _moments(inside)
    parts = []
    for place, name in enumerate(truth.lifts):
        reached = _moments(inside[on[:, place]])
        parts.append(_effect(name, reached, _without(all_inside, reached)))
    programme = _effect("programme", all_inside, _moments(moved[~in_programme]))
    return totals.reconcile(programme, parts, set(truth.lifts))


def _effect(name: str, treated: Moments, holdout: Moments) -> Effect:
    found = means.estimate(means.lin(treated, holdout, SALES, KNOWN))
    return Effect(name, totals.in_total(found, treated.n), _SINCE, _UNTIL)


def _moments(rows: Table) -> Moments:
    return _summed(len(rows), rows.sum(axis=0), rows.T @ rows)


def _without(whole: Moments, part: Moments) -> Moments:
    return _summed(
        whole.n - part.n,
        np.array(whole.sums) - np.array(part.sums),
        np.array(whole.products) - np.array(part.products),
    )


def _summed(count: int, sums: Table, products: Table) -> Moments:
    rows = tuple(tuple(row) for row in products.tolist())
    return Moments((SALES, *KNOWN), count, tuple(sums.tolist()), rows)


def _score(found: Reconciled, truth: Truth, spent: float, score: dict[str, list[bool]]) -> None:
    reached = found.total.treated_count * spent
    assert found.sum_of_parts is not None
    added = 0.0
    for part in found.parts:
        brought = truth.marginal(part.name) * part.total.treated_count * spent
        added += brought
        score["parts"].append(_holds(part.total, brought))
        score["claims"].append(not _holds(part.total, 0.0))
    score["total"].append(_holds(found.total, truth.whole * reached))
    score["rest"].append(_holds(found.rest, truth.whole * reached - added))
    score["found"].append(found.total.low > 0)
    score["claimed"].append(not _holds(found.total, 0.0))


def _holds(found: Estimate, true: float) -> bool:
    return found.low <= true <= found.high


def _lines(truth: Truth, found: Mapping[str, list[bool]]) -> Iterator[Line]:
    subject = f"programme, true {truth.whole:.1%}, {len(truth.lifts)} channels"
    yield bands.coverage(subject, "the total's interval", found["total"])
    yield bands.coverage(subject, "the channels' intervals", found["parts"])
    yield bands.coverage(subject, "interaction and unmeasured", found["rest"])
    if truth.whole > 0:
        yield bands.beside(subject, "the total is proven", found["found"])
    else:
        yield bands.at_most(subject, "a total is claimed", found["claimed"], 0.05)
        yield bands.at_most(subject, "a channel is claimed", found["claims"], 0.05)

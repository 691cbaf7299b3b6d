"""Members: do intervals hold the truth, is nothing found where nothing is, is power as planned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.increment.statistics import means, ratios
from headwater.increment.statistics.means import Contrast
from headwater.increment.statistics.moments import Estimate, Moments
from headwater.increment.statistics.planned import sizes
from headwater.increment.statistics.relative import relative
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import ALL_BEFORE, KNOWN, ORDERS, Households
from headwater.world.honesty.worlds import SALES, Design, Source, Sums

LIFTS: Final = (0.0, 0.01, 0.03)
HALF: Final = Design(20_000, 0.5)
MANY: Final = Design(100_000, 0.1)
# With few left alone the product chooses slopes in common by itself.
FEW: Final = Design(5_000, 0.1)
# The past must let so many times as many small effects be found, where it is large enough to.
TIMES: Final = 2.0
_ADJUSTED: Final = "adjusted"


@dataclass(frozen=True)
class Truth:
    """What is true in every world of a lift: per member, of the ratio, and as a share."""

    lift: float
    per_member: float
    of_ratio: float

    def of(self, name: str) -> float:
        """Give what the figure of that name should hold."""
        if name.startswith("relative"):
            return self.lift
        return self.of_ratio if name.startswith("ratio") else self.per_member


Hits = dict[tuple[str, float], list[bool]]


@dataclass
class Score:
    """By figure and lift: whether it held the truth, found something, and how far it was off."""

    held: Hits
    found: Hits
    missed: dict[tuple[str, float], list[float]]


def study(
    households: Households, design: Design, worlds: int, salts: int, seed: int
) -> Iterator[Line]:
    """Read every world at one look, by each estimator, for each lift."""
    quarter = households.quarter()
    spent, orders = float(quarter.spent.mean()), float(quarter.orders.mean())
    source, sums = Source(quarter, design, salts, seed), Sums(quarter)
    score = Score(defaultdict(list), defaultdict(list), defaultdict(list))
    for world in source.worlds(worlds):
        for lift in LIFTS:
            truth = Truth(lift, lift * spent, lift * spent / orders)
            _score(figures(*sums.of(world, truth.lift)), truth, score)
    yield from _lines(design, score)
    noises = _noise(households)
    yield from _power(design, noises, score.found)
    if design != FEW:
        yield _times(design, noises, score.found)


def _score(figures: Mapping[str, Estimate], truth: Truth, score: Score) -> None:
    for name, estimate in figures.items():
        key = name, truth.lift
        score.held[key].append(estimate.low <= truth.of(name) <= estimate.high)
        score.found[key].append(not estimate.low <= 0 <= estimate.high)
        if name.startswith("relative"):
            score.missed[key].append(estimate.estimate - truth.lift)


def figures(treated: Moments, holdout: Moments) -> dict[str, Estimate]:
    """Give every figure that the product shows of a mean, a ratio and a lift."""
    narrow = SALES, *KNOWN
    one, other = treated.only(*narrow), holdout.only(*narrow)
    contrasts: dict[str, Contrast] = {
        "difference": means.difference(one.only(SALES), other.only(SALES), SALES),
        "CUPED": means.cuped(
            treated.only(SALES, ALL_BEFORE), holdout.only(SALES, ALL_BEFORE), SALES, ALL_BEFORE
        ),
        _ADJUSTED: means.adjusted(one, other, SALES, KNOWN),
        "ratio": ratios.ratio(
            treated.only(SALES, ORDERS), holdout.only(SALES, ORDERS), SALES, ORDERS
        ),
    }
    found = {name: means.estimate(each) for name, each in contrasts.items()}
    for name in ("difference", _ADJUSTED):
        lift = relative(contrasts[name])
        if lift is not None:
            found[f"relative, {name}"] = lift
    return found


def _lines(design: Design, score: Score) -> Iterator[Line]:
    for (name, lift), hits in score.held.items():
        if lift > 0:
            yield bands.coverage(f"coverage, {design}", f"{name}, true lift {lift:.0%}", hits)
    for (name, lift), missed in score.missed.items():
        if lift == LIFTS[-1]:
            claim = f"{name}, true lift {lift:.0%}: bias"
            yield bands.within(f"coverage, {design}", claim, missed)
    for (name, lift), hits in score.found.items():
        if lift == 0:
            claim = f"{name}: found where nothing is"
            yield bands.one_look(f"one look, {design}", claim, hits)


def _noise(households: Households) -> dict[str, sizes.Noise]:
    """Learn from the quarter before, as the product does when it plans."""
    quarter = households.quarter(back=1)
    whole = np.column_stack([quarter.spent, quarter.known])
    past = Moments.of((SALES, *KNOWN), list(whole.T))
    return {
        "difference": sizes.noise_of(past, SALES),
        _ADJUSTED: sizes.noise_of(past, SALES, KNOWN),
    }


def _planned(design: Design, noise: sizes.Noise, lift: float) -> float:
    """Give the power that the product would promise before the start."""
    error = sizes.standard_error(noise, design.members, design.holdout_share)
    return sizes.power_at(lift, error)


def _power(design: Design, noises: Mapping[str, sizes.Noise], found: Hits) -> Iterator[Line]:
    for lift in LIFTS[1:]:
        for name, noise in noises.items():
            planned = _planned(design, noise, lift)
            seen, doubt = bands.share(found[name, lift])
            room = max(0.03, bands.chance(planned, len(found[name, lift])))
            yield Line(
                f"power, {design}", f"{name}, true lift {lift:.0%}, planned {planned:.1%}",
                seen, doubt, len(found[name, lift]),
                max(planned - room, 0.0), min(planned + room, 1.0),
            )  # fmt: skip


def _times(design: Design, noises: Mapping[str, sizes.Noise], found: Hits) -> Line:
    """Judge how many times as often the past lets the smaller lift be found."""
    lift = LIFTS[1]
    adjusted, raw = (np.array(found[name, lift]) for name in (_ADJUSTED, "difference"))
    planned = [_planned(design, noises[name], lift) for name in (_ADJUSTED, "difference")]
    times = float(adjusted.mean() / raw.mean())
    # The ratio of two shares of the same worlds, by the delta method.
    error = float((adjusted - times * raw).std()) / float(raw.mean()) / len(raw) ** 0.5
    least = min(TIMES, planned[0] / planned[1] - bands.ERRORS * error)
    claim = f"adjusted finds so many times as often, true lift {lift:.0%}"
    return Line(f"power, {design}", claim, times, error, len(raw), least, form=".2f")

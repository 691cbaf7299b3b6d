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
from headwater.world.honesty.worlds import SALES, Design, Source, Sums, World

LIFTS: Final = (0.0, 0.01, 0.03)
# The last is small, with few left alone: there the product chooses slopes in common by itself.
DESIGNS: Final = (Design(20_000, 0.5), Design(100_000, 0.1), Design(5_000, 0.1))
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


Hits = Mapping[tuple[str, float], list[bool]]


def study(households: Households, worlds: int, salts: int, seed: int) -> Iterator[Line]:
    """Read every world at one look, by each estimator, for each design and lift."""
    quarter = households.quarter()
    spent, orders = float(quarter.spent.mean()), float(quarter.orders.mean())
    for design in DESIGNS:
        source, sums = Source(quarter, design, salts, seed), Sums(quarter)
        held: dict[tuple[str, float], list[bool]] = defaultdict(list)
        found: dict[tuple[str, float], list[bool]] = defaultdict(list)
        for world in source.worlds(worlds):
            for lift in LIFTS:
                truth = Truth(lift, lift * spent, lift * spent / orders)
                _score(sums, world, truth, held, found)
        yield from _lines(design, held, found)
        yield from _power(design, _noise(households), found)


def _score(
    sums: Sums,
    world: World,
    truth: Truth,
    held: dict[tuple[str, float], list[bool]],
    found: dict[tuple[str, float], list[bool]],
) -> None:
    for name, estimate in figures(*sums.of(world, truth.lift)).items():
        held[name, truth.lift].append(estimate.low <= truth.of(name) <= estimate.high)
        found[name, truth.lift].append(not estimate.low <= 0 <= estimate.high)


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


def _lines(design: Design, held: Hits, found: Hits) -> Iterator[Line]:
    for name, lift in held:
        if lift == 0:
            continue
        yield bands.coverage(
            f"coverage, {design}", f"{name}, true lift {lift:.0%}", held[name, lift]
        )
    for name, lift in found:
        if lift == 0:
            yield bands.one_look(
                f"one look, {design}", f"{name}: found where nothing is", found[name, lift]
            )


def _noise(households: Households) -> dict[str, sizes.Noise]:
    """Learn from the quarter before, as the product does when it plans."""
    quarter = households.quarter(back=1)
    whole = np.column_stack([quarter.spent, quarter.known])
    past = Moments.of((SALES, *KNOWN), list(whole.T))
    return {
        "difference": sizes.noise_of(past, SALES),
        _ADJUSTED: sizes.noise_of(past, SALES, KNOWN),
    }


def _power(design: Design, noises: Mapping[str, sizes.Noise], found: Hits) -> Iterator[Line]:
    for lift in LIFTS[1:]:
        for name, noise in noises.items():
            error = sizes.standard_error(noise, design.members, design.holdout_share)
            planned = sizes.power_at(lift, error)
            seen, doubt = bands.share(found[name, lift])
            room = 0.03 + bands.chance(planned, len(found[name, lift]))
            yield Line(
                f"power, {design}", f"{name}, true lift {lift:.0%}, planned {planned:.1%}",
                seen, doubt, len(found[name, lift]),
                max(planned - room, 0.0), min(planned + room, 1.0),
            )  # fmt: skip

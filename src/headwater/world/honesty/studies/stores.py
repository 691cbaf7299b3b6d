"""Stores: the exact test of the draw, where few stores stand for many customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.places import designs, power, randomisation
from headwater.increment.places.designs import Rules
from headwater.increment.places.panels import Panel
from headwater.increment.places.randomisation import Asked
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import Households

WEEKS: Final = 8
LIFTS: Final = (0.0, 0.02, 0.05)
# How many stores of a design are treated; the rest is what they are compared with.
TREATED: Final = (8, 40)
_DRAWS: Final = 199

Table = NDArray[np.float64]


def study(households: Households, worlds: int, seed: int) -> Iterator[Line]:
    """Draw the stores anew in each world, lift what the treated sell, and read the exact test."""
    values = households.stores
    names = [f"store {at:03}" for at in range(len(values))]
    noise = np.random.default_rng([seed, len(values)])
    for treated in TREATED:
        treat = min(treated, len(values) // 2)
        inside: dict[float, list[bool]] = defaultdict(list)
        found: dict[float, list[bool]] = defaultdict(list)
        for world in range(worlds):
            end = int(noise.integers(values.shape[1] - 13, values.shape[1] + 1))
            start = end - WEEKS
            weeks = list(range(end))
            history = Panel.of(names, weeks[:start], values[:, :start])
            design = designs.draw(f"honesty-{seed}-{world}", history, Rules(waves=(treat,)))
            drawn = np.array([name in design.waves_of for name in names])
            for lift in LIFTS:
                moved = values[:, :end].copy()
                moved[drawn, start:] *= 1 + lift
                read = randomisation.read(
                    Panel.of(names, weeks, moved), design, start, Asked(draws=_DRAWS)
                )
                assert read.lift is not None
                inside[lift].append(read.lift.low <= lift <= read.lift.high)
                found[lift].append(read.lift.p <= 0.05)
        subject = f"stores, {treat} of {len(values)} drawn, {WEEKS} weeks, exact test"
        yield bands.one_look(subject, "found where nothing is", found[0.0])
        yield bands.coverage(subject, "interval, true lift 5%", inside[0.05])
        planned = _planned(values, treat)
        for lift in LIFTS[1:]:
            claim = f"found, true lift {lift:.0%}, planned {planned[lift]:.1%}"
            yield bands.beside(subject, claim, found[lift])


def _planned(values: Table, treat: int) -> dict[float, float]:
    """Give the power that the weeks before any of these windows promise."""
    until = values.shape[1] - 13 - WEEKS
    names = [f"store {at:03}" for at in range(len(values))]
    history = Panel.of(names, list(range(until)), values[:, :until])
    found = power.curve(history, Rules(waves=(treat,)), WEEKS, LIFTS)
    return {point.effect: point.power for point in found.points}

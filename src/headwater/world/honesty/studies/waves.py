"""Waves: stores that start one after the other, with an effect that grows from week to week.

The figure is the one that `measure waves` shows; what stands beside it there is left out here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.places import designs, imputing, staggered
from headwater.increment.places.designs import Rules
from headwater.increment.places.panels import Panel
from headwater.increment.places.staggered import Staggered
from headwater.increment.statistics.moments import Estimate
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import Households

WEEKS: Final = 28
WAVES: Final = 4
SIZE: Final = 12
FIRST: Final = 12
APART: Final = 3
# Each week after its start a store sells so much more than the week before, up to the most.
GROWS: Final = 0.01
MOST: Final = 0.08

Table = NDArray[np.float64]


def study(households: Households, worlds: int, seed: int) -> Iterator[Line]:
    """Draw four waves in each world, let their effect grow, and read it."""
    values = households.stores
    names = [f"store {at:03}" for at in range(len(values))]
    noise = np.random.default_rng([seed, WAVES, len(values)])
    found: dict[str, list[bool]] = defaultdict(list)
    missed: dict[str, list[float]] = defaultdict(list)
    for world in range(worlds):
        end = int(noise.integers(WEEKS, values.shape[1] + 1))
        window = values[:, end - WEEKS : end]
        history = Panel.of(names, list(range(FIRST)), window[:, :FIRST])
        rules = Rules(waves=(SIZE,) * WAVES, kind="stratified")
        design = designs.draw(f"honesty-waves-{seed}-{world}", history, rules)
        starts = np.array(
            [FIRST + APART * (design.waves_of.get(name, WAVES + 9) - 1) for name in names]
        )
        starts = np.minimum(starts, WEEKS)
        lift = np.array([_lift(int(start)) for start in starts])
        case = Staggered(window * (1 + lift), starts, 0.95)
        cells = imputing.treated_cells(starts, WEEKS)
        true, level = float((window * lift)[cells].mean()), float(window[cells].mean())
        imputed = staggered.overall(case)
        usual = case.estimate(*imputing.two_way(case.outcome, cells), "two-way fixed effects")
        for key, figure in (("imputation", imputed), ("usual", usual)):
            _score(key, figure, true, level, found, missed)
    yield from _lines(f"waves, {WAVES} of {SIZE} of {len(values)} stores", found, missed, worlds)


def _lift(start: int) -> Table:
    """Give a store's lift by week."""
    weeks = np.arange(WEEKS, dtype=np.float64)
    return np.clip((weeks - start + 1) * GROWS, 0.0, MOST)


def _score(
    key: str,
    figure: Estimate,
    true: float,
    level: float,
    found: dict[str, list[bool]],
    missed: dict[str, list[float]],
) -> None:
    found[f"{key} holds"].append(figure.low <= true <= figure.high)
    found[f"{key} finds"].append(figure.low > 0)
    missed[key].append((figure.estimate - true) / level)
    missed["true"].append(true / level)


def _lines(
    subject: str, found: dict[str, list[bool]], missed: dict[str, list[float]], worlds: int
) -> Iterator[Line]:
    true = float(np.mean(missed["true"]))
    room = max(0.02, bands.chance(0.95, worlds))
    held, error = bands.share(found["imputation holds"])
    subject = f"{subject}, growing effect, true {true:.1%}"
    yield Line(
        subject, "imputation: interval", held, error, worlds, 0.95 - room, min(0.95 + room, 1.0)
    )
    yield bands.within(subject, "imputation: bias", missed["imputation"], 0.1 * true)
    yield bands.beside(subject, "imputation: found", found["imputation finds"])
    yield bands.beside(subject, "two-way regression, wrong here: interval", found["usual holds"])
    bias, error = bands.mean(missed["usual"])
    yield Line(subject, "two-way regression, wrong here: bias", bias, error, worlds, form="+.2%")

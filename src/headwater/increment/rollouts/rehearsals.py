"""Rehearsals: what waves would have shown in the brand's own past, look by look.

Stretches of the history are each taken as if the waves had run at their end, with every draw of the
design in turn as the one that came out and the others as its test, as `power` does for one wave.
The figure is the imputed one that the waves will be read by, so that nothing else is promised.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.places import designs, imputing, power
from headwater.increment.places.designs import Rules
from headwater.increment.places.panels import Panel
from headwater.increment.places.power import Asked, Window


@dataclass(frozen=True)
class Schedule:
    """How long a wave is, and what each look may spend of the error; a look ends a wave."""

    wave_weeks: int
    alphas: tuple[float, ...]


def looks(
    history: Panel, rules: Rules, schedule: Schedule, asked: Asked
) -> tuple[tuple[Asked, list[Window]], ...]:
    """Give, for each look, how it is tested and the stretches of the past as if it were taken."""
    tested = [replace(asked, alpha=alpha) for alpha in schedule.alphas]
    if min(math.floor(each.alpha * each.draws) for each in tested) < 1:
        raise CannotEstimate("few_redraws", redraws=asked.draws - 1, level=1 - min(schedule.alphas))
    if len(rules.waves) == 1:
        return ((tested[0], power.rehearse(history, rules, schedule.wave_weeks, tested[0])),)
    weeks = schedule.wave_weeks * len(rules.waves)
    parts = power.stretches(history, rules, weeks, asked)
    drawn = [_drawn(each, rules, asked) for each in parts]
    return tuple(
        (
            each,
            [
                _window(part, waves, asked.periods_before, schedule.wave_weeks * no, schedule)
                for part, waves in drawn
            ],
        )
        for no, each in enumerate(tested, start=1)
    )


def _drawn(part: Panel, rules: Rules, asked: Asked) -> tuple[Panel, NDArray[np.int64]]:
    design = designs.draw(asked.salt, part.within(range(asked.periods_before)), rules)
    if design.why is not None:
        raise CannotEstimate(design.why)
    return part.only(design.units), designs.redraws(design, asked.draws - 1)


def _window(
    part: Panel, drawn: NDArray[np.int64], before: int, weeks: int, schedule: Schedule
) -> Window:
    """Take one stretch up to a look: each draw's statistic, and what an effect adds to it."""
    periods = before + weeks
    values = part.values[:, :periods]
    cells = _cells(drawn, before, periods, schedule.wave_weeks)
    kept = ~cells.all(axis=1).any(axis=0)
    weights = np.stack([imputing.weights(each[:, kept]) for each in cells])
    flat = weights.reshape(len(cells), -1)
    sold = values[:, kept]
    touched = (cells[:, :, kept] * sold).reshape(len(cells), -1)
    return Window(flat @ sold.ravel(), np.asarray(flat @ touched.T, dtype=np.float64))


def _cells(
    drawn: NDArray[np.int64], before: int, periods: int, wave_weeks: int
) -> NDArray[np.bool_]:
    """Mark, for each draw, the stores and periods in which its waves had started."""
    starts = np.where(drawn > 0, before + (drawn - 1) * wave_weeks, periods)
    return np.asarray(starts[:, :, None] <= np.arange(periods)[None, None, :], dtype=np.bool_)

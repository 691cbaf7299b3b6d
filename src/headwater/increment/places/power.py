"""Power: what a test would have seen in the brand's own past, before anybody promises a figure.

Many stretches of the history are each taken as if a test had run in them, with every draw of the
design in turn as the one that came out and the others as its test: so at no effect the test speaks
up exactly as often as it says. Effects are put into the sales of the treated stores, not assumed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate, Why
from headwater.increment.places import contrasts, designs
from headwater.increment.places.contrasts import Statistic
from headwater.increment.places.designs import Campaign, Rules
from headwater.increment.places.panels import Panel

VERSION: Final = "power.1"
# With one stretch of the past, power tells of that stretch; so many are the least.
LEAST_WINDOWS: Final = 5
# An effect that is looked for is no larger than this; stores do not double.
_LARGEST: Final = 1.0
_HALVINGS: Final = 14

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """How the test will be read, and over how much of the past it is tried."""

    statistic: Statistic = "did"
    alpha: float = 0.05
    power: float = 0.8
    draws: int = 200
    windows: int = 12
    periods_before: int = 13
    salt: str = "rehearsal"
    calendar: tuple[Campaign, ...] = ()


@dataclass(frozen=True)
class Point:
    """How often an effect of this share would have been seen."""

    effect: float
    power: float


@dataclass(frozen=True)
class Curve:
    """Power by effect; `power_at_zero` is how often the test speaks up when nothing happens."""

    points: tuple[Point, ...]
    mde: float | None
    power_at_zero: float
    windows: int
    specification: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """The least effect that so many stores and periods see; without one, `why` says the reason."""

    stores: int
    weeks: int
    mde: float | None
    windows: int
    why: Why | None = None


@dataclass(frozen=True)
class Window:
    """A stretch of the past as a test: what each draw would have measured, and what an effect adds.

    `constants[r]` is draw r's statistic; `gains[r, i]` is what an effect of one in draw i adds.
    """

    constants: Table
    gains: Table

    def share_seen(self, effect: float, alpha: float) -> float:
        """Tell the share of the draws in which this effect would have been seen."""
        own = np.diag(self.gains)
        seen = np.abs(self.constants + effect * own)
        others = np.abs(self.constants[:, None] + effect * self.gains)
        at_least = (others >= seen[None, :] * (1 - 1e-12)).mean(axis=0)
        return float((at_least <= alpha).mean())


def curve(
    history: Panel, rules: Rules, weeks: int, effects: Sequence[float], asked: Asked | None = None
) -> Curve:
    """Give the power for each effect, and the least effect that is seen often enough."""
    asked = asked or Asked()
    tried = rehearse(history, rules, weeks, asked)
    return Curve(
        points=tuple(Point(effect, seen(tried, effect, asked)) for effect in effects),
        mde=least(tried, asked),
        power_at_zero=seen(tried, 0.0, asked),
        windows=len(tried),
        specification={
            "version": VERSION,
            "statistic": asked.statistic,
            "alpha": asked.alpha,
            "power": asked.power,
            "draws": asked.draws,
            "periods_before": asked.periods_before,
            "weeks": weeks,
            "waves": list(rules.waves),
            "kind": rules.kind,
        },
    )


def table(
    history: Panel,
    rules: Rules,
    stores: Sequence[int],
    weeks: Sequence[int],
    asked: Asked | None = None,
) -> tuple[Cell, ...]:
    """Give the least effect that is seen, by the number of treated stores and of weeks."""
    asked = asked or Asked()
    found = []
    for count in stores:
        for length in weeks:
            try:
                tried = rehearse(history, replace(rules, waves=(count,)), length, asked)
            except CannotEstimate as refused:
                found.append(Cell(count, length, None, 0, refused.why))
                continue
            mde = least(tried, asked)
            why = None if mde is not None else Why("not_even_double")
            found.append(Cell(count, length, mde, len(tried), why))
    return tuple(found)


def rehearse(history: Panel, rules: Rules, weeks: int, asked: Asked) -> list[Window]:
    """Take stretches of the past, each as if a test had run at its end."""
    return [_window(part, rules, asked) for part in stretches(history, rules, weeks, asked)]


def stretches(history: Panel, rules: Rules, weeks: int, asked: Asked) -> list[Panel]:
    """Cut clean stretches out of the past, each long enough for a test and what is before it."""
    if weeks < 1 or asked.periods_before < 1:
        raise CannotEstimate("no_periods")
    aside = (*rules.contaminated, *rules.forced, *rules.forbidden)
    clean = designs.clean(history, asked.calendar, without=aside).panel
    length = asked.periods_before + weeks
    latest = len(clean.periods) - length
    if latest + 1 < LEAST_WINDOWS:
        raise CannotEstimate(
            "few_stretches",
            periods=len(clean.periods),
            stretches=max(latest + 1, 0),
            length=length,
            least=LEAST_WINDOWS,
        )
    starts = np.unique(np.linspace(0, latest, min(asked.windows, latest + 1)).astype(int))
    return [clean.within(range(start, start + length)) for start in starts.tolist()]


def seen(windows: Sequence[Window], effect: float, asked: Asked) -> float:
    """Give the power at an effect, over all stretches and draws."""
    return float(np.mean([window.share_seen(effect, asked.alpha) for window in windows]))


def least(windows: Sequence[Window], asked: Asked) -> float | None:
    """Find the least effect that is seen as often as asked, by halving; None if there is none."""
    low, high = 0.0, _LARGEST
    if seen(windows, high, asked) < asked.power:
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if seen(windows, middle, asked) >= asked.power:
            high = middle
        else:
            low = middle
    return high


def _window(panel: Panel, rules: Rules, asked: Asked) -> Window:
    before = asked.periods_before
    design = designs.draw(asked.salt, panel.within(range(before)), rules)
    if design.why is not None:
        raise CannotEstimate(design.why)
    if math.floor(asked.alpha * asked.draws) < 1:
        raise CannotEstimate("few_draws", draws=asked.draws, alpha=asked.alpha)
    masks = designs.redraws(design, asked.draws - 1) == 1
    further = design.forbidden if asked.statistic == "synthetic" else ()
    values = panel.only((*design.units, *further)).values
    level = values[:, :before].mean(axis=1, keepdims=True)
    if (level <= 0).any():
        raise CannotEstimate("a_store_sold_nothing")
    shares = values / level
    if asked.statistic == "synthetic":
        weights = contrasts.synthetics(shares[:, :before], masks)
    else:
        weights = contrasts.differences(masks, contrasts.chances(design))
    after = shares[:, before:].mean(axis=1)
    count = len(design.units)
    gains = weights[:, :count] @ (masks * after[:count]).T
    return Window(weights @ (after - 1), np.asarray(gains, dtype=np.float64))

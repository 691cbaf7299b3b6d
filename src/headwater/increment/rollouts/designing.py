"""Designing: which stores a lot puts into which wave, and what such waves could show.

Pure: a history and a wish give the same proposal always, so what was seen is what is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from headwater.increment.errors import CannotEstimate, Why
from headwater.increment.places import designs, power, randomisation
from headwater.increment.places.designs import Design, Rules
from headwater.increment.places.panels import Panel
from headwater.increment.places.power import Point, Window
from headwater.increment.places.randomisation import Tested
from headwater.increment.rollouts import rehearsals
from headwater.increment.rollouts.rehearsals import Schedule
from headwater.increment.rollouts.wishes import Wish, campaigns_of, rules_of
from headwater.stores.places import Store

ALPHA: Final = 0.05
# Early looks spend so much each, the last one the rest: Haybittle 1971, Peto and others 1976.
EARLY_ALPHA: Final = 0.005
EFFECTS: Final = (0.0, 0.02, 0.05, 0.08, 0.12, 0.2)
BEFORE_WEEKS: Final = 13
# So many redraws hold the least level that an early look asks for; coarser than an analyst's, so
# that a page answers in seconds also for many stores.
REHEARSED: Final = power.Asked(draws=200, windows=8, periods_before=BEFORE_WEEKS)


@dataclass(frozen=True)
class Ahead:
    """What the look at the end of a wave's window could show; without `mde`, `why` says why not."""

    wave: int
    starts_on: date
    ends_on: date
    stores: int
    alpha: float
    mde: float | None
    power_at_zero: float | None
    windows: int
    why: Why | None = None

    def as_row(self) -> dict[str, Any]:
        """Write it down, as it was told before the launch."""
        return {
            "wave": self.wave,
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat(),
            "stores": self.stores,
            "alpha": self.alpha,
            "mde": self.mde,
            "power_at_zero": self.power_at_zero,
            "windows": self.windows,
            "why": self.why.as_row() if self.why else None,
        }


@dataclass(frozen=True)
class Proposal:
    """A draw and all that the past says of it; `dry` is its test where nothing was done.

    `lacks` is the reason for which no verdict can come of it, if there is one.
    """

    panel: Panel
    design: Design | None
    ahead: tuple[Ahead, ...]
    points: tuple[Point, ...]
    dry: Tested | None
    lacks: tuple[Why, ...]

    @property
    def fingerprint(self) -> str | None:
        """Name the draw, so that another one is noticed."""
        return self.design.fingerprint if self.design else None


def propose(panel: Panel, stores: Sequence[Store], wish: Wish) -> Proposal:
    """Draw, and tell before anything is done what each look could show."""
    known = [each for each in stores if each.code in set(panel.units)]
    if wish.choice == "picked":
        return _of_picked(panel, wish)
    rules = rules_of(wish, known)
    calendar = campaigns_of(wish.calendar, panel.units)
    design = designs.draw(wish.salt, panel, rules, calendar)
    lacks = [design.why] if design.why else []
    ahead, points, more = _ahead(panel, design, rules, wish)
    dry, still_more = _dry(panel, design, wish)
    lacks += [*more, *still_more]
    return Proposal(panel, design, ahead, points, dry, tuple(dict.fromkeys(lacks)))


def alphas(waves: int) -> tuple[float, ...]:
    """Share the error out over the looks, so that all together do not exceed it."""
    return (*[EARLY_ALPHA] * (waves - 1), ALPHA - EARLY_ALPHA * (waves - 1))


def looks_of(design: Design | None, waves: int) -> int:
    """Count the looks: one at the end of each wave that leaves some store to compare with."""
    if design is not None and sum(design.waves) == len(design.units):
        return waves - 1
    return waves


def _ahead(
    panel: Panel, design: Design, rules: Rules, wish: Wish
) -> tuple[tuple[Ahead, ...], tuple[Point, ...], list[Why]]:
    """Rehearse every look on the brand's own weeks, clean of the calendar."""
    calendar = campaigns_of(wish.calendar, panel.units)
    asked = power.Asked(**{**vars(REHEARSED), "calendar": calendar})
    spent = alphas(looks_of(design, len(wish.sizes)))
    try:
        tried = rehearsals.looks(panel, rules, Schedule(wish.wave_weeks, spent), asked)
    except CannotEstimate as refused:
        nothing = [_look(wish, no, alpha, why=refused.why) for no, alpha in enumerate(spent, 1)]
        return tuple(nothing), (), [refused.why]
    found = []
    for no, (tested, windows) in enumerate(tried, start=1):
        least = power.least(windows, tested)
        why = None if least is not None else Why("not_even_double")
        at_zero = power.seen(windows, 0.0, tested)
        found.append(_look(wish, no, tested.alpha, (least, at_zero, len(windows)), why))
    last, windows = tried[-1]
    return tuple(found), _curve(windows, last), []


def _curve(windows: list[Window], asked: power.Asked) -> tuple[Point, ...]:
    return tuple(Point(effect, power.seen(windows, effect, asked)) for effect in EFFECTS)


def _look(
    wish: Wish,
    wave: int,
    alpha: float,
    found: tuple[float | None, float | None, int] = (None, None, 0),
    why: Why | None = None,
) -> Ahead:
    starts, ends = wish.wave_starts_on(wave), wish.wave_starts_on(wave + 1)
    return Ahead(wave, starts, ends, sum(wish.sizes[:wave]), alpha, *found, why)


def _dry(panel: Panel, design: Design, wish: Wish) -> tuple[Tested | None, list[Why]]:
    """Read the newest weeks, in which nothing of it was done, by the test of this very draw."""
    if len(panel.periods) <= wish.wave_weeks:
        return None, []
    asked = randomisation.Asked(until=panel.periods[-1])
    try:
        return randomisation.read(panel, design, panel.periods[-wish.wave_weeks], asked), []
    except CannotEstimate as refused:
        return None, [refused.why]


def _of_picked(panel: Panel, wish: Wish) -> Proposal:
    """Nobody draws picked stores, so there is no power to rehearse and no exact test."""
    for unit in wish.picked:
        panel.row_of(unit)
    alone = [Why("one_store")] if len(wish.picked) == 1 else []
    return Proposal(panel, None, (_look(wish, 1, ALPHA),), (), None, (Why("picked_stores"), *alone))

"""Waves: stores that start one after the other, each the comparison of those before it.

The figure is that of imputation. Where the waves were drawn, the draw itself tests it; where few
stores are treated and nobody drew them, the interval promises too much and there is no verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np

from headwater.increment.errors import CannotEstimate, Why
from headwater.increment.places import imputing, staggered
from headwater.increment.places.designs import Design, redraws
from headwater.increment.places.inversion import Lines, invert, over_base
from headwater.increment.places.panels import Label, Panel, comparable
from headwater.increment.places.staggered import Compared, Honest, Horizon, Staggered
from headwater.increment.statistics.moments import Estimate

VERSION: Final = "waves.1"
# With fewer stores on a side the clustered interval covers too seldom (0.92 for 8 of 80).
LEAST_CLUSTERS: Final = 20

Found = TypeVar("Found")


@dataclass(frozen=True)
class Asked:
    """How to read; all of it is kept beside the result."""

    level: float = 0.95
    draws: int = 499
    least_before: int = 4
    compared: Compared = "not_yet_treated"
    trends_part: float = 1.0


@dataclass(frozen=True)
class Tested:
    """The same figure tested by the draw of the waves; `null` are the redrawn ones."""

    estimate: Estimate
    null: tuple[float, ...]


@dataclass(frozen=True)
class Waves:
    """What a treated store and period brought; `verdict` is the figure one may stand by, if any.

    `twfe_wrong_here` is what the usual regression gives, shown because others will compute it.
    """

    imputation: Estimate
    lift: Estimate | None
    beside: Estimate | None
    twfe_wrong_here: Estimate
    by_horizon: tuple[Horizon, ...]
    honest: Honest | None
    tested: Tested | None
    verdict: Estimate | None
    why: Why | None
    specification: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What the library warned of, and what it could not tell, with the reason."""

    not_given: dict[str, Why]
    notes: list[str]

    def or_why(self, what: str, asked_for: Callable[[], tuple[Found, list[str]]]) -> Found | None:
        """Leave out what cannot be told beside the figure, and say why."""
        try:
            found, notes = asked_for()
        except CannotEstimate as refused:
            self.not_given[what] = refused.why
            return None
        self.notes.extend(notes)
        return found


def read(
    panel: Panel,
    first: Mapping[str, Label | None],
    design: Design | None = None,
    asked: Asked | None = None,
) -> Waves:
    """Read stores by their first treated period; None is never. A design brings the exact test."""
    asked = asked or Asked()
    panel, case = _case(panel, first, design, asked)
    cells = imputing.treated_cells(case.starts, case.outcome.shape[1])
    overall, by_horizon, notes = staggered.imputation(case)
    usual = replace(
        case.estimate(*imputing.two_way(case.outcome, cells), "two-way fixed effects, wrong here"),
        version=VERSION,
    )
    told = Told({}, notes)
    beside = told.or_why("beside", lambda: staggered.group_times(case, asked.compared))
    bounds = told.or_why(
        "honest", lambda: staggered.honest(case, asked.compared, asked.trends_part)
    )
    by_draw = None if design is None else _tested(panel, case, design, asked)
    why = _why_not(case, by_draw)
    verdict = by_draw.estimate if by_draw else overall
    return Waves(
        imputation=overall,
        lift=over_base(verdict, float(case.outcome[cells].mean())),
        beside=beside.overall if beside else None,
        twfe_wrong_here=usual,
        by_horizon=by_horizon,
        honest=bounds,
        tested=by_draw,
        verdict=None if why else verdict,
        why=why,
        specification={
            "version": VERSION,
            "library": staggered.LIBRARY,
            **asdict(asked),
            "design": design.fingerprint if design else None,
            "first": {unit: _told(first[unit]) for unit in panel.units},
            "cut": [str(each) for each in panel.periods[case.outcome.shape[1] :]],
            "notes": list(dict.fromkeys(told.notes)),
            "not_given": told.not_given,
        },
    )


def redrawn(
    panel: Panel, first: Mapping[str, Label | None], design: Design, asked: Asked | None = None
) -> Tested:
    """Give the imputed figure with the exact test of the draw alone."""
    asked = asked or Asked()
    panel, case = _case(panel, first, design, asked)
    return _tested(panel, case, design, asked)


def _case(
    panel: Panel, first: Mapping[str, Label | None], design: Design | None, asked: Asked
) -> tuple[Panel, Staggered]:
    """Lay out who starts when; stores that nobody drew into their place have none in it."""
    for unit in first:
        panel.row_of(unit)
    if design is not None:
        out = {*design.forced, *design.contaminated}
        panel = panel.only([unit for unit in panel.units if unit not in out])
    starts = _starts(panel, first, asked)
    kept = _readable_periods(starts, len(panel.periods))
    return panel, Staggered(panel.values[:, :kept], np.minimum(starts, kept), asked.level)


def _starts(panel: Panel, first: Mapping[str, Label | None], asked: Asked) -> staggered.Starts:
    """Find each store's first treated column; a start after the data is not a start in them."""
    missing = [unit for unit in panel.units if unit not in first]
    if missing:
        raise CannotEstimate("start_unsaid", units=tuple(missing))
    comparable([panel.periods[0], *(each for each in first.values() if each is not None)])
    whole = len(panel.periods)
    found = []
    for unit in panel.units:
        start = first[unit]
        never = start is None or start > panel.periods[-1]
        found.append(whole if never else panel.place_of(max(start, panel.periods[0])))
    starts = np.array(found, dtype=np.int64)
    if (starts == whole).all():
        raise CannotEstimate("none_starts")
    soonest = int(starts.min())
    if soonest < asked.least_before:
        early = [u for u, at in zip(panel.units, found, strict=True) if at == soonest]
        raise CannotEstimate(
            "few_before_units", before=soonest, units=tuple(early), least=asked.least_before
        )
    return starts


def _readable_periods(starts: staggered.Starts, whole: int) -> int:
    """Periods in which every store is treated have nothing to compare with; they are cut off."""
    last = int(starts.max())
    kept = whole if last >= whole else last
    if not (starts < kept).any():
        raise CannotEstimate("all_start_at_once")
    return kept


def _tested(panel: Panel, case: Staggered, design: Design, asked: Asked) -> Tested:
    """Redraw the waves, give each its starts, and test the imputed figure by what comes out."""
    if design.why is not None and len(design.waves) == 1:
        raise CannotEstimate(design.why)
    rows = [panel.row_of(unit) for unit in design.units]
    starts = _starts_of_waves(case, design, rows)
    periods = case.outcome.shape[1]
    cells = imputing.treated_cells(case.starts, periods)
    both = np.stack([case.outcome, cells.astype(np.float64)])
    found = []
    for drawn in redraws(design, asked.draws):
        anew = case.starts.copy()
        anew[rows] = starts[drawn]
        found.append(imputing.effects(both, imputing.treated_cells(anew, periods)))
    table = np.array(found)
    inverted = invert(
        Lines(float(table[0, 0]), float(table[0, 1]), table[1:, 0], table[1:, 1]), asked.level
    )
    estimate = Estimate(
        estimate=inverted.estimate,
        standard_error=inverted.standard_error,
        low=inverted.low,
        high=inverted.high,
        p=inverted.p,
        degrees=float("inf"),
        treated_count=case.counts[0],
        holdout_count=case.counts[1],
        method="imputation, randomisation of the waves",
        version=VERSION,
    )
    return Tested(estimate, tuple(table[1:, 0].tolist()))


def _starts_of_waves(case: Staggered, design: Design, rows: list[int]) -> staggered.Starts:
    """Find when each wave started; stores that did not go with their wave spoil the test."""
    periods = case.outcome.shape[1]
    found = np.full(len(design.waves) + 1, periods, dtype=np.int64)
    seen: dict[int, int] = {0: periods}
    for unit, row in zip(design.units, rows, strict=True):
        wave = design.waves_of.get(unit, 0)
        start = int(case.starts[row])
        if seen.setdefault(wave, start) != start:
            raise CannotEstimate(
                "not_as_designed" if wave else "not_as_never_drawn", unit=unit, wave=wave
            )
        found[wave] = start
    return found


def _why_not(case: Staggered, by_draw: Tested | None) -> Why | None:
    """A drawn design speaks for itself; without one it takes stores on both sides."""
    if by_draw is not None:
        return None
    treated, never = case.counts
    if treated < 2:
        return Why("one_store_alone")
    least = min(treated, never) if never else treated
    if least < LEAST_CLUSTERS:
        return Why("few_on_one_side", least=least)
    return None


def _told(start: Label | None) -> str | None:
    return None if start is None else str(start)

"""Judging: what the weeks of drawn or picked stores say at a look, or why they say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final

from headwater.increment.errors import CannotEstimate, Why
from headwater.increment.places import designs, randomisation, synthetic, waves
from headwater.increment.places.designs import Campaign, Design
from headwater.increment.places.panels import Panel
from headwater.increment.rollouts import bounds
from headwater.increment.statistics.moments import Estimate
from headwater.increment.verdicts import Verdict, not_readable

# Rows with more cells than this keep the sums and the hash of the weeks, not each of them.
CELLS_KEPT: Final = 6_000
_DIGITS: Final = 9


@dataclass(frozen=True)
class Sight:
    """What one look sees: each compared store's weeks, who started when, and at which level."""

    panel: Panel
    starts: Mapping[str, date | None]
    design: Design | None
    calendar: tuple[Campaign, ...]
    level: float
    redraws: int
    wave_weeks: int

    @property
    def since(self) -> date:
        """The first week in which any store had started."""
        return min(each for each in self.starts.values() if each is not None)

    @property
    def started(self) -> tuple[str, ...]:
        """The stores that had started by this look."""
        last = self.panel.periods[-1]
        return tuple(
            unit for unit in self.panel.units
            if (start := self.starts.get(unit)) is not None and start <= last
        )  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """A figure for each started store over all its weeks, in fen, and what stands beside it."""

    each: Estimate
    lift: Estimate | None
    details: dict[str, Any]

    @property
    def counts(self) -> tuple[int, int]:
        """How many stores had started, and with how many they are compared."""
        return self.each.treated_count, self.each.holdout_count


@dataclass(frozen=True)
class StoreGuards:
    """What must be in order before a number of stores is shown, and what was found.

    `before_p` is the exact test over weeks before the start; `sales_off_fen` is by how much the
    weeks are not what the orders say.
    """

    drawn_count: int
    counted_count: int
    missing: list[list[str]]
    is_as_drawn: bool
    possible_draws: int | None
    lacks: dict[str, Any] | None
    before_p: float | None
    imbalance_alarm_p: float
    sales_fen: int
    sales_off_fen: int
    sales_alarm_share: float


def refuse(guards: StoreGuards) -> Verdict | None:
    """Say why no number may be shown, or None when all is in order."""
    if not guards.is_as_drawn:
        return not_readable("misdrawn")
    if guards.missing or guards.counted_count != guards.drawn_count:
        return not_readable("missing_rows")
    if abs(guards.sales_off_fen) > guards.sales_alarm_share * abs(guards.sales_fen):
        return not_readable("sales_off")
    if guards.lacks is not None:
        code = guards.lacks.get("code")
        return not_readable("one_store" if code == "one_store" else "few_draws")
    if guards.before_p is not None and guards.before_p < guards.imbalance_alarm_p:
        return not_readable("imbalance")
    return None


def before_p(sight: Sight) -> float | None:
    """Test the very draw over weeks before anything started; None where it cannot be tested."""
    if sight.design is None:
        return None
    start = sight.panel.place_of(sight.since)
    panel = sight.panel.within(range(start))
    asked = randomisation.Asked(
        draws=sight.redraws, until=panel.periods[-1], calendar=_of(sight.calendar, panel)
    )
    held_back = min(sight.wave_weeks, start // 3)
    try:
        found = randomisation.read(panel, sight.design, panel.periods[-max(held_back, 1)], asked)
    except CannotEstimate:
        return None
    return float(found.estimate.p)


def figures(sight: Sight, way: str) -> Figures:
    """Work the figure out by the way that was planned, with all that stands beside it."""
    work = {"once": _once, "waves": _in_waves, "picked": _picked}[way]
    found = work(sight)
    return replace(found, details=found.details | {"sums": sums(sight), "way": way})


def sums(sight: Sight) -> dict[str, Any]:
    """Write down the weeks from which anybody can work the figure out again."""
    panel, started = sight.panel, set(sight.started)
    rows = {
        "treated": [at for at, unit in enumerate(panel.units) if unit in started],
        "holdout": [at for at, unit in enumerate(panel.units) if unit not in started],
    }
    told: dict[str, Any] = {
        "weeks": [str(each) for each in panel.periods],
        "since": str(sight.since),
    }
    start = panel.place_of(sight.since)
    for arm, at in rows.items():
        by_week = [round(x) for x in panel.values[at].sum(axis=0)]
        told[arm] = {
            "n": str(len(at)),
            "y": str(sum(by_week[start:])),
            "x": str(sum(by_week[:start])),
            "by_week": by_week,
        }
    if panel.values.size <= CELLS_KEPT:
        told["stores"] = {
            unit: [round(x) for x in row]
            for unit, row in zip(panel.units, panel.values, strict=True)
        }
    return told


def _once(sight: Sight) -> Figures:
    """Read one wave by the exact test of its draw."""
    assert sight.design is not None
    asked = randomisation.Asked(
        draws=sight.redraws, level=sight.level, calendar=_of(sight.calendar, sight.panel)
    )
    found = randomisation.read(sight.panel, sight.design, sight.since, asked)
    each = _over(found.total, 1 / found.total.treated_count)
    details = {
        "per_member": of_estimate(each),
        "total": of_estimate(found.total),
        "null": _null(found.observed, found.null),
        "possible_draws": str(found.possible_draws),
        "specification": found.specification,
    }
    return Figures(each, found.lift, details)


def _in_waves(sight: Sight) -> Figures:
    """Read several waves by imputation, tested by the draw of the waves."""
    assert sight.design is not None
    panel = _clean(sight)
    asked = waves.Asked(level=sight.level, draws=sight.redraws)
    found = waves.read(panel, sight.starts, sight.design, asked)
    assert found.tested is not None
    bounded, why = bounds.honest(panel, sight.starts, sight.wave_weeks, sight.level)
    lacking: dict[str, Why | None] = {**found.specification["not_given"], "honest": why}
    cells = _cells(panel, sight, found)
    each = _over(found.tested.estimate, cells / found.tested.estimate.treated_count)
    once = waves.redrawn(panel, sight.starts, sight.design, replace(asked, level=0.95))
    base = found.lift and found.tested.estimate.estimate / found.lift.estimate
    details = {
        "per_member": of_estimate(each),
        "one_look_per_member": of_estimate(
            _over(once.estimate, cells / once.estimate.treated_count)
        ),
        "a_week": of_estimate(found.tested.estimate),
        "null": _null(
            found.tested.estimate.estimate / base, [x / base for x in found.tested.null]
        ) if base else None,
        "possible_draws": str(sight.design.possible_draws),
        "course": [
            {"weeks_since": at.weeks_since, **of_estimate(at.estimate)} for at in found.by_horizon
        ],
        "beside": of_estimate(found.beside) if found.beside else None,
        "usual": of_estimate(found.twfe_wrong_here),
        "honest": bounded,
        "specification": found.specification
        | {"not_given": {what: each.as_row() for what, each in lacking.items() if each}},
    }  # fmt: skip
    return Figures(each, found.lift, details)


def _picked(sight: Sight) -> Figures:
    """Read picked stores against a mixture of others; weaker, and it says so."""
    asked = synthetic.Asked(level=sight.level, calendar=_of(sight.calendar, sight.panel))
    found = synthetic.read(sight.panel, sight.started, sight.since, asked)
    weeks = int(found.specification["periods_after"])
    each = _over(found.estimate, weeks)
    details = {
        "per_member": of_estimate(each),
        "a_week": of_estimate(found.estimate),
        "gaps": [round(x, _DIGITS) for x in found.gaps],
        "weeks": [str(each) for each in found.periods],
        "weights": {unit: round(weight, 4) for unit, weight in found.weights.items()},
        "placebo": asdict(found.placebo),
        "conformal": asdict(found.conformal),
        "error_before": round(found.error_before, _DIGITS),
        "label": found.label,
        "specification": found.specification,
    }
    return Figures(each, found.lift, details)


def of_estimate(found: Estimate) -> dict[str, Any]:
    """Write an estimate down; exact tests have no degrees of freedom to tell of."""
    names = ("estimate", "standard_error", "low", "high", "p")
    told: dict[str, Any] = {name: float(getattr(found, name)) for name in names}
    return told | {"method": found.method, "version": found.version}


def _over(found: Estimate, factor: float) -> Estimate:
    """Say a figure for each started store over all its weeks."""
    return replace(
        found,
        estimate=float(found.estimate) * factor,
        standard_error=float(found.standard_error) * factor,
        low=float(found.low) * factor,
        high=float(found.high) * factor,
    )


def _null(observed: float, values: Any) -> dict[str, Any]:
    return {
        "observed": round(float(observed), _DIGITS),
        "values": [round(float(each), _DIGITS) for each in values],
    }


def _cells(panel: Panel, sight: Sight, found: waves.Waves) -> int:
    """Count the store-weeks that the mean is over."""
    kept = panel.periods[: len(panel.periods) - len(found.specification["cut"])]
    starts = [sight.starts[unit] for unit in panel.units]
    return sum(week >= start for start in starts if start is not None for week in kept)


def _clean(sight: Sight) -> Panel:
    """Cut the weeks of the calendar out; they are compared with nothing."""
    found = designs.clean(sight.panel, _of(sight.calendar, sight.panel)).panel
    assert sight.design is not None
    kept = [at for at, each in enumerate(found.periods) if str(each) not in sight.design.cut]
    return found.within(kept)


def _of(calendar: tuple[Campaign, ...], panel: Panel) -> tuple[Campaign, ...]:
    """Keep what touches these stores and weeks."""
    known = set(panel.units)
    kept = []
    for each in calendar:
        stores = tuple(unit for unit in each.stores if unit in known)
        if stores or not each.stores:
            kept.append(Campaign(each.since, each.until, stores))
    return tuple(kept)

"""Synthetic: hand-picked stores against a mixture of others; weaker than a draw, and says so.

Abadie, Diamond and Hainmueller, JASA 105 (2010), 493-505; with a fixed effect for each store as in
Doudchenko and Imbens (2016). Nobody drew these stores, so the doubt rests on weeks (conformal) and
on how often other stores look as strange (placebo), which is known to speak up too often.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.places.conformal import Conformal, conformal
from headwater.increment.places.contrasts import Scale, simplex
from headwater.increment.places.designs import Campaign, clean
from headwater.increment.places.inversion import over_base
from headwater.increment.places.panels import Label, Panel
from headwater.increment.statistics.moments import Estimate

VERSION: Final = "synthetic.1"
LABEL: Final = "hand-picked stores, not drawn: weaker evidence than a drawn design"
# A weight below this is what rounding left of none.
_LEAST_WEIGHT: Final = 1e-6

Table = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """How to read, and what is too bad to be read; all of it is kept beside the result.

    The mixture may miss the past by `worst_miss` of the level, and `worst_miss_of_others` times as
    much as the mixtures of other stores miss theirs.
    """

    scale: Scale = "relative"
    fixed_effects: bool = True
    level: float = 0.95
    periods_before_per_after: float = 3.0
    worst_miss: float = 0.25
    worst_miss_of_others: float = 3.0
    least_donors: int = 5
    placebos: int = 199
    without: tuple[str, ...] = ()
    calendar: tuple[Campaign, ...] = ()


@dataclass(frozen=True)
class Fit:
    """A mixture, what it misses in each period, and how much before the start."""

    weights: Vector
    gaps: Vector
    error_before: float
    start: int

    @property
    def gap(self) -> float:
        """The mean gap after the start."""
        return float(self.gaps[self.start :].mean())

    @property
    def ratio(self) -> float:
        """How much larger the misses are after the start than before it."""
        after = float(np.sqrt((self.gaps[self.start :] ** 2).mean()))
        return after / self.error_before if self.error_before > 0 else float("inf")


@dataclass(frozen=True)
class Placebo:
    """Where the treated stand among other stores treated as if; it over-rejects by itself."""

    p: float
    rank: int
    of: int


@dataclass(frozen=True)
class Synthetic:
    """What hand-picked stores sold more than their mixture, for each store and period."""

    estimate: Estimate
    lift: Estimate | None
    gaps: tuple[float, ...]
    periods: tuple[Label, ...]
    weights: dict[str, float]
    error_before: float
    placebo: Placebo
    conformal: Conformal
    specification: dict[str, Any]
    label: str = LABEL
    is_weaker: bool = True


@dataclass(frozen=True)
class Case:
    """The treated as one series, the donors, and the level to which shares refer."""

    target: Vector
    donors: Table
    level: float
    panel: Panel
    start: int
    count: int


def read(
    panel: Panel, treated: Sequence[str], since: Label, asked: Asked | None = None
) -> Synthetic:
    """Compare the treated stores with the mixture of others that followed them before the start."""
    asked = asked or Asked()
    case = _case(panel, treated, since, asked)
    found = fit(case.target, case.donors, case.start, asked.fixed_effects)
    others = placebos(case.donors, case, asked)
    _refuse_bad_fits(found, others, case, asked)
    ratios = np.array([each.ratio for each in others])
    rank = 1 + int((ratios >= found.ratio).sum())
    sure = _conformal(found, case, asked)
    spread = float(np.sqrt(np.mean([each.gap**2 for each in others])))
    estimate = _estimate(found.gap, spread, sure, case, asked)
    columns = range(len(case.panel.periods))
    donors = case.panel.units[case.count :]
    return Synthetic(
        estimate=estimate,
        lift=over_base(estimate, float(case.target[case.start :].mean()) * case.level),
        gaps=tuple(float(found.gaps[at]) * case.level for at in columns),
        periods=case.panel.periods,
        weights={
            unit: float(weight)
            for unit, weight in zip(donors, found.weights, strict=True)
            if weight > _LEAST_WEIGHT
        },
        error_before=found.error_before * case.level,
        placebo=Placebo(rank / (len(others) + 1), rank, len(others) + 1),
        conformal=sure,
        specification=_specification(case, panel, since, asked),
    )


def fit(target: Vector, donors: Table, start: int, fixed_effects: bool = True) -> Fit:
    """Mix the donors (rows) into the target as it was before the start."""
    shift = target[:start].mean() if fixed_effects else 0.0
    shifts = donors[:, :start].mean(axis=1, keepdims=True) if fixed_effects else 0.0
    weights = simplex((donors - shifts)[:, :start].T, target[:start] - shift)
    gaps = (target - shift) - weights @ (donors - shifts)
    return Fit(weights, gaps, float(np.sqrt((gaps[:start] ** 2).mean())), start)


def placebos(donors: Table, case: Case, asked: Asked) -> list[Fit]:
    """Treat as many other stores as if: each one where one is treated, else groups of that size."""
    rows = list(range(len(donors)))
    if case.count == 1:
        groups = [[row] for row in rows]
    else:
        names = case.panel.units[case.count :]
        groups = [_group(names, number, case.count) for number in range(asked.placebos)]
    found = []
    for group in groups:
        left = [row for row in rows if row not in set(group)]
        together = donors[group].mean(axis=0)
        found.append(fit(together, donors[left], case.start, asked.fixed_effects))
    return found


def _group(names: Sequence[str], number: int, size: int) -> list[int]:
    keys = [hashlib.sha256(f"{number}:{name}".encode()).digest() for name in names]
    return sorted(range(len(names)), key=lambda row: keys[row])[:size]


def _case(panel: Panel, treated: Sequence[str], since: Label, asked: Asked) -> Case:
    rows = [panel.row_of(unit) for unit in dict.fromkeys(treated)]
    if not rows:
        raise CannotEstimate("none_treated")
    for unit in asked.without:
        panel.row_of(unit)
    out = {*asked.without, *treated}
    donors = [unit for unit in panel.units if unit not in out]
    if len(donors) < max(asked.least_donors, len(rows) + 2):
        raise CannotEstimate(
            "few_donors", donors=len(donors), least=max(asked.least_donors, len(rows) + 2)
        )
    panel.place_of(since)
    units = [panel.units[row] for row in rows] + donors
    left = clean(panel, asked.calendar, without=[u for u in panel.units if u not in units]).panel
    left = left.only(units)
    start = sum(each < since for each in left.periods)
    after = len(left.periods) - start
    if after < 1:
        raise CannotEstimate("nothing_clean_after")
    if start < asked.periods_before_per_after * after:
        raise CannotEstimate(
            "short_before_for_after",
            before=start,
            after=after,
            times=asked.periods_before_per_after,
        )
    return _scaled(left, len(rows), start, asked)


def _scaled(panel: Panel, count: int, start: int, asked: Asked) -> Case:
    target = panel.values[:count].mean(axis=0)
    donors = panel.values[count:]
    if np.ptp(target) == 0:
        raise CannotEstimate("never_changes", units=panel.units[:count])
    if asked.scale == "absolute":
        return Case(target, donors, 1.0, panel, start, count)
    level = float(target[:start].mean())
    levels = donors[:, :start].mean(axis=1, keepdims=True)
    if level <= 0 or (levels <= 0).any():
        faulty = [u for u, x in zip(panel.units[count:], levels[:, 0], strict=True) if x <= 0]
        raise CannotEstimate("sold_nothing_before", units=tuple(faulty or panel.units[:count]))
    return Case(target / level, donors / levels, level, panel, start, count)


def _refuse_bad_fits(found: Fit, others: list[Fit], case: Case, asked: Asked) -> None:
    level = abs(float(case.target[: case.start].mean()))
    if found.error_before > asked.worst_miss * level:
        raise CannotEstimate(
            "mixture_misses", miss=found.error_before / level, most=asked.worst_miss
        )
    usual = float(np.median([each.error_before for each in others]))
    if found.error_before > asked.worst_miss_of_others * usual > 0:
        raise CannotEstimate(
            "mixture_misses_more", times=found.error_before / usual, most=asked.worst_miss_of_others
        )


def _conformal(found: Fit, case: Case, asked: Asked) -> Conformal:
    after = np.arange(len(case.target)) >= case.start
    whole = len(case.target)

    def misses(effect: float) -> Vector:
        return fit(case.target - effect * after, case.donors, whole, asked.fixed_effects).gaps

    step = max(found.error_before, abs(found.gap) / 8) / 4
    return conformal(misses, case.start, found.gap, step, asked.level)


def _estimate(gap: float, spread: float, sure: Conformal, case: Case, asked: Asked) -> Estimate:
    return Estimate(
        estimate=gap * case.level,
        standard_error=spread * case.level,
        low=sure.low * case.level,
        high=sure.high * case.level,
        p=sure.p,
        degrees=float("inf"),
        treated_count=case.count,
        holdout_count=len(case.donors),
        method=f"synthetic control, {asked.scale}, block conformal; hand-picked, weaker",
        version=VERSION,
    )


def _specification(case: Case, panel: Panel, since: Label, asked: Asked) -> dict[str, Any]:
    told = asdict(asked)
    told["calendar"] = [
        {"since": str(each.since), "until": str(each.until), "stores": list(each.stores)}
        for each in asked.calendar
    ]
    return {
        "version": VERSION,
        **told,
        "treated": list(case.panel.units[: case.count]),
        "donors": list(case.panel.units[case.count :]),
        "since": str(since),
        "until": str(panel.periods[-1]),
        "periods_before": case.start,
        "periods_after": len(case.panel.periods) - case.start,
        "cut": [str(each) for each in panel.periods if each not in set(case.panel.periods)],
    }

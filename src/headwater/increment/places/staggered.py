"""Staggered: what the kept library says of stores that start at different times, in our words.

diff-diff 3.13.0: imputation after Borusyak, Jaravel and Spiess (2024), group-time effects after
Callaway and Sant'Anna (Journal of Econometrics 225 (2021), 200-230), bounds after Rambachan and
Roth (Review of Economic Studies 90 (2023), 2555-2591). Its warnings become notes beside the figure.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.moments import Estimate

LIBRARY: Final = "diff-diff 3.13.0"
Compared = Literal["not_yet_treated", "never_treated"]

Table = NDArray[np.float64]
Starts = NDArray[np.int64]


@dataclass(frozen=True)
class Horizon:
    """The effect so many periods after the start; the first treated period is nought."""

    weeks_since: int
    estimate: Estimate


@dataclass(frozen=True)
class Honest:
    """The mean effect if trends part after the start by at most `times` as much as before it.

    Low and high hold the doubt too; from and to would be left if nothing were random.
    """

    times: float
    low: float
    high: float
    bound_from: float
    bound_to: float


@dataclass(frozen=True)
class GroupTimes:
    """The mean over treated cells, and each group's effect and error by (start, period)."""

    overall: Estimate
    cells: dict[tuple[int, int], tuple[float, float]]


@dataclass(frozen=True)
class Staggered:
    """Stores by periods, and the column of each store's start (the number of periods for never)."""

    outcome: Table
    starts: Starts
    level: float

    @property
    def counts(self) -> tuple[int, int]:
        """How many stores are treated at some time, and how many never."""
        treated = int((self.starts < self.outcome.shape[1]).sum())
        return treated, len(self.starts) - treated

    def estimate(self, value: float, error: float, method: str) -> Estimate:
        """Put an interval around a figure, by Student's t over the stores."""
        found = means.with_doubt(
            float(value), float(error) ** 2, len(self.starts) - 1, self.counts, method, self.level
        )
        return replace(found, version=LIBRARY)


def imputation(given: Staggered) -> tuple[Estimate, tuple[Horizon, ...], list[str]]:
    """Impute: the mean over treated stores and periods, and by the time since the start."""

    def run(library: Any) -> Any:
        fitted = library.ImputationDiD().fit(_frame(given), **_COLUMNS)
        return fitted, fitted.aggregate("event_study")

    (fitted, course), notes = _asked(run)
    overall = given.estimate(fitted.overall_att, fitted.overall_se, "imputation")
    by_horizon = tuple(
        Horizon(int(since), given.estimate(value, error, "imputation, by time since the start"))
        for since, value, error in zip(course.event_time, course.att, course.se, strict=True)
        if since >= 0 and np.isfinite(error) and error > 0
    )
    return overall, by_horizon, notes


def overall(given: Staggered) -> Estimate:
    """Impute the mean alone: its course by the time since the start takes nine times as long."""
    fitted, _notes = _asked(lambda library: library.ImputationDiD().fit(_frame(given), **_COLUMNS))
    return given.estimate(fitted.overall_att, fitted.overall_se, "imputation")


def group_times(given: Staggered, compared: Compared) -> tuple[GroupTimes, list[str]]:
    """Compare each group of starters, in each period, with the stores not treated by then."""

    def run(library: Any) -> Any:
        return library.CallawaySantAnna(control_group=compared).fit(_frame(given), **_COLUMNS)

    fitted, notes = _asked(run)
    method = f"Callaway-Sant'Anna, {compared.replace('_', ' ')}"
    overall = given.estimate(fitted.overall_att, fitted.overall_se, method)
    cells = {
        (int(group) - 1, int(period) - 1): (float(cell["effect"]), float(cell["se"]))
        for (group, period), cell in fitted.group_time_effects.items()
    }
    return GroupTimes(overall, cells), notes


def honest(given: Staggered, compared: Compared, times: float) -> tuple[Honest, list[str]]:
    """Bound the mean effect by how much trends already parted before the start."""

    def run(library: Any) -> Any:
        fitted = library.CallawaySantAnna(control_group=compared, base_period="universal").fit(
            _frame(given), **_COLUMNS
        )
        course = fitted.aggregate("event_study")
        return library.compute_honest_did(
            course, method="relative_magnitude", M=times, alpha=1 - given.level
        )

    found, notes = _asked(run)
    figures = [float(each) for each in (found.ci_lb, found.ci_ub, found.lb, found.ub)]
    if not np.isfinite(figures).all():
        raise CannotEstimate("bounds_not_finite")
    return Honest(times, *figures), notes


_COLUMNS: Final = {
    "outcome": "outcome",
    "unit": "unit",
    "time": "time",
    "first_treat": "first",
}


def _frame(given: Staggered) -> Any:
    """Lay the table out as rows; the library counts time from one, and nought is never."""
    import pandas

    stores, periods = given.outcome.shape
    firsts = np.where(given.starts < periods, given.starts + 1, 0)
    return pandas.DataFrame(
        {
            "unit": np.repeat(np.arange(stores), periods),
            "time": np.tile(np.arange(1, periods + 1), stores),
            "outcome": given.outcome.ravel(),
            "first": np.repeat(firsts, periods),
        }
    )


def _asked(run: Callable[[Any], Any]) -> tuple[Any, list[str]]:
    """Ask the library; what it warns of is kept, and what it refuses is our refusal."""
    # Imported late: it takes seconds, and only readers of waves need it.
    import diff_diff

    with warnings.catch_warnings(record=True) as heard, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            found = run(diff_diff)
        except (ValueError, ArithmeticError, np.linalg.LinAlgError, KeyError) as error:
            raise CannotEstimate("library_refuses", library=LIBRARY, said=str(error)) from error
    return found, list(dict.fromkeys(str(each.message) for each in heard))

"""Panels: what each store sold in each period, whole and in order, or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate

# A date, a whole number or a text: whatever a file calls its periods by, as long as it sorts.
Label = Any
Table = NDArray[np.float64]

# A sentence names so many of the faulty, not all of them.


@dataclass(frozen=True, eq=False)
class Panel:
    """One number for each unit (row) and period (column); periods rise."""

    units: tuple[str, ...]
    periods: tuple[Label, ...]
    values: Table

    @classmethod
    def of(cls, units: Sequence[str], periods: Sequence[Label], values: Table) -> Panel:
        """Take a table after making sure that a comparison can be made on it at all."""
        table = np.asarray(values, dtype=np.float64)
        if table.shape != (len(units), len(periods)):
            raise CannotEstimate("not_a_panel")
        if len(units) < 2:
            raise CannotEstimate("one_unit")
        _no_twice("unit", units)
        _in_order(periods)
        if not np.isfinite(table).all():
            row, column = np.argwhere(~np.isfinite(table))[0]
            raise CannotEstimate("cell_not_finite", unit=units[row], period=periods[column])
        if np.ptp(table) == 0:
            raise CannotEstimate("all_the_same")
        return cls(tuple(units), tuple(periods), table)

    def place_of(self, label: Label) -> int:
        """Find the first column that is not before a moment, which must lie within the panel."""
        comparable([self.periods[0], label])
        if label < self.periods[0] or label > self.periods[-1]:
            raise CannotEstimate(
                "outside_periods", label=label, first=self.periods[0], last=self.periods[-1]
            )
        return next(at for at, each in enumerate(self.periods) if each >= label)

    def row_of(self, unit: str) -> int:
        """Find where a unit stands."""
        if unit not in self.units:
            raise CannotEstimate("no_such_unit", unit=unit)
        return self.units.index(unit)

    def only(self, units: Sequence[str]) -> Panel:
        """Keep these units, in this order."""
        rows = [self.row_of(unit) for unit in units]
        return Panel(tuple(units), self.periods, self.values[rows])

    def within(self, columns: Sequence[int]) -> Panel:
        """Keep these periods."""
        kept = tuple(self.periods[at] for at in columns)
        return Panel(self.units, kept, self.values[:, list(columns)])

    def until(self, last: Label | None) -> Panel:
        """Keep the periods up to this one, or all."""
        if last is None:
            return self
        comparable([self.periods[0], last])
        if last < self.periods[0]:
            raise CannotEstimate("before_first_period", last=last, first=self.periods[0])
        return self.within([at for at, each in enumerate(self.periods) if each <= last])


def from_rows(units: Sequence[str], periods: Sequence[Label], values: Sequence[float]) -> Panel:
    """Lay rows of (unit, period, outcome) out as a panel; each cell comes once, in any order."""
    if not len(units) == len(periods) == len(values):
        raise CannotEstimate("columns_unequal")
    if not len(units):
        raise CannotEstimate("no_rows")
    comparable(periods)
    rows = {unit: at for at, unit in enumerate(dict.fromkeys(units))}
    columns = {period: at for at, period in enumerate(sorted(set(periods)))}
    table = np.full((len(rows), len(columns)), np.nan)
    filled = np.zeros(table.shape, dtype=np.bool_)
    for unit, period, value in zip(units, periods, values, strict=True):
        cell = rows[unit], columns[period]
        if filled[cell]:
            raise CannotEstimate("cell_twice", unit=unit, period=period)
        filled[cell] = True
        table[cell] = value
    if not filled.all():
        row, column = np.argwhere(~filled)[0]
        raise CannotEstimate(
            "cell_missing",
            unit=list(rows)[row],
            period=list(columns)[column],
            missing=int((~filled).sum()),
        )
    return Panel.of(list(rows), list(columns), table)


def _no_twice(what: str, names: Sequence[Label]) -> None:
    twice = [name for name in dict.fromkeys(names) if list(names).count(name) > 1]
    if twice:
        raise CannotEstimate("named_twice", what=what, name=twice[0])


def _in_order(periods: Sequence[Label]) -> None:
    comparable(periods)
    for before, after in itertools.pairwise(periods):
        if before == after:
            raise CannotEstimate("named_twice", what="period", name=after)
        if before > after:
            raise CannotEstimate("periods_disordered", after=after, before=before)


def comparable(periods: Sequence[Label]) -> None:
    """Refuse labels of which nobody can say which comes first."""
    kinds = {type(each) for each in periods}
    if len(kinds) > 1:
        found = tuple(sorted(kind.__name__ for kind in kinds))
        raise CannotEstimate("periods_of_kinds", kinds=found)

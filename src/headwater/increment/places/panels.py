"""Panels: what each store sold in each period, whole and in order, or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate

# A date, a whole number or a text: whatever a file calls its periods by, as long as it sorts.
Label = Any
Table = NDArray[np.float64]

# A sentence names so many of the faulty, not all of them.
_NAMED_MOST: Final = 3


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
            raise CannotEstimate(why="the table is not one row a unit and one column a period")
        if len(units) < 2:
            raise CannotEstimate(why="there is one unit; with nothing beside it nothing is learnt")
        _no_twice("unit", units)
        _in_order(periods)
        if not np.isfinite(table).all():
            row, column = np.argwhere(~np.isfinite(table))[0]
            where = f"{units[row]} at {periods[column]}"
            raise CannotEstimate(why=f"the outcome of {where} is not a finite number")
        if np.ptp(table) == 0:
            raise CannotEstimate(why="the outcome is the same everywhere and always")
        return cls(tuple(units), tuple(periods), table)

    def place_of(self, label: Label) -> int:
        """Find the first column that is not before a moment, which must lie within the panel."""
        comparable([self.periods[0], label])
        if label < self.periods[0] or label > self.periods[-1]:
            within = f"{self.periods[0]} to {self.periods[-1]}"
            raise CannotEstimate(why=f"{label} lies outside the periods of the data ({within})")
        return next(at for at, each in enumerate(self.periods) if each >= label)

    def row_of(self, unit: str) -> int:
        """Find where a unit stands."""
        if unit not in self.units:
            raise CannotEstimate(why=f"there is no unit {unit} in the data")
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
            raise CannotEstimate(why=f"{last} lies before the first period, {self.periods[0]}")
        return self.within([at for at, each in enumerate(self.periods) if each <= last])


def from_rows(units: Sequence[str], periods: Sequence[Label], values: Sequence[float]) -> Panel:
    """Lay rows of (unit, period, outcome) out as a panel; each cell comes once, in any order."""
    if not len(units) == len(periods) == len(values):
        raise CannotEstimate(why="the columns are not equally long")
    if not len(units):
        raise CannotEstimate(why="there are no rows")
    comparable(periods)
    rows = {unit: at for at, unit in enumerate(dict.fromkeys(units))}
    columns = {period: at for at, period in enumerate(sorted(set(periods)))}
    table = np.full((len(rows), len(columns)), np.nan)
    filled = np.zeros(table.shape, dtype=np.bool_)
    for unit, period, value in zip(units, periods, values, strict=True):
        cell = rows[unit], columns[period]
        if filled[cell]:
            raise CannotEstimate(why=f"{unit} comes twice at {period}")
        filled[cell] = True
        table[cell] = value
    if not filled.all():
        row, column = np.argwhere(~filled)[0]
        where = f"{list(rows)[row]} has no row at {list(columns)[column]}"
        raise CannotEstimate(why=f"{where} ({int((~filled).sum())} cells are missing)")
    return Panel.of(list(rows), list(columns), table)


def _no_twice(what: str, names: Sequence[Label]) -> None:
    twice = [name for name in dict.fromkeys(names) if list(names).count(name) > 1]
    if twice:
        raise CannotEstimate(why=f"the {what} {twice[0]} comes twice")


def _in_order(periods: Sequence[Label]) -> None:
    comparable(periods)
    for before, after in itertools.pairwise(periods):
        if before == after:
            raise CannotEstimate(why=f"the period {after} comes twice")
        if before > after:
            raise CannotEstimate(why=f"the periods are in disorder: {after} comes after {before}")


def comparable(periods: Sequence[Label]) -> None:
    """Refuse labels of which nobody can say which comes first."""
    kinds = {type(each) for each in periods}
    if len(kinds) > 1:
        named = " and ".join(sorted(kind.__name__ for kind in kinds))
        raise CannotEstimate(why=f"the periods are of different kinds: {named}")


def named(units: Sequence[str]) -> str:
    """Name a few units for a sentence, and say how many more there are."""
    shown = ", ".join(units[:_NAMED_MOST])
    more = len(units) - _NAMED_MOST
    return f"{shown} and {more} more" if more > 0 else shown

"""A table of units: what each bought in each stretch of time, and in which arm it was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.statistics.moments import Moments
from headwater.increment.sums.passes import Rows

# What is known of everybody on the first day: spending in three stretches, and how often they came.
SPANS: Final = {"spend 4 weeks": (0, 4), "spend 5-13 weeks": (4, 13), "spend 14-26 weeks": (13, 26)}
WEEKS: Final = "active weeks"
COVARIATES: Final = (*SPANS, WEEKS)
# All spending before the start in one figure, for whoever reads the sums.
BEFORE: Final = "spend 26 weeks"
# Each week before the start is a place of its own, from the oldest; looks come after them.
WEEKS_BEFORE: Final = 26
_SALES: Final = "sales "
# Places up to 0 are no sales: one says that a unit was drawn, and into which arm; the other of
# which part of the whole it is, as a member is in one guide's book.
DRAWN: Final = 0
PART: Final = -1

Column = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Table:
    """Every unit that was drawn, also who bought nothing: a row each, whole fen throughout."""

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    is_treated: Mask
    # The number of the part, or less than none.
    part: Column

    def of(self, units: Mask) -> Moments:
        """Add up these units."""
        return Moments.of(self.names, [each[units] for each in self.columns])

    def parts(self, *names: str) -> dict[int, tuple[Moments, Moments]]:
        """Add up these columns part by part: the treated, and the held out."""
        columns = [self.columns[self.names.index(name)] for name in names]
        order = np.argsort(self.part * 2 + self.is_treated, kind="stable")
        part = self.part[order]
        starts = np.searchsorted(part, np.unique(part[part >= 0]))
        found = {}
        for start, end in zip(starts, [*starts[1:], len(part)], strict=True):
            units = order[start:end]
            arms = (units[self.is_treated[units]], units[~self.is_treated[units]])
            treated, holdout = (Moments.of(names, [each[arm] for each in columns]) for arm in arms)
            found[int(part[start])] = (treated, holdout)
        return found


def sales(looks: int) -> tuple[str, ...]:
    """Name the columns of net sales, one for each look so far."""
    return tuple(f"{_SALES}{place + 1}" for place in range(looks))


def is_sales(name: str) -> bool:
    """Tell whether a column is net sales up to some look."""
    return name.startswith(_SALES)


class Adding:
    """Rows become a table as they come, in whatever order."""

    def __init__(self, looks: int) -> None:
        self._looks = looks
        self._count = 0
        self._wide = len(SPANS) + looks
        self._column_of = np.array([0, *_spans(), *range(len(SPANS), self._wide)])
        self._spent: Column = np.zeros((0, self._wide), dtype=np.int64)
        self._came: Mask = np.zeros((0, WEEKS_BEFORE + 1), dtype=np.bool_)
        # Who was drawn: 1 where treated, 0 where held out, and less where nobody said so yet.
        self._arm: NDArray[np.int8] = np.full(0, -1, dtype=np.int8)
        self._part: Column = np.full(0, -1, dtype=np.int64)

    def take(self, rows: Rows) -> None:
        """Add rows of units, places and values."""
        unit, place = rows["unit"].astype(np.int64), rows["place"].astype(np.int64)
        value = rows["value"].astype(np.int64)
        self._count = max(self._count, int(unit.max(initial=-1)) + 1)
        self._grow(self._count)
        who, part, sold = place == DRAWN, place == PART, place > DRAWN
        self._arm[unit[who]] = value[who]
        self._part[unit[part]] = value[part]
        unit, place, value = unit[sold], place[sold], value[sold]
        np.add.at(self._spent.reshape(-1), unit * self._wide + self._column_of[place], value)
        before = place <= WEEKS_BEFORE
        self._came[unit[before], place[before]] = True

    def table(self) -> Table:
        """Close the table: spans of weeks before, and what had added up by each look."""
        arm, spent = self._arm[: self._count], self._spent[: self._count]
        assert (arm >= 0).all(), "somebody bought who was never drawn"
        spans = spent[:, : len(SPANS)]
        after = np.cumsum(spent[:, len(SPANS) :], axis=1)
        weeks = self._came[: self._count].sum(axis=1, dtype=np.int64)
        columns = (*after.T, *spans.T, weeks, spans.sum(axis=1))
        return Table(names(self._looks), tuple(columns), arm == 1, self._part[: self._count])

    def _grow(self, least: int) -> None:
        more = least - len(self._arm)
        if more > 0:
            # By halves as well, so that growing costs nothing in the end.
            more = max(more, len(self._arm) // 2)
            self._arm = np.append(self._arm, np.full(more, -1, dtype=np.int8))
            self._part = np.append(self._part, np.full(more, -1, dtype=np.int64))
            self._spent = np.vstack([self._spent, np.zeros((more, self._wide), dtype=np.int64)])
            self._came = np.vstack([self._came, np.zeros((more, WEEKS_BEFORE + 1), np.bool_)])


def _spans() -> list[int]:
    """Tell for each week before the start, from the oldest, in which span it lies."""
    return [
        place
        for ago in range(WEEKS_BEFORE, 0, -1)
        for place, (first, last) in enumerate(SPANS.values())
        if first < ago <= last
    ]


def names(looks: int) -> tuple[str, ...]:
    """Name the columns of a table: sales by each look, covariates, and all spending before."""
    return (*sales(looks), *COVARIATES, BEFORE)

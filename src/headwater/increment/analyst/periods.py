"""Periods: from rows to what each store sold in each period.

A file has a row for each store and period, or, where a length is named, rows of any kind that are
added up by day, week or month: orders, receipts, lines of the lake. A period in which a store has
no row is refused and not taken for zero, unless rows are added up: no orders then are no sales.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

import numpy as np

from headwater.base.errors import BadInput
from headwater.increment.analyst.tables import Table, quoted
from headwater.increment.places import panels
from headwater.increment.places.panels import Label, Panel

Length = Literal["day", "week", "month"]
_MOST_CELLS: Final = 20_000_000
_SHOP: Final = "'Asia/Shanghai'"


@dataclass(frozen=True)
class Series:
    """Which columns are the store, the time and what is measured; `by` adds rows up."""

    unit: str
    time: str
    outcome: str
    by: Length | None = None


def gather(table: Table, series: Series) -> Panel:
    """Lay the rows out as stores and periods; what is missing or comes twice is refused."""
    unit = table.column(series.unit, "--unit")
    time = time_of(table, series, series.time, "--time")
    number = table.number(series.outcome, "--outcome")
    _refuse_holes(table, series)
    cells = table.relation.aggregate(
        f"{unit}::VARCHAR AS unit, {time} AS time, sum({number.expression})::DOUBLE, count(*)",
        f"{unit}::VARCHAR, {time}",
    ).order("unit, time")
    if table.one(cells.aggregate("count(*)"))[0] > _MOST_CELLS:
        raise BadInput("--time", f"more than {_MOST_CELLS:,} stores times periods; name --by week")
    found = cells.fetchall()
    twice = [row for row in found if row[3] > 1]
    if twice and series.by is None:
        where = f"{twice[0][0]} at {twice[0][1]}"
        why = f"{len(twice):,} stores times periods have several rows, as {where}"
        raise BadInput("--time", f"{why}; --by day, week or month adds them up")
    if series.by is not None:
        return _filled(found)
    units, times, values = ([row[place] for row in found] for place in range(3))
    return panels.from_rows(units, times, values)


def label_of(panel: Panel, text: str, option: str) -> Label:
    """Read a moment as the panel's own periods are: a date, a whole number or a text."""
    kind = type(panel.periods[0])
    try:
        if kind is datetime:
            return datetime.fromisoformat(text)
        if kind is date:
            return date.fromisoformat(text)
        return kind(text)
    except ValueError:
        like = panel.periods[0]
        raise BadInput(option, f"{text} is no period; those of the file are as {like}") from None


def time_of(table: Table, series: Series, name: str, option: str) -> str:
    """Give a column as periods; moments with a zone are those of the shop's clock."""
    column, kind = table.column(name, option), table.kinds[name]
    if name != series.time and kind != table.kinds[series.time]:
        kind = table.kinds[series.time]
        column = f"CAST({column} AS {kind})"
    if kind == "timestamp with time zone":
        column = f"timezone({_SHOP}, {column})"
    elif series.by is not None and not kind.startswith(("date", "timestamp")):
        why = f"the column {name} holds no dates that --by could add up, but {kind}"
        raise BadInput("--by", why)
    return column if series.by is None else f"date_trunc('{series.by}', {column})::DATE"


def _refuse_holes(table: Table, series: Series) -> None:
    asked = [
        f"count(*) FILTER (WHERE {quoted(name)} IS NULL)"
        for name in (series.unit, series.time, series.outcome)
    ]
    value = f"{quoted(series.outcome)}::DOUBLE"
    asked += [f"count(*) FILTER (WHERE {odd}({value}))" for odd in ("isnan", "isinf")]
    counts = table.one(table.relation.aggregate(", ".join(asked)))
    said = [f"rows without a value in the column {name}"
            for name in (series.unit, series.time, series.outcome)]  # fmt: skip
    said.append(f"rows that are not a number (NaN) in the column {series.outcome}")
    said.append(f"infinite values in the column {series.outcome}")
    holes = [f"{count:,} {what}" for count, what in zip(counts, said, strict=True) if count]
    if holes:
        raise BadInput("FILE", f"{table.name} has {', '.join(holes)}")


def _filled(found: list[Any]) -> Panel:
    """Lay sums out where a cell without rows had no sales."""
    rows = {unit: place for place, unit in enumerate(dict.fromkeys(row[0] for row in found))}
    columns = {time: place for place, time in enumerate(sorted({row[1] for row in found}))}
    values = np.zeros((len(rows), len(columns)))
    for unit, time, value, _count in found:
        values[rows[unit], columns[time]] = value
    return Panel.of(list(rows), list(columns), values)

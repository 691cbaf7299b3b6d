"""Waves: stores that start one after the other, out of a file that says when each did.

The column of the start holds the same moment in every row of a store, and nothing where a store
never started. The figure is that of imputation; a design brings the exact test of its draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headwater.base.errors import BadInput
from headwater.increment.analyst import periods
from headwater.increment.analyst.periods import Series
from headwater.increment.analyst.tables import Source, Table, opened, quoted
from headwater.increment.places import waves
from headwater.increment.places.designs import Design
from headwater.increment.places.panels import Label, Panel
from headwater.increment.places.waves import Waves


@dataclass(frozen=True)
class Reading:
    """What waves of stores brought; `first` says when each store started, if ever."""

    source: str
    panel: Panel
    first: Mapping[str, Label | None]
    waves: Waves


def read(source: Source, series: Series, first: str, design: Design | None = None) -> Reading:
    """Read a panel of stores by their first treated period."""
    with opened(source) as table:
        panel = periods.gather(table, series)
        starts = _starts(table, series, first)
    return Reading(source.name, panel, starts, waves.read(panel, starts, design))


def _starts(table: Table, series: Series, first: str) -> dict[str, Label | None]:
    """Find when each store started; one whose rows disagree is refused."""
    moment = periods.time_of(table, series, first, "--first")
    rows = table.relation.aggregate(
        f"{quoted(series.unit)}::VARCHAR AS unit, min({moment}), "
        f"min({moment}) IS DISTINCT FROM max({moment}) OR count({moment}) NOT IN (0, count(*))",
        f"{quoted(series.unit)}::VARCHAR",
    )
    found = rows.order("unit").fetchall()
    torn = [row[0] for row in found if row[2]]
    if torn:
        why = f"{len(torn):,} stores start at different moments in different rows, as {torn[0]}"
        raise BadInput("--first", why)
    return {row[0]: row[1] for row in found}

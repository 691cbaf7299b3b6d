"""Stores: what was caused in some stores, by the test that their choice allows.

Stores that a design drew are read by the exact test of that draw. Stores that somebody picked are
read against a mixture of others, which is weaker, and the reading says so. One store teaches and
proves nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from headwater.base.errors import BadInput
from headwater.increment.analyst import periods
from headwater.increment.analyst.periods import Series
from headwater.increment.analyst.tables import Source, opened
from headwater.increment.places import designs, randomisation, synthetic
from headwater.increment.places.designs import ONE_STORE, Design
from headwater.increment.places.panels import Panel
from headwater.increment.places.randomisation import Tested
from headwater.increment.places.synthetic import Synthetic


@dataclass(frozen=True)
class Started:
    """Which stores were treated from when on; with a design they are those that it drew."""

    treated: tuple[str, ...]
    since: str
    design: Design | None = None


@dataclass(frozen=True)
class Drawn:
    """A reading of stores that were drawn, by the exact test of the draw."""

    source: str
    panel: Panel
    treated: tuple[str, ...]
    tested: Tested


@dataclass(frozen=True)
class Picked:
    """A reading of stores that somebody picked; weaker, and one store is no verdict at all."""

    source: str
    panel: Panel
    treated: tuple[str, ...]
    synthetic: Synthetic

    @property
    def label(self) -> str:
        """Say how much weight it bears."""
        alone = f"one store: {ONE_STORE}; " if len(self.treated) == 1 else ""
        return alone + self.synthetic.label


def read(source: Source, series: Series, started: Started) -> Drawn | Picked:
    """Read a panel of stores by the strongest test that their choice allows."""
    with opened(source) as table:
        panel = periods.gather(table, series)
    since = periods.label_of(panel, started.since, "--from")
    unknown = [unit for unit in started.treated if unit not in panel.units]
    if unknown:
        why = f"there is no {series.unit} {unknown[0]} in {source.name}"
        raise BadInput("--treated", why)
    if since <= panel.periods[0] or since > panel.periods[-1]:
        within = f"{panel.periods[0]} to {panel.periods[-1]}"
        why = f"{since} leaves no period before or after it; the file goes from {within}"
        raise BadInput("--from", why)
    if started.design is None:
        if not started.treated:
            raise BadInput("--treated", "name the stores, or the design that drew them")
        found = synthetic.read(panel, started.treated, since)
        return Picked(source.name, panel, started.treated, found)
    drawn = started.design.treated
    if started.treated and set(started.treated) != set(drawn):
        apart = sorted(set(started.treated) ^ set(drawn))
        raise BadInput("--treated", f"the design drew other stores; {apart[0]} is in one of both")
    tested = randomisation.read(panel, started.design, since)
    return Drawn(source.name, panel, drawn, tested)


def design_of(file: Path) -> Design:
    """Read the row of a design from a file; one that was changed since is refused."""
    try:
        row = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        raise BadInput("--design", f"{file} holds no design") from None
    if not isinstance(row, dict):
        raise BadInput("--design", f"{file} holds no design")
    return designs.from_row(row)

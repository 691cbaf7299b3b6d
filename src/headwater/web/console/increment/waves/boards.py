"""Boards: stores by weeks, who starts when, and each week as a share of the store's usual one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from headwater.increment.places.panels import Panel
from headwater.increment.rollouts.designing import Proposal
from headwater.increment.rollouts.rollouts import Place, Rollout
from headwater.increment.rollouts.wishes import WEEK, Wish

SHOWN_WEEKS: Final = 12
# So many weeks before the start stand on the board of a rollout.
BEFORE_WEEKS: Final = 4
STEPS: Final = 4

Stage = Literal["before", "done", "running", "planned", "left"]


@dataclass(frozen=True)
class Cell:
    """A week of a store: what is done there by then, and its share of the usual week."""

    stage: Stage
    share: int | None
    step: int


@dataclass(frozen=True)
class Row:
    """A store on the board, with its part."""

    unit: str
    name: str
    role: str
    wave: int | None
    cells: list[Cell]


def of_proposal(found: Proposal, wish: Wish, names: Mapping[str, str]) -> list[Row]:
    """Lay out the newest weeks of every store, with the waves that the lot gave them."""
    waves = found.design.waves_of if found.design else dict.fromkeys(wish.picked, 1)
    roles = {unit: name for name in ("forbidden", "forced", "contaminated")
             for unit in getattr(wish, name)}  # fmt: skip
    rows = []
    for unit, values in zip(found.panel.units, found.panel.values, strict=True):
        usual = float(values.mean())
        cells = [_cell("before", float(each), usual) for each in values[-SHOWN_WEEKS:]]
        role = roles.get(unit, "picked" if unit in wish.picked else "drawn")
        rows.append(Row(unit, names.get(unit, unit), role, waves.get(unit), cells))
    return _sorted(rows)


def shown_weeks(panel: Panel) -> list[date]:
    """The weeks that a proposal's board shows."""
    return list(panel.periods[-SHOWN_WEEKS:])


def weeks_of(rollout: Rollout) -> list[date]:
    """The weeks that a rollout's board shows: some before the start, and all of the waves."""
    first = rollout.starts_on - BEFORE_WEEKS * WEEK
    return [first + number * WEEK for number in range((rollout.ends_on - first).days // 7)]


def of_rollout(
    places: Sequence[Place],
    weeks: Sequence[date],
    sold: Mapping[tuple[str, date], int],
    usual: Mapping[str, float],
    seen: tuple[Mapping[str, str], date],
) -> list[Row]:
    """Lay out who has started, starts now and starts later; `seen` are names, and today."""
    names, today = seen
    rows = []
    for each in places:
        if each.unit not in names:
            continue
        cells = []
        for week in weeks:
            fen = sold.get((each.unit, week)) if week + WEEK <= today else None
            stage = stage_of(each, week, today)
            cells.append(_cell(stage, fen, usual.get(each.unit, 0.0)))
        rows.append(Row(each.unit, names[each.unit], each.role, each.wave, cells))
    return _sorted(rows)


def stage_of(place: Place, week: date, today: date) -> Stage:
    """Tell what a store's week is: before its start, over, under way, to come, or left alone."""
    if place.starts_on is None:
        return "left"
    if week < place.starts_on:
        return "before"
    if week + timedelta(days=7) <= today:
        return "done"
    return "running" if week <= today else "planned"


def _cell(stage: Stage, fen: float | None, usual: float) -> Cell:
    if fen is None or usual <= 0:
        return Cell(stage, None, 0)
    share = round(100 * fen / usual)
    return Cell(stage, share, min(max((share - 40) * STEPS // 80, 0), STEPS))


def _sorted(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.wave is None, row.wave or 0, row.unit))

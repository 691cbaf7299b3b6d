"""What is not a panel is refused in words."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from headwater.increment.errors import CannotEstimate
from headwater.increment.places import panels
from headwater.increment.places.panels import Panel

WEEKS = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(4)]
VALUES = np.arange(8.0).reshape(2, 4)


def test_rows_in_any_order_make_the_same_panel() -> None:
    rows = [(unit, week) for unit in ("b", "a") for week in WEEKS]
    sold = {row: float(at) for at, row in enumerate(rows)}
    shuffled = [rows[at] for at in np.random.default_rng(1).permutation(len(rows))]
    panel = panels.from_rows(
        [unit for unit, _week in shuffled],
        [week for _unit, week in shuffled],
        [sold[row] for row in shuffled],
    )
    assert panel.periods == tuple(WEEKS)
    for unit in ("a", "b"):
        assert panel.only([unit]).values[0].tolist() == [sold[unit, week] for week in WEEKS]


@pytest.mark.parametrize(
    "units, periods, values, why",
    [
        (["a", "b"], WEEKS[::-1], VALUES, "in disorder"),
        (["a", "b"], [WEEKS[0], *WEEKS[:3]], VALUES, "2026-01-05 comes twice"),
        (["a", "a"], WEEKS, VALUES, "the unit a comes twice"),
        (["a"], WEEKS, VALUES[:1], "one unit"),
        (["a", "b"], WEEKS[:3], VALUES, "one row a unit"),
        (["a", "b"], WEEKS, VALUES * 0 + 7, "the same everywhere"),
        (["a", "b"], [1, 2, 3, "4"], VALUES, "different kinds: int and str"),
    ],
)
def test_a_table_that_says_nothing_is_refused(
    units: list[str], periods: list[date], values: panels.Table, why: str
) -> None:
    with pytest.raises(CannotEstimate, match=why):
        Panel.of(units, periods, values)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_is_named_with_its_place(value: float) -> None:
    values = VALUES.copy()
    values[1, 2] = value
    with pytest.raises(CannotEstimate, match="outcome of b at 2026-01-19 is not a finite number"):
        Panel.of(["a", "b"], WEEKS, values)


def test_a_missing_row_and_a_row_twice_are_named() -> None:
    with pytest.raises(CannotEstimate, match=r"b has no row at 2 \(1 cells are missing\)"):
        panels.from_rows(["a", "a", "b"], [1, 2, 1], [1.0, 2.0, 3.0])
    with pytest.raises(CannotEstimate, match="a comes twice at 1"):
        panels.from_rows(["a", "a", "b"], [1, 1, 1], [1.0, 2.0, 3.0])
    with pytest.raises(CannotEstimate, match="no rows"):
        panels.from_rows([], [], [])


def test_a_moment_outside_the_panel_and_an_unknown_unit_are_named() -> None:
    panel = Panel.of(["a", "b"], WEEKS, VALUES)
    assert panel.place_of(date(2026, 1, 6)) == 1
    for outside in (date(2025, 12, 31), date(2026, 2, 1)):
        with pytest.raises(CannotEstimate, match=f"{outside} lies outside"):
            panel.place_of(outside)
    with pytest.raises(CannotEstimate, match="different kinds"):
        panel.place_of(3)
    with pytest.raises(CannotEstimate, match="no unit nobody"):
        panel.only(["nobody"])

"""Waves are read by imputation, tested by their draw, and twice-way effects are shown as wrong."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from tests.increment.places import made

from headwater.increment.errors import CannotEstimate
from headwater.increment.places import designs, imputing, waves
from headwater.increment.places.designs import Design, Rules
from headwater.increment.places.panels import Panel
from headwater.increment.places.waves import Asked

STARTS = {1: 14, 2: 18, 3: 22}
GROWTH = 0.01


def drawn(seed: int, stores: int = 24, rules: Rules | None = None) -> tuple[Panel, Design]:
    panel = made.panel(seed, stores=stores, periods=28)
    design = designs.draw(f"wave {seed}", panel.within(range(14)), rules or Rules((5, 5, 5)))
    return panel, design


def firsts(panel: Panel, design: Design) -> dict[str, int | None]:
    return {unit: STARTS.get(design.waves_of.get(unit, 0)) for unit in panel.units}


def grown(panel: Panel, first: dict[str, int | None], by: float = GROWTH) -> tuple[Panel, float]:
    """Let the effect grow by a share each week; also give the mean effect that was put in."""
    values = panel.values.copy()
    put_in = []
    for row, unit in enumerate(panel.units):
        start = first[unit]
        if start is not None:
            weeks = np.arange(1, len(panel.periods) - start + 1)
            added = values[row, start:] * by * weeks
            values[row, start:] += added
            put_in += added.tolist()
    return Panel(panel.units, panel.periods, values), float(np.mean(put_in))


def test_every_figure_of_a_reading_is_there() -> None:
    panel, design = drawn(1)
    first = firsts(panel, design)
    seen, truth = grown(panel, first)
    found = waves.read(seen, first, design, Asked(draws=199))
    assert found.tested is not None
    assert found.tested.estimate.estimate == pytest.approx(found.imputation.estimate, rel=1e-9)
    assert found.tested.estimate.low <= truth <= found.tested.estimate.high
    assert found.verdict == found.tested.estimate
    assert found.why is None
    assert found.beside is not None
    assert "Callaway" in found.beside.method
    assert "wrong here" in found.twfe_wrong_here.method
    assert [each.weeks_since for each in found.by_horizon] == list(range(14))
    assert found.by_horizon[0].estimate.estimate < found.by_horizon[9].estimate.estimate
    assert found.lift is not None
    assert found.lift.p == found.verdict.p
    json.dumps(found.specification)
    assert found.specification["design"] == design.fingerprint


def test_imputation_is_right_under_growing_effects_where_two_way_effects_are_not() -> None:
    off: list[tuple[float, float]] = []
    for world in range(60):
        panel, design = drawn(100 + world)
        sizes = panel.values[:, :14].mean(axis=1, keepdims=True)
        panel = Panel(panel.units, panel.periods, panel.values / sizes)
        first = firsts(panel, design)
        seen, truth = grown(panel, first)
        starts = np.array([first[unit] or 28 for unit in panel.units])
        cells = imputing.treated_cells(starts, 28)
        right = imputing.effects(seen.values[None], cells)[0]
        usual, _error = imputing.two_way(seen.values, cells)
        off.append((right / truth - 1, usual / truth - 1))
    right_off, usual_off = np.mean(off, axis=0)
    error = np.std(off, axis=0)[0] / math.sqrt(len(off))
    assert abs(right_off) < 0.1
    assert abs(right_off) < 3 * error
    assert usual_off < -0.2


def test_where_nothing_happens_the_test_of_the_waves_speaks_up_as_often_as_it_says() -> None:
    worlds, rejected = 150, 0
    for world in range(worlds):
        panel, design = drawn(400 + world, stores=14, rules=Rules((3, 3, 3)))
        found = waves.redrawn(panel, firsts(panel, design), design, Asked(draws=39))
        rejected += found.estimate.p <= 0.05
        inside = found.estimate.low <= 0 <= found.estimate.high
        assert inside == (found.estimate.p > 0.05)
    assert abs(rejected / worlds - 0.05) < 3 * math.sqrt(0.05 * 0.95 / worlds)


def test_periods_in_which_every_store_is_treated_are_cut_off() -> None:
    panel, design = drawn(2, stores=12, rules=Rules((4, 4, 4)))
    first = firsts(panel, design)
    found = waves.redrawn(panel, first, design, Asked(draws=39))
    spoilt = panel.values.copy()
    spoilt[:, 22:] *= 5
    other = Panel(panel.units, panel.periods, spoilt)
    assert waves.redrawn(other, first, design, Asked(draws=39)) == found


def test_few_stores_that_nobody_drew_get_no_verdict() -> None:
    panel, design = drawn(3)
    first = firsts(panel, design)
    found = waves.read(panel, first)
    assert found.tested is None
    assert found.verdict is None
    assert found.why is not None
    assert found.why.startswith("9 stores on one side are too few")
    alone = {unit: (14 if unit == "store 00" else None) for unit in panel.units}
    one = waves.read(panel, alone)
    assert one.verdict is None
    assert one.why == "one store: learning only, no verdict possible"


def test_stores_that_were_forced_have_no_part_in_it() -> None:
    rules = Rules((5, 5, 5), forced=("store 00",), contaminated=("store 01",))
    panel, design = drawn(4, rules=rules)
    first = firsts(panel, design) | {"store 00": 10}
    values = panel.values.copy()
    values[:2, 10:] *= 4
    spoilt = Panel(panel.units, panel.periods, values)
    one, other = (waves.redrawn(each, first, design, Asked(draws=39)) for each in (panel, spoilt))
    assert one == other


def test_starts_that_make_no_sense_are_refused() -> None:
    panel, design = drawn(5)
    first = firsts(panel, design)
    late = {unit: 99 if start else None for unit, start in first.items()}
    early = first | {"store 07": 3}
    at_once = dict.fromkeys(panel.units, 14)
    strayed = first | {design.treated[0]: 15}
    cases: list[tuple[dict[str, Any], Design | None, str]] = [
        (first | {"nobody": 14}, None, "no unit nobody"),
        ({"store 00": 14}, None, "when store 01, store 02, store 03 and 20 more started"),
        (late, None, "no store starts within the data"),
        (early, None, "3 periods lie before store 07 started; 4 are the least"),
        (first | {"store 07": "14"}, None, "different kinds: int and str"),
        (dict(at_once), None, "all stores start at once"),
        (strayed, design, "did not start with wave 1, as the design says"),
    ]
    for given, by_design, why in cases:
        with pytest.raises(CannotEstimate, match=why):
            waves.read(panel, given, by_design)

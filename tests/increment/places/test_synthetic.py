"""Hand-picked stores get a weaker reading that says so, or none."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.increment.places import made

from headwater.increment.errors import CannotEstimate
from headwater.increment.places import conformal, contrasts, synthetic
from headwater.increment.places.designs import Campaign
from headwater.increment.places.panels import Panel
from headwater.increment.places.synthetic import Asked, Synthetic

START = 32


def read(panel: Panel, treated: list[str], lift: float, asked: Asked | None = None) -> Synthetic:
    return synthetic.read(made.lifted(panel, set(treated), START, lift), treated, START, asked)


@pytest.mark.parametrize("treated", [["store 03"], ["store 03", "store 08", "store 11"]])
@pytest.mark.parametrize("lift", [-0.1, 0.0, 0.2])
def test_a_known_effect_lies_within_the_interval(treated: list[str], lift: float) -> None:
    found = read(made.panel(3), treated, lift)
    assert found.lift is not None
    assert found.lift.low <= lift <= found.lift.high
    assert found.lift.estimate == pytest.approx(lift, abs=0.08)
    assert sum(found.weights.values()) == pytest.approx(1, abs=1e-4)
    assert not set(found.weights) & set(treated)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    lift=st.floats(-0.4, 0.4),
    fixed_effects=st.booleans(),
    picked=st.integers(1, 3),
)
def test_p_and_interval_are_one_test(
    seed: int, lift: float, fixed_effects: bool, picked: int
) -> None:
    panel = made.panel(seed, stores=12)
    found = read(panel, made.names(picked), lift, Asked(fixed_effects=fixed_effects, placebos=19))
    figures = [found.estimate] + ([found.lift] if found.lift else [])
    for figure in figures:
        assert figure.low <= figure.estimate <= figure.high
        assert (figure.p > 0.05) == (figure.low <= 0 <= figure.high)


def test_where_nothing_happens_the_interval_says_so() -> None:
    worlds, missed = 60, 0
    for world in range(worlds):
        found = read(made.panel(500 + world, stores=14), ["store 02"], 0.0)
        missed += found.estimate.p <= 0.05
    assert missed / worlds <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / worlds)


def test_the_specification_and_the_weaker_label_stand_beside_the_result() -> None:
    asked = Asked(without=("store 05",), calendar=(Campaign(3, 4),))
    found = read(made.panel(3), ["store 03"], 0.1, asked)
    assert found.is_weaker
    assert "not drawn" in found.label
    assert "weaker" in found.estimate.method
    told = found.specification
    assert told["treated"] == ["store 03"]
    assert "store 05" not in told["donors"]
    assert told["cut"] == ["3", "4"]
    assert (told["fixed_effects"], told["scale"], told["since"]) == (True, "relative", "32")
    assert (told["periods_before"], told["periods_after"]) == (30, 8)
    assert {each.name for each in dataclasses.fields(Asked)} <= set(told)


def test_too_short_a_past_is_refused() -> None:
    panel = made.panel(3)
    with pytest.raises(CannotEstimate, match="29 periods lie before the start and 11 after it"):
        synthetic.read(panel, ["store 03"], 29)
    assert synthetic.read(panel, ["store 03"], 30).specification["periods_after"] == 10
    with pytest.raises(CannotEstimate, match="16 shifts; an interval at 95% needs 20"):
        synthetic.read(panel.within(range(20, 36)), ["store 03"], 33)


def test_a_past_that_no_mixture_follows_is_refused() -> None:
    panel = made.panel(3)
    values = panel.values.copy()
    values[3, :START:2] *= 2.5
    with pytest.raises(CannotEstimate, match=r"misses the past by 4.% of its level"):
        read(Panel(panel.units, panel.periods, values), ["store 03"], 0.0)
    values = panel.values.copy()
    values[3, :START:2] *= 1.5
    with pytest.raises(CannotEstimate, match="times as much as other stores"):
        read(Panel(panel.units, panel.periods, values), ["store 03"], 0.0)


@pytest.mark.parametrize(
    "treated, why",
    [
        ([], "no treated unit"),
        (["nobody"], "no unit nobody"),
        (made.names(20), "4 stores are left to compare with; 22"),
    ],
)
def test_treated_units_that_cannot_be_read_are_refused(treated: list[str], why: str) -> None:
    with pytest.raises(CannotEstimate, match=why):
        synthetic.read(made.panel(3), treated, START)


def test_shares_are_not_swapped_for_absolute_figures_in_silence() -> None:
    panel = made.panel(3)
    values = panel.values.copy()
    values[7] = 0.0
    values[7, START:] = 5.0
    given_panel = Panel(panel.units, panel.periods, values)
    with pytest.raises(CannotEstimate, match="store 07 sold nothing before the start"):
        synthetic.read(given_panel, ["store 03"], START)
    assert synthetic.read(given_panel, ["store 03"], START, Asked(without=("store 07",)))


def test_a_store_that_never_changes_is_refused() -> None:
    panel = made.panel(3)
    values = panel.values.copy()
    values[3] = 7.0
    with pytest.raises(CannotEstimate, match="the outcome of store 03 never changes"):
        synthetic.read(Panel(panel.units, panel.periods, values), ["store 03"], START)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**6), donors=st.integers(2, 9))
def test_a_mixture_that_is_there_is_found(seed: int, donors: int) -> None:
    chance = np.random.default_rng(seed)
    table = chance.normal(0, 1, (30, donors)) * 10.0 ** chance.integers(-3, 7)
    weights = chance.dirichlet(np.ones(donors))
    assert contrasts.simplex(table, table @ weights) == pytest.approx(weights, abs=1e-5)


def test_a_block_is_shifted_around_as_a_whole() -> None:
    left = np.array([0.0, 0, 0, 0, 0, 0, 0, 0, 3, 3])
    assert conformal.p_of(left, 8) == 0.1
    assert conformal.p_of(left[::-1], 8) == 1.0
    assert conformal.p_of(np.array([3.0, 0, 0, 0, 0, 0, 0, 0, 0, 3]), 8) == 0.3

"""The exact test keeps its error, finds a known effect, and never contradicts its interval."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.increment.places import made

from headwater.increment.errors import CannotEstimate
from headwater.increment.places import contrasts, designs, inversion, randomisation
from headwater.increment.places.designs import Campaign, Design, Rules
from headwater.increment.places.inversion import Lines
from headwater.increment.places.panels import Panel
from headwater.increment.places.randomisation import Asked

START = 32


def drawn(panel: Panel, salt: str = "draw", rules: Rules | None = None) -> Design:
    history = panel.within(range(START))
    return designs.draw(salt, history, rules or Rules((6,)))


def lines(seed: int, redraws: int, shift: float) -> Lines:
    chance = np.random.default_rng(seed)
    slopes = chance.uniform(-1, 1, redraws)
    return Lines(shift, 1.0, chance.normal(0, 1, redraws) + shift * slopes, slopes)


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    redraws=st.integers(39, 400),
    shift=st.floats(-5, 5),
    effect=st.floats(-10, 10),
)
def test_p_and_interval_are_one_test(seed: int, redraws: int, shift: float, effect: float) -> None:
    found = inversion.invert(lines(seed, redraws, shift), 0.95)
    assert found.low <= found.estimate <= found.high
    assert (found.p > 0.05) == (found.low <= 0 <= found.high)
    # The interval is what counting the redraws at an effect, one at a time, would give.
    given_lines = lines(seed, redraws, shift)
    at_least = np.abs(given_lines.redrawn - effect * given_lines.slopes) >= abs(
        given_lines.observed - effect * given_lines.slope
    )
    kept = (1 + int(at_least.sum())) / (redraws + 1) > 0.05
    near_an_end = min(abs(effect - found.low), abs(effect - found.high)) < 1e-9
    assert near_an_end or kept == (found.low <= effect <= found.high)


@pytest.mark.parametrize("statistic", ["did", "synthetic"])
@pytest.mark.parametrize("scale", ["relative", "absolute"])
@pytest.mark.parametrize("lift", [-0.06, 0.0, 0.1])
def test_a_known_effect_lies_within_the_interval(
    statistic: contrasts.Statistic, scale: contrasts.Scale, lift: float
) -> None:
    panel = made.panel(5)
    design = drawn(panel)
    seen = made.lifted(panel, set(design.treated), START, lift)
    found = randomisation.read(seen, design, START, Asked(statistic, scale, draws=199))
    assert found.lift is not None
    assert found.lift.low <= lift <= found.lift.high
    assert found.lift.estimate == pytest.approx(lift, abs=0.04)
    assert (found.estimate.treated_count, found.estimate.holdout_count) == (6, 18)
    for figure in (found.estimate, found.lift, found.total):
        assert (figure.p > 0.05) == (figure.low <= 0 <= figure.high)
    rows = [panel.row_of(unit) for unit in design.treated]
    truth = (seen.values - panel.values)[rows].sum()
    assert found.total.low <= truth <= found.total.high
    assert found.total.estimate == pytest.approx(found.estimate.estimate * 6 * 8)


def test_without_noise_the_effect_is_found_to_the_digit() -> None:
    season = 1 + 0.1 * np.sin(np.arange(40) / 5)
    sizes = np.linspace(1, 5, 24)
    panel = Panel.of(made.names(24), list(range(40)), sizes[:, None] * season[None, :])
    design = drawn(panel)
    seen = made.lifted(panel, set(design.treated), START, 0.07)
    found = randomisation.read(seen, design, START)
    assert found.lift is not None
    assert found.lift.estimate == pytest.approx(0.07, rel=1e-9)
    assert found.lift.low > 0.0699


@pytest.mark.parametrize("statistic, worlds", [("did", 300), ("synthetic", 100)])
def test_where_nothing_happens_the_test_speaks_up_as_often_as_it_says(
    statistic: contrasts.Statistic, worlds: int
) -> None:
    rejected = 0
    for world in range(worlds):
        panel = made.panel(1000 + world, stores=16, periods=40, stay=0.6)
        design = drawn(panel, f"world {world}", Rules((5,)))
        found = randomisation.read(panel, design, START, Asked(statistic, draws=59))
        rejected += found.estimate.p <= 0.05
    error = math.sqrt(0.05 * 0.95 / worlds)
    assert abs(rejected / worlds - 0.05) < 3 * error


def test_forced_and_contaminated_stores_have_no_part_in_the_verdict() -> None:
    panel = made.panel(6)
    rules = Rules((6,), forced=("store 01",), contaminated=("store 02",), forbidden=("store 03",))
    design = drawn(panel, rules=rules)
    spoilt = panel.values.copy()
    spoilt[1:4, START:] *= 3
    other = Panel(panel.units, panel.periods, spoilt)
    one, two = (randomisation.read(each, design, START) for each in (panel, other))
    assert one.estimate == two.estimate
    assert one.specification["forced_and_not_compared"] == ["store 01"]


def test_a_campaign_during_the_test_is_cut_out_of_it() -> None:
    panel = made.panel(6)
    design = drawn(panel)
    values = panel.values.copy()
    values[panel.row_of(design.treated[0]), 34:36] *= 2
    seen = Panel(panel.units, panel.periods, values)
    asked = Asked(calendar=(Campaign(34, 35, (design.treated[0],)),))
    found = randomisation.read(seen, design, START, asked)
    assert found.estimate == randomisation.read(panel, design, START, asked).estimate
    assert found.specification["cut"] == ["34", "35"]


def test_a_design_of_several_waves_is_read_before_the_second_starts() -> None:
    panel = made.panel(7)
    design = drawn(panel, rules=Rules((6, 6)))
    with pytest.raises(CannotEstimate, match="has 2 waves"):
        randomisation.read(panel, design, START)
    first = {unit for unit, wave in design.waves_of.items() if wave == 1}
    seen = made.lifted(panel, first, START, 0.1)
    spoilt = made.lifted(seen, set(design.treated), 38, 9.0)
    found = randomisation.read(spoilt, design, START, Asked(until=37))
    assert found.lift is not None
    assert found.lift.estimate == pytest.approx(0.1, abs=0.05)
    assert found.estimate.treated_count == 6


def test_what_cannot_be_read_is_refused_in_words() -> None:
    panel = made.panel(8)
    design = drawn(panel)
    with pytest.raises(CannotEstimate, match="learning only, no verdict possible"):
        randomisation.read(panel, drawn(panel, rules=Rules((1,))), START)
    with pytest.raises(CannotEstimate, match="3 periods lie before the start"):
        randomisation.read(panel, design, 3)
    with pytest.raises(CannotEstimate, match="41 lies outside"):
        randomisation.read(panel, design, 41)
    with pytest.raises(CannotEstimate, match="18 redraws are too few"):
        randomisation.read(panel, design, START, Asked(draws=18))
    with pytest.raises(CannotEstimate, match="no unit store 23"):
        randomisation.read(panel.only(panel.units[:23]), design, START)
    still = np.repeat(panel.values.mean(axis=1, keepdims=True), 40, axis=1)
    with pytest.raises(CannotEstimate, match="moves in no store otherwise"):
        randomisation.read(Panel(panel.units, panel.periods, still), design, START)
    closed = Panel(panel.units, panel.periods, np.where(panel.values > 0, 0.0, 0.0))
    with pytest.raises(CannotEstimate, match="sold nothing before the start"):
        randomisation.read(closed, design, START)


def test_the_reading_is_the_same_whatever_the_order_of_the_stores() -> None:
    panel = made.panel(9)
    design = drawn(panel)
    backwards = panel.only(panel.units[::-1])
    one, other = (randomisation.read(each, design, START) for each in (panel, backwards))
    assert dataclasses.asdict(one) == dataclasses.asdict(other)

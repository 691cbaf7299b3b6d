"""Power at no effect is the error allowed, and grows with stores, weeks and effect."""

from __future__ import annotations

import numpy as np
import pytest
from tests.increment.places import made

from headwater.increment.errors import CannotEstimate
from headwater.increment.places import contrasts, designs, power, randomisation
from headwater.increment.places.designs import Campaign, Rules
from headwater.increment.places.panels import Panel
from headwater.increment.places.power import Asked

HISTORY = made.panel(21, stores=32, periods=60)
QUICK = Asked(draws=100, windows=6)


@pytest.mark.parametrize("statistic", ["did", "synthetic"])
@pytest.mark.parametrize("stores, weeks", [(6, 4), (12, 8)])
def test_power_at_no_effect_is_the_error_allowed(
    statistic: contrasts.Statistic, stores: int, weeks: int
) -> None:
    asked = Asked(statistic, draws=100, windows=5)
    found = power.curve(HISTORY, Rules((stores,)), weeks, [0.0, 1e-20, 1e-4], asked)
    assert found.power_at_zero == pytest.approx(0.05, abs=1e-12)
    assert [point.power for point in found.points[:2]] == [found.power_at_zero] * 2
    assert found.points[2].power == pytest.approx(0.05, abs=0.01)
    assert found.windows == 5


def test_power_grows_with_the_effect_and_reaches_what_was_asked_at_the_least_effect() -> None:
    found = power.curve(HISTORY, Rules((8,)), 6, [0.0, 0.02, 0.04, 0.08, 0.16], QUICK)
    powers = [point.power for point in found.points]
    assert powers == sorted(powers)
    assert powers[-1] == 1.0
    assert found.mde is not None
    tried = power.rehearse(HISTORY, Rules((8,)), 6, QUICK)
    assert power.seen(tried, found.mde, QUICK) >= 0.8
    assert power.seen(tried, found.mde * 0.98, QUICK) < 0.8


def test_more_stores_and_more_weeks_see_less() -> None:
    cells = power.table(HISTORY, Rules((1,)), [4, 16], [2, 12], QUICK)
    least = {(cell.stores, cell.weeks): cell.mde for cell in cells}
    assert None not in least.values()
    few_short, many_long = least[4, 2], least[16, 12]
    assert few_short is not None
    assert many_long is not None
    assert many_long < 0.6 * few_short


def test_a_cell_without_an_answer_says_why() -> None:
    cells = power.table(HISTORY, Rules((1,)), [1, 4, 32], [4, 50], QUICK)
    why = {(cell.stores, cell.weeks): cell.why or "" for cell in cells}
    assert "learning only, no verdict possible" in why[1, 4]
    assert why[4, 4] == ""
    assert "some must be left" in why[32, 4]
    assert "60 clean periods hold 0 stretches of 63; 5 are the least" in why[4, 50]


def test_campaigns_of_the_past_are_left_out_of_the_rehearsal() -> None:
    values = HISTORY.values.copy()
    values[::2, 20:24] *= 3
    polluted = Panel(HISTORY.units, HISTORY.periods, values)
    asked = Asked(draws=100, windows=6, calendar=(Campaign(20, 23),))
    one, other = (power.curve(each, Rules((8,)), 6, [0.05], asked) for each in (HISTORY, polluted))
    assert one == other
    naive = power.curve(polluted, Rules((8,)), 6, [0.05], QUICK)
    assert naive.points[0].power < one.points[0].power


def test_the_promised_power_is_the_power_that_the_test_then_has() -> None:
    """Worlds after the rehearsal, drawn, lifted and read by the very test."""
    panel = made.panel(30, stores=20, periods=60)
    promised = power.curve(panel, Rules((6,)), 6, [0.05], Asked(windows=12)).points[0].power
    worlds, detected = 120, 0
    for world in range(worlds):
        fresh = made.panel(3000 + world, stores=20, periods=19)
        design = designs.draw(f"world {world}", fresh.within(range(13)), Rules((6,)))
        lifted = made.lifted(fresh, set(design.treated), 13, 0.05)
        found = randomisation.read(lifted, design, 13, randomisation.Asked(draws=99))
        detected += found.estimate.p <= 0.05
    error = np.sqrt(promised * (1 - promised) / worlds)
    assert abs(detected / worlds - promised) < 3 * error + 0.05


@pytest.mark.parametrize(
    "weeks, asked, why",
    [
        (0, QUICK, "one period or more"),
        (4, Asked(draws=19), "19 draws are too few"),
        (44, QUICK, "hold 4 stretches"),
    ],
)
def test_what_cannot_be_rehearsed_is_refused(weeks: int, asked: Asked, why: str) -> None:
    with pytest.raises(CannotEstimate, match=why):
        power.curve(HISTORY, Rules((8,)), weeks, [0.05], asked)

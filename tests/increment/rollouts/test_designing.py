"""Designing: the same wish draws the same stores, and what is foretold holds at no effect."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from tests.increment.rollouts.town import NOW

from headwater.base import ids
from headwater.increment.errors import CannotEstimate
from headwater.increment.places import imputing
from headwater.increment.places.panels import Panel
from headwater.increment.rollouts import designing, history, plans
from headwater.increment.rollouts.designing import Proposal
from headwater.increment.rollouts.wishes import WEEK, Intervention, Wish
from headwater.stores.places import Store

FIRST = date(2025, 6, 2)
BRAND, REGION = ids.new(), ids.new()


def panel_of(count: int = 24, weeks: int = 52, seed: int = 3) -> Panel:
    """Stores of all sizes with a season that all share, and noise that each has of its own."""
    random = np.random.default_rng(seed)
    level = random.uniform(4e6, 12e6, (count, 1))
    season = 1 + 0.2 * np.sin(np.arange(weeks) / 8)
    values = level * season * random.normal(1, 0.05, (count, weeks))
    units = tuple(f"S{number:02d}" for number in range(count))
    return Panel.of(units, tuple(FIRST + number * WEEK for number in range(weeks)), values)


PANEL = panel_of()
STORES = [
    Store(ids.new(), BRAND, REGION, unit, "shop", unit, unit, "上海" if at % 2 else "北京")
    for at, unit in enumerate(PANEL.units)
]
WISH = Wish(BRAND, "scan-go", "扫码购", "Scan and go", (8,), 4, date(2026, 6, 8), "spring")


def proposed(panel: Panel = PANEL, **changes: Any) -> Proposal:
    """Propose what this wish comes to with some changes."""
    return designing.propose(panel, STORES, replace(WISH, **changes))


def test_the_same_wish_and_weeks_draw_the_same_and_another_salt_another() -> None:
    one, again, other = proposed(), proposed(), proposed(salt="autumn")
    assert one.fingerprint == again.fingerprint != other.fingerprint
    assert one.ahead == again.ahead
    assert history.fingerprint(PANEL) == history.fingerprint(panel_of())
    assert history.fingerprint(PANEL) != history.fingerprint(panel_of(seed=4))


@pytest.mark.parametrize("sizes", [(8,), (5, 5, 5), (12, 12)])
def test_where_nothing_is_done_no_look_speaks_up_more_often_than_it_may(
    sizes: tuple[int, ...],
) -> None:
    found = proposed(sizes=sizes, wave_weeks=3)
    assert len(found.ahead) == (len(sizes) if sum(sizes) < 24 else len(sizes) - 1)
    for each in found.ahead:
        assert each.power_at_zero is not None
        assert each.power_at_zero <= each.alpha + 1e-9
        assert each.windows >= 5
    assert sum(each.alpha for each in found.ahead) == pytest.approx(0.05)


def test_more_waves_and_weeks_see_less_than_fewer() -> None:
    found = proposed(sizes=(5, 5, 5), wave_weeks=4)
    seen = [each.mde for each in found.ahead if each.mde is not None]
    assert seen == sorted(seen, reverse=True)
    assert [each.stores for each in found.ahead] == [5, 10, 15]
    assert found.ahead[-1].ends_on == date(2026, 8, 31)
    # An effect as large as what is foretold to be seen lies on the curve where it says.
    chances = {each.effect: each.power for each in found.points}
    assert chances[0.2] > 0.8 > chances[0.0]


def test_a_short_history_and_too_few_stores_are_said_in_words() -> None:
    short = proposed(panel_of(weeks=14))
    assert [each.mde for each in short.ahead] == [None]
    assert any(each.code == "few_stretches" for each in short.lacks)
    with pytest.raises(CannotEstimate) as refused:
        proposed(panel_of(weeks=6))
    assert refused.value.why.code == "short_history"
    with pytest.raises(CannotEstimate) as refused:
        proposed(sizes=(24,))
    assert refused.value.why.code == "none_left_to_compare"
    assert next(each.code for each in proposed(sizes=(1,)).lacks) == "one_store"


def test_picked_stores_have_no_draw_and_say_so() -> None:
    found = proposed(choice="picked", picked=("S01", "S02"), sizes=(2,))
    assert found.design is None
    assert found.fingerprint is None
    assert found.points == ()
    assert [each.code for each in found.lacks] == ["picked_stores"]
    alone = proposed(choice="picked", picked=("S01",), sizes=(1,))
    assert [each.code for each in alone.lacks] == ["picked_stores", "one_store"]


def test_weeks_of_a_campaign_are_cut_out_of_the_draw_and_stand_in_its_row() -> None:
    busy = Intervention(FIRST + 10 * WEEK, FIRST + 12 * WEEK + timedelta(days=2), (), "大促")
    found = proposed(calendar=(busy,))
    assert found.design is not None
    assert found.design.cut == tuple(str(FIRST + number * WEEK) for number in (10, 11, 12))
    plan = plans.written(WISH, found, [busy], NOW)
    assert plan["calendar"][0]["note"] == "大促"
    assert plan["design"]["fingerprint"] == found.fingerprint


def test_strata_share_the_waves_out_by_their_size() -> None:
    found = proposed(strata="city", kind="stratified")
    assert found.design is not None
    cities = {each.code: each.city_zh for each in STORES}
    taken = [cities[unit] for unit in found.design.waves_of]
    assert sorted(taken) == ["上海"] * 4 + ["北京"] * 4


def test_the_weights_of_imputation_leave_out_what_stores_and_weeks_share() -> None:
    random = np.random.default_rng(1)
    starts = np.array([4, 4, 6, 8, 9, 9, 9, 9])
    cells = imputing.treated_cells(starts, 9)
    weights = imputing.weights(cells)
    alike = random.normal(size=(8, 1)) + random.normal(size=(1, 9))
    assert float((weights * alike).sum()) == pytest.approx(0.0, abs=1e-9)
    assert float((weights * (alike + 3.0 * cells)).sum()) == pytest.approx(3.0)
    assert float(weights[cells].sum()) == pytest.approx(1.0)

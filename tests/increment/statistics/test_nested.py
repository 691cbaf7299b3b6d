"""Nested shrinkage: what is said of guides, stores and regions comes true in known worlds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import shrinkage
from headwater.increment.statistics.pooled import nested
from headwater.increment.statistics.pooled.nested import Home
from headwater.increment.statistics.shrinkage import Raw

GUIDES, STORES, REGIONS = 120, 24, 4
HOMES = {
    f"guide {at:03}": Home(f"store {at % STORES:02}", f"region {at % STORES % REGIONS}")
    for at in range(GUIDES)
}


def world(
    seed: int, spreads: tuple[float, float, float]
) -> tuple[dict[str, float], dict[str, float], dict[str, Raw]]:
    """Draw true effects down the tree, and measure each guide with an error of its own."""
    noise = np.random.default_rng([seed, 3])
    regions = 0.02 + spreads[0] * noise.standard_normal(REGIONS)
    stores = {
        f"store {at:02}": float(regions[at % REGIONS] + spreads[1] * noise.standard_normal())
        for at in range(STORES)
    }
    true = {
        name: stores[home.group] + spreads[2] * float(noise.standard_normal())
        for name, home in HOMES.items()
    }
    errors = noise.uniform(0.05, 0.12, GUIDES)
    raw = {
        name: Raw(true[name] + float(noise.normal(0, error)), float(error))
        for name, error in zip(HOMES, errors, strict=True)
    }
    return true, stores, raw


@pytest.mark.parametrize("spreads", [(0.0, 0.0, 0.0), (0.02, 0.03, 0.03), (0.0, 0.06, 0.01)])
def test_bands_hold_the_truth_and_figures_miss_by_less(
    spreads: tuple[float, float, float],
) -> None:
    inside, of_stores, missed, raw_missed, flat_missed = [], [], 0.0, 0.0, 0.0
    for seed in range(24):
        true, stores, raw = world(seed, spreads)
        found = nested.shrink(raw, HOMES)
        flat = shrinkage.shrink(raw)
        for name, each in found.leaves.items():
            inside.append(each.low <= true[name] <= each.high)
            missed += (each.value - true[name]) ** 2
            raw_missed += (raw[name].value - true[name]) ** 2
            flat_missed += (flat.units[name].value - true[name]) ** 2
        of_stores += [found.groups[n].low <= stores[n] <= found.groups[n].high for n in stores]
    assert np.mean(inside) >= 0.93
    assert np.mean(of_stores) >= 0.92
    assert missed < 0.4 * raw_missed
    if spreads[1] > 0:
        assert missed < flat_missed


def test_a_guide_of_a_good_store_is_likelier_in_the_top_than_one_of_a_poor_one() -> None:
    raw = {name: Raw(0.2 if home.group < "store 06" else 0.0, 0.1) for name, home in HOMES.items()}
    raw["guide 000"] = raw["guide 010"] = Raw(0.1, 0.1)
    found = nested.shrink(raw, HOMES).leaves
    assert found["guide 000"].top_chance > found["guide 010"].top_chance + 0.2
    assert sum(each.top_chance for each in found.values()) == pytest.approx(GUIDES / 4, abs=0.5)


def test_whom_nobody_measured_stands_where_the_store_stands() -> None:
    _, _, raw = world(5, (0.02, 0.05, 0.02))
    gone = {
        name: raw[name] for name in raw if name != "guide 007" and HOMES[name].group != "store 03"
    }
    found = nested.shrink(gone, HOMES)
    new, store = found.leaves["guide 007"], found.groups["store 07"]
    assert new.value == pytest.approx(store.value, abs=0.01)
    assert new.high - new.low >= store.high - store.low
    empty, region = found.groups["store 03"], found.uppers["region 3"]
    assert empty.value == pytest.approx(region.value, abs=0.01)


@given(st.integers(0, 10_000), st.floats(-0.5, 0.5))
@settings(max_examples=10, deadline=None)
def test_moving_every_figure_moves_every_answer_by_as_much(seed: int, by: float) -> None:
    _, _, raw = world(seed, (0.01, 0.02, 0.02))
    there = {name: Raw(each.value + by, each.standard_error) for name, each in raw.items()}
    one, other = nested.shrink(raw, HOMES), nested.shrink(there, HOMES)
    for name in HOMES:
        assert other.leaves[name].value == pytest.approx(one.leaves[name].value + by, abs=1e-9)
        assert other.leaves[name].top_chance == one.leaves[name].top_chance


def test_four_guides_are_refused() -> None:
    few = {name: Raw(0.0, 0.1) for name in list(HOMES)[:4]}
    with pytest.raises(CannotEstimate, match="tell nothing of how units differ"):
        nested.shrink(few, {name: HOMES[name] for name in few})

"""Shrinkage: what is said of the best comes true, and what is known is kept."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.shrinkage import Raw, Shrinkage, shrink

# Rubin 1981, table 1: coaching in eight schools.
SCHOOLS = {
    "A": Raw(28, 15), "B": Raw(8, 10), "C": Raw(-3, 16), "D": Raw(7, 11),
    "E": Raw(-1, 9), "F": Raw(1, 11), "G": Raw(18, 10), "H": Raw(12, 18),
}  # fmt: skip


def world(seed: int, spread: float, units: int = 200, error: float = 0.085) -> tuple[
    Shrinkage, dict[str, float]
]:  # fmt: skip
    noise = np.random.default_rng(seed)
    true = 0.02 + spread * noise.standard_normal(units)
    seen = true + error * noise.standard_normal(units)
    raw = {f"guide {at}": Raw(float(value), error) for at, value in enumerate(seen)}
    return shrink(raw), dict(zip(raw, true.tolist(), strict=True))


def test_the_eight_schools_come_out_as_published() -> None:
    found = shrink(SCHOOLS)
    # Bayesian Data Analysis, third edition, table 5.3: medians 10, 8, 6, 7, 5, 6, 10, 8.
    published = {"A": 10, "B": 8, "C": 6, "D": 7, "E": 5, "F": 6, "G": 10, "H": 8}
    for name, middle in published.items():
        assert found.units[name].value == pytest.approx(middle, abs=1.6)
    assert found.middle == pytest.approx(7.9, abs=0.6)


@pytest.mark.parametrize("spread", [0.0, 0.01, 0.03])
def test_two_hundred_guides_are_nearer_to_the_truth_and_the_best_keep_their_word(
    spread: float,
) -> None:
    missed, raw_missed, claims = [], [], []
    for seed in range(10):
        found, true = world(seed, spread)
        missed += [each.value - true[name] for name, each in found.units.items()]
        raw_missed += [each.raw.value - true[name] for name, each in found.units.items()]
        best = sorted(found.units, key=lambda name: -found.units[name].value)[:10]
        claims += [found.units[name].value - true[name] for name in best]
    assert np.sqrt(np.mean(np.square(missed))) <= 0.4 * np.sqrt(np.mean(np.square(raw_missed)))
    assert abs(float(np.mean(claims))) <= 0.012


def test_bands_hold_the_truth_and_chances_are_chances() -> None:
    inside, said, came = [], [], []
    for seed in range(20):
        found, true = world(seed, 0.05)
        bar = np.quantile(list(true.values()), 0.75)
        inside += [each.low <= true[name] <= each.high for name, each in found.units.items()]
        said += [each.top_chance for each in found.units.values()]
        came += [true[name] >= bar for name in found.units]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)
    sure = np.array(said) > 0.6
    assert np.mean(np.array(came)[sure]) == pytest.approx(np.mean(np.array(said)[sure]), abs=0.05)


def test_what_is_known_well_stays_and_what_is_not_moves() -> None:
    raw = {f"{at}": Raw(float(at), 0.001 if at == 9 else 5.0) for at in range(10)}
    found = shrink(raw)
    assert found.units["9"].value == pytest.approx(9, abs=0.01)
    assert abs(found.units["0"].value - found.middle) < abs(0 - found.middle)
    assert max(found.units, key=lambda name: found.units[name].top_chance) == "9"
    assert sum(each.top_chance for each in found.units.values()) == pytest.approx(2, abs=0.01)


def test_the_same_figures_give_the_same_answer() -> None:
    assert shrink(SCHOOLS) == shrink(SCHOOLS)


@pytest.mark.parametrize(
    "raw",
    [
        {f"{at}": Raw(1.0, 1.0) for at in range(4)},
        {f"{at}": Raw(1.0, float(at)) for at in range(6)},
        {f"{at}": Raw(float("nan"), 1.0) for at in range(6)},
        {f"{at}": Raw(1.0, float("inf")) for at in range(6)},
    ],
    ids=["too few", "no standard error", "not a number", "not finite"],
)
def test_what_cannot_be_weighed_is_refused(raw: dict[str, Raw]) -> None:
    with pytest.raises(CannotEstimate):
        shrink(raw)

"""Coverage: in worlds whose truth is known, intervals hold it as often as they promise."""

from __future__ import annotations

import numpy as np
import pytest
from tests.increment.statistics import worlds

from headwater.increment.statistics import means
from headwater.increment.statistics.relative import relative

WORLDS = 600
# Three standard errors of so many worlds around 95 %.
LEAST, MOST = 0.923, 0.977


@pytest.mark.parametrize("treated,holdout", [(4000, 1000), (700, 700)])
def test_intervals_hold_the_truth_as_often_as_they_promise(treated: int, holdout: int) -> None:
    random = np.random.default_rng(20_261_101)
    truth = 0.05
    held = dict.fromkeys([(known, kind) for known in (0, 1, 3) for kind in ("mean", "lift")], 0)
    for _ in range(WORLDS):
        arms = (
            worlds.summed(worlds.members(random, treated, truth)),
            worlds.summed(worlds.members(random, holdout)),
        )
        for known in (0, 1, 3):
            found = means.adjusted(*arms, "spent", worlds.COVARIATES[:known])
            moved, lift = means.estimate(found), relative(found)
            assert lift is not None
            held[known, "mean"] += moved.low <= truth * worlds.BASE <= moved.high
            held[known, "lift"] += lift.low <= truth <= lift.high
    for name, count in held.items():
        assert LEAST <= count / WORLDS <= MOST, (name, count)


@pytest.mark.parametrize("known", [0, 1, 3])
def test_nothing_is_found_where_there_is_nothing(known: int) -> None:
    random = np.random.default_rng(7)
    false_alarms = 0
    for _ in range(WORLDS):
        arms = (
            worlds.summed(worlds.members(random, 1200)),
            worlds.summed(worlds.members(random, 300)),
        )
        found = means.compare(*arms, "spent", worlds.COVARIATES[:known])
        false_alarms += found.adjusted.p < 0.05
    assert 1 - MOST <= false_alarms / WORLDS <= 1 - LEAST


def test_what_is_known_sees_what_the_plain_difference_misses() -> None:
    random = np.random.default_rng(8)
    seen = {0: 0, 1: 0, 3: 0}
    for _ in range(200):
        arms = (
            worlds.summed(worlds.members(random, 3000, 0.10)),
            worlds.summed(worlds.members(random, 1000)),
        )
        for known in seen:
            found = means.compare(*arms, "spent", worlds.COVARIATES[:known])
            seen[known] += found.adjusted.p < 0.05
    assert seen[1] >= 1.4 * seen[0]
    assert seen[3] >= seen[1]


def giants(random: np.random.Generator, count: int) -> dict[str, worlds.Column]:
    """Make members of a brand that sells rarely: half buy nothing, and a few nearly all."""
    habit = random.lognormal(9.0, 1.2, count) * (random.random(count) < 0.5)
    earlier = {
        name: habit * random.gamma(each, 1 / each, count) * (random.random(count) < 0.8)
        for name, each in (("one", 2.0), ("two", 4.0), ("three", 4.0))
    }
    weeks = random.poisson(1 + 8 * (habit > 0), count).astype(np.float64)
    return {"spent": habit * random.exponential(1, count), **earlier, "weeks": weeks}


def test_a_few_giants_in_a_small_holdout_are_not_explained_away() -> None:
    random = np.random.default_rng(5)
    known = ("one", "two", "three", "weeks")
    held = 0
    for _ in range(800):
        arms = worlds.summed(giants(random, 1800)), worlds.summed(giants(random, 200))
        found = means.compare(*arms, "spent", known).adjusted
        held += found.low <= 0 <= found.high
    assert 0.915 <= held / 800 <= 0.97

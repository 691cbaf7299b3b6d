"""Coverage: in worlds whose truth is known, intervals hold it as often as they promise."""

from __future__ import annotations

import numpy as np
import pytest
from tests.increment.statistics import worlds

from headwater.increment.statistics import means
from headwater.increment.statistics.relative import relative

WORLDS = 1000
# Three standard errors of 1,000 worlds around 95 %.
LEAST, MOST = 0.93, 0.97


@pytest.mark.parametrize("treated,holdout", [(2000, 500), (700, 700)])
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
    assert 0.03 <= false_alarms / WORLDS <= 0.07


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

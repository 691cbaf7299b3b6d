"""Health: alarms ring when they should, and about as rarely as they promise otherwise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from tests.increment.statistics import worlds

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import health
from headwater.increment.statistics.moments import Moments


def test_the_sample_ratio_is_scipys_chi_square() -> None:
    ours = health.sample_ratio(9012, 988, 0.1)
    assert ours == pytest.approx(stats.chisquare([9012, 988], [9000, 1000]).pvalue, rel=1e-12)
    assert health.sample_ratio(9000, 1000, 0.1) == 1.0
    assert health.sample_ratio(9150, 850, 0.1) < 0.001


@pytest.mark.parametrize(
    "counts,share,why",
    [
        ((0, 0), 0.1, "both arms are empty"),
        ((-1, 5), 0.1, "fewer than no units"),
        ((5, 5), 0.0, "between nothing and all"),
        ((5, 5), 1.0, "between nothing and all"),
        ((5, 5), math.nan, "between nothing and all"),
    ],
)
def test_counts_that_cannot_be_are_refused(counts: tuple[int, int], share: float, why: str) -> None:
    with pytest.raises(CannotEstimate, match=why):
        health.sample_ratio(*counts, share)


def test_watching_the_sample_ratio_every_day_rings_no_more_often_than_promised() -> None:
    random = np.random.default_rng(1)
    watched = naive = 0
    for _ in range(400):
        held = np.cumsum(random.binomial(300, 0.1, 90))
        days = [(300 * (day + 1) - int(each), int(each)) for day, each in enumerate(held)]
        watched += health.sample_ratio_always(days, 0.1) < 0.05
        naive += any(health.sample_ratio(*each, 0.1) < 0.05 for each in days)
    assert watched / 400 <= 0.05
    assert naive / 400 > 0.2


def test_a_lost_tenth_of_an_arm_rings_and_keeps_ringing() -> None:
    lost = [(9000 * day, 900 * day) for day in range(1, 15)]
    found = health.sample_ratio_always(lost, 0.1)
    assert found < 0.001
    healed = [*lost, (1_000_000, 111_111)]
    assert health.sample_ratio_always(healed, 0.1) == found
    assert health.sample_ratio_always([], 0.1) == 1.0


def test_an_arm_that_becomes_smaller_is_refused() -> None:
    with pytest.raises(CannotEstimate, match="became smaller"):
        health.sample_ratio_always([(900, 100), (950, 99)], 0.1)


def test_arms_that_were_drawn_are_called_unlike_as_rarely_as_promised() -> None:
    random = np.random.default_rng(2)
    found = [
        health.imbalance(
            worlds.summed(worlds.members(random, 400)),
            worlds.summed(worlds.members(random, 100)),
            worlds.COVARIATES,
        )
        for _ in range(1000)
    ]
    assert 0.03 <= np.mean(np.array(found) < 0.05) <= 0.075


def test_one_covariate_alone_is_welchs_test() -> None:
    random = np.random.default_rng(3)
    arms = worlds.members(random, 60), worlds.members(random, 30)
    ours = health.imbalance(*worlds.both(arms), ["before"])
    theirs = stats.ttest_ind(arms[0]["before"], arms[1]["before"], equal_var=False)
    assert ours == pytest.approx(theirs.pvalue, rel=1e-6)


def test_arms_of_another_kind_are_noticed_and_what_says_nothing_is_left_out() -> None:
    random = np.random.default_rng(4)
    rich, poor = worlds.members(random, 3000), worlds.members(random, 3000)
    rich["before"] = rich["before"] * 1.2
    for more in ({}, {"constant": np.full(3000, 0.1)}, {"again": None}):
        arms = []
        for each in (rich, poor):
            extra = {n: each["before"] if c is None else c for n, c in more.items()}
            arms.append(worlds.summed({**each, **extra}))
        found = health.imbalance(arms[0], arms[1], (*worlds.COVARIATES, *more))
        assert found == pytest.approx(
            health.imbalance(arms[0], arms[1], worlds.COVARIATES), rel=1e-4
        )
        assert found < 1e-6


def test_nothing_known_is_nothing_unlike_and_a_constant_for_each_arm_is_refused() -> None:
    arms = worlds.arms(5, 50, 50)
    assert health.imbalance(*arms, []) == 1.0
    ones, twos = (Moments.of(("x",), [np.full(9, value)]) for value in (1, 2))
    with pytest.raises(CannotEstimate, match="another constant"):
        health.imbalance(ones, twos, ["x"])
    with pytest.raises(CannotEstimate, match="holdout arm has 0"):
        health.imbalance(ones, Moments(("x",), 0, (0,), ((0,),)), ["x"])

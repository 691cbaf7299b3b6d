"""Estimators against other people's code, and against worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from scipy import stats

from headwater.increment import estimators
from headwater.increment.errors import CannotEstimate
from headwater.increment.estimators import Sums

Sample = np.ndarray[tuple[int], np.dtype[np.int64]]
WORLDS = 1000


def sums(y: Sample, x: Sample | None = None) -> Sums:
    """Sum as the database does: whole fen, exactly."""
    before = np.zeros_like(y) if x is None else x
    return Sums(
        len(y), int(y.sum()), int(y @ y), int(before.sum()), int(before @ before), int(before @ y)
    )


def world(random: np.random.Generator, members: int, lift: float) -> tuple[Sample, Sample]:
    """Make members who differ: many buy nothing, few buy much, and the past tells the future."""
    habit = random.lognormal(9.0, 0.8, members) * (random.random(members) < 0.7)
    before = habit * random.gamma(8.0, 1 / 8.0, members)
    effect = 1 + lift * random.exponential(1.0, members)
    after = habit * random.gamma(4.0, 1 / 4.0, members) * effect
    return after.astype(np.int64), before.astype(np.int64)


def test_the_plain_difference_is_scipys_welch_test() -> None:
    random = np.random.default_rng(1)
    treated, holdout = world(random, 900, 0.1)[0], world(random, 150, 0.0)[0]
    ours = estimators.difference(sums(treated), sums(holdout))
    theirs = stats.ttest_ind(treated, holdout, equal_var=False)
    bounds = theirs.confidence_interval(0.95)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-9)
    assert (ours.low, ours.high) == pytest.approx((bounds.low, bounds.high), rel=1e-9)
    assert ours.degrees == pytest.approx(theirs.df, rel=1e-9)


def test_cuped_is_the_welch_test_on_what_is_left_of_each_member() -> None:
    random = np.random.default_rng(2)
    (y_t, x_t), (y_h, x_h) = world(random, 700, 0.1), world(random, 300, 0.0)
    ours = estimators.cuped(sums(y_t, x_t), sums(y_h, x_h))
    both_x, both_y = np.concatenate([x_t, x_h]), np.concatenate([y_t, y_h])
    theta = np.cov(both_x, both_y)[0, 1] / both_x.var(ddof=1)
    theirs = stats.ttest_ind(y_t - theta * x_t, y_h - theta * x_h, equal_var=False)
    bounds = theirs.confidence_interval(0.95)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-7)
    assert (ours.low, ours.high) == pytest.approx((bounds.low, bounds.high), rel=1e-7)
    assert ours.standard_error < estimators.difference(sums(y_t), sums(y_h)).standard_error


def test_the_sample_ratio_is_scipys_chi_square() -> None:
    ours = estimators.sample_ratio(9012, 988, 0.1)
    assert ours == pytest.approx(stats.chisquare([9012, 988], [9000, 1000]).pvalue, rel=1e-12)
    assert estimators.sample_ratio(9000, 1000, 0.1) == 1.0
    assert estimators.sample_ratio(9150, 850, 0.1) < 0.001


def test_intervals_hold_the_truth_as_often_as_they_promise() -> None:
    random = np.random.default_rng(20_261_101)
    truth = 0.05
    expected = np.exp(9.0 + 0.8**2 / 2) * 0.7
    held = {"difference": 0, "cuped": 0, "relative": 0}
    for _ in range(WORLDS):
        treated, holdout = sums(*world(random, 2000, truth)), sums(*world(random, 500, 0.0))
        plain = estimators.difference(treated, holdout)
        adjusted = estimators.cuped(treated, holdout)
        lift = estimators.relative(treated, holdout)
        assert lift is not None
        held["difference"] += plain.low <= truth * expected <= plain.high
        held["cuped"] += adjusted.low <= truth * expected <= adjusted.high
        held["relative"] += lift.low <= truth <= lift.high
    # Three standard errors of 1,000 worlds around 95 %.
    for name, count in held.items():
        assert 0.93 <= count / WORLDS <= 0.97, (name, count)


def test_nothing_is_found_where_there_is_nothing() -> None:
    random = np.random.default_rng(7)
    false_alarms = 0
    for _ in range(WORLDS):
        arms = sums(*world(random, 1200, 0.0)), sums(*world(random, 300, 0.0))
        false_alarms += estimators.cuped(*arms).p < 0.05
    assert 0.03 <= false_alarms / WORLDS <= 0.07


def test_cuped_sees_what_the_plain_difference_misses() -> None:
    random = np.random.default_rng(8)
    seen = {"plain": 0, "cuped": 0}
    for _ in range(200):
        arms = sums(*world(random, 3000, 0.10)), sums(*world(random, 1000, 0.0))
        seen["plain"] += estimators.difference(*arms).p < 0.05
        seen["cuped"] += estimators.cuped(*arms).p < 0.05
    assert seen["cuped"] >= 1.4 * seen["plain"]


counted = some.lists(some.integers(0, 10**7), min_size=3, max_size=40)


@given(counted, counted)
def test_an_interval_contains_its_estimate_and_agrees_with_its_p(
    a: list[int], b: list[int]
) -> None:
    treated, holdout = sums(np.array(a)), sums(np.array(b))
    assume(treated.variance + holdout.variance > 0)
    found = estimators.difference(treated, holdout)
    assert found.low <= found.estimate <= found.high
    if abs(found.p - 0.05) > 1e-9:
        assert (found.p < 0.05) == (found.low > 0 or found.high < 0)


@given(counted, counted)
def test_swapping_the_arms_turns_the_sign_and_nothing_else(a: list[int], b: list[int]) -> None:
    treated, holdout = sums(np.array(a)), sums(np.array(b))
    assume(treated.variance + holdout.variance > 0)
    one, other = estimators.difference(treated, holdout), estimators.difference(holdout, treated)
    assert one.estimate == -other.estimate
    assert one.p == pytest.approx(other.p)


def test_large_sums_lose_no_fen() -> None:
    random = np.random.default_rng(3)
    small = random.integers(0, 5, 1000)
    far = [int(each) + 10**12 for each in small]
    shifted = Sums(1000, sum(far), sum(each * each for each in far))
    assert shifted.variance == pytest.approx(float(small.var(ddof=1)), rel=1e-12)


def test_an_adjusted_lift_needs_the_covariance_with_its_baseline() -> None:
    random = np.random.default_rng(4)
    lifts, claimed = [], []
    for _ in range(600):
        arms = sums(*world(random, 800, 0.3)), sums(*world(random, 200, 0.0))
        lift = estimators.relative(*arms)
        assert lift is not None
        lifts.append(lift.estimate)
        claimed.append(lift.standard_error)
    assert np.mean(claimed) == pytest.approx(np.std(lifts), rel=0.12)


def test_a_plain_lift_has_the_error_of_a_ratio_of_independent_means() -> None:
    random = np.random.default_rng(9)
    treated, holdout = sums(*world(random, 800, 0.5)), sums(*world(random, 200, 0.0))
    lift = estimators.relative(treated, holdout, is_adjusted=False)
    spreads = treated.variance / treated.n, holdout.variance / holdout.n
    ratio = treated.mean / holdout.mean
    assert lift is not None
    assert lift.estimate == pytest.approx(ratio - 1)
    assert lift.standard_error**2 == pytest.approx(
        (spreads[0] + ratio**2 * spreads[1]) / holdout.mean**2
    )


def test_a_lift_on_a_baseline_below_zero_keeps_its_sign() -> None:
    random = np.random.default_rng(5)
    treated, holdout = random.integers(-9, -1, 500), random.integers(-14, -6, 500)
    lift = estimators.relative(sums(treated), sums(holdout))
    assert lift is not None
    assert lift.estimate == pytest.approx(0.5, abs=0.05)


def test_no_lift_where_nobody_would_have_bought() -> None:
    assert estimators.relative(Sums(10, 50, 400), Sums(10, 0, 0)) is None


@pytest.mark.parametrize(
    "treated,holdout,why",
    [
        (Sums(0, 0, 0), Sums(10, 5, 9), "treated arm has 0"),
        (Sums(10, 5, 9), Sums(1, 5, 25), "holdout arm has 1"),
        (Sums(10, 50, 250), Sums(10, 50, 250), "does not vary"),
        (Sums(10, 100, 1), Sums(10, 50, 900), "below zero"),
        (Sums(10, float("nan"), 1), Sums(10, 50, 900), "not finite"),
        (Sums(10, float("inf"), 1), Sums(10, 50, 900), "not finite"),
    ],
)
def test_figures_that_allow_nothing_are_refused(treated: Sums, holdout: Sums, why: str) -> None:
    with pytest.raises(CannotEstimate, match=why):
        estimators.cuped(treated, holdout)


def test_what_can_be_seen_is_what_is_then_seen_four_times_in_five() -> None:
    random = np.random.default_rng(6)
    both = sums(*world(random, 200_000, 0.0))
    visible = estimators.least_visible(both, 0.25, 4000)
    seen = sum(
        estimators.cuped(
            sums(*world(random, 3000, visible)), sums(*world(random, 1000, 0.0))
        ).p < 0.05
        for _ in range(300)
    )  # fmt: skip
    assert 0.72 <= seen / 300 <= 0.88

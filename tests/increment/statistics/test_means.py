"""Means: other people's tests give the same figures, and what should not matter does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from scipy import stats
from tests.increment.statistics import worlds

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.moments import Moments

COUNTED = some.lists(some.integers(0, 10**7), min_size=3, max_size=40)


def one_column(values: list[int]) -> Moments:
    return Moments.of(("spent",), [np.array(values)])


def test_the_plain_difference_is_scipys_welch_test() -> None:
    random = np.random.default_rng(1)
    treated, holdout = worlds.members(random, 900, 0.1), worlds.members(random, 150)
    ours = means.estimate(
        means.difference(worlds.summed(treated), worlds.summed(holdout), "spent"), 0.9
    )
    theirs = stats.ttest_ind(treated["spent"], holdout["spent"], equal_var=False)
    bounds = theirs.confidence_interval(0.9)
    assert (ours.p, ours.degrees) == pytest.approx((theirs.pvalue, theirs.df), rel=1e-9)
    assert (ours.low, ours.high) == pytest.approx((bounds.low, bounds.high), rel=1e-9)


def test_cuped_is_the_welch_test_on_what_is_left_of_each_member() -> None:
    random = np.random.default_rng(2)
    treated, holdout = worlds.members(random, 700, 0.1), worlds.members(random, 300)
    ours = means.estimate(
        means.cuped(worlds.summed(treated), worlds.summed(holdout), "spent", "before")
    )
    x, y = (
        np.concatenate([treated[name], holdout[name]]) for name in ("before", "spent")
    )  # fmt: skip
    theta = np.cov(x, y)[0, 1] / x.var(ddof=1)
    left = [arm["spent"] - theta * arm["before"] for arm in (treated, holdout)]
    theirs = stats.ttest_ind(*left, equal_var=False)
    bounds = theirs.confidence_interval(0.95)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-7)
    assert (ours.low, ours.high) == pytest.approx((bounds.low, bounds.high), rel=1e-7)


def test_lin_is_the_regression_with_every_interaction_and_its_robust_error() -> None:
    random = np.random.default_rng(3)
    arms = worlds.members(random, 14_000, 0.1), worlds.members(random, 6_000)
    ours = means.lin(*worlds.both(arms), "spent", worlds.COVARIATES)
    y = np.concatenate([each["spent"] for each in arms])
    known = np.column_stack([np.concatenate([e[n] for e in arms]) for n in worlds.COVARIATES])
    known = known - known.mean(axis=0)
    drawn = np.repeat([1.0, 0.0], [14_000, 6_000])
    design = np.column_stack([np.ones(20_000), drawn, known, known * drawn[:, None]])
    slopes, *_ = np.linalg.lstsq(design, y, rcond=None)
    assert ours.value == pytest.approx(slopes[1], rel=1e-8)

    left = y - design @ slopes
    bread = np.linalg.inv(design.T @ design)
    robust = (bread @ (design.T * left**2) @ design @ bread)[1, 1]
    apart = slopes[5:]
    assert ours.shared == pytest.approx(apart @ np.cov(known.T) @ apart / 20_000, rel=1e-8)
    # Never below: what slopes common to both arms leave is the least.
    assert 0.99 * robust < ours.variance - ours.shared < 1.03 * robust


def test_more_that_is_known_leaves_less_doubt() -> None:
    treated, holdout = worlds.arms(4, 4000, 1000)
    none, one, all_ = (
        means.adjusted(treated, holdout, "spent", worlds.COVARIATES[:count]).variance
        for count in (0, 1, 3)
    )
    assert all_ < one < 0.6 * none


def test_the_raw_figure_stands_beside_and_the_gain_is_reported() -> None:
    treated, holdout = worlds.arms(5, 4000, 1000)
    found = means.compare(treated, holdout, "spent", worlds.COVARIATES)
    assert found.raw == means.estimate(means.difference(treated, holdout, "spent"))
    ratio = found.adjusted.standard_error / found.raw.standard_error
    assert found.variance_taken_out == pytest.approx(1 - ratio**2)
    assert 0.3 < found.variance_taken_out < 0.95
    assert means.compare(treated, holdout, "spent").variance_taken_out == 0.0


def with_column(table: dict[str, worlds.Column], column: worlds.Column) -> Moments:
    return worlds.summed({**table, "more": column})


@pytest.mark.parametrize("seed", range(5))
def test_a_constant_or_repeated_covariate_changes_nothing(seed: int) -> None:
    random = np.random.default_rng(seed)
    arms = worlds.members(random, 500, 0.1), worlds.members(random, 200)
    plain = means.lin(*worlds.both(arms), "spent", worlds.COVARIATES)
    for more in (
        [np.full(len(each["spent"]), 0.1) for each in arms],
        [np.full(len(each["spent"]), 1e9 / 7) for each in arms],
        [each["before"] * 3.7 for each in arms],
        [each["before"] + 2 * each["weeks"] for each in arms],
    ):
        both = [with_column(each, column) for each, column in zip(arms, more, strict=True)]
        found = means.lin(both[0], both[1], "spent", (*worlds.COVARIATES, "more"))
        assert found.value == pytest.approx(plain.value, rel=1e-6)
        assert found.variance == pytest.approx(plain.variance, rel=1e-6)
        assert found.degrees == pytest.approx(plain.degrees, rel=1e-6)


def test_one_constant_covariate_leaves_the_plain_difference() -> None:
    random = np.random.default_rng(6)
    arms = [with_column(worlds.members(random, count), np.full(count, 0.3)) for count in (400, 100)]
    plain = means.difference(arms[0], arms[1], "spent")
    found = means.cuped(arms[0], arms[1], "spent", "more")
    assert (found.value, found.variance) == pytest.approx((plain.value, plain.variance))


@given(COUNTED, COUNTED)
def test_an_interval_contains_its_estimate_and_agrees_with_its_p(
    a: list[int], b: list[int]
) -> None:
    treated, holdout = one_column(a), one_column(b)
    assume(treated.variance("spent") + holdout.variance("spent") > 0)
    found = means.compare(treated, holdout, "spent").raw
    assert found.low <= found.estimate <= found.high
    if abs(found.p - 0.05) > 1e-9:
        assert (found.p < 0.05) == (found.low > 0 or found.high < 0)


@given(some.integers(0, 2**32), some.integers(30, 200), some.integers(30, 200), some.integers(0, 3))
def test_swapping_the_arms_turns_the_sign_and_nothing_else(
    seed: int, treated: int, holdout: int, known: int
) -> None:
    one, other = worlds.arms(seed, treated, holdout)
    covariates = worlds.COVARIATES[:known]
    found = means.compare(one, other, "spent", covariates).adjusted
    turned = means.compare(other, one, "spent", covariates).adjusted
    assert turned.estimate == pytest.approx(-found.estimate, rel=1e-9, abs=1e-6)
    assert (turned.p, turned.standard_error) == pytest.approx(
        (found.p, found.standard_error), rel=1e-6
    )


@given(some.integers(0, 2**32), some.floats(1e-3, 1e5), some.integers(0, 3))
def test_counting_in_yuan_instead_of_fen_scales_the_figure_and_keeps_the_p(
    seed: int, factor: float, known: int
) -> None:
    random = np.random.default_rng(seed)
    arms = [worlds.members(random, count) for count in (120, 60)]
    covariates = worlds.COVARIATES[:known]
    found, scaled = (
        means.compare(
            *worlds.both([{n: c * by for n, c in each.items()} for each in arms]),
            "spent", covariates,
        ).adjusted
        for by in (1.0, factor)
    )  # fmt: skip
    assert scaled.estimate == pytest.approx(factor * found.estimate, rel=1e-6, abs=1e-6 * factor)
    assert scaled.standard_error == pytest.approx(factor * found.standard_error, rel=1e-6)
    assert scaled.p == pytest.approx(found.p, rel=1e-5)


def sums(n: int, y: float, yy: float, x: float = 0.0, xx: float = 0.0) -> Moments:
    return Moments(("spent", "before"), n, (y, x), ((yy, 0.0), (0.0, xx)))


@pytest.mark.parametrize(
    "treated,holdout,why",
    [
        (sums(0, 0, 0), sums(10, 5, 9), "treated arm has 0"),
        (sums(10, 5, 9), sums(1, 5, 25), "holdout arm has 1"),
        (sums(10, 50, 250), sums(10, 50, 250), "does not vary"),
        (sums(10, 100, 1), sums(10, 50, 900), "spent has a variance below zero in the treated"),
        (sums(10, 5, 9, 100, 1), sums(10, 50, 900), "before has a variance below zero"),
        (sums(10, float("nan"), 1), sums(10, 50, 900), "not finite in spent"),
        (sums(10, 5, float("inf")), sums(10, 50, 900), "not finite in spent"),
        (sums(10, 5, 9), Moments(("spent",), 2, (1.0,), ((1.0,),)), "same columns"),
    ],
)
def test_figures_that_allow_nothing_are_refused(
    treated: Moments, holdout: Moments, why: str
) -> None:
    for known in ((), ("before",), ("before", "before")):
        with pytest.raises(CannotEstimate, match=why):
            means.compare(treated, holdout, "spent", known)


def test_a_column_that_nobody_added_up_is_refused_by_name() -> None:
    with pytest.raises(CannotEstimate, match="no column visits"):
        means.compare(*worlds.arms(7, 50, 50), "visits")


def test_an_outcome_that_the_past_foretells_wholly_is_refused() -> None:
    random = np.random.default_rng(8)
    arms = [{"before": random.lognormal(8, 1, count)} for count in (90, 40)]
    both = [worlds.summed({**each, "spent": each["before"] * 1.3}) for each in arms]
    with pytest.raises(CannotEstimate, match="does not vary"):
        means.compare(both[0], both[1], "spent", ("before",))


def test_more_slopes_than_members_are_refused() -> None:
    with pytest.raises(CannotEstimate, match="no more units than covariates"):
        means.lin(*worlds.arms(9, 100, 4), "spent", worlds.COVARIATES)
    with pytest.raises(CannotEstimate, match="no more units than covariates"):
        means.compare(*worlds.arms(9, 3, 2), "spent", worlds.COVARIATES)


@pytest.mark.parametrize(
    "treated,holdout,method",
    [(1000, 1000, "lin"), (5000, 999, "cuped"), (999, 5000, "cuped"), (30, 30, "cuped")],
)
def test_slopes_of_its_own_are_for_large_arms(treated: int, holdout: int, method: str) -> None:
    arms = worlds.arms(10, treated, holdout)
    found = means.adjusted(*arms, "spent", worlds.COVARIATES)
    assert found.method == method
    own, other = means.slopes_of(*arms, "spent", worlds.COVARIATES)
    assert (own == other).all() == (method == "cuped")
    assert means.adjusted(*arms, "spent", worlds.COVARIATES[:1]).method == "cuped"
    assert means.adjusted(*arms, "spent", ()).method == "welch"


def test_common_slopes_are_the_regressions_on_both_arms_as_one_sample() -> None:
    random = np.random.default_rng(11)
    arms = worlds.members(random, 400, 0.1), worlds.members(random, 150)
    y, *known = (np.concatenate([each[n] for each in arms]) for n in ("spent", *worlds.COVARIATES))
    slopes, *_ = np.linalg.lstsq(np.column_stack([np.ones(550), *known]), y, rcond=None)
    left = y - np.column_stack(known) @ slopes[1:]
    found = means.cuped(*worlds.both(arms), "spent", worlds.COVARIATES)
    assert found.value == pytest.approx(left[:400].mean() - left[400:].mean(), rel=1e-8)
    # Two of the three slopes are paid for with degrees of freedom that both arms share.
    spread = left[:400].var(ddof=1) / 400 + left[400:].var(ddof=1) / 150
    assert found.variance == pytest.approx(spread * 548 / 546, rel=1e-8)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, float("nan")])
def test_a_level_that_is_no_share_is_refused(level: float) -> None:
    with pytest.raises(CannotEstimate, match="level"):
        means.compare(*worlds.arms(9, 100, 40), "spent", (), level)

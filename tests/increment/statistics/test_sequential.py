"""Looks: many looks on a plan find no more than one, and a look off the plan is refused."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import special
from tests.increment.statistics import worlds

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.sequential import (
    Looks,
    boundaries,
    look,
    repeated_p,
    together,
)

Matrix = worlds.Column
QUICK = 2**11


def canonical(count: int) -> Matrix:
    """Give the correlation of looks whose increments are independent."""
    shares = np.arange(1, count + 1) / count
    return np.asarray(np.sqrt(np.minimum.outer(shares, shares) / np.maximum.outer(shares, shares)))


def test_one_look_is_a_plain_test() -> None:
    assert boundaries(Looks.even(1), np.ones((1, 1))) == pytest.approx([1.959964], abs=1e-4)


def test_five_even_looks_have_the_bounds_that_books_print() -> None:
    # Lan and DeMets' spending in the shape of O'Brien and Fleming, 0.025 on either side, as the
    # common programs compute it by recursion.
    found = boundaries(Looks.even(5), canonical(5), 2**14)
    assert found == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=0.01)


def test_spending_begins_with_next_to_nothing_and_ends_with_alpha() -> None:
    plan = Looks.even(13)
    spent = [plan.spent(place) for place in range(13)]
    assert spent[0] < 1e-11
    assert all(a < b for a, b in itertools.pairwise(spent))
    assert spent[-1] == pytest.approx(0.05)


@pytest.mark.parametrize("seed", range(4))
def test_bounds_are_crossed_as_often_as_was_planned_however_looks_go_together(seed: int) -> None:
    random = np.random.default_rng(seed)
    mixed = random.normal(0, 1, (8, 8 + 4 * seed))
    covariance = np.cumsum(mixed, axis=0) @ np.cumsum(mixed, axis=0).T
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    plan = Looks.even(8)
    bounds = boundaries(plan, correlation)
    worlds_seen = random.multivariate_normal(np.zeros(8), correlation, 200_000)
    crossed = (np.abs(worlds_seen) > np.array(bounds)).any(axis=1).mean()
    assert 0.047 <= crossed <= 0.053


def test_looks_that_all_say_the_same_cost_nothing() -> None:
    found = boundaries(Looks.even(6), np.ones((6, 6)), 2**14)
    assert found[-1] == pytest.approx(1.96, abs=0.03)


def test_one_more_look_moves_none_of_those_before() -> None:
    whole, plan = canonical(13), Looks.even(13)
    found = boundaries(plan, whole)
    for count in (1, 4, 12):
        assert boundaries(plan, whole[:count, :count]) == found[:count]


def test_fewer_draws_say_nearly_the_same() -> None:
    plan = Looks.even(13)
    fine, quick = (boundaries(plan, canonical(13), draws)[5:] for draws in (2**15, QUICK))
    assert quick == pytest.approx(fine, abs=0.03)


@pytest.mark.parametrize("draws", [0, 32, 1000])
def test_a_number_of_draws_that_spreads_unevenly_is_refused(draws: int) -> None:
    with pytest.raises(CannotEstimate, match="power of two"):
        boundaries(Looks.even(2), canonical(2), draws)


@settings(max_examples=20, deadline=None)
@given(some.integers(0, 2**32), some.integers(1, 4), some.floats(-0.2, 0.2))
def test_the_repeated_p_is_below_alpha_just_where_the_interval_leaves_zero_out(
    seed: int, count: int, lift: float
) -> None:
    random = np.random.default_rng(seed)
    treated, holdout = worlds.weeks(random, 300, count, lift), worlds.weeks(random, 200, count)
    names = [f"look {at}" for at in range(count)]
    found = look(treated, holdout, names, ["before"], Looks.even(5), QUICK)
    assert found.estimate.low <= found.estimate.estimate <= found.estimate.high
    assert (found.estimate.p < 0.05) == found.is_beyond
    assert found.estimate.p >= found.naive.p or found.estimate.p == 1e-9
    assert found.estimate.low <= found.naive.low
    assert found.spent == Looks.even(5).spent(count - 1)


def test_a_repeated_p_falls_as_the_effect_grows() -> None:
    found = [
        repeated_p(Looks.even(5), canonical(5), size, QUICK) for size in (0, 1, 2, 2.5, 3, 4, 40)
    ]
    assert found[0] == 1.0
    assert all(a >= b for a, b in itertools.pairwise(found))
    assert found[-1] == 1e-9


def test_how_looks_go_together_is_what_many_worlds_show() -> None:
    random = np.random.default_rng(3)
    names = [f"look {at}" for at in range(4)]
    for known in ([], ["before"]):
        seen, claimed = [], np.zeros((4, 4))
        for _ in range(600):
            arms = worlds.weeks(random, 160, 4), worlds.weeks(random, 80, 4)
            seen.append([means.adjusted(*arms, name, known).value for name in names])
            claimed += together(*arms, names, known) / 600
        assert claimed == pytest.approx(np.corrcoef(np.array(seen).T), abs=0.1)


def test_weekly_looks_find_nothing_more_often_than_one_and_naive_ones_do() -> None:
    random = np.random.default_rng(20_261_122)
    plan, names = Looks.even(6), [f"look {at}" for at in range(6)]
    beyond = naive = fixed = 0
    for _ in range(500):
        arms = worlds.weeks(random, 200, 6), worlds.weeks(random, 200, 6)
        found = [means.adjusted(*arms, name, ["before"]) for name in names]
        sizes = np.array([abs(each.value) / each.variance**0.5 for each in found])
        bounds = boundaries(plan, together(*arms, names, ["before"]), 2**9)
        beyond += bool((sizes > bounds).any())
        naive += bool((sizes > 1.96).any())
        fixed += sizes[-1] > 1.96
    # Three standard errors of 500 worlds around 5 %.
    assert beyond / 500 <= 0.08
    assert naive / 500 >= 0.09
    assert 0.02 <= fixed / 500 <= 0.08


def test_few_members_widen_the_bound_by_students_tails() -> None:
    random = np.random.default_rng(5)
    arms = worlds.weeks(random, 8, 1), worlds.weeks(random, 7, 1)
    found = look(*arms, ["look 0"], [], Looks.even(1))
    assert found.estimate.high == pytest.approx(found.naive.high, rel=1e-3)
    reach = (found.estimate.high - found.estimate.estimate) / found.estimate.standard_error
    assert reach > special.ndtri(0.975) + 0.1


@pytest.mark.parametrize(
    "shares,alpha",
    [
        ((), 0.05),
        ((0.5,), 0.05),
        ((0.5, 0.5, 1.0), 0.05),
        ((0.7, 0.3, 1.0), 0.05),
        ((0.0, 1.0), 0.05),
        ((0.5, 1.5), 0.05),
        (tuple((each + 1) / 14 for each in range(14)), 0.05),
        ((1.0,), 0.0),
        ((1.0,), 1.0),
        ((float("nan"), 1.0), 0.05),
    ],
)
def test_a_plan_that_is_none_is_refused(shares: tuple[float, ...], alpha: float) -> None:
    with pytest.raises(CannotEstimate, match="look"):
        Looks(shares, alpha)


def test_a_look_that_was_not_planned_is_refused() -> None:
    random = np.random.default_rng(6)
    arms = worlds.weeks(random, 40, 3), worlds.weeks(random, 40, 3)
    for outcomes in ([], ["look 0", "look 1", "look 2"]):
        with pytest.raises(CannotEstimate, match="not planned"):
            look(*arms, outcomes, [], Looks.even(2))


def test_a_week_without_any_sale_is_refused() -> None:
    arm = Moments.of(("look 0", "look 1"), [np.zeros(50), np.arange(50)])
    with pytest.raises(CannotEstimate, match="does not vary at every look"):
        look(arm, arm, ["look 0", "look 1"], [], Looks.even(2))
    with pytest.raises(CannotEstimate, match="does not vary at every look"):
        together(arm, arm, ["look 0", "look 1"], [])

"""Relative lift: the baseline moves as well, and where it may be zero there is no lift."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import special
from tests.increment.statistics import worlds

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.means import Contrast
from headwater.increment.statistics.moments import Estimate, Moments
from headwater.increment.statistics.relative import fieller, relative


def lift_of(found: Contrast) -> Estimate:
    lift = relative(found)
    assert lift is not None
    return lift


def test_a_plain_lift_has_the_error_of_a_ratio_of_independent_means() -> None:
    treated, holdout = worlds.arms(9, 800, 200, 0.5)
    lift = lift_of(means.difference(treated, holdout, "spent"))
    spreads = [arm.variance("spent") / arm.n for arm in (treated, holdout)]
    base = holdout.mean("spent")
    ratio = treated.mean("spent") / base
    assert lift.estimate == pytest.approx(ratio - 1)
    assert lift.standard_error**2 == pytest.approx((spreads[0] + ratio**2 * spreads[1]) / base**2)


@pytest.mark.parametrize("known", [1, 3])
def test_an_adjusted_lift_needs_the_covariance_with_its_baseline(known: int) -> None:
    random = np.random.default_rng(4)
    lifts, claimed = [], []
    for _ in range(500):
        treated = worlds.summed(worlds.members(random, 800, 0.3))
        holdout = worlds.summed(worlds.members(random, 200))
        lift = lift_of(means.adjusted(treated, holdout, "spent", worlds.COVARIATES[:known]))
        lifts.append(lift.estimate)
        claimed.append(lift.standard_error)
    assert np.mean(claimed) == pytest.approx(np.std(lifts), rel=0.12)


@given(some.integers(0, 2**32), some.floats(0.01, 1000.0), some.integers(0, 3))
def test_a_lift_is_the_same_in_every_currency(seed: int, factor: float, known: int) -> None:
    random = np.random.default_rng(seed)
    tables = worlds.members(random, 300, 0.1), worlds.members(random, 150)
    one, other = (
        lift_of(
            means.adjusted(
                *worlds.both([{n: c * by for n, c in each.items()} for each in tables]),
                "spent", worlds.COVARIATES[:known],
            )
        )
        for by in (1.0, factor)
    )  # fmt: skip
    assert other.estimate == pytest.approx(one.estimate, rel=1e-6, abs=1e-9)
    assert (other.low, other.high) == pytest.approx((one.low, one.high), rel=1e-6, abs=1e-9)


def test_fiellers_ends_are_the_lifts_that_the_test_does_not_reject() -> None:
    found = means.cuped(*worlds.arms(5, 400, 100, 0.3), "spent", "before")
    reach = float(special.stdtrit(found.degrees, 0.975))
    for lift in fieller(found):
        left = found.value - lift * found.base
        variance = found.variance - 2 * lift * found.with_base + lift**2 * found.base_variance
        assert abs(left) == pytest.approx(reach * math.sqrt(variance), rel=1e-6)


def test_fieller_and_the_delta_method_agree_where_the_baseline_is_certain() -> None:
    found = means.lin(*worlds.arms(6, 90_000, 10_000), "spent", worlds.COVARIATES)
    lift = lift_of(found)
    assert fieller(found) == pytest.approx((lift.low, lift.high), abs=0.05 * lift.standard_error)


def test_a_lift_on_a_baseline_below_zero_keeps_its_sign() -> None:
    random = np.random.default_rng(5)
    treated, holdout = (
        Moments.of(("y",), [random.integers(*ends, 500)]) for ends in ((-9, -1), (-14, -6))
    )
    found = means.difference(treated, holdout, "y")
    assert lift_of(found).estimate == pytest.approx(0.5, abs=0.05)
    low, high = fieller(found)
    assert low < lift_of(found).estimate < high


@pytest.mark.parametrize("values", [[0, 0, 0, 0], [-3, 3, -4, 4], [1, 0, 0, 0]])
def test_there_is_no_lift_where_the_baseline_may_be_zero(values: list[int]) -> None:
    treated = Moments.of(("y",), [np.array([5, 6, 7, 8])])
    found = means.difference(treated, Moments.of(("y",), [np.array(values)]), "y")
    assert relative(found) is None
    with pytest.raises(CannotEstimate, match="cannot be told from zero"):
        fieller(found)

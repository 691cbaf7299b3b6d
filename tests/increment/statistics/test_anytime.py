"""Any time: the wider interval holds at every moment at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.increment.statistics import worlds

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.anytime import always
from headwater.increment.statistics.moments import Estimate, Moments


@given(some.integers(0, 2**32), some.integers(30, 300), some.integers(1, 10**6))
def test_it_is_wider_contains_its_estimate_and_agrees_with_its_p(
    seed: int, count: int, narrowest_at: int
) -> None:
    plain = means.compare(*worlds.arms(seed, count, 40, 2.0), "spent").raw
    found = always(plain, narrowest_at)
    assert found.low < plain.low < found.estimate < plain.high < found.high
    if abs(found.p - 0.05) > 1e-9:
        assert (found.p < 0.05) == (found.low > 0 or found.high < 0)
    assert found.p >= plain.p


def test_it_is_narrowest_where_it_was_tuned() -> None:
    def width(narrowest_at: int) -> float:
        return always(Estimate(0, 1, -2, 2, 1, 99, 900, 100, "welch"), narrowest_at).high

    assert width(1000) < width(100) < width(10)
    assert width(1000) < width(10_000) < width(100_000)


def test_looking_at_every_batch_finds_nothing_where_there_is_nothing() -> None:
    random = np.random.default_rng(1)
    watched = naive = 0
    for _ in range(300):
        treated = Moments(("y",), 0, (0,), ((0,),))
        holdout, rang, rang_naively = treated, False, False
        for _ in range(40):
            treated += Moments.of(("y",), [random.exponential(1, 50)])
            holdout += Moments.of(("y",), [random.exponential(1, 50)])
            plain = means.estimate(means.difference(treated, holdout, "y"))
            rang_naively |= plain.p < 0.05
            rang |= always(plain, 2000).p < 0.05
        watched += rang
        naive += rang_naively
    assert watched / 300 <= 0.05
    assert naive / 300 > 0.2


@pytest.mark.parametrize("narrowest_at", [0, -5])
def test_an_interval_that_is_narrowest_nowhere_is_refused(narrowest_at: int) -> None:
    with pytest.raises(CannotEstimate, match="one unit or more"):
        always(Estimate(0, 1, -2, 2, 1, math.inf, 9, 9, "welch"), narrowest_at)

"""Sizes: what is said to be visible is then seen as often as was said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.increment.statistics import worlds

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.planned import sizes
from headwater.increment.statistics.planned.sizes import Noise


def test_what_can_be_seen_is_then_seen_four_times_in_five() -> None:
    random = np.random.default_rng(6)
    past = worlds.summed(worlds.members(random, 200_000))
    noise = sizes.noise_of(past, "spent", worlds.COVARIATES)
    visible = sizes.least_visible(noise, 4000, 0.25)
    seen = 0
    for _ in range(300):
        arms = (
            worlds.summed(worlds.members(random, 3000, visible)),
            worlds.summed(worlds.members(random, 1000)),
        )
        seen += means.compare(*arms, "spent", worlds.COVARIATES).adjusted.p < 0.05
    assert 0.73 <= seen / 300 <= 0.87


def test_what_is_known_before_makes_smaller_effects_visible() -> None:
    past = worlds.summed(worlds.members(np.random.default_rng(1), 50_000))
    raw, known = (
        sizes.least_visible(sizes.noise_of(past, "spent", names), 100_000, 0.1)
        for names in ((), worlds.COVARIATES)
    )
    assert known < 0.8 * raw


@given(
    some.floats(0.01, 10), some.floats(0.01, 0.99), some.floats(100, 1e7), some.floats(0.06, 0.99)
)
def test_power_at_what_is_visible_is_the_power_that_was_asked(
    spread: float, share: float, members: float, power: float
) -> None:
    noise = Noise(1.0, spread)
    lift = sizes.least_visible(noise, members, share, power)
    error = sizes.standard_error(noise, members, share)
    # The other tail adds what an error in the other direction would find.
    assert power <= sizes.power_at(lift, error) <= power + 0.025
    assert sizes.members_needed(noise, lift, share, power) == pytest.approx(members, abs=1.01)


@given(some.floats(1e-6, 1e3), some.floats(0.001, 0.5))
def test_power_at_no_effect_is_alpha(error: float, alpha: float) -> None:
    assert sizes.power_at(0.0, error, alpha) == pytest.approx(alpha, rel=1e-9)


def test_what_allows_no_plan_is_refused() -> None:
    noise = Noise(1.0, 1.0)
    empty = Moments(("y",), 3, (0,), ((0,),))
    for why, ask in (
        ("nothing was sold", lambda: sizes.noise_of(empty, "y")),
        ("past arm has 0", lambda: sizes.noise_of(Moments(("y",), 0, (0,), ((0,),)), "y")),
        ("needs members", lambda: sizes.least_visible(noise, 0, 0.1)),
        ("needs members", lambda: sizes.least_visible(noise, 10, 0.0)),
        ("between alpha and 1", lambda: sizes.least_visible(noise, 10, 0.1, 0.01)),
        ("between alpha and 1", lambda: sizes.least_visible(noise, 10, 0.1, 1.0)),
        ("above zero", lambda: sizes.members_needed(noise, 0.0, 0.1)),
        ("above zero", lambda: sizes.power_at(0.1, 0.0)),
    ):
        with pytest.raises(CannotEstimate, match=why):
            ask()

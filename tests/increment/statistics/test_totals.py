"""Totals: the holdout of the brand tells the total, and its parts never become it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.means import with_doubt
from headwater.increment.statistics.moments import Estimate
from headwater.increment.statistics.totals import Effect, in_total, reconcile

SINCE = datetime(2026, 7, 1, tzinfo=UTC)
UNTIL = datetime(2026, 9, 30, tzinfo=UTC)


def figure(value: float, error: float) -> Estimate:
    return with_doubt(value, error**2, 10_000.0, (9_000, 1_000), "lin")


def effect(name: str, value: float, error: float, until: datetime = UNTIL) -> Effect:
    return Effect(name, figure(value, error), SINCE, until)


def test_the_total_is_its_parts_and_a_rest_with_a_band_of_its_own() -> None:
    parts = [effect("recall", 300, 40), effect("moments", 500, 30)]
    found = reconcile(effect("programme", 1_000, 120), parts, {"recall", "moments"})
    assert found.sum_of_parts is not None
    assert found.sum_of_parts.estimate + found.rest.estimate == found.total.estimate
    assert found.rest.estimate == 200
    assert found.rest.standard_error == pytest.approx((120**2 + 40**2 + 30**2) ** 0.5)
    assert found.sum_of_parts.standard_error == pytest.approx(50)
    assert found.rest.method == "interaction and unmeasured"


def test_known_covariances_are_taken_into_account() -> None:
    spread = np.array([[100.0, 30.0], [30.0, 50.0]])
    found = reconcile(effect("p", 10, 10), [effect("a", 4, 50**0.5)], {"a"}, spread)
    assert found.rest.standard_error == pytest.approx((100 + 50 - 60) ** 0.5)


def test_winners_alone_are_never_a_sum() -> None:
    with pytest.raises(CannotEstimate) as refused:
        reconcile(effect("p", 10, 5), [effect("winner", 9, 3)], {"winner", "loser"})
    assert refused.value.details["why"].endswith("missing: loser")


def test_five_channels_of_which_hardly_one_is_proven_still_add_up_to_the_truth() -> None:
    noise = np.random.default_rng(4)
    names = [f"channel {at}" for at in range(5)]
    sums, inside, winners = [], 0, []
    for _ in range(600):
        seen = 0.3 + 0.57 * noise.standard_normal(5)
        parts = [effect(name, value, 0.57) for name, value in zip(names, seen, strict=True)]
        programme = effect("p", 1.5 + 0.4 * noise.standard_normal(), 0.4)
        found = reconcile(programme, parts, names)
        assert found.sum_of_parts is not None
        sums.append(found.sum_of_parts.estimate)
        inside += found.rest.low <= 0 <= found.rest.high
        winners += [each for each in seen if each - 1.96 * 0.57 > 0]
    assert np.mean(sums) == pytest.approx(1.5, abs=0.15)
    assert inside / 600 == pytest.approx(0.95, abs=0.025)
    assert np.mean(winners) > 4 * 0.3


def test_a_programme_without_parts_is_all_rest() -> None:
    found = reconcile(effect("p", 10, 5), [], set())
    assert (found.sum_of_parts, found.rest) == (None, found.total)


def test_an_effect_counts_for_those_treated_and_never_for_a_year() -> None:
    assert in_total(figure(2, 1), 5_000).estimate == 10_000
    assert in_total(figure(2, 1), 5_000).standard_error == 5_000
    with pytest.raises(CannotEstimate):
        in_total(figure(2, 1), 0)
    late = effect("late", 1, 1, UNTIL + timedelta(days=275))
    with pytest.raises(CannotEstimate):
        reconcile(effect("p", 10, 5), [late], {"late"})


@pytest.mark.parametrize("names", [("a", "a"), ("a", "stranger")])
def test_what_stands_twice_or_never_ran_is_refused(names: tuple[str, str]) -> None:
    with pytest.raises(CannotEstimate):
        reconcile(effect("p", 10, 5), [effect(name, 1, 1) for name in names], {"a"})

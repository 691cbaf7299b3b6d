"""Ratios and clusters: what is divided moves as well, and who came together counts as one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.increment.statistics import worlds

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.clusters import clustered
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.ratios import ratio


def baskets(random: np.random.Generator, count: int, lift: float = 0.0) -> dict[str, worlds.Column]:
    """Make members with visits and spending, now and before."""
    habit = random.lognormal(0, 0.5, count)
    visits, earlier = 1.0 + random.poisson(4 * habit), 1.0 + random.poisson(5 * habit)
    basket = 3000 * random.lognormal(0, 0.4, count)
    return {
        "spent": visits * basket * (1 + lift),
        "visits": visits,
        "spent before": earlier * basket * random.gamma(9, 1 / 9, count),
        "visits before": earlier,
        "age": random.normal(40, 10, count),
    }


def worlds_of(seed: int) -> tuple[Moments, Moments]:
    random = np.random.default_rng(seed)
    return worlds.summed(baskets(random, 600, 0.1)), worlds.summed(baskets(random, 300))


def test_a_ratio_is_the_ratio_of_the_sums_with_the_jackknifes_error() -> None:
    random = np.random.default_rng(1)
    arms = baskets(random, 900, 0.1), baskets(random, 400)
    found = ratio(*worlds.both(arms), "spent", "visits")
    whole = [each["spent"].sum() / each["visits"].sum() for each in arms]
    assert found.value == pytest.approx(whole[0] - whole[1], rel=1e-9)
    assert found.base == pytest.approx(whole[1], rel=1e-9)
    error = 0.0
    for each in arms:
        without = (each["spent"].sum() - each["spent"]) / (each["visits"].sum() - each["visits"])
        count = len(without)
        error += (count - 1) / count * float(((without - without.mean()) ** 2).sum())
    assert found.variance == pytest.approx(error, rel=0.02)


@given(some.integers(0, 2**32))
def test_a_denominator_of_one_is_a_mean(seed: int) -> None:
    random = np.random.default_rng(seed)
    arms = [
        worlds.summed({**worlds.members(random, count), "one": np.ones(count)})
        for count in (80, 40)
    ]
    found = ratio(arms[0], arms[1], "spent", "one", worlds.COVARIATES)
    mean = means.adjusted(arms[0], arms[1], "spent", worlds.COVARIATES)
    assert found.value == pytest.approx(mean.value, rel=1e-6, abs=1e-3)
    assert (found.variance, found.with_base) == pytest.approx(
        (mean.variance, mean.with_base), rel=1e-6
    )


def test_a_ratios_own_past_takes_out_what_was_so_before() -> None:
    arms = worlds_of(2)
    raw = ratio(*arms, "spent", "visits")
    found = ratio(*arms, "spent", "visits", before=("spent before", "visits before"))
    assert found.variance < 0.5 * raw.variance
    assert found.method == "ratio cuped"
    nothing = ratio(*arms, "spent", "visits", ("age",))
    assert nothing.variance == pytest.approx(raw.variance, rel=0.02)


def test_swapping_the_arms_turns_a_ratios_sign() -> None:
    one, other = worlds_of(3)
    past = ("spent before", "visits before")
    found = ratio(one, other, "spent", "visits", before=past)
    turned = ratio(other, one, "spent", "visits", before=past)
    assert turned.value == pytest.approx(-found.value)
    assert turned.variance == pytest.approx(found.variance)


def test_past_and_covariates_at_once_are_refused() -> None:
    with pytest.raises(CannotEstimate, match="not both"):
        ratio(*worlds_of(4), "spent", "visits", ("age",), before=("spent before", "visits before"))


@pytest.mark.parametrize("visits", [[0, 0, 0, 0], [1, -1, 2, -2], [0, 0, 0, 1]])
def test_nothing_is_divided_by_what_may_be_zero(visits: list[int]) -> None:
    arm = Moments.of(("spent", "visits"), [np.array([1, 2, 3, 4]), np.array(visits)])
    with pytest.raises(CannotEstimate, match="visits cannot be told from zero"):
        ratio(arm, arm, "spent", "visits")


def stores(random: np.random.Generator, count: int, lift: float = 0.0) -> Moments:
    """Make clusters whose members have a day in common: their sums, one row a cluster."""
    size = 20.0 + random.poisson(30, count)
    common = random.lognormal(0, 0.3, count)
    mean = 10_000 * common * (1 + lift)
    return worlds.summed(
        {
            "spent": size * mean + random.normal(0, 4000, count) * np.sqrt(size),
            "members": size,
            "common": common * random.gamma(50, 1 / 50, count),
        }
    )


def test_clusters_count_as_many_as_they_are() -> None:
    random = np.random.default_rng(6)
    treated, holdout = stores(random, 40, 0.1), stores(random, 25)
    found = clustered(treated, holdout, "spent", "members")
    assert found.counts == (40, 25)
    assert found.degrees <= 63
    known = clustered(treated, holdout, "spent", "members", ("common",))
    assert known.degrees <= 61
    assert known.variance < found.variance
    assert found.method == "clustered ratio welch"


def test_intervals_of_clusters_cover_as_often_as_they_promise() -> None:
    random = np.random.default_rng(7)
    truth, held = 10_000 * np.exp(0.3**2 / 2) * 0.1, 0
    for _ in range(800):
        found = means.estimate(
            clustered(stores(random, 30, 0.1), stores(random, 30), "spent", "members")
        )
        held += found.low <= truth <= found.high
    assert 0.925 <= held / 800 <= 0.97


def test_more_covariates_than_clusters_are_refused() -> None:
    random = np.random.default_rng(9)
    many = {f"known {at}": random.normal(0, 1, 21) for at in range(20)}
    arm = worlds.summed(
        {"spent": random.normal(9, 1, 21), "members": 5.0 + random.poisson(9, 21), **many}
    )
    with pytest.raises(CannotEstimate, match="no more clusters than covariates"):
        clustered(arm, arm, "spent", "members", list(many))


@pytest.mark.parametrize("few", [0, 1, 19])
def test_too_few_clusters_are_refused_with_the_way_out(few: int) -> None:
    random = np.random.default_rng(8)
    arms = [stores(random, 60), stores(random, max(few, 1)).only("spent", "members", "common")]
    if few == 0:
        arms[1] = Moments(arms[0].names, 0, (0, 0, 0), ((0, 0, 0),) * 3)
    with pytest.raises(CannotEstimate, match=f"holdout arm has {few} clusters; 20 are the least"):
        clustered(arms[0], arms[1], "spent", "members")
    with pytest.raises(CannotEstimate, match="treated arm"):
        clustered(arms[1], arms[0], "spent", "members")

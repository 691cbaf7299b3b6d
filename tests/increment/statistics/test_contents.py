"""Contents drawn together: the known formula where the spread is known, and honest where not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.bandit import NO_CONTACT, Batch
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.pooled import contents
from headwater.increment.statistics.pooled.contents import SCALE, Spread

Vector = NDArray[np.float64]


def sent(
    noise: np.random.Generator,
    effects: dict[str, float],
    members: int = 2_000,
    moved: Callable[[int, Vector], Vector] = lambda _batch, values: values,
) -> list[Batch]:
    """Send three batches, the first content to more and more; members buy 4 and differ by 1."""
    past = []
    for batch in range(3):
        share = (0.4, 0.5, 0.6)[batch]
        rest = (1 - share) / (len(effects) - 1)
        shares = {name: rest if at else share for at, name in enumerate(effects)}
        outcomes = {
            name: Moments.of(
                ("sales",),
                [moved(batch, 4 + gain + noise.standard_normal(int(members * shares[name])))],
            )
            for name, gain in effects.items()
        }
        past.append(Batch(shares, outcomes))
    return past


def certain(spread: float) -> Spread:
    return Spread(np.array([spread]), np.array([1.0]), 1)


def test_where_the_spread_is_known_two_contents_are_shrunk_as_the_formula_says() -> None:
    campaign = contents.known(sent(np.random.default_rng(1), {"a": 0.2, "b": 0.0}))
    found = contents.taught(campaign, certain(0.03)).contents["a"]
    # Half the difference of two contents has half the variance of one.
    kept = 0.03**2 / 2 / (0.03**2 / 2 + found.raw.standard_error**2)
    assert found.value == pytest.approx(kept * found.raw.value)
    doubt = kept**0.5 * found.raw.standard_error
    assert found.high - found.low == pytest.approx(2 * 1.96 * doubt, rel=0.03)
    chance = float(stats.norm.cdf(found.value / doubt))
    assert found.top_chance == pytest.approx(chance, abs=0.01)


def test_the_spread_is_what_its_prior_and_the_likelihood_make_it() -> None:
    pasts = [sent(np.random.default_rng(seed), {"a": 0.3, "b": 0.0}, 400) for seed in range(3)]
    known = [contents.known(past) for past in pasts]

    def weight(spread: float) -> float:
        apart = [(c.told[0] / c.precision[0], spread**2 + 1 / c.precision[0]) for c in known]
        chance = np.prod([stats.norm.pdf(d, scale=v**0.5) for d, v in apart])
        return float(chance * stats.halfcauchy.pdf(spread, scale=SCALE))

    middle = contents.spread_of(known).middle
    below, above = (integrate.quad(weight, *ends)[0] for ends in ((0, middle), (middle, 5)))
    assert below / (below + above) == pytest.approx(0.5, abs=0.01)


def test_what_moves_a_whole_day_tells_nothing() -> None:
    effects = {"a": 0.1, "b": 0.0, "c": -0.1}
    calm = contents.known(sent(np.random.default_rng(2), effects))
    rough = contents.known(
        sent(np.random.default_rng(2), effects, moved=lambda batch, v: v * (8, 0.5, 1)[batch])
    )
    assert rough.told == pytest.approx(calm.told)
    assert rough.precision == pytest.approx(calm.precision)


def test_a_favourite_is_measured_by_the_mean_content_and_not_by_itself() -> None:
    campaign = contents.known(sent(np.random.default_rng(9), {"a": 2.0, "b": 0.0}, 200_000))
    assert campaign.mean == pytest.approx(5.0, rel=0.01)
    found = contents.taught(campaign, certain(10.0)).contents["a"]
    assert found.value == pytest.approx(1 / 5, rel=0.02)


def test_dear_and_cheap_things_are_compared_as_shares() -> None:
    effects = {"a": 0.1, "b": 0.0, "c": -0.1}
    cheap = contents.learn(sent(np.random.default_rng(3), effects), [])
    dear = contents.learn(
        sent(np.random.default_rng(3), effects, moved=lambda _b, values: values * 50), []
    )
    assert dear.mean == pytest.approx(50 * cheap.mean)
    assert dear.spread == pytest.approx(cheap.spread)
    for name in effects:
        assert dear.contents[name].value == pytest.approx(cheap.contents[name].value)


def test_other_campaigns_say_how_much_to_believe_this_one() -> None:
    own = sent(np.random.default_rng(4), {"a": 0.1, "b": 0.0, "c": 0.0})
    alike = [sent(np.random.default_rng(n), {"a": 0.0, "b": 0.0, "c": 0.0}) for n in range(8)]
    unlike = [sent(np.random.default_rng(n), {"a": 1.0, "b": 0.0, "c": -1.0}) for n in range(8)]
    little, alone, much = (contents.learn(own, each) for each in (alike, [], unlike))
    assert little.spread < alone.spread < much.spread
    values = [each.contents["a"].value for each in (little, alone, much)]
    assert values == sorted(values)
    assert values[-1] < much.contents["a"].raw.value
    assert (alone.campaigns, much.campaigns) == (1, 9)


def test_figures_stand_against_the_mean_of_the_contents_and_chances_add_up() -> None:
    found = contents.learn(sent(np.random.default_rng(5), {"a": 0.2, "b": 0.1, "c": -0.4}), [])
    for key in ("value", "top_chance"):
        whole = sum(getattr(each, key) for each in found.contents.values())
        assert whole == pytest.approx(1.0 if key == "top_chance" else 0.0, abs=1e-9)
    assert sum(each.raw.value for each in found.contents.values()) == pytest.approx(0, abs=1e-9)
    assert all(each.low < each.value < each.high for each in found.contents.values())


def test_whom_nobody_contacted_and_what_few_heard_is_left_out() -> None:
    past = sent(np.random.default_rng(6), {"a": 0.2, "b": 0.0, "c": 0.0})
    few = Moments.of(("sales",), [np.full(20, 90.0)])
    wider = [Batch(each.shares, {**each.outcomes, "d": few, NO_CONTACT: few}) for each in past]
    assert contents.learn(wider, []) == contents.learn(past, [])


def test_a_campaign_that_says_nothing_is_refused_and_among_others_passed_over() -> None:
    past = sent(np.random.default_rng(7), {"a": 0.2, "b": 0.0})
    nothing = sent(np.random.default_rng(7), {"a": 0.0, "b": 0.0}, moved=lambda _b, v: v * 0)
    alike = sent(np.random.default_rng(7), {"a": 0.0, "b": 0.0}, moved=lambda _b, v: v * 0 + 3)
    none = Moments(("sales",), 0, (0,), ((0,),))
    apart = [
        Batch(each.shares, {**each.outcomes, ("a", "b", "a")[at]: none})
        for at, each in enumerate(past)
    ]
    for lacks, given in (
        ("nothing_sold", nothing),
        ("no_variance", alike),
        ("contents_apart", apart),
        ("few_contents_heard", []),
    ):
        with pytest.raises(CannotEstimate) as refused:
            contents.learn(given, [past])
        assert refused.value.why.code == lacks
        assert contents.learn(past, [given]) == contents.learn(past, [])

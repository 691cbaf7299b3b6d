"""Bandit: it finds the better content, and its figures stay true on good and bad days."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.bandit import (
    NO_CONTACT,
    Batch,
    Rules,
    brought,
    by_batch,
    by_chance,
    choose,
    next_shares,
)
from headwater.increment.statistics.moments import Moments

RULES = Rules(("a", "b", "c"))


def sent(
    noise: np.random.Generator, rules: Rules, effects: dict[str, float], members: int = 900
) -> list[Batch]:
    """Send ten times, with days that differ by half of what members do."""
    past: list[Batch] = []
    for day in range(10):
        shares = next_shares(rules, past)
        chances = [rules.no_contact_share]
        chances += [(1 - rules.no_contact_share) * shares[name] for name in rules.contents]
        counts = noise.multinomial(members, chances)
        shock = 0.5 * noise.standard_normal() + 0.1 * day
        outcomes = {
            name: Moments.of(
                ("sales",), [shock + effects.get(name, 0.0) + noise.standard_normal(int(count))]
            )
            for name, count in zip((NO_CONTACT, *rules.contents), counts, strict=True)
        }
        past.append(Batch(shares, outcomes))
    return past


def test_equal_contents_on_unequal_days_are_told_apart_one_time_in_twenty_and_no_more() -> None:
    noise = np.random.default_rng(1)
    found = {"within": 0, "chance": 0, "pooled": 0}
    for _ in range(300):
        past = sent(noise, RULES, {})
        best = max(RULES.contents, key=lambda name: past[-1].shares[name])
        other = next(name for name in RULES.contents if name != best)
        for key, by in (("within", by_batch), ("chance", by_chance)):
            each = by(past, "a", "b").estimate
            found[key] += not each.low <= 0 <= each.high
        one, two = (sum((b.outcomes[name] for b in past[1:]), past[0].outcomes[name])
                    for name in (best, other))  # fmt: skip
        apart = one.mean("sales") - two.mean("sales")
        doubt = one.variance("sales") / one.n + two.variance("sales") / two.n
        found["pooled"] += abs(apart) > 1.96 * doubt**0.5
    assert found["within"] / 300 == pytest.approx(0.05, abs=0.03)
    assert found["chance"] / 300 == pytest.approx(0.05, abs=0.03)
    assert found["pooled"] / 300 > 0.3


def test_the_better_content_is_sent_more_and_its_effect_is_read_right() -> None:
    noise = np.random.default_rng(2)
    inside = {"within batches": 0, "weighed by chance": 0}
    for _ in range(100):
        past = sent(noise, RULES, {"a": 0.5, "b": 0.2, "c": 0.2}, members=3_000)
        assert past[0].shares == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
        assert past[-1].shares["a"] > 0.8
        for by in (by_batch, by_chance):
            each = by(past, "a", "b", is_selected=True)
            assert each.is_selected
            inside[each.estimate.method] += each.estimate.low <= 0.3 <= each.estimate.high
    assert min(inside.values()) >= 88
    whole = brought(past)
    assert whole.low > 0.3
    assert whole.holdout_count == pytest.approx(3_000, rel=0.1)


def test_no_content_falls_below_the_floor_and_shares_add_up() -> None:
    noise = np.random.default_rng(3)
    rules = Rules(tuple("abcdefghij"), floor=0.03, uniform_share=0.1)
    for batch in sent(noise, rules, {"a": 3.0}, members=5_000):
        assert min(batch.shares.values()) >= 0.03 - 1e-12
        assert sum(batch.shares.values()) == pytest.approx(1)


def test_whoever_hears_nothing_is_fixed_and_the_rest_is_drawn_by_its_chances() -> None:
    shares = {"a": 0.7, "b": 0.2, "c": 0.1}
    noise = np.random.default_rng(4)
    assert {choose(RULES, shares, 0.0999, draw) for draw in noise.random(50)} == {NO_CONTACT}
    drawn = [choose(RULES, shares, 0.5, draw) for draw in noise.random(4_000)]
    for name, share in shares.items():
        assert drawn.count(name) / 4_000 == pytest.approx(share, abs=0.03)
    assert choose(RULES, {"a": 0.3, "b": 0.3, "c": 0.3}, 0.5, 0.99999) == "c"


def test_the_next_shares_are_the_same_however_often_asked() -> None:
    past = sent(np.random.default_rng(5), RULES, {"b": 0.1})
    assert next_shares(RULES, past) == next_shares(RULES, past)


@pytest.mark.parametrize(
    "change",
    [
        {"contents": ("a",)},
        {"contents": ("a", "a")},
        {"contents": tuple("abcdefghijk")},
        {"contents": ("a", NO_CONTACT)},
        {"no_contact_share": 0.0},
        {"uniform_share": 0.0},
        {"floor": 0.0},
        {"floor": 0.4},
    ],
)
def test_rules_that_could_not_be_learned_under_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(CannotEstimate):
        Rules(**({"contents": ("a", "b", "c")} | change))  # type: ignore[arg-type]


def test_what_was_never_sent_side_by_side_is_not_compared() -> None:
    past = sent(np.random.default_rng(6), RULES, {})
    with pytest.raises(CannotEstimate):
        by_batch(past, "a", "strange")
    with pytest.raises(CannotEstimate):
        brought([])
    with pytest.raises(CannotEstimate):
        brought([Batch(each.shares, {"a": each.outcomes["a"]}) for each in past])

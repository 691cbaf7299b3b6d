"""What contents teach: a word that chance alone seldom earns, and none before it may be said."""

from __future__ import annotations

import numpy as np

from headwater.increment.statistics import bandit
from headwater.increment.statistics.bandit import Batch, Rules
from headwater.increment.statistics.moments import Moments
from headwater.reach import lessons

RULES = Rules(("1", "2", "3"))
CLAIMS = {"better", "worse"}


def sent(noise: np.random.Generator, gain: float = 0.0, members: int = 600) -> list[Batch]:
    """Send six batches on days that differ; the second content may bring some more."""
    past: list[Batch] = []
    for day in range(6):
        shares = bandit.next_shares(RULES, past)
        shock = 0.5 * noise.standard_normal() + 0.1 * day
        counts = noise.multinomial(members, list(shares.values()))
        past.append(
            Batch(
                shares,
                {
                    name: Moments.of(
                        ("sales_fen",),
                        [shock + gain * (name == "2") + noise.standard_normal(int(count))],
                    )
                    for name, count in zip(RULES.contents, counts, strict=True)
                },
            )
        )
    return past


def test_of_equal_contents_something_is_claimed_in_one_world_of_twenty_at_most() -> None:
    noise = np.random.default_rng(4)
    worlds = [lessons.compared(RULES, sent(noise), is_over=True) for _ in range(300)]
    claimed = [any(each.word in CLAIMS for each in told) for told in worlds]
    assert np.mean(claimed) <= 0.075


def test_a_content_that_is_truly_better_is_mostly_found() -> None:
    noise = np.random.default_rng(5)
    worlds = [lessons.compared(RULES, sent(noise, gain=0.3), is_over=True) for _ in range(60)]
    found = [told[1].word == "better" and told[1].is_selected for told in worlds]
    assert np.mean(found) > 0.9
    assert not any(told[1].word == "worse" for told in worlds)


def test_while_batches_are_still_to_come_there_is_no_word_and_no_figure() -> None:
    told = lessons.compared(RULES, sent(np.random.default_rng(6), gain=2.0), is_over=False)
    assert {each.word for each in told} == {"open"}
    assert all(each.against is None and each.family_p is None for each in told)


def test_few_members_get_no_word_however_large_the_difference() -> None:
    noise = np.random.default_rng(7)
    told = lessons.compared(RULES, sent(noise, gain=5.0, members=40), is_over=True)
    assert told[0].word == "too_few"
    assert told[0].against is None


def test_before_anything_was_sent_all_contents_are_alike() -> None:
    told = lessons.compared(RULES, [], is_over=False)
    assert {round(each.best_chance, 6) for each in told} == {round(1 / 3, 6)}
    assert not any(each.is_selected for each in told)

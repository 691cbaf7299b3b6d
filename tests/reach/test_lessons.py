"""What contents teach: a word with its probability, and none before it may be said."""

from __future__ import annotations

import numpy as np

from headwater.increment.errors import Why
from headwater.increment.statistics import bandit
from headwater.increment.statistics.bandit import Batch, Rules
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.pooled.contents import Taught
from headwater.reach import lessons
from headwater.reach.lessons import Told

RULES = Rules(("1", "2", "3"))


def sent(noise: np.random.Generator, gain: float = 0.0, members: int = 600) -> list[Batch]:
    """Send six batches on days that differ; the second content may bring some more."""
    past: list[Batch] = []
    for day in range(6):
        shares = bandit.next_shares(RULES, past)
        shock = 3 + 0.5 * noise.standard_normal() + 0.1 * day
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


def told(past: list[Batch], others: list[list[Batch]] | None = None) -> list[Told]:
    return lessons.beside(RULES.contents, past, lessons.learned(past, others or []))


def test_of_equal_contents_one_is_called_likely_in_one_world_of_twenty_at_most() -> None:
    noise = np.random.default_rng(4)
    worlds = [told(sent(noise), [sent(noise), sent(noise)]) for _ in range(200)]
    claimed = [any(each.word == "likely" for each in world) for world in worlds]
    assert np.mean(claimed) <= 0.05


def test_a_content_that_is_truly_better_is_mostly_found() -> None:
    noise = np.random.default_rng(5)
    worlds = [told(sent(noise, gain=0.3)) for _ in range(60)]
    found = [world[1].word == "likely" and world[1].is_selected for world in worlds]
    assert np.mean(found) > 0.9
    assert not any(world[1].word == "hardly" for world in worlds)


def test_the_picked_ones_shrunken_figure_is_below_its_raw_one() -> None:
    noise = np.random.default_rng(8)
    for _ in range(40):
        (picked,) = (each for each in told(sent(noise, 0.1)) if each.is_selected)
        assert picked.said is not None
        assert 0 < picked.said.value < picked.said.raw.value


def test_while_batches_are_still_to_come_there_is_no_word_and_no_figure() -> None:
    found = lessons.beside(RULES.contents, sent(np.random.default_rng(6), gain=2.0), None)
    assert {each.word for each in found} == {"open"}
    assert not any(each.said or each.is_selected for each in found)


def test_few_members_get_no_word_however_large_the_difference() -> None:
    past = sent(np.random.default_rng(7), gain=5.0, members=20)
    found = lessons.learned(past, [])
    assert isinstance(found, Why)
    assert found.code == "few_contents_heard"
    assert {each.word for each in lessons.beside(RULES.contents, past, found)} == {"too_few"}


def test_a_content_that_few_heard_is_left_out_and_the_others_are_compared() -> None:
    noise = np.random.default_rng(7)
    past = sent(noise, gain=0.3, members=200)
    found = lessons.learned(past, [])
    assert isinstance(found, Taught)
    first, second, third = lessons.beside(RULES.contents, past, found)
    few = [each for each in (first, second, third) if each.members < 100]
    assert few, "so many were steered away that too few heard one of them"
    assert all((each.word, each.said) == ("too_few", None) for each in few)
    assert second.said is not None


def test_before_anything_was_sent_nothing_is_said() -> None:
    found = lessons.beside(RULES.contents, [], None)
    assert {(each.members, each.word, each.said) for each in found} == {(0, "open", None)}

"""When the account may speak freely: five in two days, three in a minute, and never more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connect.weixin.stub import NOON

from headwater.connect.official_account.windows.rule import (
    RULES,
    Interaction,
    Opening,
    Rule,
    allowance,
    interaction_of,
)
from headwater.connect.weixin_pushes import kinds
from headwater.connect.weixin_pushes.kinds import Push


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def left(done: list[Interaction], sent: list[datetime], now: datetime) -> int:
    return allowance(done, sent, now).left


WORDS = Interaction(Opening.WORDS, NOON)
FOLLOW = Interaction(Opening.FOLLOW, NOON)


def test_nobody_who_was_silent_is_written_to() -> None:
    assert left([], [], NOON) == 0


@pytest.mark.parametrize("opening", list(Opening))
def test_each_opening_allows_its_number_for_its_time(opening: Opening) -> None:
    rule, done = RULES[opening], [Interaction(opening, NOON)]
    last = NOON + rule.lasts - timedelta(seconds=1)
    assert left(done, [], NOON) == left(done, [], last) == rule.messages
    assert left(done, [], NOON + rule.lasts) == 0
    assert left(done, [after(1)] * (rule.messages - 1), last) == 1
    assert left(done, [after(1)] * rule.messages, last) == 0


def test_new_words_open_the_whole_window_again() -> None:
    again = Interaction(Opening.WORDS, after(60))
    assert left([WORDS], [after(1)] * 5, after(60)) == 0
    assert left([WORDS, again], [after(1)] * 5, after(60)) == 5


def test_openings_do_not_add_up() -> None:
    tap = Interaction(Opening.MENU, after(10))
    assert left([WORDS, FOLLOW, tap], [], after(10)) == 5
    assert left([WORDS, tap], [after(5)] * 4, after(10)) == 3
    assert left([WORDS, tap], [after(5)] * 4, after(70)) == 1


def test_the_end_of_the_window_is_told() -> None:
    assert allowance([WORDS], [], NOON).until == NOON + timedelta(hours=48)
    assert allowance([FOLLOW], [], NOON).until == NOON + timedelta(minutes=1)
    assert allowance([], [], NOON).until is None


def test_what_is_still_to_come_opens_nothing() -> None:
    assert left([WORDS], [], after(-1)) == 0


@pytest.mark.parametrize(
    "happened,opening",
    [
        (kinds.Said("1", "hi", None), Opening.WORDS),
        (kinds.Sent("1", "image", "m", {}), Opening.WORDS),
        (kinds.Said("1", "满意", "101"), Opening.MENU),
        (kinds.MenuPressed("k", None), Opening.MENU),
        (kinds.Followed("s"), Opening.FOLLOW),
        (kinds.Scanned("s"), Opening.SCAN),
        (kinds.MenuOpened("https://b.example"), None),
        (kinds.Unfollowed(), None),
        (kinds.Unknown("x", {}), None),
    ],
)
def test_what_people_do_opens_a_window_or_not(happened: Any, opening: Opening | None) -> None:
    found = interaction_of(Push("gh_1", "o-1", NOON, "k", happened))
    assert found == (Interaction(opening, NOON) if opening else None)


MOMENTS = st.integers(0, 200_000).map(after)


@given(
    st.lists(st.builds(Interaction, st.sampled_from(Opening), MOMENTS), max_size=6),
    st.lists(MOMENTS, max_size=8),
    MOMENTS,
)
def test_never_more_than_the_platform_allows(
    done: list[Interaction], sent: list[datetime], now: datetime
) -> None:
    """Each message uses up the platform's windows from the one that ends first."""
    windows = [_Window(each.at, RULES[each.opening]) for each in done]
    for moment in sorted(each for each in sent if each <= now):
        usable = [each for each in windows if each.is_open(moment) and each.left > 0]
        if usable:
            min(usable, key=lambda each: each.until).left -= 1
    possible = sum(each.left for each in windows if each.is_open(now))
    assert 0 <= left(done, sent, now) <= possible


class _Window:
    """One of the platform's windows, in the most generous reading: they add up."""

    def __init__(self, since: datetime, rule: Rule) -> None:
        self.since = since
        self.until = since + rule.lasts
        self.left = rule.messages

    def is_open(self, moment: datetime) -> bool:
        return self.since <= moment < self.until

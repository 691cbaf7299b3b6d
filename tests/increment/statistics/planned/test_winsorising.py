"""Winsorising: only by an older rule, and never without the untrimmed figure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from tests.increment.statistics import worlds

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.planned import winsorising
from headwater.increment.statistics.planned.winsorising import Rule, rule_of_the_past

START = datetime(2026, 6, 1, tzinfo=UTC)
BEFORE = START - timedelta(days=1)


def with_giants(seed: int, rule: Rule) -> tuple[Moments, Moments]:
    random = np.random.default_rng(seed)
    arms = []
    for count in (2000, 500):
        table = worlds.members(random, count)
        table["spent"][:3] *= 300
        table[rule.column] = winsorising.drawn_in(table["spent"], rule)
        arms.append(worlds.summed(table))
    return arms[0], arms[1]


def test_the_trimmed_figure_never_comes_without_the_untrimmed_one() -> None:
    past = worlds.members(np.random.default_rng(1), 5000)["before"]
    rule = rule_of_the_past("spent", past, 0.001, BEFORE)
    arms = with_giants(2, rule)
    found = winsorising.compare(arms, rule, START, worlds.COVARIATES)
    assert found.untrimmed == means.compare(*arms, "spent", worlds.COVARIATES)
    assert found.trimmed.adjusted.standard_error < 0.5 * found.untrimmed.adjusted.standard_error
    assert found.rule is rule


def test_the_bound_leaves_the_share_that_was_asked_above_it() -> None:
    past = np.arange(1000.0)
    rule = rule_of_the_past("spent", past, 0.01, BEFORE)
    assert (past > rule.most).mean() == pytest.approx(0.01)
    assert winsorising.drawn_in(np.array([-5.0, 3.0, 5000.0]), rule) == pytest.approx(
        [0.0, 3.0, rule.most]
    )


def test_a_rule_that_draws_nobody_in_changes_nothing() -> None:
    rule = Rule("spent", -1.0, 1e15, BEFORE)
    found = winsorising.compare(with_giants(3, rule), rule, START)
    assert found.trimmed == found.untrimmed


def test_a_rule_made_after_the_start_is_refused() -> None:
    rule = Rule("spent", 0.0, 1e6, START + timedelta(seconds=1))
    with pytest.raises(CannotEstimate, match="fixed after the start"):
        winsorising.compare(with_giants(4, rule), rule, START)
    winsorising.compare(with_giants(4, rule), Rule("spent", 0.0, 1e6, START), START)


def test_a_rule_without_its_column_is_refused() -> None:
    with pytest.raises(CannotEstimate, match="no column spent drawn in"):
        winsorising.compare(worlds.arms(5, 90, 90), Rule("spent", 0, 9, BEFORE), START)


@pytest.mark.parametrize("least,most", [(5, 5), (6, 5), (float("nan"), 5), (0, float("inf"))])
def test_bounds_that_are_none_are_refused(least: float, most: float) -> None:
    with pytest.raises(CannotEstimate, match="bounds"):
        Rule("spent", least, most, BEFORE)


@pytest.mark.parametrize(
    "past,share", [([], 0.01), ([1.0, 2.0], 0.0), ([1.0], 0.5), ([1.0, float("nan")], 0.01)]
)
def test_a_past_that_gives_no_bound_is_refused(past: list[float], share: float) -> None:
    with pytest.raises(CannotEstimate):
        rule_of_the_past("spent", np.array(past), share, BEFORE)

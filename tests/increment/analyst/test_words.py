"""What an analyst reads at the terminal is said in the terminal's language."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from tests.increment.analyst.files import csv_of, members
from tests.increment.analyst.terminal import NOT_READABLE, typed

from headwater.cli.measure.words import sentences

ASKED = ("--arm", "arm", "--control", "holdout", "--outcome", "spent", "--covariate", "before")


@pytest.mark.parametrize("code", sentences())
def test_both_languages_say_the_same_things(code: str) -> None:
    words = sentences()[code]
    assert set(words) == {"zh", "en"}
    zh, en = (named(words[each]) for each in ("zh", "en"))
    assert zh == en


def named(sentence: str) -> set[str]:
    """The values that a sentence names."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_a_reading_of_members_is_said_in_chinese(tmp_path: Path) -> None:
    file = csv_of(tmp_path, members(lift=0.5))
    ended = typed("measure", "members", file, *ASKED, "--share", "0.25", language="zh")
    assert ended.exit_code == 0, ended.output
    assert "spent：treated 比 holdout 更高，不只是偶然" in ended.stdout
    assert "95 % 区间" in ended.stdout
    assert not re.search(r"\b(interval|against|estimate|beyond)\b", ended.stdout)


def test_arms_that_are_not_healthy_are_refused_in_chinese(tmp_path: Path) -> None:
    file = csv_of(tmp_path, members())
    ended = typed("measure", "members", file, *ASKED, "--share", "0.5", language="zh")
    assert ended.exit_code == NOT_READABLE
    assert "不可读，因为" in ended.stderr
    assert "与 50.0% 的比例不符" in ended.stderr


def test_a_plan_is_said_in_chinese(tmp_path: Path) -> None:
    file = csv_of(tmp_path, members(400))
    asked = ("--outcome", "spent", "--covariate", "before", "--members", "40000")
    ended = typed("plan", "members", file, *asked, language="zh")
    assert ended.exit_code == 0, ended.output
    assert "40,000 位会员" in ended.stdout
    assert "最小可见提升" in ended.stdout

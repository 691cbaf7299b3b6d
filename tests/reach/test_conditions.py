"""A rule is read strictly, said in words in both languages, and written back as it was read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from headwater.base.errors import BadInput
from headwater.base.text import Text
from headwater.reach import conditions

LAPSED = {"is": "lapsed", "days": 60}
SPENT = {"is": "spent", "least": 10_000, "days": 90}

days = some.integers(1, 3660)
leaves = some.one_of(
    some.builds(lambda d: {"is": "lapsed", "days": d}, days),
    some.builds(lambda d, n: {"is": "ordered", "least": n, "days": d}, days, some.integers(1, 99)),
    some.builds(lambda c: {"is": "level", "code": c}, some.sampled_from(["gold", "basic"])),
)
trees = some.recursive(
    leaves,
    lambda inner: some.one_of(
        some.builds(lambda part: {"not": part}, inner),
        some.builds(
            lambda how, parts: {how: parts},
            some.sampled_from(["all", "any"]),
            some.lists(inner, min_size=1, max_size=2),
        ),
    ),
    max_leaves=4,
)


def depth(tree: dict[str, Any]) -> int:
    if "is" in tree:
        return 1
    inner = next(iter(tree.values()))
    return 1 + max(depth(part) for part in (inner if isinstance(inner, list) else [inner]))


@given(trees)
def test_what_was_read_is_written_as_it_was(tree: dict[str, Any]) -> None:
    assume(depth(tree) <= conditions.DEEP_MOST)
    rule = conditions.parse(tree)
    assert conditions.to_tree(rule) == tree
    assert conditions.describe(rule, "zh")
    assert conditions.describe(rule, "en")


def test_a_rule_is_said_in_words() -> None:
    milk = {"is": "bought", "code": "MILK", "days": 365}
    tree = {"all": [LAPSED, {"any": [SPENT, milk]}, {"not": {"is": "level", "code": "gold"}}]}
    rule = conditions.parse(tree)
    names = {"MILK": Text("牛奶", "milk")}
    assert conditions.describe(rule, "zh", names) == (
        "60 天没有购买（以前买过），并且（90 天内消费满 ¥100.00，或者365 天内买过牛奶），"
        "并且不是（会员等级为gold）"
    )
    assert conditions.describe(rule, "en", names) == (
        "has not bought for 60 days, but did before and (spent at least ¥100.00 within 90 days"
        " or bought milk within 365 days) and not (has the level gold)"
    )


@pytest.mark.parametrize(
    "tree,field",
    [
        ([], "rule"),
        ({}, "rule"),
        ({"all": []}, "rule.all"),
        ({"all": "x"}, "rule.all"),
        ({"all": [LAPSED], "any": [LAPSED]}, "rule"),
        ({"is": "rich"}, "rule.is"),
        ({"is": ["lapsed"]}, "rule.is"),
        ({"is": "lapsed"}, "rule.days"),
        ({"is": "lapsed", "days": 0}, "rule.days"),
        ({"is": "lapsed", "days": True}, "rule.days"),
        ({"is": "lapsed", "days": "60"}, "rule.days"),
        ({"is": "lapsed", "days": 10**9}, "rule.days"),
        ({"is": "lapsed", "days": 6, "least": 1}, "rule.least"),
        ({"is": "level", "code": " "}, "rule.code"),
        ({"all": [LAPSED, {"not": {"is": "level"}}]}, "rule.all[1].not.code"),
        ({"all": [LAPSED] * 21}, "rule"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(tree: Any, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        conditions.parse(tree)
    assert refused.value.field == field

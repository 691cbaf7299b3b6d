"""Families: many questions together find by chance no more than one question alone may."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.families import benjamini_hochberg, holm

P_VALUES = some.dictionaries(some.integers(), some.floats(0, 1), min_size=1, max_size=12)


def test_four_questions_by_hand() -> None:
    found = {"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}
    assert holm(found) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})
    assert benjamini_hochberg(found) == pytest.approx({"a": 0.02, "b": 0.04, "c": 0.04, "d": 0.02})


@given(P_VALUES)
def test_no_question_becomes_surer_and_their_order_stays(found: dict[int, float]) -> None:
    strict, mild = holm(found), benjamini_hochberg(found)
    for key, p in found.items():
        assert p - 1e-12 <= mild[key] <= strict[key] + 1e-12 <= 1 + 1e-9
    for adjusted in (strict, mild):
        ordered = [adjusted[key] for key in sorted(found, key=lambda each: found[each])]
        assert all(a <= b + 1e-12 for a, b in itertools.pairwise(ordered))


def test_one_question_alone_is_itself_and_no_question_is_none() -> None:
    assert holm({"only": 0.04}) == benjamini_hochberg({"only": 0.04}) == {"only": 0.04}
    assert holm({}) == benjamini_hochberg({}) == {}


def test_ten_empty_questions_claim_something_one_time_in_twenty() -> None:
    random = np.random.default_rng(1)
    claimed = sum(
        min(holm(dict(enumerate(random.random(10)))).values()) < 0.05 for _ in range(2000)
    )
    assert 0.035 <= claimed / 2000 <= 0.065


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_p_value_is_refused(p: float) -> None:
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(CannotEstimate, match="between 0 and 1"):
            adjust({"a": 0.5, "b": p})

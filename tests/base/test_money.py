"""Money: what is split adds up again, whatever it is split over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.base import money

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


@given(st.integers(-(10**12), 10**12), WEIGHTS)
def test_the_parts_of_a_spread_sum_to_the_whole(total_fen: int, weights: list[int]) -> None:
    parts = money.spread(total_fen, weights)
    assert sum(parts) == total_fen
    assert all(part == 0 or (part > 0) == (total_fen > 0) for part in parts)
    whole = sum(weights)
    if whole:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part * whole - total_fen * weight) < whole


@given(WEIGHTS, st.data())
def test_no_line_is_discounted_below_nothing(weights: list[int], data: st.DataObject) -> None:
    off = data.draw(st.integers(0, sum(weights)))
    parts = money.spread(off, weights)
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True)) or not off


def test_yuan_are_read_exactly_or_not_at_all() -> None:
    assert money.fen("12.30") == 1_230
    for wrong in ("12.345", "NaN", "Infinity", "zwölf", ""):
        with pytest.raises(ValueError, match="amount"):
            money.fen(wrong)
    assert money.yuan(-123_456) == "-¥1,234.56"

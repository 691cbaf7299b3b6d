"""What was typed is read exactly, or refused with the name of its field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.base.errors import BadInput
from headwater.web.kit import filters, forms


@pytest.mark.parametrize(
    "typed,fen",
    [("29.90", 2990), ("29.9", 2990), ("29", 2900), ("¥1,234.05", 123405), (" 0.01 ", 1), ("0", 0)],
)
def test_yuan_become_fen_to_the_last(typed: str, fen: int) -> None:
    assert forms.fen({"amount": typed}, "amount") == fen


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_what_is_shown_can_be_typed_back(fen: int) -> None:
    assert forms.fen({"amount": filters.yuan(fen)}, "amount") == fen


@pytest.mark.parametrize(
    "typed", ["1.234", "-5", "1e3", "１２", "NaN", "1.2.3", ".5", "99999999999"]
)
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        forms.fen({"amount": typed}, "amount")
    assert refused.value.field == "amount"


@pytest.mark.parametrize(
    "typed,why",
    [
        ("", "missing"),
        ("two", "not_a_number"),
        ("²", "not_a_number"),
        ("--1", "not_a_number"),
        ("0", "too_small"),
        ("100", "too_large"),
        ("1" * 30, "too_long"),
    ],
)
def test_a_quantity_is_whole_and_within_bounds(typed: str, why: str) -> None:
    with pytest.raises(BadInput) as refused:
        forms.whole({"quantity": typed}, "quantity", least=1, most=99)
    assert refused.value.why == why


def test_a_text_comes_without_the_spaces_around_it() -> None:
    assert forms.text({"name": "  林  "}, "name") == "林"
    with pytest.raises(BadInput, match="too_long"):
        forms.text({"name": "x" * 201}, "name")

"""Sums are all that a comparison needs: they say what the rows say, and they add."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.moments import Moments, check

NAMES = ("spent", "before")
FEN = st.integers(-(10**9), 10**9)
PAIRS = st.lists(st.tuples(FEN, FEN), min_size=2, max_size=40)


def moments_of(pairs: list[tuple[int, int]]) -> Moments:
    """Add up pairs of whole numbers."""
    table = np.array(pairs, dtype=np.float64)
    return Moments.of(NAMES, [table[:, 0], table[:, 1]])


def exact(pairs: list[tuple[int, int]]) -> Moments:
    """Add up pairs without leaving the whole numbers."""
    columns = list(zip(*pairs, strict=True))
    return Moments(
        NAMES,
        len(pairs),
        tuple(sum(column) for column in columns),
        tuple(
            tuple(sum(a * b for a, b in zip(one, other, strict=True)) for other in columns)
            for one in columns
        ),
    )


@given(PAIRS)
def test_sums_say_what_the_rows_say(pairs: list[tuple[int, int]]) -> None:
    table = np.array(pairs, dtype=np.float64)
    found = exact(pairs)
    scale = max(1.0, float(np.abs(table).max()))
    assert found.mean("spent") == pytest.approx(table[:, 0].mean(), abs=1e-9 * scale)
    assert found.covariances(NAMES) == pytest.approx(np.cov(table.T), abs=1e-9 * scale**2)


@given(PAIRS, PAIRS)
def test_two_halves_add_up_to_the_whole(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    assert exact(one) + exact(other) == exact(one + other)


@given(PAIRS)
def test_columns_are_kept_by_name(pairs: list[tuple[int, int]]) -> None:
    swapped = exact(pairs).only("before", "spent")
    assert swapped == Moments(
        ("before", "spent"), len(pairs), *(exact([(b, a) for a, b in pairs]).__dict__[each]
                                           for each in ("sums", "products")),
    )  # fmt: skip


def test_whole_numbers_keep_a_small_variance_beside_a_giant_mean() -> None:
    giant = 10**15
    found = exact([(giant, 0), (giant + 1, 0)])
    assert found.variance("spent") == 0.5


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(CannotEstimate, match="finite"):
        Moments.of(("spent",), [np.array([1.0, value])])


@pytest.mark.parametrize(
    "arm, why",
    [
        (Moments(("y",), 1, (1.0,), ((1.0,),)), "two are the least"),
        (Moments(("y",), 2, (float("inf"),), ((1.0,),)), "not finite"),
        (Moments(("y",), 2, (1.0,), ((float("nan"),),)), "not finite"),
        (Moments(("y",), 2, (2.0,), ((1.0,),)), "below zero"),
    ],
)
def test_sums_that_say_nothing_are_refused_by_name(arm: Moments, why: str) -> None:
    with pytest.raises(CannotEstimate, match=why):
        check({"holdout": arm})


@given(PAIRS, st.floats(-3, 3), st.floats(-3, 3), st.floats(-1e6, 1e6))
def test_a_mix_of_columns_is_the_column_worked_out_from_the_rows(
    pairs: list[tuple[int, int]], one: float, other: float, constant: float
) -> None:
    table = np.array(pairs, dtype=np.float64)
    mixed = one * table[:, 0] + other * table[:, 1] + constant
    found = moments_of(pairs).with_mix("mix", {"spent": one, "before": other}, constant)
    rows = Moments.of((*NAMES, "mix"), [table[:, 0], table[:, 1], mixed])
    scale = max(1.0, float(np.abs(table).max()), abs(constant), float(np.abs(mixed).max()))
    assert found.names == rows.names
    assert found.sums == pytest.approx(rows.sums, abs=1e-8 * scale * len(pairs))
    assert np.array(found.products, dtype=np.float64) == pytest.approx(
        np.array(rows.products, dtype=np.float64), abs=1e-8 * scale**2 * len(pairs)
    )


@given(st.floats(-1e9, 1e9), st.integers(2, 3000))
def test_a_constant_has_no_spread_and_goes_with_nothing(value: float, count: int) -> None:
    found = Moments.of(("flat", "rising"), [np.full(count, value), np.arange(count) / 7])
    assert found.variance("flat") == 0.0
    assert found.covariance("flat", "rising") == 0.0
    check({"treated": found})


def test_squares_beyond_sixty_four_bits_stay_exact() -> None:
    column = np.array([2**52, 2**52 - 1, 3], dtype=np.int64)
    found = Moments.of(("y",), [column])
    assert found.products[0][0] == sum(int(each) ** 2 for each in column)
    many = Moments.of(("y",), [np.full(100_000, 10**8, dtype=np.int64)])
    assert many.products[0][0] == 10**21


def test_an_arm_without_anybody_has_no_mean_and_adds_nothing() -> None:
    empty = Moments(("y",), 0, (0,), ((0,),))
    full = Moments.of(("y",), [np.array([1, 2])])
    assert empty + full == full
    with pytest.raises(CannotEstimate, match="empty"):
        empty.mean("y")


def test_columns_that_do_not_fit_are_refused() -> None:
    one = Moments.of(("y",), [np.array([1, 2])])
    with pytest.raises(CannotEstimate, match="same columns"):
        one + Moments.of(("x",), [np.array([1, 2])])
    with pytest.raises(CannotEstimate, match="no column x"):
        one.mean("x")
    with pytest.raises(CannotEstimate, match="equally long"):
        Moments.of(("y", "x"), [np.array([1, 2]), np.array([1, 2, 3])])

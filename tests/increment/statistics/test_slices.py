"""Slices: books too small to be read alone are read together, and come out unbiased."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means, shrinkage
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.pooled import slices
from headwater.increment.statistics.relative import relative

NAMES = "spent", "before"
Table = NDArray[np.float64]


def book(noise: np.random.Generator, lift: float, members: int = 300) -> tuple[Moments, Moments]:
    """Make a book whose spending is as spread as groceries', a fifth of it left alone."""
    habit = noise.gamma(0.9, 100 / 0.9, members)
    spent = habit * noise.gamma(3.0, 1 / 3.0, members)
    held = noise.random(members) < 0.2
    rows = np.column_stack([np.where(held, spent, spent * (1 + lift)), habit])
    return arm(rows[~held]), arm(rows[held])


def arm(rows: Table) -> Moments:
    return Moments.of(NAMES, list(rows.T))


def test_the_middle_of_many_small_books_is_what_is_true() -> None:
    noise = np.random.default_rng(11)
    books = {str(at): book(noise, 0.02) for at in range(2_000)}
    found = slices.lifts(books, *NAMES)
    middle = shrinkage.shrink(found.lifts).middle
    error = next(iter(found.lifts.values())).standard_error / 2_000**0.5
    assert middle == pytest.approx(0.02, abs=3 * error)
    # Each by itself, the same books say another thing, and beyond chance.
    alone = {}
    for name, (treated, holdout) in books.items():
        lift = relative(means.cuped(treated, holdout, *NAMES))
        assert lift is not None
        alone[name] = shrinkage.Raw(lift.estimate, lift.standard_error)
    assert abs(shrinkage.shrink(alone).middle - 0.02) > 3 * error


def test_a_book_is_told_from_others_by_its_members_alone() -> None:
    noise = np.random.default_rng(12)
    books = {str(at): book(noise, 0.0) for at in range(100)} | {"best": book(noise, 0.9)}
    found = slices.lifts(books, *NAMES).lifts
    assert max(found, key=lambda name: found[name].value) == "best"
    assert found["best"].value == pytest.approx(0.9, abs=0.3)


def test_errors_follow_from_how_many_there_are() -> None:
    noise = np.random.default_rng(13)
    books = {"small": book(noise, 0.0, 100), "large": book(noise, 0.0, 900)}
    found = slices.lifts(books, *NAMES).lifts
    assert found["small"].standard_error / found["large"].standard_error == pytest.approx(
        3, abs=0.6
    )


def test_what_an_effect_does_to_the_treated_is_not_put_upon_the_held_out() -> None:
    errors = []
    for lift in (0.0, 0.3):
        noise = np.random.default_rng(16)
        books = {str(at): book(noise, lift) for at in range(50)}
        errors.append(slices.lifts(books, *NAMES).lifts["0"].standard_error)
    # A third more spending spreads the treated out by as much; most of the doubt is the held out's.
    assert errors[0] < errors[1] < 1.15 * errors[0]


def test_a_book_of_whom_nothing_was_known_before_is_named_and_not_read() -> None:
    noise = np.random.default_rng(14)
    new = arm(np.column_stack([noise.random(50), np.zeros(50)]))
    found = slices.lifts({"old": book(noise, 0.0), "new": (new, new)}, *NAMES)
    assert found.without_a_past == ("new",)
    assert list(found.lifts) == ["old"]


def test_books_without_any_past_and_arms_of_one_are_refused() -> None:
    noise = np.random.default_rng(15)
    new = arm(np.column_stack([noise.random(50), np.zeros(50)]))
    with pytest.raises(CannotEstimate):
        slices.lifts({"new": (new, new)}, *NAMES)
    treated, _holdout = book(noise, 0.0)
    with pytest.raises(CannotEstimate, match="Anna"):
        slices.lifts({"Anna": (treated, arm(np.ones((1, 2))))}, *NAMES)

"""Published numbers of other people's engines, read from the folder that the environment names."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from headwater.increment import estimators
from headwater.increment.estimators import Sums

FOLDER = os.environ.get("HEADWATER_KNOWN_DATA")

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="HEADWATER_KNOWN_DATA names no folder with the published numbers"
)


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    file = next(Path(str(FOLDER)).rglob("known.json"))
    return dict(json.loads(file.read_text(encoding="utf-8"))["growthbook_fixtures"])


def arm(given: dict[str, float], before: dict[str, float] | None = None, xy: float = 0) -> Sums:
    x = before or {"sum": 0, "sum_squares": 0}
    return Sums(int(given["n"]), given["sum"], given["sum_squares"], x["sum"], x["sum_squares"], xy)


def test_the_relative_welch_test_gives_the_published_lift(known: dict[str, Any]) -> None:
    case = known["welch_relative"]
    found = estimators.relative(arm(case["b"]), arm(case["a"]), is_adjusted=False)
    assert found is not None
    assert found.estimate == pytest.approx(case["expected"], abs=known["tol"])
    assert (found.low, found.high) == pytest.approx(case["ci"], abs=known["tol"])
    assert found.standard_error == pytest.approx(case["se"], abs=known["tol"])
    assert found.p == pytest.approx(case["p"], abs=known["tol"])


def test_the_welch_test_gives_the_published_difference(known: dict[str, Any]) -> None:
    arms, case = known["welch_relative"], known["welch_absolute"]
    found = estimators.difference(arm(arms["b"]), arm(arms["a"]))
    assert found.estimate == pytest.approx(case["expected_unrounded"], abs=known["tol"])
    assert (found.low, found.high) == pytest.approx(case["ci"], abs=known["tol"])
    assert found.p == pytest.approx(case["p"], abs=known["tol"])


def test_the_adjusted_lift_is_the_published_one(known: dict[str, Any]) -> None:
    arms, case = known["asympcs_Nstar1000"], known["asympcs_cuped_Nstar5000"]
    products = case["post_pre_sum_of_products"]
    found = estimators.relative(
        arm(arms["b"], case["b_pre"], products[1]), arm(arms["a"], case["a_pre"], products[0])
    )
    assert found is not None
    assert found.estimate == pytest.approx(case["expected"], abs=known["tol"])


def test_the_adjusted_lifts_error_carries_the_published_covariance(known: dict[str, Any]) -> None:
    """The published interval is one to watch at any time; its width is a multiple of our error."""
    arms, case = known["asympcs_Nstar1000"], known["asympcs_cuped_Nstar5000"]
    products = case["post_pre_sum_of_products"]
    found = estimators.relative(
        arm(arms["b"], case["b_pre"], products[1]), arm(arms["a"], case["a_pre"], products[0])
    )
    assert found is not None
    n, alpha = arms["a"]["n"] + arms["b"]["n"], 0.05
    tuned = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / 5000
    stretch = math.sqrt(
        2 * (n * tuned + 1) / (n * tuned) * math.log(math.sqrt(n * tuned + 1) / alpha)
    )
    half = (case["ci"][1] - case["ci"][0]) / 2
    assert found.standard_error * stretch == pytest.approx(half, rel=2e-5)

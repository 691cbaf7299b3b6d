"""GrowthBook's engine gives these figures; ours must give them too, within their tolerance.

The figures are read from the folder that the environment names, and are not part of this project.
The sums of the ratio are those of packages/stats/tests/frequentist/test_tests.py (MIT).
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.known.files import FOLDER, Known, holds, read_known

from headwater.increment.statistics import health, means
from headwater.increment.statistics.anytime import always
from headwater.increment.statistics.moments import Estimate, Moments
from headwater.increment.statistics.ratios import ratio
from headwater.increment.statistics.relative import relative

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="HEADWATER_KNOWN_DATA names no folder with the published numbers"
)

# n m, n d, n m before, n d before; then each product of two of them, for arms a and b.
RATIO_SUMS = {
    "a": (485.112236689623, 679.9093275844917, 192.59138069991536, 290.1398399750233),
    "b": (514.7757826608777, 705.4090874383759, 206.94157227402536, 302.54389139107326),
}
RATIO_PRODUCTS = {
    "a": (
        (2715.484666118136, 3602.146836776702, 1113.6215759318352, 1559.2878434944676),
        (3602.146836776702, 4939.424001640236, 1460.3181079276983, 2130.9404074446747),
        (1113.6215759318352, 1460.3181079276983, 460.076026390857, 634.239482353647),
        (1559.2878434944676, 2130.9404074446747, 634.239482353647, 920.9461385038898),
    ),
    "b": (
        (2994.897482705013, 3918.1561431600717, 1237.0953021125997, 1701.0287270040265),
        (3918.1561431600717, 5291.36604146392, 1604.0759503266522, 2292.081739775257),
        (1237.0953021125997, 1604.0759503266522, 514.2903702246757, 698.4173425817908),
        (1701.0287270040265, 2292.081739775257, 698.4173425817908, 994.4506208125663),
    ),
}


@pytest.fixture(scope="module")
def known() -> Known:
    return dict(read_known()["growthbook_fixtures"])


def arm(case: Known, name: str) -> Moments:
    """Take an arm of a mean, or of a proportion where it is (how many, of how many).

    The variance of a proportion is p (1 - p) there, with n and not n - 1 below.
    """
    given = case[name]
    if isinstance(given, list):
        total, n = given
        spread = total / n * (1 - total / n)
        return Moments(("y",), n, (total,), ((total**2 / n + (n - 1) * spread,),))
    return Moments(("y",), given["n"], (given["sum"],), ((given["sum_squares"],),))


def with_past(case: Known, past: Known, name: str) -> Moments:
    given, before = case[name], past[f"{name}_pre"]
    together = past["post_pre_sum_of_products"]["ab".index(name)]
    return Moments(
        ("y", "x"), given["n"], (given["sum"], before["sum"]),
        ((given["sum_squares"], together), (together, before["sum_squares"])),
    )  # fmt: skip


def lift(found: means.Contrast) -> Estimate:
    share = relative(found)
    assert share is not None
    return share


def plain(case: Known) -> means.Contrast:
    return means.difference(arm(case, "b"), arm(case, "a"), "y")


def agrees(what: str, found: Estimate, case: Known, tolerance: float) -> None:
    holds(what, found.estimate, case["expected"], tolerance)
    for end, value, published in zip(
        ("low", "high"), (found.low, found.high), case["ci"], strict=True
    ):
        holds(f"{what}, {end}", value, published, tolerance)
    for name, value in (("se", found.standard_error), ("p", found.p)):
        if name in case:
            holds(f"{what}, {name}", value, case[name], tolerance)


@pytest.mark.parametrize("name", ["welch_relative", "proportion_relative"])
def test_a_relative_lift(known: Known, name: str) -> None:
    agrees(f"GrowthBook {name}", lift(plain(known[name])), known[name], known["tol"])


def test_an_absolute_difference(known: Known) -> None:
    case = known["welch_absolute"]
    found = means.estimate(plain(known[case["same_inputs_as"]]))
    agrees(
        "GrowthBook welch_absolute",
        found,
        {**case, "expected": case["expected_unrounded"]},
        known["tol"],
    )


def test_a_lift_at_any_time(known: Known) -> None:
    case = known["asympcs_Nstar1000"]
    agrees("GrowthBook asympcs_Nstar1000", always(lift(plain(case)), 1000), case, known["tol"])


def test_a_lift_of_proportions_at_any_time(known: Known) -> None:
    case = known["asympcs_proportion_Nstar5000"]
    agrees(
        "GrowthBook asympcs_proportion_Nstar5000",
        always(lift(plain(case)), 5000),
        case,
        known["tol"],
    )


def test_an_adjusted_lift_at_any_time(known: Known) -> None:
    case, post = known["asympcs_cuped_Nstar5000"], known["asympcs_Nstar1000"]
    found = means.cuped(with_past(post, case, "b"), with_past(post, case, "a"), "y", "x")
    agrees("GrowthBook asympcs_cuped_Nstar5000", always(lift(found), 5000), case, known["tol"])


def test_an_adjusted_lift_of_ratios(known: Known) -> None:
    case = known["ratio_cuped_relative"]
    names = ("m", "d", "m before", "d before")
    b, a = (Moments(names, 100, RATIO_SUMS[each], RATIO_PRODUCTS[each]) for each in "ba")
    found = lift(ratio(b, a, "m", "d", before=("m before", "d before")))
    agrees("GrowthBook ratio_cuped_relative", found, case, known["tol"])
    agrees(
        "GrowthBook ratio_cuped_relative at any time",
        always(found, 5000),
        {"expected": case["expected"], "ci": case["ci_asympcs_Nstar5000"]},
        known["tol"],
    )


def test_half_a_loss_less_is_half_better(known: Known) -> None:
    assert "+50%" in known["relative_sign_rule"]
    before, after = (Moments.of(("y",), [np.array(each * 50)]) for each in ([-11, -9], [-6, -4]))
    assert lift(means.difference(after, before, "y")).estimate == pytest.approx(0.5)


def test_the_alarm_for_sizes_rings_at_the_published_level(known: Known) -> None:
    assert known["srm_threshold"] == 0.001
    assert health.sample_ratio(9000, 1000, 0.1) > 0.001 > health.sample_ratio(9000, 880, 0.1)

"""Published panels give the published numbers: California, the Basque Country, counties' jobs.

The figures are read from the folder that the environment names, and are not part of this project.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.known.files import BASQUE, CALIFORNIA, FOLDER, Known, holds, read_known, rows

from headwater.increment.places import contrasts, imputing, panels, staggered, synthetic, waves
from headwater.increment.places.panels import Panel
from headwater.increment.places.staggered import Staggered

# California's path is matched from 19 years and read over 12: known, and shorter than we ask for.
AS_PUBLISHED = synthetic.Asked(
    scale="absolute", fixed_effects=False, periods_before_per_after=1.0, worst_miss_of_others=9.0
)

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="HEADWATER_KNOWN_DATA names no folder with the published numbers"
)


@pytest.fixture(scope="module")
def known() -> Known:
    return read_known()


@pytest.fixture(scope="module")
def packs() -> Panel:
    given = rows("prop99.csv", ";")
    sold = [float(row["PacksPerCapita"]) for row in given]
    return panels.from_rows([row["State"] for row in given], [int(r["Year"]) for r in given], sold)


@pytest.fixture(scope="module")
def jobs() -> tuple[Panel, dict[str, int | None]]:
    given = rows("mpdta.csv")
    panel = panels.from_rows(
        [row["countyreal"] for row in given],
        [int(row["year"]) for row in given],
        [float(row["lemp"]) for row in given],
    )
    return panel, {row["countyreal"]: int(row["first.treat"]) or None for row in given}


@pytest.fixture(scope="module")
def counties(jobs: tuple[Panel, dict[str, int | None]]) -> Staggered:
    panel, first = jobs
    starts = [panel.place_of(first[unit]) if first[unit] else 5 for unit in panel.units]
    return Staggered(panel.values, np.array(starts), 0.95)


def test_california_follows_its_path_and_leaves_it(known: Known, packs: Panel) -> None:
    case = known["prop99"]["sc_path_matched"]
    found = synthetic.read(packs, [CALIFORNIA], 1989, AS_PUBLISHED)
    tolerance = case["tol"]
    holds(
        "Prop 99 path matched, mean gap", found.estimate.estimate, case["mean_post_gap"], tolerance
    )
    holds("Prop 99 path matched, gap 2000", found.gaps[-1], case["gap_2000"], tolerance)
    holds("Prop 99 path matched, error before", found.error_before, case["pre_rmse"], tolerance)
    holds("Prop 99 path matched, rank", found.placebo.rank, case["rank_of_39"], 0)
    assert found.placebo.of == 39


def test_california_misses_as_much_more_after_the_law(known: Known, packs: Panel) -> None:
    case = known["prop99"]["sc_path_matched"]
    donors = packs.only([unit for unit in packs.units if unit != CALIFORNIA]).values
    found = synthetic.fit(packs.only([CALIFORNIA]).values[0], donors, 19, fixed_effects=False)
    holds("Prop 99 path matched, RMSPE ratio", found.ratio, case["rmspe_ratio"], case["tol"])


def test_california_by_differences(known: Known, packs: Panel) -> None:
    case = known["prop99"]["synthdid_package"]
    mask = np.array([[unit == CALIFORNIA for unit in packs.units]])
    weights = contrasts.differences(mask, np.full(39, 1 / 39))[0]
    gains = packs.values[:, 19:].mean(axis=1) - packs.values[:, :19].mean(axis=1)
    holds("Prop 99 differences", float(weights @ gains), case["did"], case["tol"])


def test_the_kept_library_gives_the_published_figure_for_california(
    known: Known, packs: Panel
) -> None:
    import diff_diff
    import pandas

    case = known["prop99"]
    table = pandas.DataFrame(
        {
            "unit": np.repeat(packs.units, 31),
            "time": np.tile(packs.periods, 39),
            "outcome": packs.values.ravel(),
            "treated": np.repeat([int(unit == CALIFORNIA) for unit in packs.units], 31),
        }
    )
    found = diff_diff.SyntheticDiD(seed=1, n_bootstrap=60).fit(
        table, "outcome", "treated", "unit", "time", post_periods=list(range(1989, 2001))
    )
    published = case["synthdid_package"]
    holds(
        "Prop 99 synthetic differences (diff-diff)", found.att, published["sdid"], published["tol"]
    )
    least, most = case["placebo_se_200_draws_seen"]
    assert least - 2 < found.se < most + 2


def test_the_basque_country_follows_its_path_and_leaves_it(known: Known) -> None:
    case = known["basque"]["path_matched_no_fe_no_spain"]
    given = [row for row in rows("basque.csv") if not row["regionname"].startswith("Spain")]
    panel = panels.from_rows(
        [row["regionname"] for row in given],
        [int(float(row["year"])) for row in given],
        [float(row["gdpcap"]) for row in given],
    )
    earned = panel.only([BASQUE]).values[0]
    donors = panel.only([unit for unit in panel.units if unit != BASQUE]).values
    found = synthetic.fit(earned, donors, panel.place_of(1970), fixed_effects=False)
    holds("Basque path matched, mean gap", found.gap, case["mean_gap_1970_97"], case["tol"])
    late = panel.place_of(1975)
    share = (found.gaps[late:] / (earned - found.gaps)[late:]).mean()
    holds("Basque path matched, share of 1975-97", share, case["gap_pct_1975_97"], case["tol"])


def test_each_group_of_counties_in_each_year(known: Known, counties: Staggered) -> None:
    case = known["mpdta"]
    found, _notes = staggered.group_times(counties, "never_treated")
    assert len(case["att_gt_never_treated_no_cov"]) == len(found.cells) == 12
    for name, (value, error) in case["att_gt_never_treated_no_cov"].items():
        group, year = (int(part) - 2003 for part in name.split(","))
        cell = found.cells[group, year]
        holds(f"mpdta {name}", cell[0], value, case["tol_att"])
        holds(f"mpdta {name}, se", cell[1], error, case["tol_se"])


@pytest.mark.parametrize(
    "compared, scenario", [("never_treated", "nev"), ("not_yet_treated", "nyt")]
)
def test_the_counties_agree_with_the_published_cells_and_averages(
    known: Known, counties: Staggered, compared: staggered.Compared, scenario: str
) -> None:
    case = known["mpdta"]
    found, _notes = staggered.group_times(counties, compared)
    cells = [row for row in rows("mpdta_R_attgt.csv") if row["scenario"] == f"mpdta_{scenario}_dr"]
    assert len(cells) == 12
    for row in cells:
        cell = found.cells[int(row["group"]) - 2003, int(row["t"]) - 2003]
        holds(
            f"mpdta {compared} {row['group']},{row['t']}",
            cell[0],
            float(row["att"]),
            case["tol_att"],
        )
        holds(
            f"mpdta {compared} {row['group']},{row['t']}, se",
            cell[1],
            float(row["se"]),
            case["tol_se"],
        )
    averages = {
        row["type"]: row
        for row in rows("mpdta_R_aggte.csv")
        if row["scenario"] == f"mpdta_{scenario}_dr"
    }
    simple = averages["simple"]
    holds(f"mpdta {compared}, simple", found.overall.estimate, float(simple["overall_att"]), 1e-9)
    holds(
        f"mpdta {compared}, simple, se",
        found.overall.standard_error,
        float(simple["overall_se"]),
        1e-4,
    )
    for kind, value in averaged(found, counties).items():
        holds(
            f"mpdta {compared}, {kind}",
            value,
            float(averages[kind]["overall_att"]),
            case["tol_att"],
        )


def averaged(found: staggered.GroupTimes, counties: Staggered) -> dict[str, float]:
    """Average the cells by group, by time since the start and by year, as R's did does."""
    sizes = {start: int((counties.starts == start).sum()) for start in (1, 3, 4)}
    after = {cell: effect for cell, (effect, _se) in found.cells.items() if cell[1] >= cell[0]}

    def mean_over(places: Any, key: Any) -> float:
        means = []
        for place in places:
            chosen = {cell: effect for cell, effect in after.items() if key(cell) == place}
            weights = [sizes[start] for start, _year in chosen]
            means.append(np.average(list(chosen.values()), weights=weights))
        return float(np.mean(means))

    groups = [np.mean([e for (start, _), e in after.items() if start == each]) for each in sizes]
    return {
        "group": float(np.average(groups, weights=list(sizes.values()))),
        "dynamic": mean_over(range(4), lambda cell: cell[1] - cell[0]),
        "calendar": mean_over(range(1, 5), lambda cell: cell[1]),
    }


def test_imputing_two_way_effects_and_bounds_of_the_counties(
    known: Known, jobs: tuple[Panel, dict[str, int | None]]
) -> None:
    case = known["mpdta"]
    found = waves.read(*jobs, None, waves.Asked(least_before=1, compared="never_treated"))
    for what, figure, (value, error) in (
        ("imputed", found.imputation, case["bjs_imputation_diff_diff"]),
        ("two-way", found.twfe_wrong_here, case["twfe"]),
    ):
        holds(f"mpdta {what}", figure.estimate, value, 1e-6)
        holds(f"mpdta {what}, se", figure.standard_error, error, 1e-6)
    assert found.verdict == found.imputation
    bounds = case["honest_did_M1_universal_base"]
    assert found.honest is not None
    for end, value, said in zip(
        ("low", "high"), (found.honest.low, found.honest.high), bounds["ci"], strict=True
    ):
        holds(f"mpdta honest bounds, {end}", value, said, bounds["tol"])


def test_our_own_imputing_is_the_librarys(known: Known, counties: Staggered) -> None:
    cells = imputing.treated_cells(counties.starts, 5)
    value = known["mpdta"]["bjs_imputation_diff_diff"][0]
    holds(
        "mpdta imputed by ourselves",
        imputing.effects(counties.outcome[None], cells)[0],
        value,
        1e-9,
    )

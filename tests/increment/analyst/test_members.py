"""A file says what its rows say, in one pass, whatever their order, form and number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.increment.analyst.files import SHARE, csv_of, members, parquet_of, weeks

from headwater.increment.analyst import members as analyst
from headwater.increment.analyst.arms import MEMBERS, Question
from headwater.increment.analyst.members import Reading
from headwater.increment.analyst.tables import Source
from headwater.increment.statistics import clusters, families, means, ratios
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.relative import relative

Write = Callable[[Path, dict[str, list[Any]]], Path]
ASKED = Question("arm", "holdout", ("spent", "orders"), ("before",), (("spent", "orders"),),
                 unit="member", share=SHARE)  # fmt: skip


def read(file: Path, question: Question = ASKED) -> Reading:
    return analyst.read(Source.of(file), question)


def arms_of(columns: dict[str, list[Any]], *names: str) -> tuple[Moments, Moments]:
    """Add up the arms with numpy alone."""
    held = np.array(columns["arm"]) == "holdout"
    numbers = [np.array(columns[name]) for name in names]
    return (
        Moments.of(names, [each[~held] for each in numbers]),
        Moments.of(names, [each[held] for each in numbers]),
    )


@pytest.mark.parametrize("write", [csv_of, parquet_of])
def test_a_file_gives_what_the_estimators_give_on_its_columns(write: Write, tmp_path: Path) -> None:
    columns = members()
    found = read(write(tmp_path, columns))
    treated, holdout = arms_of(columns, "spent", "orders", "before")
    assert found.units == {"holdout": holdout.n, "treated": treated.n}
    spent, orders, ratio = found.figures
    assert spent.adjusted == means.estimate(means.adjusted(treated, holdout, "spent", ("before",)))
    assert spent.raw == means.estimate(means.difference(treated, holdout, "spent"))
    assert spent.lift == relative(means.adjusted(treated, holdout, "spent", ("before",)))
    assert orders.raw == means.estimate(means.difference(treated, holdout, "orders"))
    by_ratio = ratios.ratio(treated, holdout, "spent", "orders", ("before",))
    assert ratio.adjusted.estimate == pytest.approx(means.estimate(by_ratio).estimate)
    assert ratio.adjusted.standard_error == pytest.approx(means.estimate(by_ratio).standard_error)
    assert ratio.total is None
    assert spent.total is not None
    assert spent.total.estimate == pytest.approx(spent.adjusted.estimate * treated.n)
    assert spent.total.low <= spent.total.estimate <= spent.total.high


def test_several_outcomes_share_one_family(tmp_path: Path) -> None:
    found = read(csv_of(tmp_path, members()))
    alone = {each.outcome: each.adjusted.p for each in found.figures}
    assert {each.outcome: each.holm_p for each in found.figures} == families.holm(alone)


def test_several_covariates_are_taken_out_arm_by_arm(tmp_path: Path) -> None:
    columns = members()
    question = Question("arm", "holdout", ("spent",), ("before", "share"))
    found = read(csv_of(tmp_path, columns), question)
    treated, holdout = arms_of(columns, "spent", "before", "share")
    ours, theirs = (
        found.figures[0].adjusted,
        means.estimate(means.adjusted(treated, holdout, "spent", ("before", "share"))),
    )
    assert ours.method == theirs.method
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_clusters_are_the_units_where_they_were_drawn(tmp_path: Path) -> None:
    columns = members()
    question = Question("arm", "holdout", ("spent",), unit="member", cluster="guide", share=SHARE)
    found = read(parquet_of(tmp_path, columns), question)
    guide, spent = np.array(columns["guide"]), np.array(columns["spent"])
    arms = []
    for held in (False, True):
        drawn = [each for each in np.unique(guide) if (each % 4 == 0) == held]
        sums = np.array([[(guide == each).sum(), spent[guide == each].sum()] for each in drawn])
        arms.append(Moments.of((MEMBERS, "spent"), [sums[:, 0], sums[:, 1]]))
    theirs = means.estimate(clusters.clustered(arms[0], arms[1], "spent", MEMBERS))
    assert found.figures[0].raw == theirs
    assert found.guards.sample_ratio_p == pytest.approx(1.0)


def test_a_clusters_covariate_leaves_less_doubt(tmp_path: Path) -> None:
    question = Question("arm", "holdout", ("spent",), ("before",), cluster="guide")
    figure = read(csv_of(tmp_path, members(4000)), question).figures[0]
    assert figure.adjusted.standard_error < 0.8 * figure.raw.standard_error
    assert figure.adjusted.low < 0.2 * 10_000 < figure.adjusted.high


def test_weeks_of_a_member_are_added_up_and_those_before_are_a_covariate(tmp_path: Path) -> None:
    columns = members()
    question = Question("arm", "holdout", ("spent",), unit="member", time="week", since="2")
    found = read(parquet_of(tmp_path, weeks(columns)), question)
    wide = read(csv_of(tmp_path, columns), Question("arm", "holdout", ("spent",), ("before",)))
    assert found.figures == wide.figures
    assert found.rows == 5 * wide.rows
    assert found.units == wide.units


@pytest.mark.parametrize("write", [csv_of, parquet_of])
def test_the_order_of_the_rows_changes_nothing(write: Write, tmp_path: Path) -> None:
    columns = weeks(members(200))
    order = np.random.default_rng(3).permutation(len(columns["week"]))
    shuffled = {key: [each[place] for place in order] for key, each in columns.items()}
    question = Question("arm", "holdout", ("spent", "orders"), (), (("spent", "orders"),),
                        unit="member", time="week", since="2")  # fmt: skip
    one = read(write(tmp_path, columns), question)
    other = read(write(tmp_path, shuffled), question)
    assert one == other


def test_whole_numbers_stay_exact_beyond_64_bits(tmp_path: Path) -> None:
    giant = 2**61
    spent = [giant, giant + 2, giant + 5, giant + 1, giant + 3, giant]
    columns: dict[str, list[Any]] = {"arm": list("aaabbb"), "spent": spent}
    found = read(parquet_of(tmp_path, columns), Question("arm", "b", ("spent",)))
    exact = Moments.of(("y",), [np.array([0, 2, 5])]), Moments.of(("y",), [np.array([1, 3, 0])])
    theirs = means.estimate(means.difference(*exact, "y"))
    assert found.figures[0].raw.standard_error == pytest.approx(theirs.standard_error)


def test_arms_of_the_wrong_size_give_no_figure(tmp_path: Path) -> None:
    question = Question("arm", "holdout", ("spent",), ("before",), share=0.5)
    found = read(csv_of(tmp_path, members()), question)
    assert found.figures == ()
    assert "held out, which does not fit the share of 50.0%" in found.guards.because[0]


def test_arms_that_differed_before_give_no_figure(tmp_path: Path) -> None:
    columns = members()
    columns["before"] = [
        before + (5_000 if arm == "holdout" else 0)
        for before, arm in zip(columns["before"], columns["arm"], strict=True)
    ]
    found = read(csv_of(tmp_path, columns))
    assert found.figures == ()
    assert "differed before the start" in found.guards.because[0]


def test_small_whole_numbers_of_a_unit_are_added_up_without_rounding(tmp_path: Path) -> None:
    most = 2**31 - 1
    columns: dict[str, Any] = {
        "member": [f"m{place % 6}" for place in range(60)],
        "arm": ["holdout" if place % 2 else "treated" for place in range(60)],
        "spent": np.array([most - place % 7 for place in range(60)], dtype=np.int32),
    }
    found = read(
        parquet_of(tmp_path, columns), Question("arm", "holdout", ("spent",), unit="member")
    )
    sums = [sum(most - each % 7 for each in range(place, 60, 6)) for place in range(6)]
    arms = [Moments.of(("y",), [np.array(sums[start::2])]) for start in (0, 1)]
    assert found.figures[0].raw.estimate == pytest.approx(arms[0].mean("y") - arms[1].mean("y"))

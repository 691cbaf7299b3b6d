"""A plan says what a holdout sees, by what members did before, and what it costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.increment.analyst.files import csv_of, members, parquet_of, weeks
from tests.increment.analyst.terminal import json_of, refused, typed

from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.planned import sizes


def test_a_plan_is_what_the_sizes_say_of_the_past(tmp_path: Path) -> None:
    columns = members(lift=0.0)
    file = csv_of(tmp_path, columns)
    told = json_of("plan", "members", file, "--outcome", "spent", "--covariate", "before",
                   "--members", "300000", "--share", "0.1", "--lift", "0.01")  # fmt: skip
    past = Moments.of(
        ("spent", "before"), [np.array(columns[each]) for each in ("spent", "before")]
    )
    noise = sizes.noise_of(past, "spent", ("before",))
    (window,) = told["windows"]
    (option,) = window["holdouts"]
    assert option["least_lift"] == pytest.approx(sizes.least_visible(noise, 300_000, 0.1))
    assert option["held_out"] == 30_000
    assert option["cost_fen"] == round(30_000 * noise.mean * 0.01)
    assert window["members_needed_half_held_out"] == sizes.members_needed(noise, 0.01, 0.5)
    assert window["variance_taken_out"] > 0.3


def test_the_least_share_sees_just_what_is_hoped_for(tmp_path: Path) -> None:
    file = csv_of(tmp_path, members(lift=0.0))
    asked = ("plan", "members", file, "--outcome", "spent", "--members", "100000")
    share = json_of(*asked)["windows"][0]["least_share"]
    assert 0 < share < 0.5
    told = json_of(*asked, "--share", str(share))["windows"][0]["holdouts"][0]
    assert told["least_lift"] == pytest.approx(0.02)
    assert told["power"] == pytest.approx(0.8, abs=0.001)
    assert json_of(*asked[:-1], "400")["windows"][0]["least_share"] is None


def test_with_time_each_window_knows_all_that_was_before_it(tmp_path: Path) -> None:
    file = parquet_of(tmp_path, weeks(members(lift=0.0), before=4, after=4))
    asked = ("plan", "members", file, "--outcome", "spent", "--unit", "member", "--time", "week")
    told = json_of(*asked)
    assert [each["periods"] for each in told["windows"]] == [1, 2, 4]
    assert told["windows"][-1]["variance_taken_out"] > 0.3
    said = typed(*asked).output
    assert "4 periods" in said
    assert "held out" in said


@pytest.mark.parametrize(
    "options, sentence",
    [
        (("--outcome", "nothing"), "there is no column nothing"),
        (("--outcome", "spent", "--lift", "2"), "the lift hoped for lies between 0 and 1"),
        (("--outcome", "spent", "--share", "1"), "a share held out lies between 0 and 1"),
        (("--outcome", "spent", "--members", "3"), "four members are the least"),
        (("--outcome", "spent", "--time", "guide"), "name their column"),
        (("--outcome", "nobody"), "nobody: nothing was sold before"),
        (("--outcome", "same"), "the outcome does not vary"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(
    options: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    columns = members(60)
    columns |= {"nobody": [0] * 60, "same": [7] * 60}
    file = csv_of(tmp_path, columns)
    assert sentence in refused(tmp_path, "plan", "members", file, *options)

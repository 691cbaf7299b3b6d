"""Waves out of a file: each store by its own start, and no verdict that the data do not bear."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.increment.analyst.files import csv_of, parquet_of
from tests.increment.analyst.terminal import check_number, json_of, refused, typed

from headwater.increment.analyst import waves
from headwater.increment.analyst.periods import Series
from headwater.increment.analyst.tables import Source
from headwater.increment.places import designs, panels
from headwater.increment.places import waves as places

STORES, WEEKS, LIFT = 60, 22, 0.1
FIRST = date(2026, 1, 5)
Columns = dict[str, list[Any]]
ASKED = ("--unit", "store", "--time", "week", "--outcome", "sales", "--first", "start")


def history(starts: dict[str, int] | None = None) -> Columns:
    """Make weeks of stores; every third never starts, the others in two waves."""
    random = np.random.default_rng(6)
    levels = random.lognormal(10.0, 0.3, STORES)
    made: Columns = {"store": [], "week": [], "sales": [], "start": []}
    for place in range(STORES):
        name = f"S{place:02}"
        own = {1: 12, 2: 16}.get(place % 3) if starts is None else starts.get(name)
        for week in range(WEEKS):
            more = 1 + LIFT if own is not None and week >= own else 1.0
            made["store"].append(name)
            made["week"].append(FIRST + timedelta(weeks=week))
            made["sales"].append(int(levels[place] * (1 + 0.03 * random.standard_normal()) * more))
            made["start"].append(None if own is None else FIRST + timedelta(weeks=own))
    return made


@pytest.mark.parametrize("write", [csv_of, parquet_of])
def test_waves_are_read_as_the_estimators_read_them(write: Any, tmp_path: Path) -> None:
    columns = history()
    file = write(tmp_path, columns)
    found = waves.read(Source.of(file), Series("store", "week", "sales"), "start")
    panel = panels.from_rows(columns["store"], columns["week"], columns["sales"])
    starts = dict(zip(columns["store"], columns["start"], strict=True))
    theirs = places.read(panel, starts)
    assert found.first == starts
    assert found.waves.imputation == theirs.imputation
    assert found.waves.verdict == theirs.verdict
    assert found.waves.lift is not None
    assert found.waves.lift.low < LIFT < found.waves.lift.high


def test_every_number_of_the_json_carries_its_doubt(tmp_path: Path) -> None:
    file = csv_of(tmp_path, history())
    told = json_of("measure", "waves", file, *ASKED)
    for name in ("verdict", "relative", "imputation", "group_time", "two_way_wrong_here"):
        check_number(told[name])
    for each in told["by_horizon"]:
        check_number({key: value for key, value in each.items() if key != "periods_since"})
    said = typed("measure", "waves", file, *ASKED).output
    assert "higher, beyond chance" in said
    assert "The usual regression is wrong for waves" in said


def test_few_stores_that_nobody_drew_give_no_verdict(tmp_path: Path) -> None:
    file = csv_of(tmp_path, history({f"S{place:02}": 12 for place in range(8)}))
    told = json_of("measure", "waves", file, *ASKED)
    assert told["verdict"] is None
    assert told["readable"] is False
    assert "too few for this interval" in told["because"][0]
    assert "No verdict: 8 stores" in typed("measure", "waves", file, *ASKED).output


def test_a_design_brings_the_exact_test_of_its_draw(tmp_path: Path) -> None:
    file, design = tmp_path / "past.csv", tmp_path / "waves.json"
    past = csv_of(tmp_path, history({}), file.name)
    asked = ("--waves", "10,10", "--salt", "s", "--into", design)
    assert typed("plan", "draw", past, *ASKED[:6], *asked).exit_code == 0
    drawn = designs.from_row(json.loads(design.read_text(encoding="utf-8"))).waves_of
    starts = {unit: {1: 12, 2: 16}[wave] for unit, wave in drawn.items()}
    told = json_of("measure", "waves", csv_of(tmp_path, history(starts)), *ASKED,
                   "--design", design)  # fmt: skip
    check_number(told["exact_test"])
    assert told["guards"]["drawn_by_design"] is True
    assert told["verdict"] == told["exact_test"]


def spoilt(place: int, **values: object) -> Columns:
    """Make waves, and put something else in one row."""
    made = history()
    for name, value in values.items():
        made[name][place] = value
    return made


@pytest.mark.parametrize(
    "columns, sentence",
    [
        (spoilt(WEEKS, start=FIRST), "1 stores start at different moments in different rows"),
        (spoilt(WEEKS, start=None), "1 stores start at different moments in different rows"),
        (history({}), "no store starts within the data"),
        (history({"S01": 2}), "4 are the least"),
        (spoilt(WEEKS, sales=None), "1 rows without a value in the column sales"),
        (spoilt(WEEKS, week=FIRST + timedelta(weeks=3)), "adds them up"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(
    columns: Columns, sentence: str, tmp_path: Path
) -> None:
    file = parquet_of(tmp_path, columns)
    assert sentence in refused(tmp_path, "measure", "waves", file, *ASKED)


def test_a_start_that_is_no_date_is_refused(tmp_path: Path) -> None:
    columns = history()
    columns["start"] = [str(each) if each else "never" for each in columns["start"]]
    said = refused(tmp_path, "measure", "waves", csv_of(tmp_path, columns), *ASKED)
    assert "never" in said

"""Stores out of a file: drawn ones by their own test, picked ones with less weight."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.increment.analyst.files import csv_of, parquet_of
from tests.increment.analyst.terminal import check_number, json_of, refused, typed

from headwater.increment.analyst import stores
from headwater.increment.analyst.periods import Series
from headwater.increment.analyst.stores import Drawn, Started
from headwater.increment.analyst.tables import Source
from headwater.increment.places import designs, panels, power, randomisation
from headwater.increment.places.designs import Rules

STORES, WEEKS, START = 30, 36, 28
FIRST = date(2026, 1, 5)
LIFT = 0.1
Columns = dict[str, list[Any]]
ASKED = ("--unit", "store", "--time", "week", "--outcome", "sales")
SINCE = str(FIRST + timedelta(weeks=START))


def history(until: int = WEEKS, treated: tuple[str, ...] = ()) -> Columns:
    """Make weeks of stores, some of which sell more from the start on."""
    random = np.random.default_rng(4)
    levels = random.lognormal(10.0, 0.4, STORES)
    made: Columns = {"store": [], "week": [], "sales": []}
    for week in range(WEEKS):
        noise = 1 + 0.03 * random.standard_normal(STORES)
        for place in range(STORES if week < until else 0):
            name = f"S{place:02}"
            more = 1 + LIFT if name in treated and week >= START else 1.0
            made["store"].append(name)
            made["week"].append(FIRST + timedelta(weeks=week))
            made["sales"].append(int(levels[place] * noise[place] * more))
    return made


@pytest.fixture
def design(tmp_path: Path) -> Path:
    """A design that was drawn at the terminal, on the weeks before the start."""
    past = csv_of(tmp_path, history(START), "past.csv")
    file = tmp_path / "wave.json"
    ended = typed("plan", "draw", past, *ASKED, "--waves", "8", "--salt", "s", "--into", file)
    assert ended.exit_code == 0, ended.output
    assert "wave 1: S" in ended.output
    return file


def drawn(design: Path) -> tuple[str, ...]:
    """Read which stores a design drew."""
    return designs.from_row(json.loads(design.read_text(encoding="utf-8"))).treated


def panel_of(columns: Columns) -> panels.Panel:
    return panels.from_rows(columns["store"], columns["week"], columns["sales"])


def test_drawn_stores_are_read_by_the_exact_test_of_their_draw(
    tmp_path: Path, design: Path
) -> None:
    columns = history(treated=drawn(design))
    file = parquet_of(tmp_path, columns)
    series, started = Series("store", "week", "sales"), Started((), SINCE, stores.design_of(design))
    found = stores.read(Source.of(file), series, started)
    assert isinstance(found, Drawn)
    theirs = randomisation.read(
        panel_of(columns), stores.design_of(design), date.fromisoformat(SINCE)
    )
    assert found.tested == theirs
    assert found.tested.lift is not None
    assert found.tested.lift.low < LIFT < found.tested.lift.high
    told = json_of("measure", "stores", file, *ASKED, "--from", SINCE, "--design", design)
    for name in ("per_store_and_period", "relative", "total"):
        check_number(told[name])
    assert told["guards"]["drawn_by_design"] is True


def test_the_order_of_the_rows_changes_nothing(tmp_path: Path, design: Path) -> None:
    columns = history(treated=drawn(design))
    order = np.random.default_rng(1).permutation(len(columns["week"]))
    shuffled = {key: [each[place] for place in order] for key, each in columns.items()}
    asked = ("measure", "stores")
    rest = (*ASKED, "--from", SINCE, "--design", design)
    one = json_of(*asked, csv_of(tmp_path, columns), *rest)
    assert one == json_of(*asked, csv_of(tmp_path, shuffled), *rest)


def test_picked_stores_are_labelled_as_the_weaker_evidence(tmp_path: Path) -> None:
    file = csv_of(tmp_path, history(treated=("S03", "S07")))
    rest = (*ASKED, "--from", SINCE, "--treated", "S03, S07")
    told = json_of("measure", "stores", file, *rest)
    check_number(told["per_store_and_period"])
    assert told["guards"]["weaker"] is True
    assert "weaker evidence" in typed("measure", "stores", file, *rest).output


def test_one_store_is_learning_only(tmp_path: Path) -> None:
    file = csv_of(tmp_path, history(treated=("S03",)))
    ended = typed("measure", "stores", file, *ASKED, "--from", SINCE, "--treated", "S03")
    assert "learning only, no verdict possible" in ended.output


def test_orders_are_added_up_by_week_and_a_week_without_any_is_nothing(tmp_path: Path) -> None:
    columns = history(treated=("S03", "S07"))
    daily: Columns = {"store": [], "week": [], "sales": []}
    for store, week, sales in zip(*columns.values(), strict=True):
        for day, part in ((0, sales - sales // 3), (4, sales // 3)):
            daily["store"].append(store)
            daily["week"].append(week + timedelta(days=day))
            daily["sales"].append(part)
    rest = (*ASKED, "--from", SINCE, "--treated", "S03,S07")
    weekly = json_of("measure", "stores", csv_of(tmp_path, columns), *rest)
    found = json_of("measure", "stores", parquet_of(tmp_path, daily), *rest, "--by", "week")
    assert found["relative"] == weekly["relative"]


def test_a_plan_says_what_a_test_would_have_seen(tmp_path: Path) -> None:
    file = csv_of(tmp_path, history(START))
    told = json_of("plan", "stores", file, *ASKED, "--stores", "8", "--periods", "4")
    (cell,) = told["tests"]
    theirs = power.table(panel_of(history(START)), Rules((8,)), [8], [4])
    assert cell["mde"] == theirs[0].mde
    assert 0.01 < cell["mde"] < 0.06
    assert told["speaks_up_when_nothing_happens"] == pytest.approx(0.05, abs=0.01)
    mean = float(np.mean(history(START)["sales"]))
    assert cell["cost_fen"] == round(22 * 4 * mean * 0.02)
    assert (
        "speaks up 5.0% of the time"
        in typed("plan", "stores", file, *ASKED, "--stores", "8", "--periods", "4").output
    )


def spoilt(place: int, **values: object) -> Columns:
    """Make weeks of stores, and put something else in one row."""
    made = history()
    for name, value in values.items():
        made[name][place] = value
    return made


@pytest.mark.parametrize(
    "columns, options, sentence",
    [
        (history(), ("--treated", "S99"), "there is no store S99"),
        (history(), (), "name the stores, or the design that drew them"),
        (history(), ("--treated", "S01", "--from", "2030-01-01"), "no period before or after"),
        (history(), ("--treated", "S01", "--from", "soon"), "soon is no period"),
        (history(), ("--treated", "S01", "--from", str(FIRST + timedelta(weeks=5))),
         "it takes 3 times as many before"),
        (history(), ("--treated", "S01", "--unit", "shop"), "there is no column shop"),
        (spoilt(3, week=FIRST + timedelta(weeks=1)), ("--treated", "S01"),
         "--by day, week or month adds them up"),
        (spoilt(3, store="S31"), ("--treated", "S01"), "are missing"),
        (spoilt(3, sales=None), ("--treated", "S01"), "1 rows without a value in the column sales"),
        (spoilt(3, week=None), ("--treated", "S01"), "1 rows without a value in the column week"),
        (spoilt(3, sales=float("inf")), ("--treated", "S01"), "1 infinite values"),
        (spoilt(3, sales=float("nan")), ("--treated", "S01"), "not a number (NaN)"),
        ({**history(), "sales": [7] * STORES * WEEKS}, ("--treated", "S01"), "the same everywhere"),
        (history(), ("--treated", "S01", "--by", "week", "--time", "sales"), "no dates"),
        (history(), ("--design", "no.json"), "holds no design"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_one_sentence(
    columns: Columns, options: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    if any(isinstance(each, float) for each in columns["sales"]):
        columns["sales"] = [float(each) for each in columns["sales"]]
    file = parquet_of(tmp_path, columns)
    given = ("--from", SINCE, *options)
    assert sentence in refused(tmp_path, "measure", "stores", file, *ASKED, *given)


def test_a_design_that_was_changed_reads_nothing(tmp_path: Path, design: Path) -> None:
    row = json.loads(design.read_text(encoding="utf-8"))
    row["salt"] = "another"
    design.write_text(json.dumps(row), encoding="utf-8")
    file = csv_of(tmp_path, history())
    said = refused(tmp_path, "measure", "stores", file, *ASKED, "--from", SINCE,
                   "--design", design)  # fmt: skip
    assert "changed after it was written down" in said


def test_a_design_reads_the_stores_that_it_drew_and_is_never_overwritten(
    tmp_path: Path, design: Path
) -> None:
    file = csv_of(tmp_path, history())
    asked: tuple[str | Path, ...]
    asked = ("--from", SINCE, "--design", design, "--treated", "S01,S02")
    assert "the design drew other stores" in refused(
        tmp_path, "measure", "stores", file, *ASKED, *asked
    )
    again = ("--waves", "8", "--salt", "t", "--into", design)
    assert "never overwritten" in refused(tmp_path, "plan", "draw", file, *ASKED, *again)
    waves = ("--waves", "eight", "--salt", "t", "--into", tmp_path / "other.json")
    assert "no list of numbers" in refused(tmp_path, "plan", "draw", file, *ASKED, *waves)

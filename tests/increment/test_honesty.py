"""Honesty: what the product says of worlds whose truth is known is what it promises.

The same table as `headwater honesty` prints, in its fast form; households are made here, so that
nothing needs to be installed and a seed gives the same worlds everywhere.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from headwater.cli.honesty import honesty
from headwater.increment.statistics import means, sequential
from headwater.world.honesty import bands, households, table
from headwater.world.honesty.households import ALL_BEFORE, KNOWN, Households, Receipts
from headwater.world.honesty.worlds import SALES, Design, Source, Sums

SEED = 20


@pytest.fixture(scope="module")
def people() -> Households:
    return households.made()


@pytest.mark.parametrize("study", list(table.studies(households.made(count=5), table.FAST, 1)))
def test_every_promise_is_kept(people: Households, study: str) -> None:
    lines = list(table.studies(people, table.FAST, SEED)[study]())
    assert any(line.is_judged for line in lines)
    broken = [f"{line.subject}, {line.claim}: {line.found:.3f}" for line in lines
              if not line.is_within]  # fmt: skip
    assert not broken


def test_made_households_vary_as_real_ones_do(people: Households) -> None:
    for quarter in (people.quarter(), people.quarter(back=1)):
        tied = float(np.corrcoef(quarter.spent, quarter.before)[0, 1])
        spread = float(quarter.spent.std() / quarter.spent.mean())
        # Real ones: a spread of 1.13, of which the past leaves 0.57.
        assert 1.0 < spread < 1.5
        assert 0.5 < spread * np.sqrt(1 - tied**2) < 0.75


def test_a_world_keeps_its_sums(people: Households) -> None:
    quarter = people.quarter()
    source = Source(quarter, Design(2_000, 0.3), salts=1, seed=1)
    (world,) = source.worlds(1)
    treated, holdout = Sums(quarter).of(world, 0.1)
    assert treated.n + holdout.n == 2_000
    assert holdout.n == source.held.sum() == pytest.approx(600, abs=70)
    assert holdout.sums[0] == pytest.approx(float(world.held @ quarter.spent))
    assert treated.sums[0] == pytest.approx(
        float((world.treated + 0.1 * world.once) @ quarter.spent)
    )


def test_an_estimator_that_promises_too_much_is_caught(people: Households) -> None:
    quarter = people.quarter()
    sums = Sums(quarter)
    held = []
    for world in Source(quarter, Design(4_000, 0.5), salts=2, seed=3).worlds(400):
        treated, holdout = sums.of(world, 0.0)
        found = means.lin(treated.only(SALES, *KNOWN), holdout.only(SALES, *KNOWN), SALES, KNOWN)
        # A tenth too narrow: what forgetting a covariance does.
        held.append(abs(found.value) < 0.8 * 1.96 * found.variance**0.5)
    assert not bands.coverage("", "", held).is_within


def test_looking_every_week_without_a_plan_is_caught(people: Households) -> None:
    quarter = people.quarter()
    weeks = np.cumsum(quarter.daily, axis=1)[:, 6::7]
    sums = Sums(quarter, weeks)
    found = []
    for world in Source(quarter, Design(4_000, 0.5), salts=2, seed=4).worlds(400):
        arms, sizes = sums.of(world, 0.0), []
        for outcome in sums.outcomes:
            treated, holdout = (arm.only(outcome, ALL_BEFORE) for arm in arms)
            each = means.cuped(treated, holdout, outcome, ALL_BEFORE)
            sizes.append(abs(each.value) / each.variance**0.5)
        found.append(max(sizes) > 1.96)
    assert len(sums.outcomes) == sequential.LOOKS_MOST
    assert not bands.at_most("", "", found, 0.06).is_within


def test_receipts_become_days_and_stores_weeks() -> None:
    days = households.DAYS
    sold_at = np.datetime64("2026-10-31") - np.arange(days)[::-1].astype("timedelta64[D]")
    lines = Receipts(
        household=np.full(days, 7), basket=np.arange(days) // 2, store=np.full(days, 3),
        sold_at=sold_at, fen=np.full(days, 250),
    )  # fmt: skip
    found = households.of_receipts(lines)
    assert found.spending.shape == (1, days)
    assert found.spending.sum() == pytest.approx(2.5 * days)
    assert found.orders.sum() == days / 2
    assert found.stores.tolist() == [[17.5] * (days // 7)]
    assert found.quarter().known.tolist() == [[70.0, 157.5, 227.5, 26.0]]


def test_the_command_prints_its_table_and_ends_well() -> None:
    ran = CliRunner().invoke(honesty, ["--made", "--only", "few", "--json"])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.output)
    assert told["kept"]
    assert told["seed"] == 1
    assert {"claim", "found", "error", "least", "most", "worlds"} <= set(told["lines"][0])


def test_a_study_that_is_done_is_not_done_again(tmp_path: Path) -> None:
    asked = ["--made", "--only", "few", "--only", "picked", "--into", str(tmp_path)]
    first = CliRunner().invoke(honesty, [*asked, "--form", "text"])
    assert first.exit_code == 0, first.output
    kept = tmp_path / "few.json"
    told = json.loads(kept.read_text())
    told["lines"][0]["claim"] = "taken from what was kept"
    kept.write_text(json.dumps(told))
    (tmp_path / "picked.json").unlink()
    again = CliRunner().invoke(honesty, [*asked, "--form", "text"])
    assert "| taken from what was kept |" in again.output
    assert len(again.output.splitlines()) == len(first.output.splitlines())


def test_results_of_another_run_are_not_taken_for_this_ones(tmp_path: Path) -> None:
    asked = ["--made", "--only", "few", "--into", str(tmp_path)]
    assert CliRunner().invoke(honesty, asked).exit_code == 0
    other = CliRunner().invoke(honesty, [*asked, "--seed", "2"])
    assert other.exit_code != 0
    assert "made with another seed" in str(other.exception.details)  # type: ignore[union-attr]


def test_a_promise_that_is_not_kept_ends_the_command_with_an_error(tmp_path: Path) -> None:
    asked = ["--made", "--only", "few", "--into", str(tmp_path)]
    assert CliRunner().invoke(honesty, asked).exit_code == 0
    kept = tmp_path / "few.json"
    told = json.loads(kept.read_text())
    told["lines"][0]["found"] = 0.2
    kept.write_text(json.dumps(told))
    ran = CliRunner().invoke(honesty, asked)
    assert ran.exit_code == 1
    assert "NOT KEPT" in ran.output


def test_bands_are_those_promised_where_there_are_worlds_enough() -> None:
    hits = [True] * 3_325 + [False] * 175
    line = bands.coverage("", "", hits)
    assert line.least == pytest.approx(0.935)
    assert line.most == pytest.approx(0.965)
    assert bands.at_most("", "", hits[-3_500:] * 2, 0.06).most == pytest.approx(0.06)
    few = bands.coverage("", "", hits[:100])
    assert few.least is not None
    assert few.least < 0.9


def test_an_unknown_study_is_refused_by_name() -> None:
    ran = CliRunner().invoke(honesty, ["--made", "--only", "horoscopes"])
    assert ran.exit_code != 0
    assert "horoscopes is none of" in str(ran.exception.details)  # type: ignore[union-attr]

"""Oracles: other people's engines, computed apart, give the same figures."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import tea_tasting as tea
import ville
from tests.increment.statistics import worlds

from headwater.increment.statistics import health, means
from headwater.increment.statistics.anytime import always
from headwater.increment.statistics.families import benjamini_hochberg, holm
from headwater.increment.statistics.moments import Estimate, Moments
from headwater.increment.statistics.ratios import ratio

Table = dict[str, worlds.Column]
NAMES = ("spent", "visits", "before", "visits before")


def world(seed: int) -> tuple[Table, Table]:
    """Draw members with spending and visits, now and before."""
    random = np.random.default_rng(seed)
    found = []
    for count, lift in ((900, 0.1), (400, 0.0)):
        table = worlds.members(random, count, lift)
        visits = 1.0 + random.poisson(3 + table["weeks"])
        found.append(
            {
                "spent": table["spent"],
                "visits": visits,
                "before": table["before"],
                "visits before": 1.0 + random.poisson(visits),
            }
        )
    return found[0], found[1]


def theirs(arms: tuple[Table, Table], **metrics: object) -> dict[str, dict[str, float]]:
    """Ask tea-tasting; its variant 0 is the control."""
    columns = {name: np.concatenate([arms[1][name], arms[0][name]]) for name in NAMES}
    columns["variant"] = np.repeat([0, 1], [len(arms[1]["spent"]), len(arms[0]["spent"])])
    found = tea.Experiment(**metrics, variant="variant").analyze(pa.table(columns))
    return {name: found[name]._asdict() for name in metrics}


def agree(ours: Estimate, other: dict[str, float], near: float) -> None:
    assert ours.estimate == pytest.approx(other["effect_size"], rel=near)
    assert ours.p == pytest.approx(other["pvalue"], rel=100 * near, abs=1e-12)
    assert (ours.low, ours.high) == pytest.approx(
        (other["effect_size_ci_lower"], other["effect_size_ci_upper"]), rel=near
    )


@pytest.mark.parametrize("seed", range(3))
def test_tea_tasting_gives_the_same_means_and_the_same_cuped(seed: int) -> None:
    arms = world(seed)
    found = theirs(arms, plain=tea.Mean("spent"), known=tea.Mean("spent", "before"))
    treated, holdout = worlds.both(arms)
    agree(means.estimate(means.difference(treated, holdout, "spent")), found["plain"], 1e-8)
    agree(means.estimate(means.cuped(treated, holdout, "spent", "before")), found["known"], 1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_tea_tasting_gives_the_same_ratios(seed: int) -> None:
    arms = world(seed)
    found = theirs(
        arms,
        plain=tea.RatioOfMeans("spent", "visits"),
        known=tea.RatioOfMeans("spent", "visits", "before", "visits before"),
    )
    treated, holdout = worlds.both(arms)
    agree(means.estimate(ratio(treated, holdout, "spent", "visits")), found["plain"], 1e-8)
    # Its slope is that of both arms as one sample, ours the one that leaves least doubt.
    ours = means.estimate(
        ratio(treated, holdout, "spent", "visits", before=("before", "visits before"))
    )
    error = ours.standard_error
    assert ours.estimate == pytest.approx(found["known"]["effect_size"], abs=0.25 * error)
    their_width = found["known"]["effect_size_ci_upper"] - found["known"]["effect_size_ci_lower"]
    assert 0.9 * their_width < ours.high - ours.low < 1.001 * their_width


@pytest.mark.parametrize("lost", [0, 20, 60, 120])
def test_tea_tasting_gives_the_same_sample_ratio(lost: int) -> None:
    table = {"variant": np.repeat([0, 1], [1000 - lost, 9000])}
    metric = tea.SampleRatio({0: 1, 1: 9}, method="norm", correction=False)
    found = tea.Experiment({"sizes": metric}, variant="variant").analyze(pa.table(table))
    assert health.sample_ratio(9000, 1000 - lost, 0.1) == pytest.approx(
        found["sizes"].pvalue, rel=1e-9
    )


def test_tea_tasting_gives_the_same_families() -> None:
    asked = {f"question {seed}": tea.Mean("spent", "before") for seed in range(6)}
    results = {}
    for seed, (name, metric) in enumerate(asked.items()):
        arms = world(seed + 10)
        columns = {each: np.concatenate([arms[1][each], arms[0][each]]) for each in NAMES}
        columns["variant"] = np.repeat([0, 1], [400, 900])
        results[name] = tea.Experiment({name: metric}, variant="variant").analyze(pa.table(columns))
    found = {name: float(results[name][name].pvalue) for name in asked}
    strict = tea.adjust_fwer(results, arbitrary_dependence=True, method="bonferroni").to_dicts()
    mild = tea.adjust_fdr(results).to_dicts()
    for ours, other in ((holm(found), strict), (benjamini_hochberg(found), mild)):
        assert ours == pytest.approx({e["metric"]: e["pvalue_adj"] for e in other}, rel=1e-9)


def test_ville_gives_the_same_sequence_up_to_its_tuning() -> None:
    random = np.random.default_rng(1)
    drawn = random.random(20_000) < 0.5
    spent = random.exponential(100, 20_000) * np.where(drawn, 1.1, 1.0)
    other = ville.AsymptoticABTest(alpha=0.05, propensity=0.5, t_opt=20_000)
    other.fit(spent, drawn.astype(np.float64))
    low, high = other.interval()
    treated, holdout = (Moments.of(("y",), [spent[each]]) for each in (drawn, ~drawn))
    ours = always(means.compare(treated, holdout, "y").raw, 20_000)
    # It knows the share treated and we count it: the same but for what is left of that.
    assert ours.high - ours.low == pytest.approx(high - low, rel=0.01)
    assert ours.estimate == pytest.approx((low + high) / 2, abs=0.1 * ours.standard_error)

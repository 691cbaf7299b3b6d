"""The Basque Country by what described it, and California by a mixture that stops early.

Both answer the question of `test_panels` by another specification, and differ from it: the reason
for which a specification is kept beside each result. The figures are read from the folder that the
environment names, and are not part of this project.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize
from tests.known.files import BASQUE, CALIFORNIA, FOLDER, Known, holds, read_known, rows

from headwater.increment.places import synthetic
from headwater.increment.places.contrasts import simplex

SCHOOLING = ("school.illit", "school.prim", "school.med", "school.high")
SECTORS = ("agriculture", "energy", "industry", "construction", "services.venta",
           "services.nonventa")  # fmt: skip

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="HEADWATER_KNOWN_DATA names no folder with the published numbers"
)

Table = NDArray[np.float64]
Cells = dict[tuple[str, int], dict[str, str]]


@pytest.fixture(scope="module")
def known() -> Known:
    return read_known()


@pytest.fixture(scope="module")
def regions() -> Cells:
    given = [row for row in rows("basque.csv") if not row["regionname"].startswith("Spain")]
    return {(row["regionname"], int(float(row["year"]))): row for row in given}


def mean(cells: Cells, region: str, column: str, years: Iterable[int]) -> float:
    said = [cells[region, year][column] for year in years]
    return float(np.mean([float(each) for each in said if each]))


def described(cells: Cells, names: list[str]) -> Table:
    """Describe each region (column) as Abadie and Gardeazabal 2003 do, in units of its spread."""

    def row(column: str, years: Iterable[int]) -> list[float]:
        return [mean(cells, name, column, years) for name in names]

    schooling = np.array([row(each, range(1964, 1970)) for each in SCHOOLING])
    schooling[-1] += row("school.post.high", range(1964, 1970))
    rest = [row("invest", range(1964, 1970)), row("gdpcap", range(1960, 1970))]
    rest += [row(f"sec.{each}", range(1961, 1970, 2)) for each in SECTORS]
    rest += [row("popdens", [1969])]
    whole = np.vstack([100 * schooling / schooling.sum(axis=0), rest])
    return np.asarray(whole / whole.std(axis=1, ddof=1, keepdims=True))


def test_the_basque_country_by_what_described_it(known: Known, regions: Cells) -> None:
    case = known["basque"]
    donors = sorted({name for name, _year in regions} - {BASQUE})
    traits = described(regions, [*donors, BASQUE])
    earned = np.array(
        [[float(regions[name, year]["gdpcap"]) for name in [*donors, BASQUE]]
         for year in range(1955, 1998)]
    )  # fmt: skip
    before = earned[5:15]

    def mixture(importance: Table) -> Table:
        root = np.sqrt(np.abs(importance) / np.abs(importance).sum())[:, None] * traits
        return simplex(root[:, :-1], root[:, -1])

    def miss(importance: Table) -> float:
        return float(((before[:, -1] - before[:, :-1] @ mixture(importance)) ** 2).mean())

    even = np.full(len(traits), 1 / len(traits))
    weights = mixture(optimize.minimize(miss, even, method="Nelder-Mead").x)
    for name, published in case["published_weights"].items():
        found = weights[donors.index(name)]
        holds(f"Basque by predictors, {name}", found, published, case["tol_weights"])
    gaps = (earned[:, -1] - earned[:, :-1] @ weights)[15:]
    holds(
        "Basque by predictors, mean gap",
        float(gaps.mean()),
        case["att_1970_1997_pysyncon"],
        case["tol_att"],
    )


def test_the_package_stops_before_california_is_matched_as_well_as_can_be(known: Known) -> None:
    """The package's figure is its own; ours is the optimum of the same question, and near."""
    import synthdid

    given = rows("prop99.csv", ";")
    states = [*sorted({row["State"] for row in given} - {CALIFORNIA}), CALIFORNIA]
    sold = {(row["State"], int(row["Year"])): float(row["PacksPerCapita"]) for row in given}
    packs = np.array([[sold[state, year] for year in range(1970, 2001)] for state in states])
    theirs: Any = synthdid.sc_estimate(packs, 38, 19)
    published = known["prop99"]["synthdid_package"]
    holds("Prop 99 synthetic control (synthdid)", float(theirs), published["sc"], published["tol"])
    ours = synthetic.fit(packs[-1], packs[:-1], 19, fixed_effects=False)
    omega = np.asarray(theirs.weights.omega).ravel()
    left = packs[-1, :19] - omega @ packs[:-1, :19]
    assert ours.error_before <= float(np.sqrt((left**2).mean()))
    assert ours.gap == pytest.approx(float(theirs), abs=0.2)

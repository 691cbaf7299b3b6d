"""Friends: where word gets round, those left alone hear of it, and the effect looks too small.

Members stand in circles; what reaches a member is passed on to the others in part. Who draws them
one by one measures less than is true, and no interval tells. Who draws whole circles, and reads by
circle, measures what is true.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.statistics import clusters, means
from headwater.increment.statistics.moments import Estimate, Moments
from headwater.increment.statistics.relative import relative
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import ALL_BEFORE, Households, Quarter
from headwater.world.honesty.worlds import SALES, Design, Source

MEMBERS: Final = 40_000
CIRCLE: Final = 4
HELD: Final = 0.2
DIRECT: Final = 0.05
# A member whose friends are all reached gains so much of what being reached oneself brings.
PASSED_ON: Final = 0.5
TRUE: Final = DIRECT * (1 + PASSED_ON)
_COUNT: Final = "members"

Table = NDArray[np.float64]
Mask = NDArray[np.bool_]


def study(households: Households, worlds: int, salts: int, seed: int) -> Iterator[Line]:
    """Draw members one by one, and then by circle, in worlds in which word gets round."""
    quarter = households.quarter()
    alone = Source(quarter, Design(MEMBERS, HELD), salts, seed + 5).held
    whole = Source(quarter, Design(MEMBERS // CIRCLE, HELD), salts, seed + 6).held
    noise = np.random.default_rng([seed, CIRCLE])
    held: dict[str, list[bool]] = defaultdict(list)
    missed: dict[str, list[float]] = defaultdict(list)
    for at in range(worlds):
        household = noise.integers(len(quarter.orders), size=MEMBERS)
        arms = {"alone": alone[at % salts], "circle": np.repeat(whole[at % salts], CIRCLE)}
        for key, read in (("alone", _by_member), ("circle", _by_circle)):
            found = read(_lived(quarter, household, arms[key]), arms[key])
            held[key].append(found.low <= TRUE <= found.high)
            missed[key].append(found.estimate - TRUE)
    subject = f"word gets round in circles of {CIRCLE}, true {TRUE:.1%}, {MEMBERS:,} members"
    yield bands.coverage(subject, "drawn and read by circle: interval", held["circle"])
    yield bands.within(subject, "drawn and read by circle: bias", missed["circle"])
    yield bands.beside(subject, "drawn one by one: interval", held["alone"])
    bias, error = bands.mean(missed["alone"])
    yield Line(subject, "drawn one by one: bias", bias, error, worlds, form="+.2%")


def _lived(quarter: Quarter, household: NDArray[np.int64], held: Mask) -> Table:
    """Give what each member spent (first column) and had spent before."""
    reached = (~held).reshape(-1, CIRCLE).astype(np.float64)
    friends = (reached.sum(axis=1, keepdims=True) - reached) / (CIRCLE - 1)
    lift = DIRECT * (reached + PASSED_ON * friends)
    spent = quarter.spent[household] * (1 + lift.ravel())
    return np.column_stack([spent, quarter.before[household]])


def _by_member(rows: Table, held: Mask) -> Estimate:
    names = SALES, ALL_BEFORE
    arms = [Moments.of(names, list(rows[mask].T)) for mask in (~held, held)]
    found = relative(means.cuped(arms[0], arms[1], SALES, ALL_BEFORE))
    assert found is not None
    return found


def _by_circle(rows: Table, held: Mask) -> Estimate:
    together = rows.reshape(-1, CIRCLE, 2).sum(axis=1)
    out = held[::CIRCLE]
    names = SALES, ALL_BEFORE, _COUNT
    arms = [
        Moments.of(names, [*together[mask].T, np.full(int(mask.sum()), CIRCLE)])
        for mask in (~out, out)
    ]
    found = relative(clusters.clustered(arms[0], arms[1], SALES, _COUNT, (ALL_BEFORE,)))
    assert found is not None
    return found

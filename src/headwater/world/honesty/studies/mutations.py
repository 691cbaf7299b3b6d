"""Mutations: what goes wrong in practice, done in many worlds; how often does a guard fire?

The ledger knows whom it drew and with which salt, so a guard fires every time where one is due, and
the study says from what size on. The same breakages run through the database in the tests.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment import plans, proofs, verdicts
from headwater.increment.statistics import health
from headwater.increment.statistics.moments import Moments
from headwater.increment.verdicts import Guards
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import KNOWN, Households, Quarter
from headwater.world.honesty.worlds import Design, Source

DESIGN: Final = Design(10_000, 0.2)
# Where a guard is due it fires so often at least, and where nothing is broken so often at most.
FIRES: Final = 0.995
BY_MISTAKE: Final = 0.003
_ALARM: Final = 0.001
_LEAK: Final = 0.02
_LIFT: Final = 0.03

Table = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Ledger:
    """An experiment as it was written down and read: one place a member.

    `held` is the arm that is kept, `drawn` the one that the plan's salt gives, `other` one of
    another salt; `sold` is what was added up, and `bought` what the orders say.
    """

    held: Mask
    drawn: Mask
    other: Mask
    is_there: Mask
    drawn_count: int
    leaked: int
    sold: Table
    bought: Table
    past: Table


Breakage = Callable[[Ledger, np.random.Generator], Ledger]


@dataclass(frozen=True)
class Mutation:
    """A breakage, and whether a guard is due at this size."""

    name: str
    breaks: Breakage
    is_due: bool = True


def study(households: Households, worlds: int, salts: int, seed: int) -> Iterator[Line]:
    """Break many worlds in every way, and count how often no figure is shown."""
    quarter = households.quarter()
    draws = Source(quarter, DESIGN, max(salts, 2), seed + 7).held
    noise = np.random.default_rng([seed, DESIGN.members, len(MUTATIONS)])
    fired: dict[str, list[bool]] = defaultdict(list)
    for at in range(worlds):
        well = _healthy(quarter, draws[at % len(draws)], draws[(at + 1) % len(draws)], noise)
        fired["nothing"].append(verdicts.refuse(guards_of(well)) is not None)
        for each in MUTATIONS:
            broken = each.breaks(well, noise)
            fired[each.name].append(verdicts.refuse(guards_of(broken)) is not None)
    subject = f"a guard fires, {DESIGN}"
    yield bands.at_most(subject, "nothing is broken", fired["nothing"], BY_MISTAKE, BY_MISTAKE)
    for each in MUTATIONS:
        found, error = bands.share(fired[each.name])
        least = FIRES - bands.chance(1 - FIRES, worlds) if each.is_due else None
        yield Line(subject, each.name, found, error, worlds, least)


def guards_of(ledger: Ledger) -> Guards:
    """Work the guards out as a reading does."""
    held, treated = ledger.held & ledger.is_there, ~ledger.held & ledger.is_there
    counts = int(treated.sum()), int(held.sum())
    arms = [Moments.of(KNOWN, list(ledger.past[arm].T)) for arm in (treated, held)]
    sold, bought = (float(each[ledger.is_there].sum()) for each in (ledger.sold, ledger.bought))
    return Guards(
        unit="member",
        treated_count=counts[0],
        holdout_count=counts[1],
        drawn_count=ledger.drawn_count,
        misdrawn_count=int((ledger.held != ledger.drawn)[ledger.is_there].sum()),
        leaked_count=ledger.leaked,
        leaks={},
        leak_alarm_share=_LEAK,
        ratio_p=health.sample_ratio(*counts, DESIGN.holdout_share),
        ratio_always_p=health.sample_ratio_always([counts], DESIGN.holdout_share),
        ratio_alarm_p=_ALARM,
        imbalance_p=health.imbalance(arms[0], arms[1], KNOWN),
        imbalance_alarm_p=_ALARM,
        least_per_arm=plans.LEAST_PER_ARM["member"],
        sales_fen=round(100 * bought),
        sales_off_fen=round(100 * (sold - bought)),
        sales_alarm_share=proofs.ALARM_SHARE,
    )


def _healthy(quarter: Quarter, drawn: Mask, other: Mask, noise: np.random.Generator) -> Ledger:
    household = noise.integers(len(quarter.orders), size=DESIGN.members)
    bought = quarter.spent[household] * np.where(drawn, 1.0, 1 + _LIFT)
    everybody = np.ones(DESIGN.members, dtype=np.bool_)
    return Ledger(
        drawn, drawn, other, everybody, DESIGN.members, 0, bought, bought, quarter.known[household]
    )


def _leak(share: float) -> Breakage:
    return lambda well, _noise: replace(well, leaked=round(share * well.held.sum()))


def _salt(share: float) -> Breakage:
    """Draw whoever joins from some day on with another salt."""

    def breaks(well: Ledger, noise: np.random.Generator) -> Ledger:
        late = noise.random(len(well.held)) < share
        return replace(well, held=np.where(late, well.other, well.held))

    return breaks


def _outside(well: Ledger, _noise: np.random.Generator) -> Ledger:
    """Let a system outside reach those whom its own salt treats."""
    return replace(well, leaked=int((well.held & ~well.other).sum()))


def _lost(share: float, is_counted: bool) -> Breakage:
    """Lose rows of those left alone; and somebody may make the count fit."""

    def breaks(well: Ledger, noise: np.random.Generator) -> Ledger:
        gone = well.held & (noise.random(len(well.held)) < share)
        count = int((~gone).sum()) if is_counted else well.drawn_count
        return replace(well, is_there=~gone, drawn_count=count)

    return breaks


def _best_moved(well: Ledger, _noise: np.random.Generator) -> Ledger:
    """Move the best customers to the treated and as many of the least to those left alone."""
    past = well.past[:, :3].sum(axis=1)
    up = np.flatnonzero(well.held)[np.argsort(-past[well.held])[:60]]
    down = np.flatnonzero(~well.held)[np.argsort(past[~well.held])[:60]]
    held = well.held.copy()
    held[up], held[down] = False, True
    return replace(well, held=held)


def _late_returns(share: float) -> Breakage:
    """Forget what came back late; the orders know."""

    def breaks(well: Ledger, noise: np.random.Generator) -> Ledger:
        back = noise.random(len(well.held)) < share
        return replace(well, bought=np.where(back, 0.0, well.bought))

    return breaks


def _phones(well: Ledger, noise: np.random.Generator) -> Ledger:
    """Join sales on the phone: some share one with the next, some gave none."""
    place = np.arange(len(well.held))
    sold = np.where(noise.random(len(place)) < 0.05, 0.0, well.sold)
    shares = np.flatnonzero(noise.random(len(place) - 1) < 0.07)
    sold[shares] += well.sold[shares + 1]
    sold[shares + 1] += well.sold[shares]
    return replace(well, sold=sold)


def _past_lost(share: float) -> Breakage:
    """Leave old orders of a part of one arm behind when systems change."""

    def breaks(well: Ledger, noise: np.random.Generator) -> Ledger:
        gone = ~well.held & (noise.random(len(well.held)) < share)
        return replace(well, past=np.where(gone[:, None], 0.0, well.past))

    return breaks


MUTATIONS: Final = (
    Mutation("5% of those left alone are reached", _leak(0.05)),
    Mutation("1% of those left alone are reached", _leak(0.01), is_due=False),
    Mutation("a system outside has a salt of its own", _outside),
    Mutation("another salt for the last 1% who join", _salt(0.01)),
    Mutation("everybody is drawn again", _salt(1.0)),
    Mutation("the 60 best are moved over, sizes kept", _best_moved),
    Mutation("1% of one arm's rows are lost", _lost(0.01, is_counted=False)),
    Mutation("1% are lost and the count made to fit", _lost(0.01, is_counted=True), is_due=False),
    Mutation("a quarter is lost and the count made to fit", _lost(0.25, is_counted=True)),
    Mutation("5% of orders came back late and are forgotten", _late_returns(0.05)),
    Mutation("sales are joined on the phone", _phones),
    Mutation("old orders of a quarter of one arm are lost", _past_lost(0.25)),
    Mutation("old orders of 2% of one arm are lost", _past_lost(0.02), is_due=False),
)

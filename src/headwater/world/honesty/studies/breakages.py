"""Breakages: how often guards fire by mistake, and how little the arms' looks alone would notice.

Each breakage runs through the database in the tests, where a guard must fire every time: the ledger
knows whom it drew. Here many worlds say what a system would notice that keeps no such ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from headwater.increment import plans, proofs, verdicts
from headwater.increment.statistics import health
from headwater.increment.statistics.moments import Moments
from headwater.increment.verdicts import Guards
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import KNOWN, Households
from headwater.world.honesty.worlds import SALES, Design, Source, Sums, World

DESIGN: Final = Design(20_000, 0.5)
# A guard may fire by mistake so often: three tests, each one time in a thousand.
BY_MISTAKE: Final = 0.003
_ALARM: Final = 0.001
LOST: Final = {"1% of one arm's rows lost": 0.01, "5% of one arm's rows lost": 0.05}
_MOVED: Final = "a tenth of the best customers moved over"
_LEAK: Final = 0.02


def study(households: Households, worlds: int, salts: int, seed: int) -> Iterator[Line]:
    """Count how often a guard fires, where all is well and for each breakage."""
    quarter = households.quarter()
    sums = Sums(quarter)
    rich = quarter.before >= np.quantile(quarter.before, 0.9)
    found: dict[str, list[bool]] = {"nothing broken": []}
    for world in Source(quarter, DESIGN, salts, seed + 4).worlds(worlds):
        guards = _guards(*sums.of(world, 0.03))
        found["nothing broken"].append(verdicts.refuse(guards) is not None)
        broken = {name: _lost(guards, share) for name, share in LOST.items()}
        broken[_MOVED] = _guards(*sums.of(_moved(world, rich), 0.03))
        for name, each in broken.items():
            found.setdefault(name, []).append(verdicts.refuse(each) is not None)
    subject = f"guards, {DESIGN}"
    well = found.pop("nothing broken")
    yield bands.at_most(
        subject, "one fires where nothing is broken", well, BY_MISTAKE, usual=BY_MISTAKE
    )
    for name, fired in found.items():
        yield bands.beside(subject, f"without a ledger: {name} noticed", fired)


def _lost(well: Guards, share: float) -> Guards:
    """Lose rows of one arm in a system that does not know how many it drew."""
    held = well.holdout_count - round(share * well.holdout_count)
    counts = well.treated_count, held
    ratio_p = health.sample_ratio(*counts, DESIGN.holdout_share)
    return replace(well, holdout_count=held, drawn_count=sum(counts), ratio_p=ratio_p)


def _moved(world: World, rich: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> World:
    """Move a tenth of the best held-out customers to the treated; the sizes hardly change."""
    tenth = np.where(rich, np.round(world.held * 0.1), 0.0)
    return replace(
        world, held=world.held - tenth, treated=world.treated + tenth, once=world.once + tenth
    )


def _guards(treated: Moments, holdout: Moments) -> Guards:
    """Work out what the product would of these sums; the rest is in order."""
    ratio_p = health.sample_ratio(treated.n, holdout.n, DESIGN.holdout_share)
    counts = [(treated.n, holdout.n)]
    return Guards(
        unit="member",
        treated_count=treated.n,
        holdout_count=holdout.n,
        drawn_count=treated.n + holdout.n,
        misdrawn_count=0,
        leaked_count=0,
        leaks={},
        leak_alarm_share=_LEAK,
        ratio_p=ratio_p,
        ratio_always_p=health.sample_ratio_always(counts, DESIGN.holdout_share),
        ratio_alarm_p=_ALARM,
        imbalance_p=health.imbalance(treated.only(*KNOWN), holdout.only(*KNOWN), KNOWN),
        imbalance_alarm_p=_ALARM,
        least_per_arm=plans.LEAST_PER_ARM["member"],
        sales_fen=round(100 * (treated.sums[treated.place(SALES)])),
        sales_off_fen=0,
        sales_alarm_share=proofs.ALARM_SHARE,
    )

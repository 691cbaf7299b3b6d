"""Rehearsals: what is promised before a start; at no effect it is alpha, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from headwater.increment.places import power
from headwater.increment.places.designs import Rules
from headwater.increment.places.panels import Panel
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.planned import sizes
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import KNOWN, Households
from headwater.world.honesty.worlds import SALES

MEMBERS: Final = {"100,000 members, 10% held out": (100_000, 0.1), "1,000,000": (1_000_000, 0.1)}
STORES: Final = (4, 8, 20, 40)
WEEKS: Final = (4, 8, 13)
_ALPHA: Final = 0.05


def study(households: Households) -> Iterator[Line]:
    """Rehearse at no effect, and say the least effect that would be seen four times in five."""
    yield from _members(households)
    values = households.stores
    names = [f"store {at:03}" for at in range(len(values))]
    panel = Panel.of(names, list(range(values.shape[1])), values)
    subject = f"rehearsal of drawn stores, {len(names)} in all"
    for treated in STORES[1::2]:
        rules = Rules(waves=(min(treated, len(names) // 2),))
        found = power.curve(panel, rules, WEEKS[1], ())
        yield _at_nothing(f"{treated} stores, {WEEKS[1]} weeks", found.power_at_zero, found.windows)
    for cell in power.table(panel, Rules(waves=(1,)), STORES, WEEKS):
        if cell.mde is not None:
            claim = f"least effect seen, {cell.stores} stores, {cell.weeks} weeks"
            yield Line(subject, claim, cell.mde, 0.0, cell.windows)


def _members(households: Households) -> Iterator[Line]:
    """Plan from each quarter that there is; the past of another one promises no more."""
    for back in (0, 1):
        quarter = households.quarter(back)
        past = Moments.of((SALES, *KNOWN), list(np.column_stack([quarter.spent, quarter.known]).T))
        noise = sizes.noise_of(past, SALES, KNOWN)
        for words, (members, share) in MEMBERS.items():
            error = sizes.standard_error(noise, members, share)
            yield _at_nothing(f"{words}, quarter {-1 - back}", sizes.power_at(0.0, error), 1)
            least = sizes.least_visible(noise, members, share)
            claim = f"least effect seen, {words}, quarter {-1 - back}"
            yield Line("rehearsal of members", claim, least, 0.0, 1, form=".2%")


def _at_nothing(what: str, found: float, stretches: int) -> Line:
    """Judge power where nothing is: never above alpha, and not far below it."""
    subject = "rehearsal at no effect: power is what may be found by mistake"
    return Line(subject, what, found, 0.0, stretches, _ALPHA - 0.014, _ALPHA + 1e-9)

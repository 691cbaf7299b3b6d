"""Rolling out: stores start wave after wave, ask whether they have, and there people buy more."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from headwater.world import tills
from headwater.world.doors import TurnedAway
from headwater.world.heart import lives as living
from headwater.world.heart.habits import Array
from headwater.world.heart.lives import Visits
from headwater.world.scene import State
from headwater.world.truth import RolledOut

log = logging.getLogger(__name__)


async def launch(state: State, day: int) -> None:
    """Let the operator plan and launch what is meant for today.

    Where the page offers nothing to write down, as in a town of few stores, it is left at that.
    """
    for each in state.truth.rolled:
        if each.wanted.week * 7 == day:
            try:
                each.page = await state.plan.roll_out(each.wanted, tills.day(state.morning(0)))
            except TurnedAway as refused:
                log.warning("%s is not rolled out: %s", each.wanted.code, refused)


async def ask(state: State) -> None:
    """Ask this morning which stores have started, at the door at which any till asks."""
    for each in state.truth.rolled:
        if each.page is not None:
            each.hear(await state.world.started(each.wanted.code))


def added(state: State, day: int, visits: Visits, needs: Array) -> tuple[Visits, Array]:
    """Add to a day's visits in stores what comes on top where a store is on.

    It comes on top of what people do anyway, whatever else reached them: so both arms of the
    programme get the same of it, and none of it is the programme's.
    """
    parts, wanting = [visits], [needs]
    for no, each in enumerate(state.truth.rolled):
        found = state.plan.lives.in_stores(day, _lift(state, each), no)
        place = len(state.places) + no
        parts.append(replace(found, cause=np.full(len(found), place)))
        wanting.append(np.full(len(found), 1 << place, dtype=np.int64))
    return living.joined(parts), np.concatenate(wanting)


def _lift(state: State, each: RolledOut) -> Array:
    codes = state.truth.store_codes
    return np.array([each.lifts[code] if each.is_on(code) else 0.0 for code in codes])

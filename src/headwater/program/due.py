"""What the clock makes the program do."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import Refusal
from headwater.program import programs

log = logging.getLogger(__name__)


class HasPool(Protocol):
    """What is needed of a building."""

    @property
    def pool(self) -> Pool:
        """Give the database."""


async def draw_asked(building: HasPool, now: datetime) -> int:
    """Draw the holdouts of programs that somebody asked for, and tell how many there were."""
    async with building.pool.transaction(SYSTEM) as db:
        waiting = await programs.asked(db)
    for each in waiting:
        try:
            async with building.pool.transaction(SYSTEM) as db:
                await programs.draw(db, each.id, now)
        except Refusal as refusal:
            # One that waits lets the others of this moment through, and has its turn again.
            log.warning("the holdout of %s could not be drawn yet: %s", each.id, refusal)
    return len(waiting)


async def draw_newcomers(building: HasPool, now: datetime) -> int:
    """Draw whoever joined lately into the arms of every program."""
    async with building.pool.transaction(SYSTEM) as db:
        drawn = 0
        for program in await programs.every(db):
            drawn += await programs.draw_newcomers(db, program, now)
        return drawn


async def rotate(building: HasPool, now: datetime) -> int:
    """Begin the next epoch of every program whose half year is over."""
    async with building.pool.transaction(SYSTEM) as db:
        return sum([await programs.rotate(db, each, now) for each in await programs.every(db)])

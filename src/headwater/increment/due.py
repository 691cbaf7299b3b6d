"""What the clock makes increment do."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

from headwater.base.db import SYSTEM, Pool
from headwater.increment import experiments, readings
from headwater.increment.books import readings as guides
from headwater.increment.errors import CannotEstimate, ReadAtTheSameMoment
from headwater.increment.honesty import live
from headwater.increment.programs import totals
from headwater.increment.rollouts import readings as stores
from headwater.stores import places

log = logging.getLogger(__name__)


class HasPool(Protocol):
    """What is needed of a building."""

    @property
    def pool(self) -> Pool:
        """Give the database."""


async def read_all(building: HasPool, now: datetime) -> int:
    """Read every experiment that has come to a planned look, and tell how many there were.

    Daily, also between looks, since a leak or a lost row takes a figure away at once; where nothing
    moved the ledger stays as it is.
    """
    async with building.pool.transaction(SYSTEM) as db:
        waiting = [each for each in await experiments.to_read(db, now) if each.looks_due(now)]
    for each in waiting:
        try:
            async with building.pool.transaction(SYSTEM) as db:
                row = await (stores if each.kind == "wave" else readings).read(db, each.id, now)
                if guides.is_about_guides(each):
                    await guides.read(db, each, row, now)
        except ReadAtTheSameMoment:
            log.info("experiment %s was just read by another", each.code)
        except CannotEstimate as error:
            # One that cannot be read must not keep the others unread.
            log.warning("experiment %s cannot be read: %s", each.code, error)
    # The parts were read above, so that a quarter's total finds them.
    for program in [each for each in waiting if each.kind == "program"]:
        async with building.pool.transaction(SYSTEM) as db:
            await totals.read(db, program.id, now)
    return len(waiting)


async def try_nothing(building: HasPool, now: datetime) -> int:
    """Draw each brand's own quarter into arms in which nothing was done, and keep what it claims.

    A brand with too few buyers is passed over, and its honesty page says why.
    """
    async with building.pool.transaction(SYSTEM) as db:
        brands = await places.brands(db)
    tried = 0
    for brand in brands:
        try:
            async with building.pool.transaction(SYSTEM) as db:
                tried += await live.keep(db, brand.id, await live.again(db, brand.id, now))
        except CannotEstimate as refused:
            log.info("brand %s cannot be tried: %s", brand.code, refused.why)
    return tried

"""What the clock makes reach do."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import Refusal
from headwater.reach import campaigns

log = logging.getLogger(__name__)


class HasPool(Protocol):
    """What is needed of a building."""

    @property
    def pool(self) -> Pool:
        """Give the database."""


async def launch_approved(building: HasPool, now: datetime) -> int:
    """Launch what was approved; what cannot be launched is a draft again."""
    async with building.pool.transaction(SYSTEM) as db:
        waiting = await campaigns.approved(db)
    for each in waiting:
        try:
            async with building.pool.transaction(SYSTEM) as db:
                await campaigns.launch(db, each.id, now)
        except Refusal as refusal:
            log.warning("campaign %s could not be launched: %s", each.id, refusal)
            async with building.pool.transaction(SYSTEM) as db:
                await campaigns.put_back(db, each.id, refusal.code)
    return len(waiting)


async def close_over(building: HasPool, now: datetime) -> int:
    """End the campaigns whose windows are over."""
    async with building.pool.transaction(SYSTEM) as db:
        return await campaigns.close_over(db, now)

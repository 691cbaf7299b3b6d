"""What the clock makes reach do."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import Refusal
from headwater.increment import experiments
from headwater.increment.honesty import placebos
from headwater.reach import batches, campaigns, segments
from headwater.stores import places

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


async def send_batches(building: HasPool, now: datetime) -> int:
    """Send what is due of campaigns of several contents; each batch is a transaction of its own."""
    async with building.pool.transaction(SYSTEM) as db:
        waiting = await batches.due(db, now)
    for campaign_id in waiting:
        try:
            async with building.pool.transaction(SYSTEM) as db:
                await batches.send_next(db, campaign_id, now)
        except Refusal as refusal:
            log.warning("campaign %s could not send its batch: %s", campaign_id, refusal)
    return len(waiting)


async def send_nothing(building: HasPool, now: datetime, one_in: int) -> int:
    """Let one dispatch in so many be followed by a placebo: all of its bookkeeping, and no message.

    The first dispatch of a brand is one of them; the same night again finds the placebo launched.
    Its audience is that of the dispatch, whose own draw tells nothing of the placebo's.
    """
    if one_in < 1:
        return 0
    launched = 0
    async with building.pool.transaction(SYSTEM) as db:
        for brand in await places.brands(db):
            known = {each.code for each in await experiments.of_brand(db, brand.id)}
            for each in (await campaigns.dispatched(db, brand.id))[::one_in]:
                is_late = each.launched_at is None or now - each.launched_at > campaigns.SEND_WITHIN
                if is_late or each.segment_id is None or placebos.code_of(each.id.hex) in known:
                    continue
                audience = await segments.kept(db, each.segment_id)
                await placebos.launch(db, brand.id, each.id.hex, audience, now)
                launched += 1
    return launched


async def close_over(building: HasPool, now: datetime) -> int:
    """End the campaigns whose windows are over."""
    async with building.pool.transaction(SYSTEM) as db:
        return await campaigns.close_over(db, now)

"""What the clock makes the guides' room do."""

from __future__ import annotations

from datetime import datetime, timedelta

from headwater.base.db import SYSTEM, Pool
from headwater.guides import commissions, shares

CAUGHT_UP_DAYS = 3
# Told each hour; two days leave room for a worker that slept.
TOUCHED_DAYS = 2


async def pay_out_frozen(pool: Pool, now: datetime, most: int = 200) -> int:
    """Make payable what has been frozen long enough, until nothing is left; tell how many."""
    ripened = 0
    while True:
        async with pool.transaction(SYSTEM) as db:
            count = await commissions.ripen(db, now, most)
        ripened += count
        if count < most:
            return ripened


async def catch_up_refunds(pool: Pool, now: datetime) -> int:
    """Take back what a refund missed that came while its order was being credited."""
    async with pool.transaction(SYSTEM) as db:
        late = await commissions.behind(db, now - timedelta(days=CAUGHT_UP_DAYS))
    for each in late:
        async with pool.transaction(SYSTEM) as db:
            cause = f"caught-up:{now.isoformat()}"
            await commissions.claw_back(db, each.order_id, each.member_id, cause, now)
    return len(late)


async def tell_exposures(pool: Pool, now: datetime) -> int:
    """Let increment know whom guides reached lately, and tell how many that were."""
    async with pool.transaction(SYSTEM) as db:
        return await shares.tell_exposures(db, now - timedelta(days=TOUCHED_DAYS), now)

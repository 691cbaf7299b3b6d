"""What the clock makes the guides' room do."""

from __future__ import annotations

from datetime import datetime

from headwater.base.db import SYSTEM, Pool
from headwater.guides import commissions


async def pay_out_frozen(pool: Pool, now: datetime, most: int = 200) -> int:
    """Make payable what has been frozen long enough, until nothing is left; tell how many."""
    ripened = 0
    while True:
        async with pool.transaction(SYSTEM) as db:
            count = await commissions.ripen(db, now, most)
        ripened += count
        if count < most:
            return ripened

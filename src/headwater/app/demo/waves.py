"""Waves of the demo: one rollout planned on the year's own weeks, for somebody to launch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import Refusal
from headwater.increment.rollouts import rollouts, wishes
from headwater.increment.rollouts.wishes import Wish
from headwater.stores import places

CODE = "self-checkout"


async def plan(pool: Pool, say: Callable[[str], None], now: datetime) -> bool:
    """Plan a first wave of a quarter of the stores; where the past does not suffice, say why.

    It starts in the week after next, so that whoever opens the demo can launch it in time.
    """
    try:
        async with pool.transaction(SYSTEM) as db:
            brand = (await places.brands(db))[0]
            wish = Wish(
                brand.id, CODE, "自助收银", "Self checkout", (2,), 4,
                wishes.next_monday(now) + timedelta(weeks=1), "the demo's first wave",
            )  # fmt: skip
            # Stores with holes in their past are not drawn, so the quarter is of the others.
            whole = len((await rollouts.gather(db, wish, now)).panel.units)
            wish = replace(wish, sizes=(max(whole // 4, 2),))
            made = await rollouts.plan(db, wish, None, now)
    except Refusal as refusal:
        say(f"no waves planned: {refusal}")
        return False
    say(f"planned a wave of {made.wave_sizes[0]} of {whole} stores: /console/waves/{made.id}")
    return True

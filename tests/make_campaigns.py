"""Campaigns that are over and were read, each with members left alone and an effect of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from tests import make_audience as make
from tests.make_audience import Place

from headwater.base import ids
from headwater.base.db import Db
from headwater.increment import arms, experiments, readings
from headwater.increment.assignment import arm_of
from headwater.increment.experiments import Experiment, Question
from headwater.reach import campaigns, segments
from headwater.reach.contents import Content

WORDS = Content("好久不见", "Long time no see", "回来看看", "Come and see", "/")
WINDOW_DAYS = 14
SHARE = 0.5


async def launched(
    db: Db, where: Place, name: str, channel: str, now: datetime, members: Sequence[UUID]
) -> Experiment:
    """Draft a campaign of a channel, and draw its arms."""
    segment = await segments.draft(
        db, segments.Draft(where.brand_id, name, {"is": "lapsed", "days": 30}), now
    )
    plan = campaigns.Draft(where.brand_id, name, segment.id, channel, WORDS, SHARE, WINDOW_DAYS)
    made = await campaigns.draft(db, plan, now)
    code = f"campaign:{made.id}"
    asked = await experiments.launch(
        db, Question("campaign", where.brand_id, code, name, name, SHARE, WINDOW_DAYS), now
    )
    await arms.assign(db, asked.id, members, now)
    return await experiments.get(db, asked.id)


async def over(
    db: Db,
    where: Place,
    wanted: Sequence[tuple[str, float]],
    now: datetime,
    members: Sequence[UUID],
) -> list[Experiment]:
    """Launch campaigns at once, let everybody buy, and read them when they are over."""
    noise = np.random.default_rng(7)
    # The same ids draw the same arms in every run: of six draws one is soon too uneven to be read.
    with ids.seeded(f"campaigns of {where.code}"):
        asked = [
            await launched(db, where, f"{channel} {at}", channel, now, members)
            for at, (channel, _lift) in enumerate(wanted)
        ]
    sold = []
    for member in members:
        habit = float(noise.lognormal(9.2, 0.4))
        moved = sum(
            lift
            for each, (_channel, lift) in zip(asked, wanted, strict=True)
            if arm_of(each.salt, member, SHARE) == "treated"
        )
        after = habit * float(noise.lognormal(0, 0.1)) * (1 + moved)
        sold += [(member, round(habit), now - timedelta(days=20)),
                 (member, round(after), now + timedelta(days=5))]  # fmt: skip
    await make.orders(db, where, sold)
    await read(db, asked, now + timedelta(days=WINDOW_DAYS))
    return asked


async def read(db: Db, asked: Sequence[Experiment], at: datetime) -> None:
    """Read each of them."""
    for each in asked:
        await readings.read(db, each.id, at)

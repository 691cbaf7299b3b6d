"""Simulating on a brand that is there: weeks until now, lived through the doors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from headwater.app.channels import open_channels
from headwater.app.demo import furnish, weeks
from headwater.app.demo.prepare import open_sandbox, opened_here
from headwater.app.ground import Ground
from headwater.base.db import SYSTEM
from headwater.base.errors import BadInput
from headwater.base.postgres import migrate
from headwater.base.settings import Settings
from headwater.base.times import business_day, day_start, system_clock
from headwater.stores import places
from headwater.world.truth import Truth

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Asked:
    """How many people, for how long, and what shall be true."""

    members: int
    weeks: int
    true_lift_share: float
    seed: int
    truth_file: Path

    def check(self) -> None:
        """Refuse what cannot be lived."""
        if not 10 <= self.members <= 1_000_000:
            raise BadInput("members", "from 10 to 1,000,000 people can be simulated")
        if not 1 <= self.weeks <= 52:
            raise BadInput("weeks", "from 1 to 52 weeks can be lived")
        if not 0 <= self.true_lift_share <= 5:
            raise BadInput("true-lift", "a true lift lies between 0 and 5 (0.1 is 10 %)")


async def simulate(settings: Settings, ground: Ground, asked: Asked, progress: Progress) -> Truth:
    """Live some weeks that end now, and write the truth down beside the database."""
    asked.check()
    await migrate.apply(ground.owner_url)
    now = system_clock()
    times = [day_start(business_day(now)) - timedelta(weeks=asked.weeks, days=1)]
    sandbox = open_sandbox(settings, times)
    try:
        async with opened_here(settings, ground, sandbox, times) as building:
            async with building.transaction(SYSTEM) as db:
                if not await places.brands(db):
                    raise BadInput("database", "there is no brand yet: import one first")
            await open_channels(building)
            furnished = await furnish.furnish(building, times[0], now)
            truth = await weeks.live_them(building, sandbox, furnished, asked, times, progress)
    finally:
        await sandbox.close()
    truth.save(asked.truth_file)
    return truth

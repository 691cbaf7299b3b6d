"""Nights of simulated weeks: what stores sold is counted where waves of stores ask for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from headwater.base.db import SYSTEM
from headwater.base.times import business_day
from headwater.increment import experiments
from headwater.increment.plans import looks_of
from headwater.insight import daily_sales
from headwater.web.kit.building import Building

# The imported past, and some days to spare.
HISTORY_WEEKS: Final = 54


@dataclass
class Nights:
    """Nights since a moment: the first finds the past counted, others count what is looked at.

    Counting every night what hardly anybody asks for would cost a demo more than all else it does
    at night; the worker of a shop that is open counts every few minutes.
    """

    building: Building
    starts_at: datetime
    work: Callable[[], Awaitable[None]]
    slept_at: datetime | None = None
    counted_at: datetime | None = None

    async def count_past(self) -> None:
        """Count what stores sold before; what comes back later is of these weeks' own sales."""
        day = business_day(self.starts_at)
        async with self.building.transaction(SYSTEM) as db:
            first = day - timedelta(weeks=HISTORY_WEEKS)
            await daily_sales.rebuild(db, first, day - timedelta(days=1))

    async def count(self, now: datetime) -> None:
        """Count what stores sold since then, less what came back of it until now."""
        async with self.building.transaction(SYSTEM) as db:
            await daily_sales.rebuild(db, business_day(self.starts_at), business_day(now))
        self.counted_at = now

    async def end(self) -> None:
        """Count once more at the end, unless the last night just did."""
        if self.counted_at != self.building.now():
            await self.count(self.building.now())

    async def pass_by(self) -> None:
        """Let a night pass; before a look at stores their days are counted."""
        now, since = self.building.now(), self.slept_at or self.starts_at
        async with self.building.transaction(SYSTEM) as db:
            waiting = [each for each in await experiments.to_read(db, now) if each.kind == "wave"]
        if any(since < look.at <= now for each in waiting for look in looks_of(each.plan)):
            await self.count(now)
        self.slept_at = now
        await self.work()

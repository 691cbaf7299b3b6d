"""What the clock makes insight do."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from headwater.base.db import SYSTEM, Pool
from headwater.base.settings import Settings
from headwater.insight import daily_sales, lake, preferences


class HasLake(Protocol):
    """What is needed of a building."""

    @property
    def pool(self) -> Pool:
        """Give the database."""

    @property
    def settings(self) -> Settings:
        """Give the place of the lake."""


async def count_today(building: HasLake, now: datetime) -> int:
    """Count the running day and the one before it anew."""
    async with building.pool.transaction(SYSTEM) as db:
        return await daily_sales.rebuild_lately(db, now)


async def count_lately(building: HasLake, now: datetime) -> int:
    """Count every day anew whose goods may still come back."""
    async with building.pool.transaction(SYSTEM) as db:
        return await daily_sales.rebuild_lately(db, now, daily_sales.RETURNS_DAYS)


async def learn_preferences(building: HasLake, now: datetime) -> int:
    """Read all that was bought anew, for imports and for reactions that never ran."""
    learned = 0
    for part in preferences.SLICES:
        async with building.pool.transaction(SYSTEM) as db:
            learned += await preferences.rebuild(db, part)
    return learned


async def export_days(building: HasLake, now: datetime) -> int:
    """Bring the days that are over into the lake, one transaction each."""
    async with building.pool.transaction(SYSTEM) as db:
        days = await lake.waiting_days(db, now)
    for day in days:
        async with building.pool.transaction(SYSTEM) as db:
            await lake.export_day(db, building.settings.lake_folder, day, now)
    return len(days)


async def export_again(building: HasLake, now: datetime) -> int:
    """Look again at the days whose goods may still come back; the same lines change nothing."""
    async with building.pool.transaction(SYSTEM) as db:
        days = await lake.days_since(db, now, daily_sales.RETURNS_DAYS)
    for day in days:
        async with building.pool.transaction(SYSTEM) as db:
            await lake.export_day(db, building.settings.lake_folder, day, now)
    return len(days)

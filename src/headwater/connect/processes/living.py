"""How many of us there are: each process says that it lives, and keeps its part of every limit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from headwater.base import ids
from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import Trouble
from headwater.base.sql import statements
from headwater.base.times import Clock
from headwater.connect.traffic import Traffic

sql = statements(__file__)
log = logging.getLogger(__name__)

BEATS_SECONDS: Final = 5.0
# Three beats missed, and its part goes to the others.
LIVES: Final = timedelta(seconds=15)


@dataclass(frozen=True)
class Sharer:
    """One process among those that share the credentials."""

    pool: Pool
    traffic: Traffic
    now: Clock
    id: UUID = field(default_factory=ids.new)

    async def beat(self) -> int:
        """Say that this one lives, count the living, and keep one part of each limit."""
        now: datetime = self.now()
        async with self.pool.transaction(SYSTEM) as db:
            await db.run(sql.beat, id=self.id, now=now)
            await db.run(sql.forget_dead, before=now - 100 * LIVES)
            living = int(await db.value(sql.living, since=now - LIVES))
        self.traffic.share_among(max(living, 1))
        return living

    async def leave(self) -> None:
        """Leave one's part to the others at once; whoever is killed leaves it a little later."""
        async with self.pool.transaction(SYSTEM) as db:
            await db.run(sql.leave, id=self.id)

    @asynccontextmanager
    async def among_us(self) -> AsyncIterator[None]:
        """Share for as long as the block lasts; without a database the part stays as it was."""
        beating = asyncio.create_task(self._beat_on())
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.wait([beating])
            with suppress(Trouble):
                await self.leave()

    async def _beat_on(self) -> None:
        while True:
            try:
                await self.beat()
            except Trouble as trouble:
                log.warning("nobody knows how many of us there are: %s", trouble)
            await asyncio.sleep(BEATS_SECONDS)

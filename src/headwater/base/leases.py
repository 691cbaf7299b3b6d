"""Leases that last as long as the work under them, and end by themselves when its worker dies."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from headwater.base.errors import Trouble
from headwater.base.times import Clock

log = logging.getLogger(__name__)

LEASE_SECONDS: Final = 60
# Three chances to renew before a lease ends.
RENEW_SECONDS: Final = 15

Rest = Callable[[float], Awaitable[None]]
# Renews until a moment; tells whether the lease was still ours.
Renew = Callable[[datetime], Awaitable[bool]]


@dataclass(frozen=True)
class Patience:
    """How seconds pass and how one waits for them; a test passes its own."""

    seconds: Callable[[], float] = time.monotonic
    rest: Rest = asyncio.sleep

    def running(self, now: datetime) -> Clock:
        """Let a moment that was passed in run on while the work lasts."""
        began = self.seconds()
        return lambda: now + timedelta(seconds=self.seconds() - began)

    @asynccontextmanager
    async def holding(self, clock: Clock, renew: Renew) -> AsyncIterator[None]:
        """Renew a lease every few seconds for as long as the block lasts."""
        keeping = asyncio.create_task(self._keep(clock, renew))
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])

    async def _keep(self, clock: Clock, renew: Renew) -> None:
        while True:
            await self.rest(RENEW_SECONDS)
            try:
                if not await renew(lease_end(clock())):
                    log.warning("a lease was taken over while its work went on")
                    return
            except Trouble as trouble:
                log.warning("a lease could not be renewed, and is tried again: %s", trouble)


def lease_end(now: datetime) -> datetime:
    """Say until when whoever takes or renews a lease at this moment holds it."""
    return now + timedelta(seconds=LEASE_SECONDS)

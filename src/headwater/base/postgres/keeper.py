"""The keeper: whoever uses our own database brings it back when it dies under them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from headwater.base.postgres import supervisor
from headwater.base.postgres.errors import GroundTrouble
from headwater.base.postgres.supervisor import Cluster

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
AGAIN_SECONDS = 2.0

Came = Callable[[Cluster], None]


class Keeper:
    """Holds the database of one home, whichever process serves it at the moment."""

    def __init__(self, home: Path, cluster: Cluster, came: Came) -> None:
        self.home = home
        self.cluster = cluster
        self._came = came

    async def watch(self) -> None:
        """Look whether it is still the server that we know; another one may have another port."""
        known = self.cluster.process_id()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if known is not None and self.cluster.process_id() == known:
                continue
            try:
                await self._join()
            except GroundTrouble as trouble:
                log.error("the database is away: %s", trouble)
                await asyncio.sleep(AGAIN_SECONDS)
            known = self.cluster.process_id()

    async def _join(self) -> None:
        """Start it, or join whoever was faster; the old hold is let go after the new one stands."""
        log.warning("the database went away; it is brought back")
        fresh = await supervisor.start(self.home)
        old, self.cluster = self.cluster, fresh
        self._came(fresh)
        await asyncio.shield(old.stop())
        log.warning("the database is back")


@asynccontextmanager
async def kept(home: Path, came: Came) -> AsyncIterator[Cluster]:
    """Use the database of this home for a block; `came` hears of each one that comes after it."""
    keeper = Keeper(home, await supervisor.start(home), came)
    watching = asyncio.create_task(keeper.watch())
    try:
        yield keeper.cluster
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await asyncio.shield(keeper.cluster.stop())

"""Which database we stand on: the one that is named, or our own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.postgres import migrate
from headwater.base.postgres.errors import GroundTrouble
from headwater.base.postgres.keeper import kept
from headwater.base.postgres.migrate import APP_ROLE
from headwater.base.postgres.supervisor import Cluster
from headwater.base.settings import Settings


@dataclass(frozen=True)
class Ground:
    """How the owner and the application reach the database.

    Where one login serves both, the application steps down to its own role on every connection.
    """

    owner_url: str
    app_url: str
    role: str | None
    is_embedded: bool
    pools: list[Pool] = field(default_factory=list)

    async def pool(self, size: int) -> Pool:
        """Open the application's connections, once the schema is of this release."""
        waiting = (await migrate.plan(self.owner_url)).waiting
        if any(each.phase == "pre" for each in waiting):
            raise GroundTrouble(
                f"the database lacks {len(waiting)} migrations; apply them with: headwater migrate"
            )
        opened = await Pool.open(self.app_url, size, self.role)
        self.pools.append(opened)
        return opened


@asynccontextmanager
async def standing(settings: Settings) -> AsyncIterator[Ground]:
    """Stand on the database that DATABASE_URL names, or on our own for as long as the block."""
    if settings.database_url is not None:
        owner = settings.owner_url or settings.database_url
        yield Ground(owner, settings.database_url, APP_ROLE, is_embedded=False)
        return
    pools: list[Pool] = []

    def lead(came: Cluster) -> None:
        """Lead every pool to the server that came back, whose port may be another one."""
        for each in pools:
            each.lead_to(came.app_url)

    async with kept(settings.home / "postgres", lead) as cluster:
        yield Ground(cluster.owner_url, cluster.app_url, None, is_embedded=True, pools=pools)


@asynccontextmanager
async def at_the_ground(settings: Settings) -> AsyncIterator[Db]:
    """Open one transaction for a command that reads or changes a little."""
    async with standing(settings) as ground:
        pool = await ground.pool(2)
        try:
            async with pool.transaction(SYSTEM) as db:
                yield db
        finally:
            await pool.close()

"""A database of its own for each test whose work commits: workers open their own transactions."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests import grounds

from headwater.base.db import Pool
from headwater.base.postgres.supervisor import Cluster


@pytest.fixture
async def own_pool(cluster: Cluster) -> AsyncIterator[Pool]:
    """The application's connections to a database that nobody else writes to."""
    source = await grounds.template(cluster)
    async with grounds.clone(cluster, source, "own") as name:
        opened = await Pool.open(grounds.url_of(cluster.app_url, name), size=4)
        yield opened
        await opened.close()

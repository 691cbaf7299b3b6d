"""A house of its own for a story in which days pass."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests import grounds
from tests.house import House, raised

from headwater.base.postgres.supervisor import Cluster


@pytest.fixture
async def own_house(cluster: Cluster, tmp_path: Path) -> AsyncIterator[House]:
    """A house whose clock may run far ahead of everybody else's."""
    source = await grounds.template(cluster)
    async with (
        grounds.clone(cluster, source, "story") as name,
        raised(grounds.url_of(cluster.app_url, name), tmp_path) as whole,
    ):
        yield whole

"""Sources: a file that is named, or a table of the lake, as lake:order_lines."""

from __future__ import annotations

import asyncio
from pathlib import Path

from headwater.app.ground import at_the_ground
from headwater.base import settings
from headwater.base.settings import Settings
from headwater.increment.analyst.tables import Source
from headwater.insight import lake

_LAKE = "lake:"


def source_of(file: Path) -> Source:
    """Find where the rows lie; the lake's record says which of its files count."""
    if not str(file).startswith(_LAKE):
        return Source.of(file)
    return asyncio.run(_of_lake(settings.read(), str(file).removeprefix(_LAKE)))


async def _of_lake(config: Settings, dataset: str) -> Source:
    async with at_the_ground(config) as db:
        return Source.of_lake(dataset, config.lake_folder, await lake.exports(db))

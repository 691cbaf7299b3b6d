"""Campaigns that another system ran before us: kept as past, never sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from headwater.base.db import Db
from headwater.base.postgres.bulk import arrays
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class PastCampaignRow:
    """A campaign of the past: when it ran, and what is known of its content."""

    id: UUID
    brand_id: UUID
    external_id: str
    name: str
    channel: str
    content: Any
    window_days: int
    launched_at: datetime
    ended_at: datetime


async def put_past(db: Db, rows: Sequence[PastCampaignRow]) -> int:
    """Write past campaigns by external id, and tell how many are new."""
    return await db.run(sql.put_past, **arrays(rows, PastCampaignRow))


async def count_past(db: Db, prefix: str) -> int:
    """Count past campaigns whose external id begins with this."""
    return int(await db.value(sql.count_past, prefix=prefix))

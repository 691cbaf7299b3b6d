"""Touches that another system made before us: in the ledger as past, never sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.postgres.bulk import arrays
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class PastMessageRow:
    """A member got something of a past campaign."""

    bucket: int
    id: UUID
    brand_id: UUID
    member_id: UUID
    campaign_id: UUID
    sent_at: datetime


async def put_past(db: Db, rows: Sequence[PastMessageRow], channel: str) -> int:
    """Write past touches, and tell how many are new."""
    return await db.run(sql.put_past, **arrays(rows, PastMessageRow), channel=channel)


async def count_past(db: Db, campaign_ids: Sequence[UUID]) -> int:
    """Count the past touches of these campaigns."""
    return int(await db.value(sql.count_past, campaign_ids=list(campaign_ids)))

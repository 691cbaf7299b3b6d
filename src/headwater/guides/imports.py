"""Relations that existed before us: who of the staff knows which member."""

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
class RelationRow:
    """A guide and a member who know each other."""

    bucket: int
    member_id: UUID
    guide_id: UUID
    store_id: UUID
    since_at: datetime
    protected_until: datetime


async def put_relations(db: Db, rows: Sequence[RelationRow], source: str) -> int:
    """Write relations of members who have none, and tell how many are new."""
    return await db.run(sql.put_relations, **arrays(rows, RelationRow), source=source)

"""Merging: who took part in a sale under either account took part as one person."""

from __future__ import annotations

from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


async def follow(db: Db, member_id: UUID) -> None:
    """Bring the claims of all ids that became this member; again finds none."""
    await db.run(sql.follow, bucket=ids.bucket_of(member_id), member_id=member_id)

"""Merging: segments and contents drawn for either account are the person's, once."""

from __future__ import annotations

from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


async def follow(db: Db, member_id: UUID, gone_id: UUID) -> None:
    """Put the one who stays where the other was held or drawn; again finds nothing."""
    who = {
        "bucket": ids.bucket_of(member_id), "member_id": member_id,
        "gone_bucket": ids.bucket_of(gone_id), "gone_id": gone_id,
    }  # fmt: skip
    await db.run(sql.count_one_less, **who)
    await db.run(sql.follow, **who)
    await db.run(sql.follow_choices, **who)

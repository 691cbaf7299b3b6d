"""Merging: what two accounts got counts as one person's, and no campaign comes twice."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class _Id:
    id: UUID


async def follow(db: Db, member_id: UUID, gone_id: UUID) -> None:
    """Let messages of an id that became this member follow; again finds none."""
    where = {"gone_bucket": ids.bucket_of(gone_id), "gone_id": gone_id}
    bucket = ids.bucket_of(member_id)
    old = [each.id for each in await db.all(sql.of_gone, _Id, **where)]
    await db.run(sql.take_pressure, bucket=bucket, member_id=member_id, **where)
    await db.run(sql.spare, bucket=bucket, member_id=member_id, **where)
    await db.run(
        sql.follow,
        **where,
        bucket=bucket,
        member_id=member_id,
        old_ids=old,
        ids=[ids.named_in(bucket, "merged message", str(each)) for each in old],
    )

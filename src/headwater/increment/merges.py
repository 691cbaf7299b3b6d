"""Merges: two ids turned out to be one person, who keeps one arm by a rule that is written here.

The rule: the arm that was drawn first is kept; drawn at the same moment, that of the smaller id.
Which came first was settled before either id was reached or bought anything, so nobody can steer
it, and each share stays what was drawn. "Held out wins" would hold out too many and "treated wins"
too few, and the sample ratio would rightly sound. What the other id was sent comes along: a
person who keeps the held-out arm and was reached under the other id is a leak, and shown as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class Merge:
    """One experiment in which an id that is gone had an arm."""

    experiment_id: UUID
    member_id: UUID
    gone_member_id: UUID
    kept_arm: str
    own_arm: str | None
    gone_arm: str
    merged_at: datetime


async def merge(db: Db, kept_id: UUID, gone_id: UUID, now: datetime) -> list[Merge]:
    """Let one person keep one arm in each experiment, and log it; again changes nothing.

    Whoever joins two members calls this in the same transaction.
    """
    who = {
        "bucket": ids.bucket_of(kept_id), "member_id": kept_id,
        "gone_bucket": ids.bucket_of(gone_id), "gone_id": gone_id,
    }  # fmt: skip
    merged = await db.all(sql.merge, Merge, **who, now=now)
    await db.run(sql.take_exposures, **who)
    await db.run(sql.take_books, **who)
    await db.run(sql.drop_books, bucket=who["gone_bucket"], member_id=gone_id)
    await db.run(sql.drop_exposures, bucket=who["gone_bucket"], member_id=gone_id)
    await db.run(sql.drop_arms, bucket=who["gone_bucket"], member_id=gone_id)
    return merged


async def of_experiment(db: Db, experiment_id: UUID) -> list[Merge]:
    """List the merges that touched an experiment, newest first."""
    return await db.all(sql.of_experiment, Merge, experiment_id=experiment_id)

"""Incidents: what no rule can decide, kept until a person has looked at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class Incident:
    """Something about an order that waits for a person."""

    id: UUID
    order_id: UUID
    kind: str
    details: dict[str, Any]
    raised_at: datetime


@dataclass(frozen=True)
class Report:
    """What happened to an order; `key` tells repeats of one thing from another thing."""

    order_id: UUID
    kind: str
    key: str
    details: Mapping[str, Any]


async def report(db: Db, what: Report, now: datetime) -> None:
    """Put something before a person; saying it twice is saying it once."""
    bucket = ids.bucket_of(what.order_id)
    await db.run(
        sql.report,
        bucket=bucket,
        id=_id(bucket, what.kind, what.key),
        order_id=what.order_id,
        kind=what.kind,
        details=dict(what.details),
        now=now,
    )


async def unsolved(db: Db, most: int = 100) -> list[Incident]:
    """List what waits for a person, the oldest first."""
    return await db.all(sql.unsolved, Incident, most=most)


async def settle(db: Db, bucket: int, kind: str, key: str, now: datetime) -> None:
    """Take back what waited for a person, where it came right; nothing where nothing waited."""
    await db.run(sql.solve, bucket=bucket, id=_id(bucket, kind, key), by_whom="came right", now=now)


async def solve(db: Db, incident_id: UUID, by_whom: str, now: datetime) -> bool:
    """Note that a person has seen to it; tell whether it was still open."""
    bucket = ids.bucket_of(incident_id)
    return await db.run(sql.solve, bucket=bucket, id=incident_id, by_whom=by_whom, now=now) == 1


def _id(bucket: int, kind: str, key: str) -> UUID:
    return ids.named_in(bucket, "incident", f"{kind}:{key}")

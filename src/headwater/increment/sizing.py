"""Sizing: how small a lift a holdout could still see, judged by what its members bought before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.increment import estimators, experiments
from headwater.increment.errors import CannotEstimate
from headwater.increment.estimators import Sums

sql = statements(__file__)


@dataclass(frozen=True)
class Audience:
    """Whom a question would be put about, and how long they would be watched."""

    brand_id: UUID
    member_ids: Sequence[UUID]
    window_days: int


@dataclass(frozen=True)
class _PastSums:
    members: int
    y: Decimal
    yy: Decimal
    x: Decimal
    xx: Decimal
    xy: Decimal


async def past_of(db: Db, audience: Audience, now: datetime) -> Sums:
    """Sum what an audience bought in a window that has just ended, and before that window."""
    window_from = now - timedelta(days=audience.window_days)
    row = await db.one(
        sql.past,
        _PastSums,
        buckets=[ids.bucket_of(each) for each in audience.member_ids],
        member_ids=list(audience.member_ids),
        brand_id=audience.brand_id,
        before_from=window_from - timedelta(days=experiments.PRE_PERIOD_DAYS),
        window_from=window_from,
        now=now,
    )
    return Sums(row.members, int(row.y), int(row.yy), int(row.x), int(row.xx), int(row.xy))


def least_visible(past: Sums, holdout_share: float) -> float | None:
    """Tell the smallest lift that is seen four times in five, or None where nobody can tell."""
    try:
        return estimators.least_visible(past, holdout_share, past.n)
    except (CannotEstimate, ZeroDivisionError):
        return None

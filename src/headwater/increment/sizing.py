"""Sizing: how small a lift a holdout could still see, judged by what its members bought before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from headwater.base.db import Db
from headwater.increment import outcomes
from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.planned import sizes


@dataclass(frozen=True)
class Audience:
    """Whom a question would be put about, and how long they would be watched."""

    brand_id: UUID
    member_ids: Sequence[UUID]
    window_days: int


async def past_of(db: Db, audience: Audience, now: datetime) -> Moments:
    """Sum what an audience bought in a window that has just ended, and before that window."""
    return await outcomes.past_of(
        db, audience.brand_id, audience.member_ids, audience.window_days, now
    )


async def foreseen(
    db: Db, audience: Audience, holdout_share: float, now: datetime
) -> dict[str, Any]:
    """Say before a launch what it could show, so that its plan can be held against what came."""
    past = await past_of(db, audience, now)
    least = least_visible(past, holdout_share)
    return {
        "members": past.n,
        "mean_fen": round(past.mean(outcomes.sales(1)[0])) if past.n else 0,
        "least_share": least,
        "power": sizes.POWER,
        "alpha": sizes.ALPHA,
    }


def least_visible(past: Moments, holdout_share: float) -> float | None:
    """Tell the smallest lift that is seen four times in five, or None where nobody can tell."""
    try:
        noise = sizes.noise_of(past, outcomes.sales(1)[0], outcomes.COVARIATES)
        return sizes.least_visible(noise, past.n, holdout_share)
    except CannotEstimate:
        return None

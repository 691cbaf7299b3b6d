"""The dated rules of credit and commission; a decision names the version it was made under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class Policy:
    """How credit is decided and what follows from it, from a moment on."""

    version: int
    from_at: datetime
    touch_days: int
    protect_days: int
    precedence: str
    rate_per_10_000: int
    freeze_days: int
    self_purchase: bool

    def touch_window_from(self, at: datetime) -> datetime:
        """Give the moment before which a touch no longer counts."""
        return at - timedelta(days=self.touch_days)

    def protected_until(self, at: datetime) -> datetime:
        """Give the moment until which nobody else may take over a relation made now."""
        return at + timedelta(days=self.protect_days)

    def payable_from(self, at: datetime) -> datetime:
        """Give the moment at which a commission of now is no longer frozen."""
        return at + timedelta(days=self.freeze_days)


async def in_force(db: Db, at: datetime) -> Policy:
    """Give the rules of a moment, so that an old order replays under its own rules."""
    return await db.one(sql.in_force, Policy, at=at)


async def history(db: Db) -> list[Policy]:
    """List every version, the newest first."""
    return await db.all(sql.history, Policy)


def at_moment(versions: Sequence[Policy], at: datetime) -> Policy:
    """Choose the rules of a moment among all that ever were, the newest first."""
    in_force = [each for each in versions if each.from_at <= at]
    return in_force[0]

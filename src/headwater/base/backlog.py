"""The backlog: what lies before the workers, for a person who asks whether they keep up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class KindCount:
    """How much work of one kind there is, and how it stands.

    What failed and will be tried again is counted under `failed` besides where it stands.
    """

    kind: str
    running: int
    due: int
    later: int
    failed: int
    dead: int
    first_due_at: datetime | None


@dataclass(frozen=True)
class Listed:
    """One piece of work without its body, which may name people."""

    id: UUID
    kind: str
    due_at: datetime
    leased_until: datetime | None
    attempts: int
    last_error: str | None
    dead_at: datetime | None
    enqueued_at: datetime

    def state(self, now: datetime) -> str:
        """Say how it stands: dead, running, due, again (it failed before) or later."""
        if self.dead_at is not None:
            return "dead"
        if self.leased_until is not None and self.leased_until > now:
            return "running"
        if self.due_at <= now:
            return "due"
        return "again" if self.last_error is not None else "later"


@dataclass(frozen=True)
class ClockHand:
    """When the clock calls something next, and until when somebody holds it."""

    name: str
    next_at: datetime
    leased_until: datetime | None

    def is_running(self, now: datetime) -> bool:
        """Tell whether a worker is at it."""
        return self.leased_until is not None and self.leased_until > now


async def kinds(db: Db, now: datetime) -> list[KindCount]:
    """Count the work of each kind."""
    return await db.all(sql.kinds, KindCount, now=now)


async def listed(db: Db, kind: str, most: int, skip: int = 0) -> list[Listed]:
    """List work, what is due first before, what failed to the end last; all kinds without one."""
    return await db.all(sql.jobs, Listed, kind=kind, most=most, skip=skip)


async def clocks(db: Db) -> list[ClockHand]:
    """List what the clock calls, the next one first."""
    return await db.all(sql.clocks, ClockHand)


async def revive_kind(db: Db, kind: str, now: datetime) -> int:
    """Let all dead work of a kind be tried again, once its cause is gone; tell how much it was."""
    return await db.run(sql.revive_kind, kind=kind, now=now)

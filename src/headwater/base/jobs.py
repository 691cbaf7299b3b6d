"""Work for later: enqueued inside our transaction, done at least once, with an end.

Announced facts and due rows carry most of what happens later; a job is for the rest, above all
for calling the outside after a commit. See docs/decisions for why this is a table of our own.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.events import wait_before
from headwater.base.sql import statements

sql = statements(__file__)
log = logging.getLogger(__name__)

LEASE_SECONDS = 60
ATTEMPTS_MOST = 10


@dataclass(frozen=True)
class Job:
    """One piece of work, taken under a lease."""

    id: UUID
    kind: str
    body: Any
    attempts: int


@dataclass(frozen=True)
class DeadJob:
    """Work that failed to the end and waits for a person."""

    id: UUID
    kind: str
    body: Any
    attempts: int
    last_error: str | None
    dead_at: datetime


@dataclass(frozen=True)
class JobCount:
    """How many jobs wait, and how many have died."""

    waiting: int
    dead: int


@dataclass(frozen=True)
class _Kind:
    work: Callable[[Any, Any], Awaitable[None]]
    attempts_most: int
    wait: Callable[[int], timedelta]
    hopeless: tuple[type[Exception], ...]


async def _nobody(building: Any, body: Any) -> None:
    raise LookupError("nobody knows how to do this kind of work")


_UNKNOWN = _Kind(_nobody, ATTEMPTS_MOST, wait_before, ())


@dataclass(frozen=True)
class _Periodic:
    name: str
    every: timedelta
    run: Callable[[Any, datetime], Awaitable[Any]]


class Jobs:
    """The kinds of work and the clock's calls that one building knows.

    The building is passed to each, so that work can reach the pool and the adapters.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._periodic: list[_Periodic] = []

    def kind(
        self,
        name: str,
        work: Callable[[Any, Any], Awaitable[None]],
        attempts_most: int = ATTEMPTS_MOST,
        wait: Callable[[int], timedelta] = wait_before,
        hopeless: tuple[type[Exception], ...] = (),
    ) -> None:
        """Say how jobs of a kind are done: `work(building, body)`.

        `wait` says how long to wait after so many attempts; after what is hopeless a person looks
        at once.
        """
        self._kinds[name] = _Kind(work, attempts_most, wait, hopeless)

    def every(
        self, name: str, every: timedelta, run: Callable[[Any, datetime], Awaitable[Any]]
    ) -> None:
        """Say what the clock makes happen: `run(building, now)`, by one worker at a time."""
        self._periodic.append(_Periodic(name, every, run))

    async def work_off(self, pool: Pool, building: Any, now: datetime, most: int = 20) -> int:
        """Take what is due, do it, and tell how much there was."""
        async with pool.transaction(SYSTEM) as db:
            taken = await db.all(
                sql.claim,
                Job,
                now=now,
                leased_until=now + timedelta(seconds=LEASE_SECONDS),
                most=most,
            )
        for job in taken:
            await self._do(pool, building, job, now)
        return len(taken)

    async def tick(self, pool: Pool, building: Any, now: datetime) -> int:
        """Run each periodic call whose time has come; tell how many ran."""
        ran = 0
        for periodic in self._periodic:
            async with pool.transaction(SYSTEM) as db:
                is_mine = await db.value(
                    sql.wind,
                    name=periodic.name,
                    now=now,
                    next_at=now + periodic.every,
                    leased_until=now + timedelta(seconds=LEASE_SECONDS),
                )
            if is_mine is None:
                continue
            ran += 1
            try:
                await periodic.run(building, now)
            except Exception:
                log.exception("%s failed; the clock will call it again", periodic.name)
            async with pool.transaction(SYSTEM) as db:
                await db.run(sql.unwind, name=periodic.name)
        return ran

    async def _do(self, pool: Pool, building: Any, job: Job, now: datetime) -> None:
        kind = self._kinds.get(job.kind, _UNKNOWN)
        try:
            await kind.work(building, job.body)
        except Exception as error:
            log.warning("job %s %s failed: %r", job.kind, job.id, error)
            is_last = job.attempts >= kind.attempts_most or isinstance(error, kind.hopeless)
            async with pool.transaction(SYSTEM) as db:
                await db.run(
                    sql.postpone,
                    id=job.id,
                    attempts=job.attempts,
                    due_at=now + kind.wait(job.attempts),
                    last_error=repr(error)[:500],
                    dead_at=now if is_last else None,
                )
            return
        async with pool.transaction(SYSTEM) as db:
            await db.run(sql.finish, id=job.id)


async def enqueue(
    db: Db, kind: str, body: Any, now: datetime, due_at: datetime | None = None, key: str = ""
) -> None:
    """Ask for work in this transaction; with a key, asking twice is asking once."""
    job_id = ids.named(f"job:{kind}", key) if key else ids.new()
    await db.run(sql.enqueue, id=job_id, kind=kind, body=body, due_at=due_at or now, now=now)


async def dead(db: Db, most: int = 100) -> list[DeadJob]:
    """List the work that failed to the end."""
    return await db.all(sql.dead, DeadJob, most=most)


async def revive(db: Db, job_id: UUID, now: datetime) -> bool:
    """Let dead work be tried again; tell whether there was such a job."""
    return await db.run(sql.revive, id=job_id, now=now) == 1


async def count(db: Db) -> JobCount:
    """Count the jobs that wait and those that died."""
    return await db.one(sql.count, JobCount)

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
from headwater.base.leases import Patience, lease_end
from headwater.base.sql import statements
from headwater.base.times import Clock

sql = statements(__file__)
log = logging.getLogger(__name__)

ATTEMPTS_MOST = 10
# What the clock calls as often as this stands in a line of its own.
HURRIED = timedelta(seconds=60)


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

    @property
    def is_hurried(self) -> bool:
        """Tell whether somebody waits for it, so that nothing long may stand before it."""
        return self.every <= HURRIED


class Jobs:
    """The kinds of work and the clock's calls that one building knows.

    The building is passed to each, so that work can reach the pool and the adapters.
    """

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
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
        """Do what is due, one after the other, and tell how much there was.

        Each job is taken when its turn comes and held until it is done, however long that takes:
        a slow one neither holds others up that another worker could do, nor is done twice.
        """
        clock = self._patience.running(now)
        count = 0
        job = await _take(pool, now, clock())
        while job is not None:
            count += 1
            is_done = await self._do(pool, building, job, now)
            # One commit ends this job and takes the next.
            job = await _take(pool, now, clock(), job if is_done else None, count < most)
        return count

    async def tick(
        self, pool: Pool, building: Any, now: datetime, hurried: bool | None = None
    ) -> int:
        """Run each periodic call whose time has come, or only the hurried or the patient ones.

        Tell how many ran.
        """
        wanted = [p for p in self._periodic if hurried is None or p.is_hurried == hurried]
        clock = self._patience.running(now)
        return sum([await self._run(_Turn(pool, each), building, now, clock) for each in wanted])

    async def _run(self, turn: _Turn, building: Any, now: datetime, clock: Clock) -> bool:
        periodic = turn.periodic
        if not await turn.take(now, clock()):
            return False
        try:
            async with self._patience.holding(clock, turn.renew):
                await periodic.run(building, now)
        except Exception:
            log.exception("%s failed; the clock will call it again", periodic.name)
        await turn.end()
        return True

    async def _do(self, pool: Pool, building: Any, job: Job, now: datetime) -> bool:
        """Do one job under its lease; tell whether it is done."""
        kind, clock = self._kinds.get(job.kind, _UNKNOWN), self._patience.running(now)
        try:
            async with self._patience.holding(clock, lambda until: _renew(pool, job, until)):
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
            return False
        return True


@dataclass
class _Turn:
    """One worker's right to run a periodic call; the end that it was given makes it its own."""

    pool: Pool
    periodic: _Periodic
    until: datetime | None = None

    async def take(self, now: datetime, taken_at: datetime) -> bool:
        async with self.pool.transaction(SYSTEM) as db:
            self.until = await db.value(
                sql.wind,
                name=self.periodic.name,
                now=now,
                next_at=now + self.periodic.every,
                leased_until=lease_end(taken_at),
            )
        return self.until is not None

    async def renew(self, until: datetime) -> bool:
        async with self.pool.transaction(SYSTEM) as db:
            self.until = await db.value(
                sql.rewind, name=self.periodic.name, was=self.until, leased_until=until
            )
        return self.until is not None

    async def end(self) -> None:
        async with self.pool.transaction(SYSTEM) as db:
            await db.run(sql.unwind, name=self.periodic.name, was=self.until)


async def _take(
    pool: Pool, now: datetime, taken_at: datetime, done: Job | None = None, is_asked: bool = True
) -> Job | None:
    """End what is done, and take the next job that is due under a lease from this moment on."""
    if done is None and not is_asked:
        return None
    async with pool.transaction(SYSTEM) as db:
        if done is not None:
            await db.run(sql.finish, id=done.id)
        if not is_asked:
            return None
        return await db.maybe(sql.claim, Job, now=now, leased_until=lease_end(taken_at), most=1)


async def _renew(pool: Pool, job: Job, until: datetime) -> bool:
    async with pool.transaction(SYSTEM) as db:
        return await db.run(sql.renew, id=job.id, attempts=job.attempts, leased_until=until) == 1


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

"""Jobs: done at least once, with an end, whoever dies in between."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from tests import make

from headwater.base import ids, jobs
from headwater.base.db import SYSTEM, Pool
from headwater.base.jobs import Jobs
from headwater.base.leases import LEASE_SECONDS, Patience


def later(seconds: float) -> Any:
    return make.later(seconds / 60)


async def enqueue(pool: Pool, kind: str, key: str = "") -> None:
    async with pool.transaction(SYSTEM) as db:
        await jobs.enqueue(db, kind, {"to": "you"}, make.NOON, key=key)


async def test_a_job_is_done_once_and_forgotten(pool: Pool) -> None:
    kind, done = ids.code(), []

    async def work(building: Any, body: Any) -> None:
        done.append(body)

    worker = Jobs()
    worker.kind(kind, work)
    await enqueue(pool, kind, key="same")
    await enqueue(pool, kind, key="same")
    await worker.work_off(pool, None, make.NOON, most=1_000)
    await worker.work_off(pool, None, later(120), most=1_000)
    assert done == [{"to": "you"}]


async def test_what_is_due_first_is_taken_first_whatever_the_plan(pool: Pool) -> None:
    kind = ids.code()
    async with pool.transaction(SYSTEM) as db:
        for number in range(20):
            await jobs.enqueue(db, kind, {"number": number}, make.NOON, later(-number))
        # A plan that reads the table as it lies would give the latest first.
        await db.raw.execute("SET LOCAL enable_nestloop = off")
        taken = await db.all(
            jobs.sql.claim, jobs.Job, now=make.NOON, leased_until=later(60), most=1_000
        )
    numbers = [each.body["number"] for each in taken if each.kind == kind]
    assert numbers == list(reversed(range(20)))


async def test_a_job_of_a_worker_that_died_is_taken_again_when_its_lease_is_over(
    pool: Pool,
) -> None:
    kind, done = ids.code(), []

    async def work(building: Any, body: Any) -> None:
        done.append(body)

    await enqueue(pool, kind)
    async with pool.transaction(SYSTEM) as db:
        taken = await db.all(
            jobs.sql.claim,
            jobs.Job,
            now=make.NOON,
            leased_until=later(LEASE_SECONDS),
            most=1_000,
        )
    assert kind in [each.kind for each in taken]
    worker = Jobs()
    worker.kind(kind, work)
    await worker.work_off(pool, None, later(LEASE_SECONDS - 1), most=1_000)
    assert done == []
    await worker.work_off(pool, None, later(LEASE_SECONDS + 1), most=1_000)
    assert len(done) == 1


async def test_what_fails_to_the_end_waits_for_a_person_who_can_revive_it(pool: Pool) -> None:
    kind, tries = ids.code(), []

    async def work(building: Any, body: Any) -> None:
        tries.append(body)
        if len(tries) <= 3:
            raise ConnectionError("nobody answers")

    worker = Jobs()
    worker.kind(kind, work, attempts_most=3)
    await enqueue(pool, kind)
    for hour in range(6):
        await worker.work_off(pool, None, later(3600 * hour), most=1_000)
    assert len(tries) == 3
    async with pool.transaction(SYSTEM) as db:
        dead = [each for each in await jobs.dead(db, 1_000) if each.kind == kind]
        assert "nobody answers" in str(dead[0].last_error)
        assert await jobs.revive(db, dead[0].id, make.NOON)
        assert not await jobs.revive(db, ids.new(), make.NOON)
    await worker.work_off(pool, None, make.NOON, most=1_000)
    assert len(tries) == 4


async def test_a_kind_waits_as_long_as_it_says_and_gives_up_what_is_hopeless(pool: Pool) -> None:
    kind, tries = ids.code(), []
    failures: list[Exception] = [ConnectionError("nobody answers"), ValueError("never")]

    async def work(building: Any, body: Any) -> None:
        tries.append(body)
        raise failures.pop(0)

    worker = Jobs()
    worker.kind(kind, work, wait=lambda attempt: later(90) - make.NOON, hopeless=(ValueError,))
    await enqueue(pool, kind)
    for seconds in (0, 89, 90, 3600):
        await worker.work_off(pool, None, later(seconds), most=1_000)
        assert len(tries) == (1 if seconds < 90 else 2)
    async with pool.transaction(SYSTEM) as db:
        assert kind in [each.kind for each in await jobs.dead(db, 1_000)]


async def test_a_kind_that_nobody_knows_ends_in_the_dead_list(pool: Pool) -> None:
    kind = ids.code()
    await enqueue(pool, kind)
    for hour in range(jobs.ATTEMPTS_MOST + 1):
        await Jobs().work_off(pool, None, later(3600 * hour), most=1_000)
    async with pool.transaction(SYSTEM) as db:
        assert kind in [each.kind for each in await jobs.dead(db, 1_000)]


class Hours:
    """Seconds that pass only while somebody rests, and work that waits for them."""

    def __init__(self) -> None:
        self.passed = 0.0
        self._woken = asyncio.Event()
        self._resting = asyncio.Event()
        self.patience = Patience(lambda: self.passed, self._rest)

    async def _rest(self, seconds: float) -> None:
        self._resting.set()
        await self._woken.wait()
        self._woken.clear()
        self.passed += seconds

    async def pass_one(self) -> None:
        """Let one rest end, and wait until what it was for has been done."""
        async with asyncio.timeout(10):
            await self._resting.wait()
            self._resting.clear()
            self._woken.set()
            await self._resting.wait()


async def test_a_slow_job_is_held_as_long_as_it_lasts_and_holds_up_no_other_worker(
    pool: Pool,
) -> None:
    kind, done, hours = ids.code(), list[str](), Hours()
    slow, other = Jobs(hours.patience), Jobs()

    async def work(building: Any, body: Any) -> None:
        if building == "slow":
            while hours.passed < 2 * LEASE_SECONDS:
                await hours.pass_one()
            # The lease that was taken first is long over, and only the other job is free.
            assert await other.work_off(pool, "other", later(hours.passed), most=1_000) == 1
        done.append(building)

    for worker in (slow, other):
        worker.kind(kind, work)
    await enqueue(pool, kind)
    await enqueue(pool, kind)
    assert await slow.work_off(pool, "slow", make.NOON, most=1) == 1
    assert done == ["other", "slow"]
    assert await other.work_off(pool, "other", later(10 * LEASE_SECONDS), most=1_000) == 0


async def test_a_periodic_call_that_lasts_is_not_begun_beside_itself(pool: Pool) -> None:
    name, ran, hours = ids.code(), list[str](), Hours()
    slow, other = Jobs(hours.patience), Jobs()

    async def run(building: Any, now: Any) -> None:
        ran.append(building)
        if building == "slow":
            while hours.passed < 2 * LEASE_SECONDS:
                await hours.pass_one()
            assert await other.tick(pool, "other", later(hours.passed)) == 0

    for worker in (slow, other):
        worker.every(name, timedelta(seconds=1), run)
    assert await slow.tick(pool, "slow", make.NOON) == 1
    assert await other.tick(pool, "other", later(2 * LEASE_SECONDS)) == 1
    assert ran == ["slow", "other"]


async def test_whoever_lost_a_periodic_call_does_not_end_the_turn_of_the_next(pool: Pool) -> None:
    name, ran = ids.code(), list[str]()
    paused, go_on = asyncio.Event(), asyncio.Event()

    async def run(building: Any, now: Any) -> None:
        ran.append(building)
        if building == "lost":
            paused.set()
            await go_on.wait()
        elif building == "next":
            go_on.set()
            await lost

    worker = Jobs()
    worker.every(name, timedelta(seconds=1), run)
    lost = asyncio.create_task(worker.tick(pool, "lost", make.NOON))
    await paused.wait()
    after = later(2 * LEASE_SECONDS)

    async def third(building: Any, now: Any) -> None:
        ran.append("third")

    async def run_next(building: Any, now: Any) -> None:
        await run(building, now)
        besides = Jobs()
        besides.every(name, timedelta(seconds=1), third)
        assert await besides.tick(pool, "", later(2 * LEASE_SECONDS + 5)) == 0

    following = Jobs()
    following.every(name, timedelta(seconds=1), run_next)
    await following.tick(pool, "next", after)
    assert ran == ["lost", "next"]


async def test_what_the_clock_calls_often_stands_in_a_line_of_its_own(pool: Pool) -> None:
    often, nightly, ran = ids.code(), ids.code(), list[Any]()

    async def run(building: Any, now: Any) -> None:
        ran.append(building)

    worker = Jobs()
    worker.every(often, timedelta(seconds=60), run)
    worker.every(nightly, timedelta(hours=24), run)
    assert await worker.tick(pool, "hurried", make.NOON, hurried=True) == 1
    assert await worker.tick(pool, "hurried", make.NOON, hurried=True) == 0
    assert await worker.tick(pool, "patient", make.NOON, hurried=False) == 1
    assert ran == ["hurried", "patient"]

"""Jobs: done at least once, with an end, whoever dies in between."""

from __future__ import annotations

from typing import Any

from tests import make

from headwater.base import ids, jobs
from headwater.base.db import SYSTEM, Pool
from headwater.base.jobs import Jobs


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
            leased_until=later(jobs.LEASE_SECONDS),
            most=1_000,
        )
    assert kind in [each.kind for each in taken]
    worker = Jobs()
    worker.kind(kind, work)
    await worker.work_off(pool, None, later(jobs.LEASE_SECONDS - 1), most=1_000)
    assert done == []
    await worker.work_off(pool, None, later(jobs.LEASE_SECONDS + 1), most=1_000)
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

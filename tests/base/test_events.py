"""Facts: announced with what made them true, and lost by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest
from tests import make

from headwater.base import events, ids
from headwater.base.db import SYSTEM, Db, Pool


@dataclass(frozen=True)
class BellRang:
    """A fact of these tests alone."""

    member_id: UUID
    tone: str
    rang_at: datetime


heard: list[str] = []
broken: set[str] = set()


@events.reacts_to(BellRang)
async def listen(db: Db, rang: BellRang) -> None:
    """Hear a bell, unless its tone hurts."""
    assert isinstance(rang.member_id, UUID)
    if rang.tone in broken:
        await db.raw.execute("SELECT 1 / 0")
    heard.append(rang.tone)


async def ring(pool: Pool, *tones: str) -> list[BellRang]:
    facts = [BellRang(ids.new_member(), tone, make.NOON) for tone in tones]
    async with pool.transaction(SYSTEM) as db:
        await events.announce(db, *facts, now=make.NOON)
    return facts


async def work_off_all(pool: Pool) -> None:
    while await events.work_off(pool, make.NOON):
        pass


async def test_one_bad_fact_is_set_aside_and_its_neighbours_are_heard(pool: Pool) -> None:
    heard.clear()
    broken.add("shrill")
    await ring(pool, "low", "shrill", "high")
    await work_off_all(pool)
    # The batch was tried whole first, so a good one may be heard again: at least once.
    assert set(heard) == {"high", "low"}
    async with pool.transaction(SYSTEM) as db:
        assert (await events.waiting(db)).facts == 0
    now = make.NOON
    for _ in range(events.ATTEMPTS_MOST):
        now = make.later(61, now)
        await events.work_off_missed(pool, now)
    async with pool.transaction(SYSTEM) as db:
        dead = [each for each in await events.dead(db) if each.body["tone"] == "shrill"]
        assert [each.attempts for each in dead] == [events.ATTEMPTS_MOST]
        assert "division by zero" in str(dead[0].last_error)
        assert await events.revive(db, dead[0].fact_id, dead[0].reaction, now)
    broken.clear()
    await events.work_off_missed(pool, now)
    assert heard.count("shrill") == 1
    async with pool.transaction(SYSTEM) as db:
        assert [each for each in await events.dead(db) if each.body["tone"] == "shrill"] == []


async def test_what_was_not_committed_is_not_announced(pool: Pool) -> None:
    heard.clear()

    async def fail() -> None:
        async with pool.transaction(SYSTEM) as db:
            fact = BellRang(ids.new_member(), "never", make.NOON)
            await events.announce(db, fact, now=make.NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await work_off_all(pool)
    assert heard == []


async def test_facts_of_a_worker_that_died_are_still_there(pool: Pool) -> None:
    heard.clear()
    await ring(pool, "once")

    async def die() -> None:
        async with pool.transaction(SYSTEM) as db:
            await db.all(events.sql.claim, events.Announced, most=100, from_bucket=0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await die()
    await work_off_all(pool)
    assert heard == ["once"]


async def test_an_attempt_inside_an_attempt_undoes_all_of_itself(db: Db) -> None:
    await db.raw.execute("CREATE TEMP TABLE note (word text) ON COMMIT DROP")

    async def outer() -> None:
        async with db.attempt():
            await db.raw.execute("INSERT INTO note VALUES ('before')")
            with pytest.raises(KeyError):
                async with db.attempt():
                    raise KeyError
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await outer()
    assert await db.raw.fetchval("SELECT count(*) FROM note") == 0

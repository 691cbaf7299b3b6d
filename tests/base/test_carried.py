"""A write that nobody waits for travels with the next statement, and is undone with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from tests.make import NOON

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.events import announce, waiting
from headwater.base.sql import Statement, carrying


@dataclass(frozen=True)
class Whistled:
    """A fact for these tests only."""

    id: UUID


@dataclass(frozen=True)
class _Count:
    count: int


def statement(text: str, *parameters: str) -> Statement:
    """Make a statement without a file."""
    return Statement("made", text, parameters, Path(__file__).name)


FACTS = statement("SELECT count(*)::int AS count FROM base.outbox")
NOTHING = statement("UPDATE base.outbox SET kind = $1 WHERE false", "kind")


async def told(db: Db) -> int:
    """Count facts without sending what is carried first."""
    return (await db.one(FACTS, _Count)).count


async def test_a_fact_travels_with_the_next_statement(db: Db) -> None:
    before = db.round_trips
    await announce(db, Whistled(ids.new(0)), now=NOON)
    assert db.round_trips == before
    await db.run(NOTHING, kind="x")
    assert db.round_trips == before + 1
    assert await told(db) == 1


async def test_several_facts_travel_together_in_their_order(db: Db) -> None:
    for _each in range(3):
        await announce(db, Whistled(ids.new(0)), now=NOON)
    before = db.round_trips
    await db.run(NOTHING, kind="x")
    assert db.round_trips == before + 1
    assert (await waiting(db)).facts == 3


async def test_what_is_still_carried_goes_before_the_commit(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        before = (await waiting(db)).facts
    async with pool.transaction(SYSTEM) as db:
        await announce(db, Whistled(ids.new(0)), now=NOON)
    async with pool.transaction(SYSTEM) as db:
        assert (await waiting(db)).facts == before + 1


async def test_nothing_is_told_of_a_transaction_that_failed(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        before = (await waiting(db)).facts
    with pytest.raises(RuntimeError):
        await _tell_and_fail(pool)
    async with pool.transaction(SYSTEM) as db:
        assert (await waiting(db)).facts == before


async def test_an_attempt_that_fails_takes_back_its_own_facts_and_no_others(db: Db) -> None:
    await announce(db, Whistled(ids.new(0)), now=NOON)
    with pytest.raises(RuntimeError):
        await _attempt_and_fail(db)
    assert (await waiting(db)).facts == 1


async def test_an_attempt_that_succeeds_keeps_its_facts(db: Db) -> None:
    async with db.attempt():
        await announce(db, Whistled(ids.new(0)), now=NOON)
    assert await told(db) == 1


def test_parameters_follow_those_of_the_carrier() -> None:
    carrier = statement("WITH one AS (SELECT $1::int) SELECT $2::int", "a", "b")
    rider = statement("INSERT INTO t VALUES ($1, $2)", "c", "d")
    both = carrying(carrier, (rider, rider))
    assert both.text == (
        "WITH carried_0 AS (INSERT INTO t VALUES ($3, $4)), "
        "carried_1 AS (INSERT INTO t VALUES ($5, $6)), one AS (SELECT $1::int) SELECT $2::int"
    )
    assert len(both.parameters) == 6


def test_a_recursive_statement_stays_recursive() -> None:
    carrier = statement("WITH RECURSIVE one AS (SELECT 1) SELECT 1")
    rider = statement("DELETE FROM t")
    assert carrying(carrier, (rider,)).text.startswith("WITH RECURSIVE carried_0 AS (DELETE")


def test_a_question_cannot_be_carried() -> None:
    with pytest.raises(AssertionError):
        carrying(statement("SELECT 1"), (statement("SELECT 2"),))


async def _tell_and_fail(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        await announce(db, Whistled(ids.new(0)), now=NOON)
        raise RuntimeError


async def _attempt_and_fail(db: Db) -> None:
    async with db.attempt():
        await announce(db, Whistled(ids.new(0)), now=NOON)
        raise RuntimeError

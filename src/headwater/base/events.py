"""Facts: announced in the transaction that made them true, and worked off in batches after."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.sql import statements

sql = statements(__file__)
log = logging.getLogger(__name__)

Fact = TypeVar("Fact")
Reaction = Callable[[Db, list[Any]], Awaitable[None]]

ATTEMPTS_MOST = 12


@dataclass(frozen=True)
class Announced:
    """A fact as it lies in the outbox."""

    bucket: int
    id: UUID
    kind: str
    body: Any


@dataclass(frozen=True)
class Missed:
    """A fact to which one reaction has failed so far."""

    bucket: int
    fact_id: UUID
    reaction: str
    kind: str
    body: Any
    attempts: int


@dataclass(frozen=True)
class Waiting:
    """How much lies before the workers."""

    facts: int
    missed: int
    dead: int


@dataclass(frozen=True)
class DeadReaction:
    """A reaction that failed to the end and waits for a person."""

    bucket: int
    fact_id: UUID
    reaction: str
    kind: str
    body: Any
    attempts: int
    last_error: str | None
    dead_at: datetime


@dataclass(frozen=True)
class _Registered:
    name: str
    fact: type
    react: Reaction


_reactions: dict[str, list[_Registered]] = defaultdict(list)


def reacts_to(
    fact: type[Fact],
) -> Callable[[Callable[[Db, Fact], Awaitable[None]]], Callable[[Db, Fact], Awaitable[None]]]:
    """Register a reaction to one fact at a time; it may run again, so it ends in a unique key."""

    def register(
        react: Callable[[Db, Fact], Awaitable[None]],
    ) -> Callable[[Db, Fact], Awaitable[None]]:
        async def one_by_one(db: Db, facts: list[Any]) -> None:
            for each in facts:
                await react(db, each)

        _register(fact, react.__module__ + "." + react.__name__, one_by_one)
        return react

    return register


def reacts_to_many(
    fact: type[Fact],
) -> Callable[
    [Callable[[Db, list[Fact]], Awaitable[None]]], Callable[[Db, list[Fact]], Awaitable[None]]
]:
    """Register a reaction that takes a whole batch, for what one statement can do for all."""

    def register(
        react: Callable[[Db, list[Fact]], Awaitable[None]],
    ) -> Callable[[Db, list[Fact]], Awaitable[None]]:
        _register(fact, react.__module__ + "." + react.__name__, react)
        return react

    return register


async def announce(db: Db, *facts: Any, now: datetime) -> None:
    """Write facts into the outbox, in the transaction that made them true.

    A fact with a `member_id` travels in that member's bucket. It goes with the next statement of
    the transaction, or with its commit, so that announcing costs no round trip.
    """
    buckets = [ids.bucket_of(f.member_id) if hasattr(f, "member_id") else 0 for f in facts]
    db.carry(
        sql.announce,
        buckets=buckets,
        ids=[ids.new(bucket) for bucket in buckets],
        kinds=[type(fact).__name__ for fact in facts],
        bodies=[msgspec.to_builtins(fact) for fact in facts],
        now=now,
    )


async def work_off(pool: Pool, now: datetime, most: int = 500, from_bucket: int = 0) -> int:
    """Hand a batch of facts to every reaction and forget them; tell how many there were.

    A reaction that fails for a batch is tried fact by fact, so that one bad fact does not hold
    up its neighbours; what still fails is set aside and tried again later.
    """
    async with pool.transaction(SYSTEM) as db:
        facts = await db.all(sql.claim, Announced, most=most, from_bucket=from_bucket)
        by_kind: dict[str, list[Announced]] = defaultdict(list)
        for fact in facts:
            by_kind[fact.kind].append(fact)
        for kind, batch in by_kind.items():
            for reaction in _reactions.get(kind, ()):
                await _hand_over(db, reaction, batch, now)
        if facts:
            await db.run(sql.forget, buckets=[f.bucket for f in facts], ids=[f.id for f in facts])
    return len(facts)


async def work_off_missed(pool: Pool, now: datetime, most: int = 50) -> int:
    """Try again what failed; after the last attempt it stays in the dead list for a person."""
    async with pool.transaction(SYSTEM) as db:
        missed = await db.all(sql.claim_missed, Missed, now=now, most=most)
        for each in missed:
            await _try_again(db, each, now)
    return len(missed)


async def waiting(db: Db) -> Waiting:
    """Count what lies before the workers."""
    await db.flush()
    return await db.one(sql.waiting, Waiting)


async def dead(db: Db, most: int = 100) -> list[DeadReaction]:
    """List the reactions that failed to the end."""
    return await db.all(sql.dead, DeadReaction, most=most)


async def revive(db: Db, fact_id: UUID, reaction: str, now: datetime) -> bool:
    """Let a dead reaction be tried again; tell whether there was one."""
    bucket = ids.bucket_of(fact_id)
    revived = await db.run(sql.revive, bucket=bucket, fact_id=fact_id, reaction=reaction, now=now)
    return revived == 1


async def _hand_over(
    db: Db, reaction: _Registered, batch: Sequence[Announced], now: datetime
) -> None:
    try:
        async with db.attempt():
            await reaction.react(db, [_as_fact(reaction, fact.body) for fact in batch])
        return
    except Exception:
        if len(batch) == 1:
            log.exception("reaction %s failed", reaction.name)
    for fact in batch:
        try:
            async with db.attempt():
                await reaction.react(db, [_as_fact(reaction, fact.body)])
        except Exception as error:
            log.warning("reaction %s missed fact %s: %r", reaction.name, fact.id, error)
            await db.run(
                sql.set_aside,
                bucket=fact.bucket,
                fact_id=fact.id,
                reaction=reaction.name,
                kind=fact.kind,
                body=fact.body,
                due_at=now + wait_before(1),
                last_error=repr(error)[:500],
            )


async def _try_again(db: Db, missed: Missed, now: datetime) -> None:
    key = {"bucket": missed.bucket, "fact_id": missed.fact_id, "reaction": missed.reaction}
    known = [r for r in _reactions.get(missed.kind, ()) if r.name == missed.reaction]
    try:
        async with db.attempt():
            for reaction in known:
                await reaction.react(db, [_as_fact(reaction, missed.body)])
        await db.run(sql.caught_up, **key)
    except Exception as error:
        attempts = missed.attempts + 1
        await db.run(
            sql.missed_again,
            **key,
            due_at=now + wait_before(attempts),
            last_error=repr(error)[:500],
            dead_at=now if attempts >= ATTEMPTS_MOST else None,
        )


def wait_before(attempt: int) -> timedelta:
    """Double the pause each time, from two seconds to an hour."""
    return timedelta(seconds=min(3600, 2**attempt))


def registered() -> dict[str, list[str]]:
    """List which reactions hear which fact, for the engineer's page and the tests."""
    return {kind: [each.name for each in heard] for kind, heard in _reactions.items()}


def _register(fact: type, name: str, react: Reaction) -> None:
    if all(each.name != name for each in _reactions[fact.__name__]):
        _reactions[fact.__name__].append(_Registered(name, fact, react))


def _as_fact(reaction: _Registered, body: Any) -> Any:
    return msgspec.convert(body, reaction.fact, strict=False)

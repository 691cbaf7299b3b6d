"""Delivery: due messages are claimed, sent with no transaction open, and marked."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, runtime_checkable
from uuid import UUID

from headwater.base import crypto
from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.errors import NotReached, Refusal, Trouble
from headwater.base.sql import statements
from headwater.gate import rules
from headwater.increment import arms
from headwater.increment.arms import Reached
from headwater.members.identities import VALUE

sql = statements(__file__)
log = logging.getLogger(__name__)

AT_ONCE: Final = 20
# A worker that claimed and died left its messages behind; after this long they are looked at.
FORGOTTEN: Final = timedelta(minutes=10)
AGAIN_AFTER: Final = timedelta(minutes=5)
# A greeting is service to the platform, and a touch to whoever measures.
GREETING: Final = "wecom_welcome"


@runtime_checkable
class Sender(Protocol):
    """Whoever can put a message before a person, on one channel."""

    async def send(self, address: str, content: Mapping[str, Any], once_key: str) -> str:
        """Send, and give the provider's number.

        Refusal means surely not sent, Trouble means nobody knows.
        """


@dataclass(frozen=True)
class ToReach:
    """One of many whom the same content is to reach."""

    member_id: UUID
    address: str = field(repr=False)


@runtime_checkable
class SetSender(Protocol):
    """Whoever reaches many at once, as a platform does that takes lists and not messages."""

    async def send_set(
        self, key: str, content: Mapping[str, Any], people: Sequence[ToReach]
    ) -> frozenset[UUID]:
        """Send, and tell whom it reaches; the others are surely not reached.

        The key names what the content belongs to. Refusal and Trouble mean what they mean to a
        Sender, for all of them.
        """


@dataclass(frozen=True)
class Post:
    """What delivery needs: the database, the keys to addresses, and a sender for each channel."""

    pool: Pool
    keys: Keys
    senders: Mapping[str, Sender | SetSender]


@dataclass(frozen=True)
class Claimed:
    """A message that is ours to send, or that was refused at the last moment."""

    bucket: int
    id: UUID
    member_id: UUID
    channel: str
    purpose: str
    brand_id: UUID
    experiment_id: UUID | None
    content: dict[str, Any]
    state: str
    ends_at: datetime | None
    value_sealed: bytes | None


@dataclass(frozen=True)
class _Outcome:
    message: Claimed
    state: str
    reason: str = ""
    provider_no: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class _Taken:
    bucket: int
    id: UUID


async def send_due(post: Post, now: datetime, most: int = 200) -> int:
    """Send what is due, and tell how many messages were looked at.

    Claimed first, sent after the commit: a crash in between never sends marketing twice. What
    stood in the plan is checked again, since consent may have been withdrawn meanwhile.
    """
    async with post.pool.transaction(SYSTEM) as db:
        quiet = await rules.quiet_hours(db, "marketing")
        claimed = await _claim(db, list(post.senders), bool(quiet and quiet.holds(now)), now, most)
    to_send = [each for each in claimed if each.state == "sending"]
    if to_send:
        at_once = asyncio.Semaphore(AT_ONCE)
        alone, sets = _by_set(post, to_send)
        found = await asyncio.gather(
            *(_send(post, at_once, each, now) for each in alone),
            *(_send_set(post, at_once, each, now) for each in sets),
        )
        outcomes = [outcome for some in found for outcome in some]
        async with post.pool.transaction(SYSTEM) as db:
            await _mark(db, outcomes, now)
    return len(claimed)


async def sweep(post: Post, now: datetime) -> int:
    """Settle what a dead worker left claimed: marketing stays unsure, service is tried again."""
    async with post.pool.transaction(SYSTEM) as db:
        left = await db.all(sql.forgotten, Claimed, before=now - FORGOTTEN)
        await _mark(db, [_in_doubt(each, now) for each in left], now)
    return len(left)


async def _claim(
    db: Db, channels: list[str], is_quiet: bool, now: datetime, most: int
) -> list[Claimed]:
    """Take due messages, one a member, and judge them once more with the members locked."""
    taken = await db.all(sql.take, _Taken, channels=channels, is_quiet=is_quiet, now=now, most=most)
    if not taken:
        return []
    return await db.all(
        sql.judge,
        Claimed,
        buckets=[each.bucket for each in taken],
        ids=[each.id for each in taken],
        month_starts_at=rules.month_of(now).starts_at,
        now=now,
    )


async def _send(
    post: Post, at_once: asyncio.Semaphore, message: Claimed, now: datetime
) -> list[_Outcome]:
    sender = post.senders[message.channel]
    assert isinstance(sender, Sender), "sets are sent elsewhere"
    async with at_once:
        try:
            number = await sender.send(_address(post, message), message.content, message.id.hex)
        except Exception as error:
            return [_after(error, message, now)]
    return [_Outcome(message, "sent", provider_no=number)]


async def _send_set(
    post: Post, at_once: asyncio.Semaphore, together: Sequence[Claimed], now: datetime
) -> list[_Outcome]:
    """Send one content to all who are to have it, in one go."""
    first = together[0]
    sender = post.senders[first.channel]
    assert isinstance(sender, SetSender), "single messages are sent elsewhere"
    people = [ToReach(each.member_id, _address(post, each)) for each in together]
    async with at_once:
        try:
            reached = await sender.send_set(_key(first), first.content, people)
        except Exception as error:
            return [_after(error, each, now) for each in together]
    return [
        _Outcome(each, "sent")
        if each.member_id in reached
        else _Outcome(each, "failed", "cannot_reach")
        for each in together
    ]


def _by_set(post: Post, to_send: Sequence[Claimed]) -> tuple[list[Claimed], list[list[Claimed]]]:
    """Part single messages from those that leave together: of one channel, campaign and brand."""
    alone: list[Claimed] = []
    sets: dict[tuple[str, str], list[Claimed]] = defaultdict(list)
    for each in to_send:
        if isinstance(post.senders[each.channel], SetSender):
            sets[each.channel, _key(each)].append(each)
        else:
            alone.append(each)
    return alone, list(sets.values())


def _key(message: Claimed) -> str:
    return (message.experiment_id or message.brand_id).hex


def _address(post: Post, message: Claimed) -> str:
    assert message.value_sealed is not None, "a message without an address is refused before"
    return crypto.unseal(post.keys, message.value_sealed, VALUE)


def _after(error: Exception, message: Claimed, now: datetime) -> _Outcome:
    """Say what a failure means for a message: surely not sent, not yet, or nobody knows."""
    if isinstance(error, Refusal):
        log.info("message %s was refused: %s", message.id, error.code)
        return _Outcome(message, "failed", error.code)
    if isinstance(error, NotReached):
        log.warning("message %s waits: %s", message.id, error)
        return _Outcome(message, "later", "not_reached", due_at=now + AGAIN_AFTER)
    if isinstance(error, Trouble):
        log.warning("nobody knows whether message %s arrived: %s", message.id, error)
    else:
        log.error("sending message %s failed", message.id, exc_info=error)
    return _in_doubt(message, now)


def _in_doubt(message: Claimed, now: datetime) -> _Outcome:
    """Never advertise twice; what a member waits for is better told twice than not at all."""
    again_at = now + AGAIN_AFTER
    if message.purpose == "service" and (message.ends_at is None or again_at < message.ends_at):
        return _Outcome(message, "later", "unsure", due_at=again_at)
    return _Outcome(message, "unsure", "unsure")


async def _mark(db: Db, outcomes: Sequence[_Outcome], now: datetime) -> None:
    """Write down what became of each message, and who was reached by it."""
    await db.run(
        sql.mark,
        buckets=[each.message.bucket for each in outcomes],
        ids=[each.message.id for each in outcomes],
        states=[each.state for each in outcomes],
        reasons=[each.reason for each in outcomes],
        provider_nos=[each.provider_no for each in outcomes],
        due_ats=[each.due_at for each in outcomes],
        now=now,
    )
    reached: dict[Reached, list[UUID]] = defaultdict(list)
    for each in outcomes:
        message = each.message
        is_touch = message.purpose == "marketing" or message.channel == GREETING
        if is_touch and each.state in ("sent", "unsure"):
            where = Reached(message.brand_id, message.experiment_id, message.channel)
            reached[where].append(message.member_id)
    for where, member_ids in reached.items():
        await arms.expose(db, where, member_ids, now)

"""Messages: what is planned for whom, and why somebody gets nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.gate import rules
from headwater.gate.errors import NoSuchChannel

sql = statements(__file__)

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """One message of a campaign: in whose name, on which channel, in both languages, until when."""

    campaign_id: UUID
    experiment_id: UUID | None
    brand_id: UUID
    channel: str
    contents: Mapping[str, Content]
    ends_at: datetime


@dataclass(frozen=True)
class Service:
    """A message that a member waits for: an order was paid, a refund is under way.

    A greeting is no answer to an order: `is_touch` says that who is left alone gets none.
    """

    key: str
    member_id: UUID
    brand_id: UUID
    channel: str
    contents: Mapping[str, Content]
    ends_at: datetime
    is_touch: bool = False


@dataclass(frozen=True)
class Count:
    """How many messages are in a state, for a reason."""

    state: str
    reason: str
    messages: int


@dataclass(frozen=True)
class Planned:
    """One member's answer from the gate."""

    member_id: UUID
    state: str
    reason: str


@dataclass(frozen=True)
class Message:
    """One message to a member, as the gate wrote it down."""

    id: UUID
    member_id: UUID
    channel: str
    purpose: str
    campaign_id: UUID | None
    content: dict[str, Any]
    state: str
    reason: str
    due_at: datetime | None
    ends_at: datetime | None
    planned_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class _Member:
    member_id: UUID


async def reachable(db: Db, member_ids: Sequence[UUID], channel: str) -> list[UUID]:
    """Keep those who allow marketing on this channel and can be found there.

    Campaigns draw their arms among these, so that the arms differ in nothing but the message.
    """
    found = await db.all(
        sql.reachable,
        _Member,
        buckets=_buckets(member_ids),
        member_ids=list(member_ids),
        channel=channel,
    )
    return [each.member_id for each in found]


async def plan(db: Db, what: Plan, member_ids: Sequence[UUID], now: datetime) -> list[Planned]:
    """Decide for every member: planned, later (when), or refused (why); asking again adds nothing.

    The members' pressure rows are locked first, so that of two campaigns that ask at once the
    second counts what the first planned.
    """
    if await rules.channel(db, what.channel) is None:
        raise NoSuchChannel(channel=what.channel)
    quiet = await rules.quiet_hours(db, "marketing")
    due_at = quiet.open_at(now) if quiet else now
    month = rules.month_of(due_at)
    buckets = _buckets(member_ids)
    await hold(db, member_ids, now)
    return await db.all(
        sql.plan,
        Planned,
        buckets=buckets,
        member_ids=list(member_ids),
        ids=[ids.named_in(b, f"message:{what.campaign_id}", f"{m}:{what.channel}")
             for b, m in zip(buckets, member_ids, strict=True)],
        channel=what.channel,
        brand_id=what.brand_id,
        campaign_id=what.campaign_id,
        experiment_id=what.experiment_id,
        contents=what.contents,
        month_starts_at=month.starts_at,
        next_month_at=quiet.open_at(month.ends_at) if quiet else month.ends_at,
        due_at=due_at,
        ends_at=what.ends_at,
        now=now,
    )  # fmt: skip


async def hold(db: Db, member_ids: Sequence[UUID], now: datetime) -> None:
    """Lock these members' pressure in one order, for who plans for them in several parts."""
    await db.run(
        sql.hold_pressure, buckets=_buckets(member_ids), member_ids=list(member_ids), now=now
    )


async def plan_service(db: Db, messages: Sequence[Service], now: datetime) -> None:
    """Plan what members wait for; the same key is planned once.

    It needs no marketing consent and fills no budget, but who said no to it gets nothing.
    """
    member_ids = [each.member_id for each in messages]
    buckets = _buckets(member_ids)
    await hold(db, member_ids, now)
    await db.run(
        sql.plan_service,
        buckets=buckets,
        ids=[
            ids.named_in(bucket, "service message", each.key)
            for bucket, each in zip(buckets, messages, strict=True)
        ],
        member_ids=member_ids,
        brand_ids=[each.brand_id for each in messages],
        channels=[each.channel for each in messages],
        contents=[each.contents for each in messages],
        ends_at=[each.ends_at for each in messages],
        are_touches=[each.is_touch for each in messages],
        now=now,
    )


async def withdraw(db: Db, campaign_id: UUID) -> int:
    """Refuse what a stopped campaign has not sent yet, and tell how much that was."""
    return await db.run(sql.withdraw, campaign_id=campaign_id)


async def note_taken_out(db: Db, keys: Sequence[tuple[int, UUID]]) -> int:
    """Note that what reached members as part of a list was taken back at their wish."""
    return await db.run(
        sql.note_taken_out,
        buckets=[bucket for bucket, _id in keys],
        ids=[message_id for _bucket, message_id in keys],
    )


async def progress(db: Db, campaign_id: UUID) -> list[Count]:
    """Count a campaign's messages by state and reason."""
    return await db.all(sql.progress, Count, campaign_id=campaign_id)


async def of_member(db: Db, member_id: UUID, most: int = 50) -> list[Message]:
    """List what a member got or did not get, newest first."""
    return await db.all(
        sql.of_member, Message, bucket=ids.bucket_of(member_id), member_id=member_id, most=most
    )


def _buckets(member_ids: Sequence[UUID]) -> list[int]:
    return [ids.bucket_of(each) for each in member_ids]

"""Consents: what a member allowed, per purpose and channel, with the text they saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import statements

sql = statements(__file__)

# The version of the sentences on the page "my data"; a new wording is a new version.
TEXT_VERSION = "2026-11"
PURPOSES = ("service", "marketing", "measurement")


@dataclass(frozen=True)
class Said:
    """A member's yes or no, where it was said."""

    purpose: str
    channel: str
    is_granted: bool
    evidence: str


@dataclass(frozen=True)
class Consent:
    """What is in force for one purpose and channel."""

    purpose: str
    channel: str
    is_granted: bool
    text_version: str
    said_at: datetime


@dataclass(frozen=True)
class _Granted:
    member_id: UUID
    text_version: str
    said_at: datetime


async def say(db: Db, member_id: UUID, said: Said, now: datetime) -> None:
    """Write down a yes or a no; the latest one counts, and all are kept as proof."""
    if said.purpose not in PURPOSES:
        raise BadInput("purpose", "unknown")
    bucket = ids.bucket_of(member_id)
    await db.run(
        sql.say,
        bucket=bucket,
        id=ids.new(bucket),
        member_id=member_id,
        purpose=said.purpose,
        channel=said.channel,
        is_granted=said.is_granted,
        text_version=TEXT_VERSION,
        evidence=said.evidence,
        now=now,
    )


async def granted(
    db: Db, member_ids: Sequence[UUID], purpose: str, channel: str
) -> dict[UUID, Consent]:
    """Find who of these said yes to a purpose on a channel, with the yes as proof."""
    found = await db.all(
        sql.granted,
        _Granted,
        buckets=[ids.bucket_of(each) for each in member_ids],
        member_ids=list(member_ids),
        purpose=purpose,
        channel=channel,
    )
    return {
        each.member_id: Consent(purpose, channel, True, each.text_version, each.said_at)
        for each in found
    }


async def in_force(db: Db, member_id: UUID) -> list[Consent]:
    """List what a member allows and refuses now; silence is a no."""
    return await db.all(sql.in_force, Consent, bucket=ids.bucket_of(member_id), member_id=member_id)

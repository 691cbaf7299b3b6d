"""Merging: two accounts turned out to be one person's, and become one.

The account that is older stays, of two as old the smaller id; so it does not matter who asked, in
which order, or how often. What identifies the other moves over and finds the one who stays; every
room above hears of it and moves what it keeps. Orders keep their ids, and so their buckets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.events import announce
from headwater.base.sql import statements
from headwater.members import identities
from headwater.members.errors import MemberGone
from headwater.members.events import MembersMerged

sql = statements(__file__)


@dataclass(frozen=True)
class _Account:
    id: UUID
    joined_at: datetime
    erased_at: datetime | None
    merged_into: UUID | None


@dataclass(frozen=True)
class _Said:
    id: UUID


@dataclass(frozen=True)
class _Became:
    id: UUID
    merged_into: UUID


@dataclass(frozen=True)
class _Bucket:
    gone_bucket: int


async def join(db: Db, one_id: UUID, other_id: UUID, evidence: str, now: datetime) -> UUID:
    """Make one member of two, and tell which id stays; again changes nothing.

    Whoever calls this has proof that both are one person: a code that was sent to a phone, a
    union id. The transaction is the system's, since no member sees another.
    """
    one_id, other_id = await became(db, one_id), await became(db, other_id)
    if one_id == other_id:
        return one_id
    accounts = await db.all(
        sql.take, _Account, bucket=ids.bucket_of(one_id), id=one_id,
        other_bucket=ids.bucket_of(other_id), other_id=other_id,
    )  # fmt: skip
    if len(accounts) < 2 or any(each.erased_at is not None for each in accounts):
        raise MemberGone(member_id=str(one_id), other_id=str(other_id))
    kept, gone = sorted(accounts, key=lambda each: (each.joined_at, each.id))
    who = {
        "bucket": ids.bucket_of(kept.id), "member_id": kept.id,
        "gone_bucket": ids.bucket_of(gone.id), "gone_id": gone.id,
    }  # fmt: skip
    await db.run(sql.write, **who, evidence=evidence, now=now)
    await db.run(sql.complete, **who)
    await _move_identities(db, kept.id, gone.id, evidence, now)
    await _take_consents(db, kept.id, gone.id)
    await db.run(
        sql.close, member_id=kept.id, gone_bucket=who["gone_bucket"], gone_id=gone.id, now=now
    )
    await announce(db, MembersMerged(kept.id, gone.id, now), now=now)
    return kept.id


async def became(db: Db, member_id: UUID) -> UUID:
    """Tell who an id is by now: itself, or whom it became; facts may be heard in any order."""
    while True:
        into = await db.value(sql.became, bucket=ids.bucket_of(member_id), id=member_id)
        if into is None:
            return member_id
        member_id = UUID(str(into))


async def became_others(db: Db, member_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Tell who of many is somebody else by now; who is still themselves is not in the answer."""
    asked = sorted(set(member_ids))
    buckets = [ids.bucket_of(each) for each in asked]
    found = await db.all(sql.became_others, _Became, buckets=buckets, ids=asked)
    return {each.id: await became(db, each.merged_into) for each in found}


async def buckets_of(db: Db, member_id: UUID) -> list[int]:
    """List the buckets in which rows of a member's orders lie: the own first."""
    own = ids.bucket_of(member_id)
    found = await db.all(sql.buckets, _Bucket, bucket=own, member_id=member_id)
    return [own, *(each.gone_bucket for each in found if each.gone_bucket != own)]


async def _move_identities(
    db: Db, kept_id: UUID, gone_id: UUID, evidence: str, now: datetime
) -> None:
    bucket = ids.bucket_of(kept_id)
    for each in await identities.of_member(db, gone_id):
        name = f"{gone_id}:{each.kind}:{each.app_id}:{each.value_index.hex()}"
        key = {"kind": each.kind, "app_id": each.app_id, "value_index": each.value_index}
        await db.run(
            sql.move_identity, bucket=bucket, id=ids.named_in(bucket, "merged identity", name),
            member_id=kept_id, value_sealed=each.value_sealed, linked_at=each.linked_at,
            evidence=f"{each.evidence}; merged: {evidence}", **key,
        )  # fmt: skip
        await db.run(
            sql.point, bucket=ids.hash_bucket(each.value_index), member_id=kept_id,
            gone_id=gone_id, **key,
        )  # fmt: skip
    await db.run(sql.unlink, gone_bucket=ids.bucket_of(gone_id), gone_id=gone_id, now=now)


async def _take_consents(db: Db, kept_id: UUID, gone_id: UUID) -> None:
    bucket, gone = (
        ids.bucket_of(kept_id), {"gone_bucket": ids.bucket_of(gone_id), "gone_id": gone_id},
    )  # fmt: skip
    old = [each.id for each in await db.all(sql.said, _Said, **gone)]
    await db.run(
        sql.take_consents, bucket=bucket, member_id=kept_id, gone_bucket=gone["gone_bucket"],
        old_ids=old, ids=[ids.named_in(bucket, "merged consent", str(each)) for each in old],
    )  # fmt: skip

"""Identities: the ids of one person, each with its evidence, found by blind index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import crypto, ids
from headwater.base.crypto import Keys
from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)

VALUE = "members.identity"


@dataclass(frozen=True)
class Id:
    """An id as the outside says it: a phone number, an open id of one app."""

    kind: str
    value: str
    app_id: str = ""

    def index(self, keys: Keys) -> bytes:
        """Make the blind index under which this id is found."""
        return crypto.blind_index(keys, f"{self.kind}\n{self.app_id}\n{self.value}", VALUE)


@dataclass(frozen=True)
class Identity:
    """An id that is linked to a member."""

    kind: str
    app_id: str
    value_sealed: bytes
    value_index: bytes
    evidence: str
    linked_at: datetime

    def value(self, keys: Keys) -> str:
        """Open the id itself, to write to the person or to show it to them."""
        return crypto.unseal(keys, self.value_sealed, VALUE)


@dataclass(frozen=True)
class _Cut:
    kind: str
    app_id: str
    value_index: bytes


async def find(db: Db, keys: Keys, id: Id) -> UUID | None:
    """Find whose id this is."""
    index = id.index(keys)
    found: UUID | None = await db.value(
        sql.find,
        bucket=ids.hash_bucket(index),
        kind=id.kind,
        app_id=id.app_id,
        value_index=index,
    )
    return None if found is None else UUID(str(found))


async def claim(db: Db, keys: Keys, id: Id, member_id: UUID) -> bool:
    """Note that this id finds this member, unless it finds somebody already."""
    index = id.index(keys)
    claimed = await db.value(
        sql.claim,
        bucket=ids.hash_bucket(index),
        kind=id.kind,
        app_id=id.app_id,
        value_index=index,
        member_id=member_id,
    )
    return claimed is not None


async def link(db: Db, keys: Keys, id: Id, member_id: UUID, evidence: str, now: datetime) -> None:
    """Write down that this id is this member's, and how we know; claim it first."""
    bucket = ids.bucket_of(member_id)
    await db.run(
        sql.link,
        bucket=bucket,
        id=ids.new(bucket),
        member_id=member_id,
        kind=id.kind,
        app_id=id.app_id,
        value_sealed=crypto.seal(keys, id.value, VALUE),
        value_index=id.index(keys),
        evidence=evidence,
        now=now,
    )


async def of_member(db: Db, member_id: UUID) -> list[Identity]:
    """List the ids linked to a member."""
    return await db.all(
        sql.of_member, Identity, bucket=ids.bucket_of(member_id), member_id=member_id
    )


async def unlink_all(db: Db, member_id: UUID, now: datetime) -> None:
    """Cut every id off a member, so that none of them finds anybody any more.

    What finds members is behind no member's walls, so the caller's transaction is the system's.
    """
    cut = await db.all(
        sql.unlink, _Cut, bucket=ids.bucket_of(member_id), member_id=member_id, now=now
    )
    for each in cut:
        await db.run(
            sql.forget,
            bucket=ids.hash_bucket(each.value_index),
            kind=each.kind,
            app_id=each.app_id,
            value_index=each.value_index,
            member_id=member_id,
        )

"""Members: the person's own row; names and phones are sealed, and masked where shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import crypto, ids
from headwater.base.crypto import Keys
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.events import announce
from headwater.base.sql import statements
from headwater.base.text import mask_name, mask_phone
from headwater.members.errors import MemberGone
from headwater.members.events import MemberJoined

sql = statements(__file__)

PHONE = "members.phone"
NAME = "members.name"
NAME_MOST = 32


@dataclass(frozen=True)
class Member:
    """One person."""

    id: UUID
    member_no: str
    name_sealed: bytes | None
    phone_sealed: bytes | None
    name_mask: str
    phone_mask: str
    level: str
    home_store_id: UUID | None
    source: str
    language: str
    joined_at: datetime
    sessions_from_at: datetime
    erased_at: datetime | None

    def phone(self, keys: Keys) -> str | None:
        """Open the phone number, for the member's own eyes or a message to them."""
        return None if self.phone_sealed is None else crypto.unseal(keys, self.phone_sealed, PHONE)

    def name(self, keys: Keys) -> str | None:
        """Open the name, for the member's own eyes or their guide's."""
        return None if self.name_sealed is None else crypto.unseal(keys, self.name_sealed, NAME)


@dataclass(frozen=True)
class MemberRow:
    """A member in a list: masked."""

    id: UUID
    member_no: str
    name_mask: str
    phone_mask: str
    level: str
    home_store_id: UUID | None
    source: str
    joined_at: datetime


@dataclass(frozen=True)
class NewMember:
    """Somebody who joins."""

    id: UUID
    source: str
    phone: str | None = None
    name: str | None = None
    home_store_id: UUID | None = None
    language: str = "zh"


async def join(db: Db, keys: Keys, new: NewMember, now: datetime) -> None:
    """Let somebody become a member."""
    await db.run(
        sql.add,
        bucket=ids.bucket_of(new.id),
        id=new.id,
        member_no=ids.code(10),
        name_sealed=crypto.seal(keys, new.name, NAME) if new.name else None,
        phone_sealed=crypto.seal(keys, new.phone, PHONE) if new.phone else None,
        name_mask=mask_name(new.name or ""),
        phone_mask=mask_phone(new.phone) if new.phone else "",
        home_store_id=new.home_store_id,
        source=new.source,
        language=new.language,
        now=now,
    )
    await announce(db, MemberJoined(new.id, new.source, now), now=now)


async def one(db: Db, member_id: UUID) -> Member:
    """Find a member within the walls of this transaction."""
    found = await db.maybe(sql.one, Member, bucket=ids.bucket_of(member_id), id=member_id)
    if found is None:
        raise MemberGone(member_id=str(member_id))
    return found


async def page(
    db: Db, store_ids: Sequence[UUID], is_everywhere: bool, most: int, skip: int
) -> list[MemberRow]:
    """List members at home in these stores, or everywhere for the company's own."""
    return await db.all(
        sql.page,
        MemberRow,
        store_ids=list(store_ids),
        is_everywhere=is_everywhere,
        most=most,
        skip=skip,
    )


async def count(db: Db, store_ids: Sequence[UUID], is_everywhere: bool) -> int:
    """Count members at home in these stores, or everywhere."""
    counted: int = await db.value(sql.count, store_ids=list(store_ids), is_everywhere=is_everywhere)
    return counted


async def set_home_store(db: Db, member_id: UUID, store_id: UUID) -> None:
    """Note at which store a member is at home."""
    await db.run(
        sql.set_home_store, bucket=ids.bucket_of(member_id), id=member_id, store_id=store_id
    )


async def set_phone(db: Db, keys: Keys, member_id: UUID, phone: str) -> None:
    """Note a member's phone number, sealed."""
    await db.run(
        sql.set_phone,
        bucket=ids.bucket_of(member_id),
        id=member_id,
        phone_sealed=crypto.seal(keys, phone, PHONE),
        phone_mask=mask_phone(phone),
    )


async def set_name(db: Db, keys: Keys, member_id: UUID, name: str) -> None:
    """Note how a member wants to be called."""
    name = name.strip()
    if not name:
        raise BadInput("name", "missing")
    if len(name) > NAME_MOST:
        raise BadInput("name", "too_long")
    await db.run(
        sql.set_name,
        bucket=ids.bucket_of(member_id),
        id=member_id,
        name_sealed=crypto.seal(keys, name, NAME),
        name_mask=mask_name(name),
    )


async def sessions_from(db: Db, member_id: UUID) -> datetime | None:
    """Tell since when a member's logins count; None when there is no such member any more."""
    found: datetime | None = await db.value(
        sql.sessions_from, bucket=ids.bucket_of(member_id), id=member_id
    )
    return found


async def end_sessions(db: Db, member_id: UUID, now: datetime) -> None:
    """End every login of a member, on every device."""
    await db.run(sql.end_sessions, bucket=ids.bucket_of(member_id), id=member_id, now=now)

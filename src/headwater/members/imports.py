"""Members from another system, sealed on the way in and found by blind index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import crypto, ids
from headwater.base.crypto import Keys
from headwater.base.db import Db
from headwater.base.postgres.bulk import arrays
from headwater.base.sql import statements
from headwater.base.text import mask_name, mask_phone
from headwater.members.consents import TEXT_VERSION, Said
from headwater.members.identities import VALUE, Id
from headwater.members.members import NAME, PHONE

sql = statements(__file__)


@dataclass(frozen=True)
class Imported:
    """A person as the other system knows them; the id follows from the external id."""

    external_id: str
    name: str
    phone: str
    level: str
    home_store_id: UUID | None
    joined_at: datetime
    open_ids: tuple[Id, ...] = ()
    said: tuple[Said, ...] = ()

    @property
    def id(self) -> UUID:
        """The member's id, the same at every run."""
        return member_id(self.external_id)


def member_id(external_id: str) -> UUID:
    """Give the id that a member of the other system has here."""
    return ids.named_member("member", external_id)


@dataclass(frozen=True)
class _MemberRow:
    bucket: int
    id: UUID
    member_no: str
    external_id: str
    name_sealed: bytes | None
    phone_sealed: bytes | None
    name_mask: str
    phone_mask: str
    level: str
    home_store_id: UUID | None
    joined_at: datetime


@dataclass(frozen=True)
class _IdentityRow:
    bucket: int
    id: UUID
    member_id: UUID
    kind: str
    app_id: str
    value_sealed: bytes
    value_index: bytes
    finder_bucket: int


@dataclass(frozen=True)
class _ConsentRow:
    bucket: int
    id: UUID
    member_id: UUID
    purpose: str
    channel: str
    is_granted: bool
    evidence: str
    said_at: datetime


@dataclass(frozen=True)
class _Claimed:
    kind: str
    app_id: str
    value_index: bytes
    member_id: UUID


async def put(
    db: Db,
    keys: Keys,
    people: Sequence[Imported],
    source: str,
    now: datetime,
    is_demo: bool = False,
) -> int:
    """Write members by external id, with identities and consents; tell how many rows changed.

    A sealed value differs at every sealing, so a repeat compares what is masked and indexed.
    """
    rows = [_member_row(keys, each) for each in people]
    changed = await db.run(
        sql.put_members,
        **arrays(rows, _MemberRow),
        phone_changed=await _changed_phones(db, keys, people),
        source=source,
        is_demo_label=is_demo,
        now=now,
    )
    identities = [row for each in people for row in _identity_rows(keys, each)]
    await db.run(
        sql.put_finders,
        bucket=[row.finder_bucket for row in identities],
        kind=[row.kind for row in identities],
        app_id=[row.app_id for row in identities],
        value_index=[row.value_index for row in identities],
        member_bucket=[row.bucket for row in identities],
        member_id=[row.member_id for row in identities],
    )
    given = arrays(identities, _IdentityRow)
    del given["finder_bucket"]
    await db.run(sql.put_identities, **given, evidence=source, now=now)
    consents = [row for each in people for row in _consent_rows(each)]
    await db.run(sql.put_consents, **arrays(consents, _ConsentRow), text_version=TEXT_VERSION)
    return changed


async def holders(db: Db, keys: Keys, asked: Sequence[Id]) -> dict[str, UUID]:
    """Tell which of these phone numbers or open ids find somebody, and whom."""
    by_index = {each.index(keys): each for each in asked}
    found = await db.all(
        sql.holders,
        _Claimed,
        buckets=[ids.hash_bucket(index) for index in by_index],
        kinds=[each.kind for each in by_index.values()],
        app_ids=[each.app_id for each in by_index.values()],
        value_indexes=list(by_index),
    )
    return {by_index[each.value_index].value: each.member_id for each in found}


async def known(db: Db, external_ids: Iterable[str]) -> set[str]:
    """Tell which of these external ids belong to members."""
    asked = {member_id(each): each for each in external_ids}
    found = await db.all(
        sql.known, _Known, buckets=[ids.bucket_of(id) for id in asked], ids=list(asked)
    )
    return {asked[each.id] for each in found}


@dataclass(frozen=True)
class _Known:
    id: UUID


async def count(db: Db, source: str) -> int:
    """Count the members that came from one source."""
    return int(await db.value(sql.count_from, source=source))


async def _changed_phones(db: Db, keys: Keys, people: Sequence[Imported]) -> list[bool]:
    """Tell whose number is not the one that is indexed; the mask alone hides four digits."""
    held = await holders(db, keys, [Id("phone", each.phone) for each in people if each.phone])
    return [bool(each.phone) and held.get(each.phone) != each.id for each in people]


def _member_row(keys: Keys, each: Imported) -> _MemberRow:
    id = each.id
    return _MemberRow(
        ids.bucket_of(id),
        id,
        # Nine places of the id itself: the same at every run.
        "M" + id.hex[:9].upper(),
        each.external_id,
        crypto.seal(keys, each.name, NAME) if each.name else None,
        crypto.seal(keys, each.phone, PHONE) if each.phone else None,
        mask_name(each.name),
        mask_phone(each.phone) if each.phone else "",
        each.level,
        each.home_store_id,
        each.joined_at,
    )


def _identity_rows(keys: Keys, each: Imported) -> list[_IdentityRow]:
    bucket = ids.bucket_of(each.id)
    claimed = [Id("phone", each.phone)] if each.phone else []
    rows = []
    for id in (*claimed, Id("external", each.external_id), *each.open_ids):
        index = id.index(keys)
        name = f"{each.external_id}\n{id.kind}\n{id.app_id}\n{index.hex()}"
        rows.append(
            _IdentityRow(
                bucket,
                ids.named_in(bucket, "identity", name),
                each.id,
                id.kind,
                id.app_id,
                crypto.seal(keys, id.value, VALUE),
                index,
                ids.hash_bucket(index),
            )
        )
    return rows


def _consent_rows(each: Imported) -> list[_ConsentRow]:
    bucket = ids.bucket_of(each.id)
    return [
        _ConsentRow(
            bucket,
            ids.named_in(
                bucket,
                "consent",
                f"{each.external_id}\n{said.purpose}\n{said.channel}\n{said.is_granted}",
            ),
            each.id,
            said.purpose,
            said.channel,
            said.is_granted,
            said.evidence,
            each.joined_at,
        )
        for said in each.said
    ]

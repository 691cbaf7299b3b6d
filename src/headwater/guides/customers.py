"""A guide's own customers: who they are, when they last bought here, and who is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import crypto, ids
from headwater.base.crypto import Keys
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.base.times import business_day
from headwater.guides.errors import NotYourCustomer
from headwater.increment import arms
from headwater.increment.arms import HeldOut
from headwater.members import consents, members
from headwater.members.consents import Consent

sql = statements(__file__)

LISTED_MOST = 500
TODAY_MOST = 12
# Who bought this lately needs no call yet.
QUIET_DAYS = 14


@dataclass(frozen=True)
class Customer:
    """A member whom this guide knows, as the guide may see them."""

    id: UUID
    name: str
    phone_mask: str
    level: str
    source: str
    since_at: datetime
    protected_until: datetime
    orders: int
    spent_fen: int
    last_paid_at: datetime | None
    usual_zh: str | None
    usual_en: str | None
    is_reachable: bool
    held_out: HeldOut | None

    def days_since(self, now: datetime) -> int | None:
        """Count the days since they last bought in a store that the guide sees."""
        if self.last_paid_at is None:
            return None
        return (business_day(now) - business_day(self.last_paid_at)).days


@dataclass(frozen=True)
class Bought:
    """A line of an order that was paid in a store that the guide sees."""

    order_number: str
    paid_at: datetime
    product_id: UUID
    title_zh: str
    title_en: str
    quantity: int
    payable_fen: int
    refunded_fen: int


@dataclass(frozen=True)
class Known:
    """A customer on their own page."""

    customer: Customer
    bought: list[Bought]
    consents: list[Consent]


@dataclass(frozen=True)
class Today:
    """Whom to contact today, in order, and how many are left alone on purpose or by their wish."""

    people: list[Customer]
    held_out: int
    unasked: int


@dataclass(frozen=True)
class _Row:
    member_id: UUID
    member_no: str
    name_sealed: bytes | None
    name_mask: str
    phone_mask: str
    level: str
    source: str
    since_at: datetime
    protected_until: datetime
    orders: int
    spent_fen: int
    last_paid_at: datetime | None
    usual_zh: str | None
    usual_en: str | None
    is_reachable: bool


async def mine(
    db: Db, keys: Keys, guide_id: UUID, now: datetime, typed: str = ""
) -> list[Customer]:
    """List a guide's customers, the latest buyer first; names are opened for this guide alone."""
    rows = await db.all(
        sql.mine, _Row, guide_id=guide_id, member_id=None, bucket=None, most=LISTED_MOST
    )
    found = await _opened(db, keys, rows, now)
    wanted = typed.strip().casefold()
    return [each for each in found if wanted in f"{each.name} {each.phone_mask}".casefold()]


async def one(db: Db, keys: Keys, guide_id: UUID, member_id: UUID, now: datetime) -> Known:
    """Open the page of one of the guide's own customers; nobody else's exists."""
    rows = await db.all(
        sql.mine,
        _Row,
        guide_id=guide_id,
        member_id=member_id,
        bucket=ids.bucket_of(member_id),
        most=1,
    )
    if not rows:
        raise NotYourCustomer(member_id=str(member_id))
    bought = await db.all(
        sql.bought, Bought, bucket=ids.bucket_of(member_id), member_id=member_id, most=10
    )
    said = await consents.in_force(db, member_id)
    return Known((await _opened(db, keys, rows, now))[0], bought, said)


async def today(db: Db, keys: Keys, guide_id: UUID, now: datetime) -> Today:
    """Rank whom to contact: who has bought before and stayed away the longest comes first.

    Who is held out of something is never proposed, so that the comparison stays true; nor is who
    did not allow it. A guide who was drawn to work without proposals has none.
    """
    everybody = await mine(db, keys, guide_id, now)
    is_alone = bool(await arms.held_units(db, [guide_id], now))
    return Today(
        [] if is_alone else rank(everybody, now)[:TODAY_MOST],
        sum(1 for each in everybody if is_alone or each.held_out is not None),
        sum(
            1
            for each in everybody
            if not is_alone and each.held_out is None and not each.is_reachable
        ),
    )


def rank(customers: Sequence[Customer], now: datetime) -> list[Customer]:
    """Keep who has been away a while and may be contacted, the longest absence first."""
    away = [
        (each.days_since(now) or 0, each)
        for each in customers
        if each.held_out is None and each.is_reachable
    ]
    due = [pair for pair in away if pair[0] >= QUIET_DAYS]
    due.sort(key=lambda pair: (-pair[0], -pair[1].spent_fen, pair[1].id))
    return [each for _days, each in due]


async def _opened(db: Db, keys: Keys, rows: Sequence[_Row], now: datetime) -> list[Customer]:
    held = {each.member_id: each for each in await arms.held_out(db, _ids(rows), now)}
    return [_customer(keys, row, held.get(row.member_id)) for row in rows]


def _ids(rows: Sequence[_Row]) -> list[UUID]:
    return [row.member_id for row in rows]


def _customer(keys: Keys, row: _Row, held_out: HeldOut | None) -> Customer:
    name = (
        crypto.unseal(keys, row.name_sealed, members.NAME)
        if row.name_sealed is not None
        else row.name_mask or f"№ {row.member_no}"
    )
    return Customer(
        row.member_id,
        name,
        row.phone_mask,
        row.level,
        row.source,
        row.since_at,
        row.protected_until,
        row.orders,
        row.spent_fen,
        row.last_paid_at,
        row.usual_zh,
        row.usual_en,
        row.is_reachable,
        held_out,
    )

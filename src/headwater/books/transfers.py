"""One row moves money from one account to another; it cannot be unbalanced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class Movement:
    """Money that goes from the credited account to the debited one.

    What an order moves is kept in the order's bucket: two accounts may become one later, and a
    business key is used once only where it is looked for.
    """

    debit: str
    credit: str
    amount_fen: int
    business_key: str
    order_id: UUID | None = None

    def bucket(self, member_id: UUID) -> int:
        """Tell where it is kept: with its order, or else with the member."""
        return ids.bucket_of(self.order_id or member_id)


@dataclass(frozen=True)
class Booking:
    """A movement that a member's doing caused, and when."""

    member_id: UUID
    movement: Movement
    booked_at: datetime


@dataclass(frozen=True)
class Balance:
    """What an account was debited and credited so far."""

    debit_fen: int
    credit_fen: int

    @property
    def net_fen(self) -> int:
        """Debits less credits: positive where something is owed to us."""
        return self.debit_fen - self.credit_fen


@dataclass(frozen=True)
class TrialLine:
    """One group of accounts on the trial balance."""

    account: str
    debit_fen: int
    credit_fen: int


async def book(db: Db, member_id: UUID, movement: Movement, now: datetime) -> bool:
    """Book a movement once; a repeat of its business key changes nothing and answers False."""
    bucket = movement.bucket(member_id)
    written = await db.run(
        sql.book,
        bucket=bucket,
        id=ids.new(bucket),
        debit=movement.debit,
        credit=movement.credit,
        amount_fen=movement.amount_fen,
        business_key=movement.business_key,
        member_id=member_id,
        now=now,
    )
    return written == 1


async def book_many(db: Db, bookings: Sequence[Booking]) -> int:
    """Book movements of many members in one statement; tell how many were not booked before."""
    if not bookings:
        return 0
    buckets = [each.movement.bucket(each.member_id) for each in bookings]
    return await db.run(
        sql.book_many,
        buckets=buckets,
        ids=[ids.new(bucket) for bucket in buckets],
        debits=[each.movement.debit for each in bookings],
        credits=[each.movement.credit for each in bookings],
        amounts_fen=[each.movement.amount_fen for each in bookings],
        business_keys=[each.movement.business_key for each in bookings],
        member_ids=[each.member_id for each in bookings],
        booked_ats=[each.booked_at for each in bookings],
    )


async def balance(db: Db, account: str) -> Balance:
    """Add up what went into and out of one account."""
    return await db.one(sql.balance, Balance, account=account)


async def trial(db: Db) -> list[TrialLine]:
    """Give the trial balance, by the first two parts of each account's name."""
    return await db.all(sql.trial, TrialLine)

"""What a guide's work brought: credit with its reason, and the money that follows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.base.text import Text
from headwater.base.times import business_day, day_start
from headwater.guides import policies
from headwater.guides.credits import explain

sql = statements(__file__)


@dataclass(frozen=True)
class Money:
    """Commissions of a span of time, by where they stand; what went back is counted apart."""

    credit_fen: int
    reversed_fen: int
    orders: int
    pending_fen: int
    payable_fen: int
    paid_fen: int
    clawed_fen: int


@dataclass(frozen=True)
class Credited:
    """A line that was credited to a guide, and the words that say why."""

    order_number: str
    title_zh: str
    title_en: str
    quantity: int
    credit_fen: int
    reversed_fen: int
    decided_at: datetime
    reason: Text


@dataclass(frozen=True)
class Month:
    """A guide's month."""

    from_at: datetime
    money: Money
    lines: list[Credited]


@dataclass(frozen=True)
class _Line:
    order_number: str
    title_zh: str
    title_en: str
    quantity: int
    credit_fen: int
    reversed_fen: int
    reason: str
    basis_at: datetime
    share_code: str | None
    policy_version: int
    decided_at: datetime


async def month(db: Db, guide_id: UUID, now: datetime) -> Month:
    """Give the guide's month so far, as the shop's calendar has it."""
    today = business_day(now)
    from_at = day_start(date(today.year, today.month, 1))
    return Month(
        from_at,
        await money(db, guide_id, from_at),
        await credited(db, guide_id, from_at),
    )


async def money(db: Db, guide_id: UUID, from_at: datetime) -> Money:
    """Add up a guide's credit and commissions since a moment."""
    return await db.one(sql.money, Money, guide_id=guide_id, from_at=from_at)


async def credited(
    db: Db, guide_id: UUID, from_at: datetime, share_code: str | None = None, most: int = 100
) -> list[Credited]:
    """List the lines credited to a guide, perhaps of one share alone, the newest first."""
    rows = await db.all(
        sql.credited, _Line, guide_id=guide_id, from_at=from_at, share_code=share_code, most=most
    )
    by_version = {each.version: each for each in await policies.history(db)}
    return [
        Credited(
            row.order_number,
            row.title_zh,
            row.title_en,
            row.quantity,
            row.credit_fen,
            row.reversed_fen,
            row.decided_at,
            explain(
                row.reason,
                row.share_code,
                (business_day(row.decided_at) - business_day(row.basis_at)).days,
                by_version[row.policy_version],
            ),
        )
        for row in rows
    ]

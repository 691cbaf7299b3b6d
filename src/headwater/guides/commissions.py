"""Money that follows credit: accrued when an order is paid, taken back when money goes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.money import share_of
from headwater.base.sql import statements
from headwater.books import transfers
from headwater.books.transfers import Booking, Movement
from headwater.guides.credits import Credit, Weighed
from headwater.guides.policies import Policy

sql = statements(__file__)

EXPENSE = "commission:expense"


@dataclass(frozen=True)
class Standing:
    """A commission beside the credit it follows, as refunds have left it."""

    guide_id: UUID
    state: str
    amount_fen: int
    clawed_fen: int
    credit_fen: int
    reversed_fen: int


@dataclass(frozen=True)
class Ripe:
    """A commission whose freeze has ended."""

    order_id: UUID
    member_id: UUID
    guide_id: UUID
    left_fen: int


@dataclass(frozen=True)
class Owed:
    """What one guide earns by one order."""

    order_id: UUID
    member_id: UUID
    guide_id: UUID
    store_id: UUID
    amount_fen: int
    due_at: datetime
    accrued_at: datetime


@dataclass(frozen=True)
class _Concerned:
    order_id: UUID


@dataclass(frozen=True)
class Behind:
    """An order of which money went back, while its credit does not know it yet."""

    order_id: UUID
    member_id: UUID


@dataclass(frozen=True)
class _Accrued:
    order_id: UUID
    guide_id: UUID


def account(guide_id: UUID, state: str) -> str:
    """Name the account in which a guide's commission of this state lies."""
    return f"commission:guide:{guide_id}:{state}"


async def accrue(db: Db, weighed: Sequence[Weighed]) -> None:
    """Owe each credited guide a share of each order; again changes nothing."""
    owed = [each for order in weighed for each in earned(order)]
    if not owed:
        return
    written = await db.all(
        sql.accrue,
        _Accrued,
        buckets=[ids.bucket_of(each.order_id) for each in owed],
        order_ids=[each.order_id for each in owed],
        member_ids=[each.member_id for each in owed],
        guide_ids=[each.guide_id for each in owed],
        store_ids=[each.store_id for each in owed],
        amounts_fen=[each.amount_fen for each in owed],
        due_ats=[each.due_at for each in owed],
        accrued_ats=[each.accrued_at for each in owed],
    )
    fresh = {(each.order_id, each.guide_id) for each in written}
    bookings = [
        Booking(
            each.member_id,
            Movement(
                EXPENSE,
                account(each.guide_id, "pending"),
                each.amount_fen,
                f"commission:{each.order_id}:{each.guide_id}",
                each.order_id,
            ),
            each.accrued_at,
        )
        for each in owed
        if each.amount_fen and (each.order_id, each.guide_id) in fresh
    ]
    await transfers.book_many(db, bookings)


async def take_back_early(db: Db, weighed: Sequence[Weighed]) -> None:
    """Take back what was refunded before the payment was heard of."""
    early = await db.all(
        sql.refunded,
        _Concerned,
        buckets=[ids.bucket_of(each.paid.order_id) for each in weighed],
        order_ids=[each.paid.order_id for each in weighed],
    )
    refunded = {each.order_id for each in early}
    for each in weighed:
        paid = each.paid
        if paid.order_id in refunded:
            await claw_back(db, paid.order_id, paid.member_id, "paid", paid.paid_at)


async def concerned(db: Db, order_ids: Sequence[UUID]) -> set[UUID]:
    """Keep the orders on which a commission was accrued; one statement for the whole batch."""
    found = await db.all(
        sql.concerned,
        _Concerned,
        buckets=[ids.bucket_of(each) for each in order_ids],
        order_ids=list(order_ids),
    )
    return {each.order_id for each in found}


async def claw_back(db: Db, order_id: UUID, member_id: UUID, cause: str, now: datetime) -> int:
    """Bring an order's commissions down to what its refunds have left; tell by how much.

    What is due follows from the lines as they stand, so a repeat takes nothing more, refunds may
    be heard of in any order, and the last one returns the last fen.
    """
    bucket = ids.bucket_of(order_id)
    taken = 0
    if not await db.run(sql.reverse_credits, bucket=bucket, order_id=order_id):
        return taken
    for each in await db.all(sql.standing, Standing, bucket=bucket, order_id=order_id):
        back_fen = owed_back(each)
        if back_fen <= 0:
            continue
        await db.run(
            sql.claw, bucket=bucket, order_id=order_id, guide_id=each.guide_id, back_fen=back_fen
        )
        # A pending commission shrinks where it lies; a later one is owed back by the guide.
        place = "pending" if each.state == "pending" else "payable"
        key = f"commission-back:{order_id}:{each.guide_id}:{cause}"
        movement = Movement(account(each.guide_id, place), EXPENSE, back_fen, key, order_id)
        assert await transfers.book(db, member_id, movement, now), "a claw-back is booked once"
        taken += back_fen
    return taken


async def behind(db: Db, since: datetime) -> list[Behind]:
    """List orders refunded since a moment whose commissions were not brought down as far."""
    return await db.all(sql.behind, Behind, since=since)


async def ripen(db: Db, now: datetime, most: int = 200) -> int:
    """Make payable what has been frozen long enough; tell how many there were."""
    ripe = await db.all(sql.ripen, Ripe, now=now, most=most)
    for each in ripe:
        if each.left_fen:
            await transfers.book(
                db,
                each.member_id,
                Movement(
                    account(each.guide_id, "pending"),
                    account(each.guide_id, "payable"),
                    each.left_fen,
                    f"commission-payable:{each.order_id}:{each.guide_id}",
                    each.order_id,
                ),
                now,
            )
    return len(ripe)


def earned(order: Weighed) -> list[Owed]:
    """Work out what each guide of an order is owed, and from when."""
    paid, policy, credits = order.paid, order.policy, order.decision.credits
    stores = {each.claim.guide_id: each.claim.store_id for each in credits}
    return [
        Owed(
            paid.order_id,
            paid.member_id,
            guide_id,
            stores[guide_id],
            amount_fen,
            policy.payable_from(paid.paid_at),
            paid.paid_at,
        )
        for guide_id, amount_fen in amounts(credits, policy).items()
    ]


def amounts(credits: Sequence[Credit], policy: Policy) -> dict[UUID, int]:
    """Work out what each guide earns: the rate on their whole credit, rounded down once."""
    by_guide: dict[UUID, int] = defaultdict(int)
    for each in credits:
        by_guide[each.claim.guide_id] += each.credit_fen
    return {guide: share_of(fen, policy.rate_per_10_000) for guide, fen in by_guide.items()}


def owed_back(standing: Standing) -> int:
    """Work out what is still to be taken back, from sums and never from the last refund alone.

    The sum taken back is the commission's share of what was reversed, rounded in the guide's
    favour; when everything was reversed it is the whole commission, to the fen.
    """
    if standing.credit_fen == 0:
        return 0
    whole = standing.amount_fen * standing.reversed_fen // standing.credit_fen
    return whole - standing.clawed_fen

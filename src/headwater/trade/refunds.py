"""Refunds: always per line and in fen, and never more than was paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.events import announce
from headwater.base.sql import statements
from headwater.books import transfers
from headwater.stock import movements
from headwater.trade import incidents
from headwater.trade.errors import NotRefundable, OrderGone
from headwater.trade.events import OrderRefunded

sql = statements(__file__)

# How often we look whether a person has seen to a refund that was stuck.
STUCK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True)
class BackLine:
    """So many of one line that go back."""

    line_no: int
    quantity: int


@dataclass(frozen=True)
class BackAsk:
    """What shall go back, and why. `refund_id` is made by the client: asking twice is once."""

    refund_id: UUID
    order_id: UUID
    lines: tuple[BackLine, ...]
    reason: str
    takes_back: bool = True


@dataclass(frozen=True)
class Refund:
    """Money on its way back."""

    id: UUID
    order_id: UUID
    attempt_id: UUID
    member_id: UUID
    store_id: UUID
    out_refund_no: str
    amount_fen: int
    reason: str
    state: str
    takes_back: bool
    owed_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class Unmatched:
    """Money that came for an order which cannot take it."""

    order_id: UUID
    attempt_id: UUID
    member_id: UUID
    store_id: UUID
    amount_fen: int
    reason: str


@dataclass(frozen=True)
class ToAsk:
    """A refund that the provider must be asked for, or asked about."""

    id: UUID
    out_refund_no: str
    amount_fen: int
    reason: str
    state: str
    out_trade_no: str
    total_fen: int


@dataclass(frozen=True)
class _Line:
    id: UUID
    state: str
    store_id: UUID
    member_id: UUID
    payable_fen: int
    order_refunded_fen: int
    line_no: int
    quantity: int
    line_payable_fen: int
    refunded_fen: int
    refunded_quantity: int


@dataclass(frozen=True)
class _Back:
    variant_id: UUID
    quantity: int


@dataclass(frozen=True)
class _Stuck:
    order_id: UUID
    amount_fen: int


@dataclass(frozen=True)
class _AttemptId:
    id: UUID


async def ask(db: Db, asked: BackAsk, now: datetime) -> Refund:
    """Reserve what goes back of each line and owe it; the provider is asked afterwards.

    Raises NotRefundable when the order was never paid here or a line has less left.
    """
    bucket = ids.bucket_of(asked.order_id)
    if ids.bucket_of(asked.refund_id) != bucket:
        raise BadInput("refund_id", "malformed")
    lines = await db.all(sql.lines_for_update, _Line, bucket=bucket, order_id=asked.order_id)
    if not lines:
        raise OrderGone(order_id=str(asked.order_id))
    known = await db.maybe(sql.find, Refund, bucket=bucket, id=asked.refund_id)
    if known is not None:
        if known.order_id != asked.order_id:
            raise BadInput("refund_id", "malformed")
        return known
    attempt = await db.maybe(sql.paid_attempt, _AttemptId, bucket=bucket, order_id=asked.order_id)
    if attempt is None or lines[0].state not in ("paid", "handed_over"):
        raise NotRefundable(state=lines[0].state)
    amounts = _amounts(asked, lines)
    total = sum(amounts)
    if total == 0:
        raise NotRefundable(why="these lines cost nothing")
    await _add(
        db,
        asked.refund_id,
        Unmatched(
            asked.order_id, attempt.id, lines[0].member_id, lines[0].store_id, total, asked.reason
        ),
        asked.takes_back,
        now,
    )
    await db.run(
        sql.reserve,
        bucket=bucket,
        refund_id=asked.refund_id,
        order_id=asked.order_id,
        line_nos=[each.line_no for each in asked.lines],
        quantities=[each.quantity for each in asked.lines],
        amounts_fen=amounts,
    )
    return await db.one(sql.find, Refund, bucket=bucket, id=asked.refund_id)


async def owe(db: Db, unmatched: Unmatched, now: datetime) -> None:
    """Owe back money that no order can take; it goes back whole, and no goods come."""
    bucket = ids.bucket_of(unmatched.order_id)
    refund_id = ids.named_in(bucket, "unmatched", str(unmatched.attempt_id))
    await _add(db, refund_id, unmatched, False, now)


async def settle(db: Db, refund_id: UUID, now: datetime, amount_fen: int | None = None) -> str:
    """Note that the provider gave the money back, once; a repeat answers `repeated`.

    Where the provider names an amount that is not the one we owe, a person looks at it.
    """
    bucket = ids.bucket_of(refund_id)
    done = await db.maybe(
        sql.mark_done, Refund, bucket=bucket, id=refund_id, now=now, amount_fen=amount_fen
    )
    if done is None:
        return await _not_settled(db, refund_id, amount_fen, now)
    await incidents.settle(db, bucket, "refund_stuck", str(refund_id), now)
    is_matched = bool(await db.value(sql.is_matched, bucket=bucket, attempt_id=done.attempt_id))
    debit = f"sales:store:{done.store_id}" if is_matched else "wechat_pay:unmatched"
    movement = transfers.Movement(
        debit,
        "wechat_pay:receivable",
        done.amount_fen,
        f"refunded:{done.out_refund_no}",
        done.order_id,
    )
    await transfers.book(db, done.member_id, movement, now)
    if not is_matched:
        return "returned"
    await db.run(
        sql.settle_order,
        bucket=bucket,
        order_id=done.order_id,
        amount_fen=done.amount_fen,
        log_id=ids.new(bucket),
        now=now,
    )
    if done.takes_back:
        await _take_goods_back(db, done, now)
    fact = OrderRefunded(
        done.order_id, done.member_id, done.store_id, done.id, done.amount_fen, now
    )
    await announce(db, fact, now=now)
    return "refunded"


async def claim_to_ask(db: Db, now: datetime, most: int = 50) -> list[ToAsk]:
    """Take the refunds that the provider must be asked for, or asked about."""
    return await db.all(
        sql.claim_to_ask, ToAsk, now=now, again_at=now + timedelta(seconds=90), most=most
    )


async def claim_stuck(db: Db, now: datetime, most: int = 50) -> list[ToAsk]:
    """Take the refunds that wait for a person, to see whether that person has seen to them."""
    return await db.all(sql.claim_stuck, ToAsk, now=now, again_at=now + STUCK_AGAIN, most=most)


async def mark_asked(db: Db, refund_id: UUID, now: datetime) -> None:
    """Note that the provider accepted a refund; the money is on its way."""
    await db.run(sql.mark_asked, bucket=ids.bucket_of(refund_id), id=refund_id, now=now)


async def mark_stuck(db: Db, refund_id: UUID, why: str, now: datetime) -> None:
    """Put a refund before a person, since the provider will not do it by itself."""
    bucket = ids.bucket_of(refund_id)
    stuck = await db.maybe(
        sql.mark_stuck, _Stuck, bucket=bucket, id=refund_id, again_at=now + STUCK_AGAIN
    )
    if stuck is not None:
        details = {"refund_id": str(refund_id), "amount_fen": stuck.amount_fen, "why": why}
        report = incidents.Report(stuck.order_id, "refund_stuck", str(refund_id), details)
        await incidents.report(db, report, now)


async def of_order(db: Db, order_id: UUID) -> list[Refund]:
    """List an order's refunds."""
    return await db.all(sql.of_order, Refund, bucket=ids.bucket_of(order_id), order_id=order_id)


def part_of_line(payable_fen: int, quantity: int, from_piece: int, to_piece: int) -> int:
    """Tell what the pieces from one to another of a line cost, so that all pieces sum exactly."""
    return payable_fen * to_piece // quantity - payable_fen * from_piece // quantity


async def _not_settled(db: Db, refund_id: UUID, amount_fen: int | None, now: datetime) -> str:
    known = await db.maybe(sql.find, Refund, bucket=ids.bucket_of(refund_id), id=refund_id)
    if known is None or known.amount_fen == amount_fen or amount_fen is None:
        return "repeated"
    details = {
        "refund_id": str(refund_id),
        "asked_fen": known.amount_fen,
        "refunded_fen": amount_fen,
    }
    key = f"{refund_id}:{amount_fen}"
    await incidents.report(
        db, incidents.Report(known.order_id, "wrong_refund_amount", key, details), now
    )
    return "wrong_amount"


def _amounts(asked: BackAsk, lines: Sequence[_Line]) -> list[int]:
    by_no = {line.line_no: line for line in lines}
    if len({each.line_no for each in asked.lines}) != len(asked.lines) or not asked.lines:
        raise BadInput("lines", "named_twice" if asked.lines else "missing")
    amounts = []
    for each in asked.lines:
        line = by_no.get(each.line_no)
        if line is None:
            raise BadInput("line_no", "unknown", line_no=each.line_no)
        if each.quantity < 1:
            raise BadInput("quantity", "too_small")
        to_piece = line.refunded_quantity + each.quantity
        if to_piece > line.quantity:
            raise NotRefundable(line_no=each.line_no, left=line.quantity - line.refunded_quantity)
        amounts.append(
            part_of_line(line.line_payable_fen, line.quantity, line.refunded_quantity, to_piece)
        )
    return amounts


async def _add(db: Db, refund_id: UUID, owed: Unmatched, takes_back: bool, now: datetime) -> None:
    await db.run(
        sql.add,
        bucket=ids.bucket_of(owed.order_id),
        id=refund_id,
        order_id=owed.order_id,
        attempt_id=owed.attempt_id,
        member_id=owed.member_id,
        store_id=owed.store_id,
        out_refund_no=refund_id.hex,
        amount_fen=owed.amount_fen,
        reason=owed.reason,
        takes_back=takes_back,
        now=now,
    )


async def _take_goods_back(db: Db, done: Refund, now: datetime) -> None:
    back = await db.all(
        sql.goods_back,
        _Back,
        bucket=ids.bucket_of(done.id),
        order_id=done.order_id,
        refund_id=done.id,
    )
    moves = [movements.Move(done.store_id, each.variant_id, each.quantity) for each in back]
    if moves:
        await movements.move(db, moves, "return", f"refund:{done.id}", now)

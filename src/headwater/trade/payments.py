"""Payments: each try to pay, and the only place where an order becomes paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import Refusal
from headwater.base.events import announce
from headwater.base.sql import statements
from headwater.books import transfers
from headwater.pricing import coupons
from headwater.stock import holds
from headwater.trade import closing, incidents, refunds
from headwater.trade.errors import NotPayable, OrderGone
from headwater.trade.events import OrderPaid

sql = statements(__file__)

RECEIVABLE = "wechat_pay:receivable"
UNMATCHED = "wechat_pay:unmatched"


class UnknownPayment(Refusal):
    """The notice speaks of a payment that was never asked for."""

    status = 404


class WrongAmount(Refusal):
    """The amount paid is not the amount asked; a person looks at it."""


@dataclass(frozen=True)
class Attempt:
    """One open try to pay, with what the provider needs to show its sheet."""

    id: UUID
    out_trade_no: str
    channel: str
    amount_fen: int
    prepay_id: str | None
    code_url: str | None
    expires_at: datetime


@dataclass(frozen=True)
class Paid:
    """What the provider says about money that came, whoever carried the word."""

    out_trade_no: str
    provider_no: str
    amount_fen: int
    paid_at: datetime
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tried:
    """A try to pay, as an order's page lists it."""

    id: UUID
    out_trade_no: str
    channel: str
    amount_fen: int
    state: str
    transaction_id: str | None
    created_at: datetime


@dataclass(frozen=True)
class _Owed:
    id: UUID
    state: str
    payable_fen: int
    due_at: datetime | None
    number: str


@dataclass(frozen=True)
class _Found:
    id: UUID
    order_id: UUID
    member_id: UUID
    amount_fen: int
    state: str
    transaction_id: str | None
    store_id: UUID
    order_state: str
    touch_code: str | None
    placed_at: datetime


@dataclass(frozen=True)
class _OrderId:
    order_id: UUID


@dataclass(frozen=True)
class _Free:
    id: UUID
    member_id: UUID
    store_id: UUID
    touch_code: str | None


@dataclass(frozen=True)
class _Ask:
    out_trade_no: str
    order_id: UUID
    created_at: datetime
    expires_at: datetime


async def open_attempt(
    db: Db, member_id: UUID, order_id: UUID, channel: str, now: datetime
) -> Attempt:
    """Open a try to pay, or give the one that is open already.

    Each try has its own out_trade_no, which carries the bucket, so that a notice finds its rows
    without a search. An order that costs nothing is paid at once and has no try.
    """
    bucket = ids.bucket_of(order_id)
    owed = await db.maybe(sql.payable, _Owed, bucket=bucket, order_id=order_id, member_id=member_id)
    if owed is None:
        raise OrderGone(order_id=str(order_id))
    if owed.state != "placed" or owed.due_at is None or owed.due_at <= now:
        raise NotPayable(state=owed.state)
    known = await db.maybe(
        sql.open_attempt, Attempt, bucket=bucket, order_id=order_id, channel=channel, now=now
    )
    if known is not None:
        return known
    id = ids.new(bucket)
    attempt = Attempt(id, id.hex, channel, owed.payable_fen, None, None, owed.due_at)
    await db.run(
        sql.add_attempt,
        bucket=bucket,
        id=id,
        order_id=order_id,
        member_id=member_id,
        out_trade_no=attempt.out_trade_no,
        channel=channel,
        amount_fen=attempt.amount_fen,
        now=now,
        expires_at=attempt.expires_at,
        ask_at=now + timedelta(seconds=10),
    )
    return attempt


async def remember_prepared(
    db: Db, attempt: Attempt, prepay_id: str | None, code_url: str | None
) -> None:
    """Keep what the provider gave for a try, so that the sheet can be shown again."""
    await db.run(
        sql.remember_prepared,
        bucket=ids.bucket_of(attempt.id),
        id=attempt.id,
        prepay_id=prepay_id,
        code_url=code_url,
    )


async def settle(db: Db, paid: Paid, now: datetime) -> str:
    """An order becomes paid here and nowhere else; the answer names what happened.

    Notice, browser return and query all come here, in any order and any number: `paid` happens
    once, then `repeated`. Money for an order that closed is matched with stock taken again, or
    `returned` by itself, as is a second payment of the same order. An amount that differs is
    `wrong_amount`: nothing is paid, and a person is told.
    """
    bucket = _bucket(paid.out_trade_no)
    found = await db.maybe(
        sql.find_for_update, _Found, bucket=bucket, out_trade_no=paid.out_trade_no
    )
    if found is None:
        raise UnknownPayment(out_trade_no=paid.out_trade_no)
    if found.state in ("paid", "returned"):
        return await _repeated(db, found, paid, now)
    if paid.amount_fen != found.amount_fen:
        await _flag(db, found, paid, "wrong_amount", now)
        _write_event(db, paid, "wrong_amount", now)
        return "wrong_amount"
    _write_event(db, paid, "accepted", now)
    if found.order_state in ("placed", "closed") and await _take_goods(db, found, now):
        await _pay(db, found, paid, now)
        return "paid"
    await _return_money(db, found, paid, now)
    return "returned"


async def accept_free(db: Db, order_id: UUID, now: datetime) -> None:
    """Let an order that costs nothing be paid: no money moves, so there is no try to pay."""
    bucket = ids.bucket_of(order_id)
    free = await db.one(
        sql.mark_free, _Free, bucket=bucket, order_id=order_id, log_id=ids.new(bucket), now=now
    )
    await holds.sell(db, order_id, now)
    fact = OrderPaid(free.id, free.member_id, free.store_id, 0, free.touch_code, now)
    await announce(db, fact, now=now)


async def _take_goods(db: Db, found: _Found, now: datetime) -> bool:
    """Let the goods leave the shelf, if all that the price was made of is still there.

    The hold may have run out before the money came, and a closed order gave its coupon back.
    """
    is_late = found.order_state == "closed"
    if is_late and not await _take_coupon(db, found, now):
        return False
    if await holds.sell(db, found.order_id, now):
        return True
    if is_late:
        await coupons.give_back(db, found.order_id, found.member_id)
    return False


async def _take_coupon(db: Db, found: _Found, now: datetime) -> bool:
    bucket = ids.bucket_of(found.order_id)
    had_coupon = await db.value(sql.had_coupon, bucket=bucket, order_id=found.order_id)
    return not had_coupon or await coupons.use_again(db, found.order_id, found.member_id, now)


async def _pay(db: Db, found: _Found, paid: Paid, now: datetime) -> None:
    bucket = ids.bucket_of(found.order_id)
    # The provider's clock is another one and counts whole seconds; nothing is paid before it is
    # placed, or the share that brought the order would seem to come after its payment.
    paid_at = max(paid.paid_at, found.placed_at)
    marked = await db.maybe(
        sql.mark_paid,
        _OrderId,
        bucket=bucket,
        attempt_id=found.id,
        provider_no=paid.provider_no,
        from_state=found.order_state,
        paid_at=paid_at,
        why="the money came" if found.order_state == "placed" else "the money came late",
        log_id=ids.new(bucket),
        now=now,
    )
    assert marked is not None, "the order changed under its own lock"
    fact = OrderPaid(
        found.order_id,
        found.member_id,
        found.store_id,
        paid.amount_fen,
        found.touch_code,
        paid_at,
    )
    await announce(db, fact, now=now)
    movement = transfers.Movement(
        RECEIVABLE,
        f"sales:store:{found.store_id}",
        paid.amount_fen,
        f"paid:{paid.out_trade_no}",
        found.order_id,
    )
    await transfers.book(db, found.member_id, movement, now)


async def _return_money(db: Db, found: _Found, paid: Paid, now: datetime) -> None:
    """Send back money that has no order to pay: it came too late, or it is a second payment."""
    await db.run(
        sql.mark_returned,
        bucket=ids.bucket_of(found.order_id),
        attempt_id=found.id,
        provider_no=paid.provider_no,
        now=now,
    )
    movement = transfers.Movement(
        RECEIVABLE,
        UNMATCHED,
        paid.amount_fen,
        f"unmatched:{paid.out_trade_no}",
        found.order_id,
    )
    await transfers.book(db, found.member_id, movement, now)
    reason = "paid twice"
    if found.order_state in ("placed", "closed"):
        reason = "sold out before the money came"
        await closing.close(db, found.order_id, reason, "wechat_pay", now)
    owed = refunds.Unmatched(
        found.order_id, found.id, found.member_id, found.store_id, paid.amount_fen, reason
    )
    await refunds.owe(db, owed, now)
    await _flag(db, found, paid, "money_returned", now)


async def _repeated(db: Db, found: _Found, paid: Paid, now: datetime) -> str:
    if found.transaction_id == paid.provider_no and paid.amount_fen == found.amount_fen:
        return "repeated"
    await _flag(db, found, paid, "different_repeat", now)
    _write_event(db, paid, "different_repeat", now)
    return "wrong_amount"


async def _flag(db: Db, found: _Found, paid: Paid, kind: str, now: datetime) -> None:
    details = {
        "out_trade_no": paid.out_trade_no,
        "asked_fen": found.amount_fen,
        "paid_fen": paid.amount_fen,
        "provider_no": paid.provider_no,
    }
    key = f"{paid.out_trade_no}:{paid.provider_no}:{paid.amount_fen}"
    await incidents.report(db, incidents.Report(found.order_id, kind, key, details), now)


def _write_event(db: Db, paid: Paid, outcome: str, now: datetime) -> None:
    bucket = _bucket(paid.out_trade_no)
    db.carry(
        sql.write_event,
        bucket=bucket,
        id=ids.new(bucket),
        event_key=f"paid:{paid.out_trade_no}:{paid.provider_no}:{paid.amount_fen}",
        out_trade_no=paid.out_trade_no,
        kind="paid",
        amount_fen=paid.amount_fen,
        provider_no=paid.provider_no,
        outcome=outcome,
        body=dict(paid.body),
        now=now,
    )


async def close_attempt(db: Db, out_trade_no: str, now: datetime) -> None:
    """Note that the provider closed a try, so that it can be paid no more."""
    await db.run(
        sql.close_attempt, bucket=_bucket(out_trade_no), out_trade_no=out_trade_no, now=now
    )


async def of_order(db: Db, order_id: UUID) -> list[Tried]:
    """List every try to pay an order."""
    return await db.all(sql.of_order, Tried, bucket=ids.bucket_of(order_id), order_id=order_id)


async def claim_to_ask(db: Db, now: datetime, most: int = 50) -> list[_Ask]:
    """Take the open tries whose time has come to ask the provider how they stand."""
    return await db.all(
        sql.due_to_ask, _Ask, now=now, again_at=now + timedelta(seconds=60), most=most
    )


async def ask_again(db: Db, out_trade_no: str, created_at: datetime, now: datetime) -> None:
    """Ask again later, ever more rarely as the try grows old."""
    age = max((now - created_at).total_seconds(), 10)
    await db.run(
        sql.ask_again,
        bucket=_bucket(out_trade_no),
        out_trade_no=out_trade_no,
        ask_at=now + timedelta(seconds=min(age, 3600)),
    )


def _bucket(out_trade_no: str) -> int:
    try:
        return ids.bucket_of(UUID(hex=out_trade_no))
    except ValueError:
        raise UnknownPayment(out_trade_no=out_trade_no) from None

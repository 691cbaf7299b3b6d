"""What the clock makes trade do: ask about payments, close what nobody paid, send money back."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import Forged, Refusal, Trouble
from headwater.connect.errors import NumberSpent, ProviderRefused, UnknownToProvider
from headwater.connect.wechat_pay import (
    PaymentState,
    RefundState,
    RefundStatus,
    TradeState,
    WechatPay,
)
from headwater.trade import closing, payments, refunds

log = logging.getLogger(__name__)

# A try is over when its sheet has run out and the last word about it must have come.
OVER_AFTER = timedelta(minutes=10)
CLOSED_STATES = (TradeState.CLOSED, TradeState.REVOKED)


async def ask_about_payments(pool: Pool, pay: WechatPay, now: datetime) -> int:
    """Ask the provider about open tries: a notice may be lost, a question is not.

    A try that is "not paid" stays open; the shopper may be typing the password right now. Only
    one whose time is long over is closed, so that nobody asks about it for ever.
    """
    async with pool.transaction(SYSTEM) as db:
        due = await payments.claim_to_ask(db, now)
    for each in due:
        try:
            if await _ask(pool, pay, each.out_trade_no, now) in ("unpaid", "unknown"):
                is_over = each.expires_at + OVER_AFTER < now
                if is_over and await _close_try(pool, pay, each.out_trade_no, now) == "closed":
                    continue
        except (Trouble, Refusal) as error:
            log.warning("could not ask about %s: %s", each.out_trade_no, error)
        async with pool.transaction(SYSTEM) as db:
            await payments.ask_again(db, each.out_trade_no, each.created_at, now)
    return len(due)


async def ask_about_order(pool: Pool, pay: WechatPay, order_id: UUID, now: datetime) -> None:
    """Ask once how an order's open tries stand, because its shopper has come back from paying.

    Silence changes nothing: the notice or the next question will tell.
    """
    async with pool.transaction(SYSTEM) as db:
        open_attempts = await closing.open_attempts(db, order_id)
    for out_trade_no in open_attempts:
        try:
            await _ask(pool, pay, out_trade_no, now)
        except (Trouble, Refusal) as error:
            log.warning("could not ask about %s: %s", out_trade_no, error)


async def close_unpaid(pool: Pool, pay: WechatPay, now: datetime) -> int:
    """Close orders whose time has passed, after making sure that nobody can pay them any more."""
    async with pool.transaction(SYSTEM) as db:
        due = await closing.claim_due(db, now)
    for each in due:
        try:
            await close_with_provider(pool, pay, each.id, "nobody paid in time", now)
        except (Trouble, Refusal) as error:
            log.warning("order %s stays open for now: %s", each.id, error)
    return len(due)


async def close_with_provider(
    pool: Pool, pay: WechatPay, order_id: UUID, reason: str, now: datetime, by_whom: str = "clock"
) -> bool:
    """Close an order's tries at the provider, then the order; paid meanwhile means paid."""
    async with pool.transaction(SYSTEM) as db:
        open_attempts = await closing.open_attempts(db, order_id)
    for out_trade_no in open_attempts:
        try:
            outcome = await _close_try(pool, pay, out_trade_no, now)
        except Forged as forged:
            raise Trouble("the provider's answer is not signed by it") from forged
        if outcome in ("paid", "repeated"):
            return False
    async with pool.transaction(SYSTEM) as db:
        return await closing.close(db, order_id, reason, by_whom, now)


async def send_money_back(pool: Pool, pay: WechatPay, now: datetime) -> int:
    """Ask the provider for owed refunds, and about those it has accepted or would not do."""
    async with pool.transaction(SYSTEM) as db:
        due = await refunds.claim_to_ask(db, now) + await refunds.claim_stuck(db, now)
    for each in due:
        try:
            await note_refund(pool, each.id, await _refund_state(pay, each), now)
        except ProviderRefused as refusal:
            log.warning("refund %s is stuck: %s", each.out_refund_no, refusal)
            async with pool.transaction(SYSTEM) as db:
                await refunds.mark_stuck(db, each.id, str(refusal), now)
        except (Trouble, Refusal) as error:
            log.warning("refund %s will be asked for again: %s", each.out_refund_no, error)
    return len(due)


async def note_refund(pool: Pool, refund_id: UUID, state: RefundState, now: datetime) -> str:
    """Write down how a refund stands at the provider."""
    async with pool.transaction(SYSTEM) as db:
        if state.status is RefundStatus.DONE:
            return await refunds.settle(db, refund_id, now, state.amount_fen)
        if state.status in (RefundStatus.CLOSED, RefundStatus.ABNORMAL):
            await refunds.mark_stuck(db, refund_id, state.status_word, now)
            return "stuck"
        await refunds.mark_asked(db, refund_id, now)
        return "asked"


async def _refund_state(pay: WechatPay, due: refunds.ToAsk) -> RefundState:
    """Ask for an owed refund, and about the others; what was never accepted is asked for again."""
    if due.state != "owed":
        try:
            return await pay.query_refund(due.out_refund_no)
        except UnknownToProvider:
            log.info("refund %s was never accepted, so it is asked for again", due.out_refund_no)
    return await pay.refund(
        due.out_refund_no, due.out_trade_no, due.amount_fen, due.total_fen, due.reason
    )


async def _ask(pool: Pool, pay: WechatPay, out_trade_no: str, now: datetime) -> str:
    try:
        state = await pay.query(out_trade_no)
    except UnknownToProvider:
        return "unknown"
    return await _note(pool, state, now)


async def _close_try(pool: Pool, pay: WechatPay, out_trade_no: str, now: datetime) -> str:
    """Close one try at the provider, or learn what became of it meanwhile."""
    try:
        await pay.close(out_trade_no)
    except UnknownToProvider:
        log.info("%s was never prepared, so there is nothing to close", out_trade_no)
    except NumberSpent:
        outcome = await _note(pool, await pay.query(out_trade_no), now)
        if outcome in ("paid", "repeated", "returned", "wrong_amount"):
            return outcome
    async with pool.transaction(SYSTEM) as db:
        await payments.close_attempt(db, out_trade_no, now)
    return "closed"


async def _note(pool: Pool, state: PaymentState, now: datetime) -> str:
    if state.state in CLOSED_STATES:
        async with pool.transaction(SYSTEM) as db:
            await payments.close_attempt(db, state.out_trade_no, now)
        return "closed"
    if state.state is not TradeState.PAID:
        return "unpaid"
    assert state.transaction_id
    assert state.amount_fen is not None
    assert state.paid_at
    paid = payments.Paid(state.out_trade_no, state.transaction_id, state.amount_fen, state.paid_at)
    async with pool.transaction(SYSTEM) as db:
        return await payments.settle(db, paid, now)

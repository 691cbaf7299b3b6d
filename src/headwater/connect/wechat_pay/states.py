"""What WeChat Pay says about a payment or a refund, in our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from headwater.base.errors import Forged, Trouble
from headwater.connect.sending import Fen, Identifier, moment_or_none

WHOM: Final = "WeChat Pay"


class TradeState(StrEnum):
    """Where a payment stands; a word that WeChat adds tomorrow reads as UNKNOWN, not as a crash."""

    PAID = "SUCCESS"
    REFUNDED = "REFUND"
    NOT_PAID = "NOTPAY"
    CLOSED = "CLOSED"
    REVOKED = "REVOKED"
    PAYING = "USERPAYING"
    FAILED = "PAYERROR"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def _missing_(cls, value: object) -> TradeState:
        return cls.UNKNOWN


class RefundStatus(StrEnum):
    """Where a refund stands; ABNORMAL waits for a person, and new words read as UNKNOWN."""

    DONE = "SUCCESS"
    PROCESSING = "PROCESSING"
    CLOSED = "CLOSED"
    ABNORMAL = "ABNORMAL"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def _missing_(cls, value: object) -> RefundStatus:
        return cls.UNKNOWN


@dataclass(frozen=True)
class PaymentState:
    """What the provider knows about one order number; `state_word` keeps its own word."""

    out_trade_no: str
    state: TradeState
    state_word: str
    transaction_id: str | None
    amount_fen: int | None
    paid_at: datetime | None
    openid: str | None
    attach: str = ""


@dataclass(frozen=True)
class RefundState:
    """What the provider knows about one refund number; accepted is not yet done."""

    out_refund_no: str
    out_trade_no: str
    refund_id: str
    amount_fen: int
    status: RefundStatus
    status_word: str
    refunded_at: datetime | None


class _TradeAmount(msgspec.Struct):
    total: Fen
    currency: str = "CNY"


class _Payer(msgspec.Struct):
    openid: str = ""


class Transaction(msgspec.Struct):
    """A payment on the wire, the same in queries and notices."""

    mchid: str
    appid: str
    out_trade_no: Identifier
    trade_state: Identifier
    transaction_id: str = ""
    amount: _TradeAmount | None = None
    success_time: str = ""
    payer: _Payer | None = None
    attach: str = ""


class _RefundAmount(msgspec.Struct):
    refund: Fen
    total: Fen
    currency: str = "CNY"


class Refund(msgspec.Struct):
    """A refund on the wire, as query and request answer it."""

    out_refund_no: Identifier
    out_trade_no: Identifier
    refund_id: Identifier
    status: Identifier
    amount: _RefundAmount
    success_time: str = ""


def payment_state(wire: Transaction) -> PaymentState:
    """Say what is paid; a paid order without amount, number and moment is not understood."""
    state = TradeState(wire.trade_state)
    paid_at = moment_or_none(wire.success_time, WHOM)
    if wire.amount is not None and wire.amount.currency != "CNY":
        raise Trouble(f"{WHOM} named a currency that is not ours")
    if state is TradeState.PAID and not (wire.amount and wire.transaction_id and paid_at):
        raise Trouble(f"{WHOM} called an order paid without amount, number or moment")
    return PaymentState(
        out_trade_no=wire.out_trade_no,
        state=state,
        state_word=wire.trade_state,
        transaction_id=wire.transaction_id or None,
        amount_fen=wire.amount.total if wire.amount else None,
        paid_at=paid_at,
        openid=(wire.payer.openid or None) if wire.payer else None,
        attach=wire.attach,
    )


def refund_state(wire: Refund) -> RefundState:
    """Say how far a refund is."""
    if wire.amount.currency != "CNY":
        raise Trouble(f"{WHOM} named a currency that is not ours")
    return RefundState(
        out_refund_no=wire.out_refund_no,
        out_trade_no=wire.out_trade_no,
        refund_id=wire.refund_id,
        amount_fen=wire.amount.refund,
        status=RefundStatus(wire.status),
        status_word=wire.status,
        refunded_at=moment_or_none(wire.success_time, WHOM),
    )


def must_be_ours(what: str, asked: str, answered: str) -> None:
    """Refuse a genuine message about somebody else: a signature says who spoke, not to whom."""
    if asked != answered:
        raise Forged(why=f"the message is about another {what}")

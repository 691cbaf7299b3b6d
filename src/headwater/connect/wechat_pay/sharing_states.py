"""What profit sharing speaks of: who receives, what became of a part, what came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from headwater.connect.sending import Fen, Identifier, moment_or_none, understood
from headwater.connect.wechat_pay.states import WHOM, must_be_ours


class AccountKind(StrEnum):
    """Who receives: a merchant, or a person known by an open id of ours or of the sub-merchant."""

    MERCHANT = "MERCHANT_ID"
    PERSON = "PERSONAL_OPENID"
    PERSON_OF_SUB_MERCHANT = "PERSONAL_SUB_OPENID"


class Relation(StrEnum):
    """What a receiver is to the merchant; OTHER needs a word of its own."""

    SERVICE_PROVIDER = "SERVICE_PROVIDER"
    STORE = "STORE"
    STAFF = "STAFF"
    STORE_OWNER = "STORE_OWNER"
    PARTNER = "PARTNER"
    HEADQUARTER = "HEADQUARTER"
    BRAND = "BRAND"
    DISTRIBUTOR = "DISTRIBUTOR"
    USER = "USER"
    SUPPLIER = "SUPPLIER"
    OTHER = "CUSTOM"


class PartResult(StrEnum):
    """How one part ended; a word that WeChat adds tomorrow reads as UNKNOWN."""

    PENDING = "PENDING"
    DONE = "SUCCESS"
    CLOSED = "CLOSED"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def _missing_(cls, value: object) -> PartResult:
        return cls.UNKNOWN


class ReturnResult(StrEnum):
    """How a return ended; PROCESSING is asked about again under the same number."""

    DONE = "SUCCESS"
    PROCESSING = "PROCESSING"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def _missing_(cls, value: object) -> ReturnResult:
        return cls.UNKNOWN


@dataclass(frozen=True)
class Receiver:
    """Who may receive; a merchant's full name is required, a person's is checked if it is given."""

    kind: AccountKind
    account: str
    name: str = ""


@dataclass(frozen=True)
class Share:
    """One part of the money and whom it goes to."""

    receiver: Receiver
    amount_fen: int
    description: str


@dataclass(frozen=True)
class Part:
    """What became of one part."""

    kind: str
    account: str
    amount_fen: int
    result: PartResult
    result_word: str
    fail_reason: str
    detail_id: str
    finished_at: datetime | None


@dataclass(frozen=True)
class SharingState:
    """What became of one sharing; finished says that every part has its result, good or bad."""

    out_order_no: str
    transaction_id: str
    order_id: str
    is_finished: bool
    state_word: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class GiveBack:
    """Money that a receiving merchant gives back, under a number of its own."""

    out_return_no: str
    out_order_no: str
    from_mchid: str
    amount_fen: int
    description: str


@dataclass(frozen=True)
class ReturnState:
    """What became of one return."""

    out_return_no: str
    out_order_no: str
    return_id: str
    amount_fen: int
    result: ReturnResult
    result_word: str
    fail_reason: str


class _Part(msgspec.Struct):
    type: Identifier
    account: Identifier
    amount: Fen
    result: Identifier
    detail_id: str = ""
    fail_reason: str | None = None
    finish_time: str | None = None


class _Order(msgspec.Struct):
    transaction_id: Identifier
    out_order_no: Identifier
    order_id: Identifier
    state: Identifier
    receivers: list[_Part] | None = None


class _Return(msgspec.Struct):
    out_return_no: Identifier
    out_order_no: Identifier
    return_id: Identifier
    amount: Fen
    result: Identifier
    fail_reason: str | None = None


def sharing_state(raw: bytes, out_order_no: str, transaction_id: str) -> SharingState:
    """Say what became of a sharing, after making sure that it is the one we asked about."""
    wire = understood(_Order, raw, WHOM)
    must_be_ours("sharing", out_order_no, wire.out_order_no)
    must_be_ours("transaction", transaction_id, wire.transaction_id)
    return SharingState(
        out_order_no=wire.out_order_no,
        transaction_id=wire.transaction_id,
        order_id=wire.order_id,
        is_finished=wire.state == "FINISHED",
        state_word=wire.state,
        parts=tuple(_part(each) for each in wire.receivers or ()),
    )


def _part(wire: _Part) -> Part:
    return Part(
        kind=wire.type,
        account=wire.account,
        amount_fen=wire.amount,
        result=PartResult(wire.result),
        result_word=wire.result,
        fail_reason=wire.fail_reason or "",
        detail_id=wire.detail_id,
        finished_at=moment_or_none(wire.finish_time, WHOM),
    )


def return_state(raw: bytes, out_return_no: str) -> ReturnState:
    """Say what became of a return, after making sure that it is the one we asked about."""
    wire = understood(_Return, raw, WHOM)
    must_be_ours("return", out_return_no, wire.out_return_no)
    return ReturnState(
        out_return_no=wire.out_return_no,
        out_order_no=wire.out_order_no,
        return_id=wire.return_id,
        amount_fen=wire.amount,
        result=ReturnResult(wire.result),
        result_word=wire.result,
        fail_reason=wire.fail_reason or "",
    )

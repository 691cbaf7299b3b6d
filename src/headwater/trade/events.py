"""Facts of the sale, in the past tense, with ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class OrderPlaced:
    """Somebody decided to buy; stock is held and nothing is paid yet."""

    order_id: UUID
    member_id: UUID
    store_id: UUID
    payable_fen: int
    touch_code: str | None
    placed_at: datetime


@dataclass(frozen=True)
class OrderPaid:
    """The money is there, for the whole of the order."""

    order_id: UUID
    member_id: UUID
    store_id: UUID
    paid_fen: int
    touch_code: str | None
    paid_at: datetime


@dataclass(frozen=True)
class OrderClosed:
    """An order ended unpaid, and its stock is free again."""

    order_id: UUID
    member_id: UUID
    store_id: UUID
    reason: str
    closed_at: datetime


@dataclass(frozen=True)
class OrderRefunded:
    """Money of a paid order went back: all of it, or some lines."""

    order_id: UUID
    member_id: UUID
    store_id: UUID
    refund_id: UUID
    refunded_fen: int
    refunded_at: datetime

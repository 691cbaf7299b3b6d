"""The pass out of the store: derived from a paid order, so that nobody waits for a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from headwater.base import crypto
from headwater.base.crypto import Keys
from headwater.base.errors import Forged
from headwater.scango.errors import NotPaidYet, PassExpired, PassUnknown
from headwater.trade.orders import Order

PURPOSE = "scango.pass"
VALID_MINUTES = 60
# The signature's own clock only bounds what we ever look at; `until` inside the pass decides.
_SIGNED_AGE_MOST_SECONDS = 90 * 86_400


@dataclass(frozen=True)
class Pass:
    """What lets a shopper out once: a token for the camera, and a short code to be typed."""

    token: str
    code: str
    valid_until: datetime

    def is_over(self, now: datetime) -> bool:
        """Tell whether the pass is too old to let anybody out."""
        return now >= self.valid_until


def is_ready(order: Order) -> bool:
    """Tell whether an order has a pass: it was paid, and nothing took that back."""
    return (
        order.kind == "scan_and_go"
        and order.paid_at is not None
        and order.state in ("paid", "handed_over")
    )


def derive(keys: Keys, order: Order) -> Pass:
    """Derive the pass of a paid order; deriving it again gives one that is just as good."""
    if not is_ready(order) or order.paid_at is None:
        raise NotPaidYet(order_id=str(order.id))
    until = order.paid_at + timedelta(minutes=VALID_MINUTES)
    # Short, so that the code stays coarse enough for a tired camera.
    token = crypto.sign(keys, PURPOSE, f"{order.number}:{int(until.timestamp())}")
    return Pass(token, grouped(order.number), until)


def read(keys: Keys, token: str, now: datetime) -> str:
    """Read the number of the order a pass belongs to; a forged or an old one lets nobody out."""
    try:
        signed: str = crypto.read_signed(keys, PURPOSE, token, _SIGNED_AGE_MOST_SECONDS)
    except Forged as error:
        raise PassUnknown() from error
    number, _colon, until = signed.partition(":")
    if now >= datetime.fromtimestamp(int(until), UTC):
        raise PassExpired()
    return number


def grouped(number: str) -> str:
    """Write an order number in groups of four, as one reads it aloud."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))

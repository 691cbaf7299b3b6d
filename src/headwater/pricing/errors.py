"""What pricing refuses."""

from __future__ import annotations

from headwater.base.errors import Refusal


class CouponGone(Refusal):
    """The coupon was used elsewhere, or its time is over."""


class NoPrice(Refusal):
    """This item has no price here, so it cannot be sold."""

"""What trade refuses."""

from __future__ import annotations

from headwater.base.errors import Refusal


class EmptyCart(Refusal):
    """There is nothing in the cart to be ordered."""


class OrderGone(Refusal):
    """There is no such order, or it is not yours."""

    status = 404


class NotPayable(Refusal):
    """The order is paid, closed or refunded, so there is nothing to pay."""


class NotRefundable(Refusal):
    """The order, or so many of this line, cannot be refunded."""


class WrongState(Refusal):
    """The order is no longer in the state that this needs."""


class PriceChanged(Refusal):
    """The total is not the one you were shown; look at it once more."""

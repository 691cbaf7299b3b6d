"""What deals refuse."""

from __future__ import annotations

from headwater.base.errors import Refusal


class SaleNotOn(Refusal):
    """This flash sale has not begun, or it has ended."""

    status = 410


class AlreadyTookPart(Refusal):
    """You have an order in this flash sale already."""


class TooManyInSale(Refusal):
    """A flash sale gives only so many to each person."""

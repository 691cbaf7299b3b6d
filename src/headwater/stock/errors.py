"""What stock refuses."""

from __future__ import annotations

from headwater.base.errors import Refusal


class SoldOut(Refusal):
    """The item sold out while you were deciding."""

"""What members refuse."""

from __future__ import annotations

from headwater.base.errors import Refusal


class WrongCode(Refusal):
    """The code is not right, or its time is over; ask for a new one."""

    status = 422


class MemberGone(Refusal):
    """There is no such member."""

    status = 404


class StillOpen(Refusal):
    """An order is still under way, so the account cannot be erased yet."""

"""What the gate refuses."""

from __future__ import annotations

from headwater.base.errors import Refusal


class NoSuchChannel(Refusal):
    """This installation has no such way out."""

    status = 422

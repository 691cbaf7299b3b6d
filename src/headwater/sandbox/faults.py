"""How the sandbox misbehaves when asked to, as the real servers do now and then."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0, le=1_000)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]


class Faults(msgspec.Struct, forbid_unknown_fields=True):
    """Everything is well behaved by default; a `next` counter falls by one at each use."""

    duplicates: Count = 0
    """Further copies of every notice, about a second apart."""
    delay_seconds: Seconds = 0.0
    """How late every notice leaves."""
    drop_next: Count = 0
    """So many notices are lost for good: only a query finds the money."""
    probe_next: Count = 0
    """So many notices are preceded by a copy with a WECHATPAY/SIGNTEST/ signature."""
    notices_signed_with: Literal["public_key", "certificate", "both"] = "public_key"
    """In the week of a rotation both serials arrive."""
    fail_next: Count = 0
    """So many requests to the pay host get 500 and have no effect."""
    hang_next: Count = 0
    """So many requests have their effect and then get no usable answer."""
    hang_seconds: Seconds = 30.0
    """How long such a request is kept before the line breaks with 502."""

    def spends(self, counter: str) -> bool:
        """Whether this one is hit; the counter falls."""
        left: int = getattr(self, counter)
        if left > 0:
            setattr(self, counter, left - 1)
        return left > 0

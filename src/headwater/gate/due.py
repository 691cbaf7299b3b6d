"""What the clock makes the gate do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from headwater.base.crypto import Keys
from headwater.base.db import Pool
from headwater.gate import delivery
from headwater.gate.delivery import Post, Sender, SetSender


class HasSenders(Protocol):
    """What is needed of a building."""

    @property
    def pool(self) -> Pool:
        """Give the database."""

    @property
    def keys(self) -> Keys:
        """Give the keys that open addresses."""

    @property
    def senders(self) -> Mapping[str, Sender | SetSender]:
        """Give who sends on each channel."""


async def send(building: HasSenders, now: datetime, rounds: int = 20) -> int:
    """Send what is due, round after round, until nothing is left or the turn is over."""
    post = Post(building.pool, building.keys, building.senders)
    looked_at = 0
    for _ in range(rounds):
        found = await delivery.send_due(post, now)
        looked_at += found
        if not found:
            break
    return looked_at


async def sweep(building: HasSenders, now: datetime) -> int:
    """Settle what a dead worker left behind."""
    return await delivery.sweep(Post(building.pool, building.keys, building.senders), now)

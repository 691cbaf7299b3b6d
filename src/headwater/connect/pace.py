"""Our own pace: calls wait here for their turn rather than be refused there."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Final

from headwater.base.errors import NotReached
from headwater.connect.limits import Limit

WAITS_SECONDS: Final = 5.0
# A window slides in so many steps; it is never fuller than allowed, and may empty a step late.
_STEPS: Final = 60

Seconds = Callable[[], float]
Rest = Callable[[float], Awaitable[None]]


class Pace:
    """Counts calls in windows that slide, in as little memory for a great limit as for a small.

    Each process keeps a pace of its own. Where several share one credential, each keeps to its
    part of the limit, and to one call at the least.
    """

    def __init__(self, now: Seconds, rest: Rest = asyncio.sleep) -> None:
        self._now = now
        self._rest = rest
        self._windows: dict[str, dict[int, int]] = defaultdict(dict)
        self.sharers = 1

    def most_of(self, limit: Limit) -> int:
        """Say how much of a limit is this process's own."""
        return max(limit.most // self.sharers, 1)

    def missing_seconds(self, limit: Limit) -> float:
        """Say how long to wait until there is room; nought means now."""
        window = self._live(limit)
        if sum(window.values()) < self.most_of(limit):
            return 0.0
        until = (min(window) + _STEPS + 1) * limit.per_seconds / _STEPS
        return max(until - self._now(), 0.001)

    def count(self, limit: Limit) -> None:
        """Count one call."""
        window, step = self._live(limit), self._step(limit)
        window[step] = window.get(step, 0) + 1

    async def room(self, limit: Limit) -> None:
        """Wait until there is room; whoever would wait too long is not sent at all."""
        ends = self._now() + WAITS_SECONDS
        while (missing := self.missing_seconds(limit)) > 0:
            if self._now() + missing > ends:
                most = self.most_of(limit)
                raise NotReached(f"{limit.name}: the {most} that are allowed are used up")
            await self._rest(missing)

    def _step(self, limit: Limit) -> int:
        return int(self._now() * _STEPS / limit.per_seconds)

    def _live(self, limit: Limit) -> dict[int, int]:
        window, oldest = self._windows[limit.name], self._step(limit) - _STEPS
        for step in [each for each in window if each < oldest]:
            del window[step]
        return window

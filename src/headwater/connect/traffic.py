"""The traffic with the outside: how much at once, when a host may rest, and what was counted."""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from headwater.base.errors import NotReached
from headwater.connect import limits
from headwater.connect.pace import Pace, Rest, Seconds

# Calls to one host that may be under way at once, in one process.
AT_ONCE: Final = 64
QUEUES_SECONDS: Final = 5.0
# From sending to the last byte; each step of the way has its own, shorter patience beside it.
ANSWER_SECONDS: Final = 60.0
# So many failures one after the other, and the host is left alone for a while.
OPENS_AFTER: Final = 10
RESTS_SECONDS: Final = 5.0
RESTS_SECONDS_MOST: Final = 60.0

_PATTERNS_MOST: Final = 500
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_.-]*(?:[0-9][A-Za-z_.]*){0,2}")


class HostRests(NotReached):
    """The host failed so often that we leave it alone for a while; nothing was sent."""


@dataclass(frozen=True, order=True)
class Kind:
    """What calls are counted under."""

    host: str
    method: str
    path: str
    outcome: str


@dataclass
class Count:
    """How many calls of a kind there were, and how long they took."""

    calls: int = 0
    seconds: float = 0.0
    longest_seconds: float = 0.0


@dataclass
class Breaker:
    """Opens after failures in a row; after a rest one call is let through to see."""

    failures: int = 0
    rests_until: float = 0.0
    rests_seconds: float = RESTS_SECONDS
    is_probed: bool = False

    def enter(self, now: float, host: str) -> bool:
        """Let a call through, or refuse it; tell whether it is the one that sees."""
        if self.failures < OPENS_AFTER:
            return False
        if now < self.rests_until or self.is_probed:
            raise HostRests(f"{host} failed {self.failures} times in a row and is left alone")
        self.is_probed = True
        return True

    def went_well(self) -> None:
        """Forget all failures."""
        self.failures, self.rests_seconds, self.is_probed = 0, RESTS_SECONDS, False

    def failed(self, now: float, is_probe: bool) -> None:
        """Count a failure; what was already under way when the host was shut changes nothing."""
        if is_probe:
            self.is_probed = False
            self.rests_seconds = min(self.rests_seconds * 2, RESTS_SECONDS_MOST)
            self.rests_until = now + self.rests_seconds
        self.failures += 1
        if self.failures == OPENS_AFTER:
            self.rests_until = now + self.rests_seconds

    def called_off(self, is_probe: bool) -> None:
        """Let another one see, where the one that should was called off."""
        if is_probe:
            self.is_probed = False


@dataclass
class Passage:
    """One call on its way; whoever sends it says how it went."""

    outcome: str = "called_off"
    is_failure: bool = False
    is_refused: bool = False


@dataclass
class _Host:
    breaker: Breaker = field(default_factory=Breaker)
    lanes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))


class Traffic:
    """All calls of one client to the outside; hosts do not hold up one another."""

    def __init__(
        self,
        now: Seconds = time.monotonic,
        rest: Rest = asyncio.sleep,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.answer_seconds = answer_seconds
        self.pace = Pace(now, rest)
        self._now = now
        self._hosts: dict[str, _Host] = defaultdict(_Host)
        self._narrow: dict[str, asyncio.Semaphore] = {}
        self._counts: dict[Kind, Count] = defaultdict(Count)
        self._patterns: set[str] = set()

    @asynccontextmanager
    async def passage(self, host: str, method: str, path: str) -> AsyncIterator[Passage]:
        """Let one call pass when breaker, pace and lanes allow it, and count how it went."""
        passage, known = Passage(), self._hosts[host]
        begun = self._now()
        try:
            is_probe = known.breaker.enter(begun, host)
        except HostRests:
            self._count(host, method, path, "rests", 0.0)
            raise
        try:
            async with self._lanes(known, path):
                yield passage
        except NotReached:
            if passage.outcome == "called_off":
                passage.outcome = "crowded"
            raise
        finally:
            self._close(known, passage, is_probe, path)
            self._count(host, method, path, passage.outcome, self._now() - begun)

    def share_among(self, processes: int) -> None:
        """Keep one part of every limit, where so many processes share the credentials.

        Calls that are under way keep their places, so a change settles when they have ended.
        """
        if processes != self.pace.sharers:
            self.pace.sharers = processes
            self._narrow.clear()

    def counted(self) -> list[tuple[Kind, Count]]:
        """List what was counted since the process began."""
        return sorted(self._counts.items(), key=lambda each: each[0])

    def resting(self) -> list[str]:
        """List the hosts that are left alone at the moment."""
        return sorted(h for h, each in self._hosts.items() if each.breaker.failures >= OPENS_AFTER)

    @asynccontextmanager
    async def _lanes(self, known: _Host, path: str) -> AsyncIterator[None]:
        for limit in limits.at_the_door(path, "refusals"):
            await self.pace.room(limit)
        for limit in limits.at_the_door(path, "calls"):
            await self.pace.room(limit)
            self.pace.count(limit)
        async with AsyncExitStack() as lanes:
            try:
                async with asyncio.timeout(QUEUES_SECONDS):
                    await lanes.enter_async_context(known.lanes)
                    for limit in limits.at_the_door(path, "at once"):
                        most = self.pace.most_of(limit)
                        narrow = self._narrow.setdefault(limit.name, asyncio.Semaphore(most))
                        await lanes.enter_async_context(narrow)
            except TimeoutError as error:
                raise NotReached("too many calls to one host are under way") from error
            yield

    def _close(self, known: _Host, passage: Passage, is_probe: bool, path: str) -> None:
        if passage.outcome in ("called_off", "crowded"):
            known.breaker.called_off(is_probe)
        elif passage.is_failure:
            known.breaker.failed(self._now(), is_probe)
        else:
            known.breaker.went_well()
        if passage.is_refused:
            for limit in limits.at_the_door(path, "refusals"):
                self.pace.count(limit)

    def _count(self, host: str, method: str, path: str, outcome: str, seconds: float) -> None:
        pattern = pattern_of(path)
        if pattern not in self._patterns and len(self._patterns) >= _PATTERNS_MOST:
            pattern = "other"
        self._patterns.add(pattern)
        count = self._counts[Kind(host, method, pattern, outcome)]
        count.calls += 1
        count.seconds += seconds
        count.longest_seconds = max(count.longest_seconds, seconds)


def pattern_of(path: str) -> str:
    """Take numbers and names out of a path, so that calls of one kind count together."""
    parts = path.split("/")
    return "/".join(part if not part or _is_word(part) else "{}" for part in parts)


def _is_word(part: str) -> bool:
    return len(part) <= 40 and _WORD.fullmatch(part) is not None

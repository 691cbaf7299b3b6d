"""Waiting for what must come, with a deadline: a condition is asked ever more rarely."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import httpx2

FIRST_SECONDS = 0.02
LONGEST_SECONDS = 2.0
Given = TypeVar("Given")


class Pause:
    """The pauses between tries: they double, up to two seconds, until the time is over."""

    def __init__(self, seconds: float, what: str) -> None:
        self._ends_at = asyncio.get_running_loop().time() + seconds
        self._next_seconds = FIRST_SECONDS
        self._what = what
        self.count = 0

    async def rest(self, last: object = None) -> None:
        """Wait for the next try, or give up in words."""
        if asyncio.get_running_loop().time() > self._ends_at:
            raise AssertionError(f"waited in vain for {self._what}; last seen: {last!r}")
        self.count += 1
        with suppress(TimeoutError):
            async with asyncio.timeout(self._next_seconds):
                await asyncio.Event().wait()
        self._next_seconds = min(self._next_seconds * 2, LONGEST_SECONDS)


async def until(
    condition: Callable[[], Awaitable[Given | None]], seconds: float, what: str
) -> Given:
    """Wait until a condition gives something true, and give it on."""
    pause = Pause(seconds, what)
    while not (found := await condition()):
        await pause.rest(found)
    return found


async def answer_of(
    ask: Callable[[], Awaitable[httpx2.Response]], seconds: float, what: str
) -> tuple[httpx2.Response, int]:
    """Ask until somebody answers who is not in trouble; tell how many tries came to nothing."""
    pause = Pause(seconds, what)
    while True:
        try:
            answer = await ask()
        except httpx2.TransportError as error:
            await pause.rest(error)
            continue
        if answer.status_code < 500:
            return answer, pause.count
        await pause.rest(answer.status_code)

"""Lending: the connections of one process go from hand to hand."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import asyncpg

# So often one idle connection is laid back, so that a busy hour does not keep all it opened.
RESTS_SECONDS = 60.0


class Lender:
    """Lends out connections that the driver's own pool opens and closes.

    The driver makes a task and three futures each time that one comes back, and lets those who
    wait stand behind a queue of holders; that costs more than a statement does.
    """

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], size: int) -> None:
        self._pool = pool
        self._size = size
        self._taken = 0
        self._idle: list[Any] = []
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._is_closing = False
        self._next_rest = 0.0

    async def borrow(self) -> Any:
        """Take the connection that came back last, or open another, or wait for one."""
        while True:
            if self._idle:
                connection = self._idle.pop()
            elif self._taken < self._size:
                return await self._take()
            else:
                connection = await self._turn()
            if connection is None:
                continue
            if not is_over(connection):
                return connection
            await self.lay_back(connection)

    async def _take(self) -> Any:
        self._taken += 1
        try:
            return await self._pool.acquire()
        except BaseException:
            self._taken -= 1
            self._hand_on(None)
            raise

    async def _turn(self) -> Any:
        """Wait in line; nothing is handed over where a place for another connection came free."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # It was handed over in the very moment in which its taker was called off.
                self._hand_on(turn.result())
            raise

    def _hand_on(self, connection: Any) -> None:
        """Give a connection to whoever waits longest, or keep it for the next."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is not None:
            self._idle.append(connection)

    async def give_back(self, connection: Any) -> None:
        """Take back a connection whose transaction has ended well."""
        if self._is_closing and not self._waiting:
            await self.lay_back(connection)
            return
        self._hand_on(connection)
        moment = asyncio.get_running_loop().time()
        if self._idle and moment >= self._next_rest:
            # The one that waited longest rests with the driver, which closes what nobody needs.
            self._next_rest = moment + RESTS_SECONDS
            await self.lay_back(self._idle.pop(0))

    async def lay_back(self, connection: Any) -> None:
        """Return a connection to the driver, which sees to what has ended."""
        try:
            await self._pool.release(connection)
        finally:
            self._taken -= 1
            self._hand_on(None)

    async def close(self) -> None:
        """Close every connection, after the work on them has ended."""
        self._is_closing = True
        while self._idle:
            await self.lay_back(self._idle.pop())
        await self._pool.close()


def is_over(connection: Any) -> bool:
    """Tell whether a connection has ended; the pool takes one that ended away from its user."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True

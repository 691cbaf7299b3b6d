"""The demo's processes: started together, watched, started again when one dies."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2

from headwater.base.errors import Trouble

READY_SECONDS = 60.0
STOP_SECONDS = 8.0
AGAIN_SECONDS = 1.0


@dataclass
class Processes:
    """Children of one command; whichever dies is started again until we stop."""

    say: Callable[[str], None]
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    _is_stopping: bool = False

    def keep(self, name: str, *arguments: str) -> None:
        """Start a command of ours and keep it running."""
        self._tasks.append(asyncio.create_task(self._keep(name, arguments)))

    async def stop(self) -> None:
        """End every child, gently: the last one started first, since it leans on the others."""
        self._is_stopping = True
        for name in reversed(list(self._running)):
            process = self._running[name]
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, name: str, arguments: tuple[str, ...]) -> None:
        while not self._is_stopping:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "headwater",
                *arguments,
                start_new_session=True,
            )
            self._running[name] = process
            code = await process.wait()
            self._running.pop(name, None)
            if not self._is_stopping:
                self.say(f"{name} ended with {code}; starting it again")
                await asyncio.sleep(AGAIN_SECONDS)


async def answers(url: str) -> None:
    """Wait until an address answers; raises Trouble when it never does."""
    async with httpx2.AsyncClient(timeout=2.0) as client:
        try:
            async with asyncio.timeout(READY_SECONDS):
                while not await _answers_now(client, url):  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise Trouble(f"{url} does not answer") from None


async def _answers_now(client: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code < 500
    except httpx2.TransportError:
        return False

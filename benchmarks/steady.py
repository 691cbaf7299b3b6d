"""A steady load: requests leave by the clock, whether or not the ones before were answered."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass

import msgspec

from benchmarks.load import Result


class Timetable(msgspec.Struct):
    """What to send, how many a second, and how many of the first ones are not counted."""

    port: int
    per_second: float
    uncounted: int
    connections: int
    requests: list[bytes]


@dataclass
class _Wire:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def exchange(self, request: bytes) -> bytes:
        """Send one request and read its whole answer; tell its status line and body."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        lowered = head.lower()
        found = lowered.find(b"content-length:")
        length = int(lowered[found + 15 :].split(b"\r\n", 1)[0]) if found >= 0 else 0
        return head[:40] + (await self.reader.readexactly(length) if length else b"")


async def send(table: Timetable) -> Result:
    """Send by the timetable; a latency counts from when its request was due."""
    free: asyncio.Queue[_Wire] = asyncio.Queue()
    for _each in range(table.connections):
        free.put_nowait(_Wire(*await asyncio.open_connection("127.0.0.1", table.port)))
    counted = len(table.requests) - table.uncounted
    result = Result(0, 0, counted / table.per_second, [])
    begun = time.perf_counter()

    async def send_one(number: int, due: float) -> None:
        wire = await free.get()
        said = await wire.exchange(table.requests[number])
        took_ms = (time.perf_counter() - due) * 1000
        free.put_nowait(wire)
        if number < table.uncounted:
            return
        if said[9:10] == b"2":
            result.answered += 1
            result.latencies_ms.append(took_ms)
        else:
            result.failed += 1
            result.first_failure = result.first_failure or str(said[:300])

    async with asyncio.TaskGroup() as sending:
        for number in range(len(table.requests)):
            due = begun + number / table.per_second
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            sending.create_task(send_one(number, due))
    return result


async def send_from_outside(table: Timetable) -> Result:
    """Send from a process of its own, so that the server's process only serves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.steady",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _nothing = await process.communicate(msgspec.msgpack.encode(table))
    return msgspec.msgpack.decode(said, type=Result)


if __name__ == "__main__":
    import uvloop

    asked = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Timetable)
    sys.stdout.buffer.write(msgspec.msgpack.encode(uvloop.run(send(asked))))

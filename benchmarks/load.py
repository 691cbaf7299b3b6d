"""A small load: keep-alive connections in a closed loop, written to cost little itself."""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec


class Plan(msgspec.Struct):
    """What to send: requests by kind, in turn, and how long."""

    port: int
    seconds: float
    warm_up_seconds: float
    connections: dict[str, int]
    requests: dict[str, list[bytes]]


class Result(msgspec.Struct):
    """What came of one kind: how many were answered well, how many not, and the latencies."""

    answered: int
    failed: int
    seconds: float
    latencies_ms: list[float]
    first_failure: str = ""

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that this share of answers stays below, in milliseconds."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


@dataclass
class _Client(asyncio.Protocol):
    requests: Iterator[bytes]
    result: Result
    counting_from: float
    until: float
    done: asyncio.Future[None]
    buffer: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head_end = self.buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self.buffer[:head_end]).lower()
        found = head.find(b"content-length:")
        length = int(head[found + 15 :].split(b"\r\n", 1)[0]) if found >= 0 else 0
        if len(self.buffer) < head_end + 4 + length:
            return
        body = bytes(self.buffer[head_end + 4 : head_end + 4 + length])
        del self.buffer[: head_end + 4 + length]
        self._note(head, body)
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _note(self, head: bytes, body: bytes) -> None:
        now = time.perf_counter()
        if not self.counting_from <= self.sent_at or now > self.until:
            return
        if head[9:10] == b"2":
            self.result.answered += 1
            self.result.latencies_ms.append((now - self.sent_at) * 1000)
        else:
            self.result.failed += 1
            self.result.first_failure = self.result.first_failure or str(head[:40] + body[:300])

    def _next(self) -> None:
        self.sent_at = time.perf_counter()
        if self.sent_at >= self.until:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.transport.write(next(self.requests))  # type: ignore[attr-defined]


async def send(plan: Plan) -> dict[str, Result]:
    """Send every kind of request at once, and count what is answered after the warm-up."""
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    counting_from = start + plan.warm_up_seconds
    until = counting_from + plan.seconds
    results: dict[str, Result] = {}
    waiting: list[asyncio.Future[None]] = []
    for kind, connections in plan.connections.items():
        results[kind] = Result(0, 0, plan.seconds, [])
        turns = itertools.cycle(plan.requests[kind])
        for _each in range(connections):
            done: asyncio.Future[None] = loop.create_future()
            client = _Client(turns, results[kind], counting_from, until, done)
            await loop.create_connection(lambda made=client: made, "127.0.0.1", plan.port)
            waiting.append(done)
    await asyncio.wait(waiting, timeout=plan.seconds + plan.warm_up_seconds + 10)
    return results


async def send_from_outside(plan: Plan) -> dict[str, Result]:
    """Send from a process of its own, so that the server's process only serves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.load",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _nothing = await process.communicate(msgspec.msgpack.encode(plan))
    return msgspec.msgpack.decode(said, type=dict[str, Result])


def request(method: str, path: str, cookie: str, body: bytes = b"") -> bytes:
    """Write one HTTP request as it goes over the wire."""
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Cookie: {cookie}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def spread(results: Sequence[float]) -> str:
    """Say the least, the middle and the most of some figures."""
    ordered = sorted(results)
    return f"{ordered[len(ordered) // 2]:,.0f} [{ordered[0]:,.0f}-{ordered[-1]:,.0f}]"


if __name__ == "__main__":
    import uvloop

    asked = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.msgpack.encode(uvloop.run(send(asked))))

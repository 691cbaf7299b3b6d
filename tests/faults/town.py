"""A whole installation in processes of its own, each of which may be killed without a word."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from tests.faults.patience import until

from headwater.base.postgres import supervisor
from headwater.base.postgres.supervisor import Cluster
from headwater.sandbox.serve import ORDER

STARTS_SECONDS = 45.0


@dataclass
class Town:
    """The server, the worker, the sandbox and the database of one home."""

    home: Path
    port: int
    sandbox_port: int
    cluster: Cluster
    http: httpx2.AsyncClient
    running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the shop answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def credentials(self) -> dict[str, Any]:
        """What the sandbox has written for its clients."""
        known: dict[str, Any] = msgspec.json.decode((self.home / "credentials.json").read_bytes())
        return known

    async def start(self, name: str) -> None:
        """Start one of our commands and wait until it stands."""
        arguments = [name]
        if name == "sandbox":
            arguments += ["--ports-from", str(self.sandbox_port), "--speed", "20"]
            arguments += ["--credentials-out", str(self.home / "credentials.json")]
        with (self.home / f"{name}.log").open("ab") as log:
            self.running[name] = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "headwater", *arguments),
                env=environment(self.home, self.port),
                stdout=log,
                stderr=log,
            )
        if name != "work":
            await until(lambda: self._stands(name), STARTS_SECONDS, name)

    async def kill(self, name: str) -> None:
        """End a process as a power cut does; `database` is the server's first process."""
        self.kills[name] = self.kills.get(name, 0) + 1
        if name == "database":
            process_id = await until(self._database, STARTS_SECONDS, "a database to kill")
            os.kill(process_id, signal.SIGKILL)
            return
        process = self.running.pop(name)
        process.kill()
        await process.wait()

    async def stop(self) -> None:
        """End what still runs, gently."""
        for process in self.running.values():
            if process.returncode is None:
                process.terminate()
        for process in self.running.values():
            await asyncio.wait_for(process.wait(), STARTS_SECONDS)

    async def rejoin(self) -> None:
        """Use the database that runs now: after a kill it may have come back at another port."""
        fresh = await supervisor.start(self.home / "postgres")
        old, self.cluster = self.cluster, fresh
        await old.stop()

    def said(self, name: str) -> str:
        """What a process has written so far."""
        return (self.home / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    async def _database(self) -> int | None:
        return self.cluster.process_id()

    async def _stands(self, name: str) -> bool:
        ended = self.running[name].returncode
        assert ended is None, f"{name} ended with {ended}: {self.said(name)[-2000:]}"
        path = f"http://127.0.0.1:{self.sandbox_port + 3}/_sandbox/people"
        try:
            answer = await self.http.get(f"{self.url}/readyz" if name == "serve" else path)
        except httpx2.TransportError:
            return False
        return answer.status_code == 200


@asynccontextmanager
async def raised() -> AsyncIterator[Town]:
    """Raise a town with an empty, migrated database, and take it down again."""
    home = Path(tempfile.mkdtemp(prefix="headwater-"))
    # The database may run under an account that must pass through here.
    home.chmod(0o755)
    try:
        cluster = await supervisor.start(home / "postgres")
        # The sandbox has a port for each of its hosts, and the shop the one after them.
        first = free_ports(len(ORDER) + 1)
        # Two hundred at once: none of them waits for another's connection.
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=40)
        async with httpx2.AsyncClient(timeout=30.0, limits=limits) as http:
            town = Town(home, first + len(ORDER), first, cluster, http)
            try:
                await run(town, "migrate", "--yes")
                for name in ("sandbox", "serve", "work"):
                    await town.start(name)
                yield town
            finally:
                await town.stop()
            await town.cluster.stop()
    finally:
        await supervisor.erase(home / "postgres")
        shutil.rmtree(home)


async def run(town: Town, *arguments: str) -> str:
    """Run one of our commands to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "headwater", *arguments),
        env=environment(town.home, town.port),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _nothing = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


def environment(home: Path, port: int) -> dict[str, str]:
    """The environment of a process of this home, and of no other installation."""
    kept = {name: value for name, value in os.environ.items() if "HEADWATER" not in name}
    kept.pop("DATABASE_URL", None)
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HEADWATER_HOME": str(home),
        "HEADWATER_PORT": str(port),
        "HEADWATER_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


def free_ports(count: int) -> int:
    """The first of some ports in a row that nobody uses now, below those the system deals out."""
    first = 20_000 + os.getpid() % 6_000
    for port in range(first, 32_000, count):
        if all(_is_free(each) for each in range(port, port + count)):
            return port
    raise AssertionError(f"there are no {count} free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

"""The sandbox as a program: each host on a port of its own in one process, no database."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from headwater.sandbox.credentials import (
    Credentials,
    Hosts,
    at_hosts,
    make_credentials,
)
from headwater.sandbox.scenario import BadScenario, Script, play, read_script
from headwater.sandbox.side_doors import stage_of
from headwater.sandbox.simulated import PLUGS, Sandbox, make_sandbox

# A host's port is the first port plus its place here; a new host goes to the end.
ORDER = ("pay", "weixin", "sms", "phone", "qyapi", "ads", "cos")
STATE_SUFFIX = ".state.jsonl"
SHUTDOWN_SECONDS = 2


class CannotServe(Exception):
    """The sandbox cannot start; the message is one clear line for the terminal."""


@dataclass(frozen=True)
class Start:
    """Where a sandbox listens, what it writes, and how it behaves."""

    host: str
    ports_from: int
    credentials_out: Path
    seed: int = 1
    speed: float = 1.0
    state_file: Path | None = None
    scenario_file: Path | None = None

    @property
    def state(self) -> Path:
        """Where the state is kept: beside the credentials, unless it was said."""
        beside = self.credentials_out.with_name(self.credentials_out.name + STATE_SUFFIX)
        return self.state_file or beside


async def run(start: Start, started: Callable[[Sandbox], Awaitable[None]] | None = None) -> None:
    """Serve until stopped, on the first port and those after it, in the order of ORDER.

    The credentials are written once all ports are ours. If the file is there already, its keys
    are used again, and so is the state: a restarted sandbox knows whose money it took.
    """
    script = _script(start.scenario_file)
    sockets = _take_ports(start.host, start.ports_from)
    try:
        known = _credentials(start)
        sandbox = _built(start, known)
        _write(start.credentials_out, known)
        play(script, sandbox.faults, stage_of(sandbox.ground))
        ticking = asyncio.create_task(sandbox.keep_time())
        try:
            if started is not None:
                await started(sandbox)
            await _serve(sandbox, start.ports_from, sockets)
        finally:
            ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticking
            await sandbox.close()
    finally:
        for one in sockets:
            one.close()


def _built(start: Start, known: Credentials) -> Sandbox:
    """Build it over its state; a file that is none of ours is named, and left as it is."""
    try:
        return make_sandbox(start.seed, start.speed, wall_clock, None, known, start.state)
    except OSError as error:
        raise CannotServe(f"cannot use {start.state}: {error.strerror}") from error
    except (msgspec.DecodeError, LookupError, TypeError, ValueError) as error:
        raise CannotServe(
            f"{start.state} and {start.credentials_out} do not belong to this sandbox "
            f"({error}); move them away"
        ) from error


async def _serve(sandbox: Sandbox, ports_from: int, sockets: list[socket.socket]) -> None:
    apps = {port: sandbox.apps[name] for name, port in _ports(ports_from).items()}
    config = uvicorn.Config(
        ByPort(apps),
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=sockets))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        # Whoever cancels us gets the ports back closed, not cut off in the middle of an answer.
        server.should_exit = True
        await serving
        raise


class ByPort:
    """Sends each connection to the host that lives on the port it came to."""

    def __init__(self, apps: dict[int, ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._apps[scope["server"][1]](scope, receive, send)


def wall_clock() -> datetime:
    """The real time; everywhere else the time is handed in."""
    return datetime.fromtimestamp(time.time(), UTC)


def read_credentials(path: Path) -> Credentials:
    """The credentials that an earlier start wrote."""
    try:
        known: Any = msgspec.json.decode(path.read_bytes())
        if isinstance(known, dict) and "only_the_sandbox_holds" in known.get("pay", {}):
            return known
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    raise CannotServe(f"{path} is not a credentials file of this sandbox; move it away")


def _credentials(start: Start) -> Credentials:
    path = start.credentials_out
    hosts = hosts_at(start.host, start.ports_from)
    try:
        known = read_credentials(path) if path.exists() else None
        credentials = at_hosts(known or make_credentials(start.seed, wall_clock()), hosts)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise CannotServe(
            f"{path} is not a credentials file of this sandbox; move it away"
        ) from error
    return credentials


def _script(file: Path | None) -> Script:
    try:
        return Script() if file is None else read_script(file)
    except BadScenario as error:
        raise CannotServe(str(error)) from error


def _write(path: Path, credentials: Credentials) -> None:
    text = msgspec.json.format(msgspec.json.encode(credentials), indent=2)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Private keys are in it, so only the owner may read it, from its first byte on.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text)
        part.replace(path)
    except OSError as error:
        raise CannotServe(f"cannot write {path}: {error.strerror}") from error


def hosts_at(host: str, ports_from: int) -> Hosts:
    """The addresses of all hosts of a sandbox that serves from this port on."""
    return Hosts(
        **{name: f"http://{host}:{ports_from + place}" for place, name in enumerate(ORDER)}
    )


def _ports(ports_from: int) -> dict[str, int]:
    return {name: ports_from + place for place, name in enumerate(ORDER) if name in PLUGS}


def _take_ports(host: str, ports_from: int) -> list[socket.socket]:
    taken: list[socket.socket] = []
    for port in _ports(ports_from).values():
        # Named as TCP, for only then does the event loop answer without waiting for more to send.
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.append(one)
        try:
            one.bind((host, port))
            one.listen(128)
        except (OSError, OverflowError) as error:
            for other in taken:
                other.close()
            raise CannotServe(f"port {port} on {host} cannot be had: {error}") from error
    return taken

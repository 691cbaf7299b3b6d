"""The server and the worker as processes of their own."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
import uvloop

from headwater.app import building as wiring
from headwater.app import credentials, doors, rotation, worker
from headwater.app.channels import open_channels
from headwater.app.ground import standing
from headwater.app.rotation import Rotation
from headwater.base import settings as reading
from headwater.base.crypto import Keys
from headwater.base.db import Pool
from headwater.base.errors import BadInput
from headwater.base.settings import Settings
from headwater.connect.processes.living import Sharer
from headwater.connect.wechat_pay import keep_keys_fresh
from headwater.web.kit.building import Building


def credentials_file(settings: Settings) -> Path:
    """Say where the credentials of the outside lie."""
    return settings.credentials_file or settings.home / "credentials.json"


def keys_of(settings: Settings) -> Keys:
    """Read this installation's keys, or draw them at the first start."""
    return Keys.load(settings.home / wiring.KEYS_FILE)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Building]:
    """Open a building on the real outside: database, keys, credentials and a client."""
    file = credentials_file(settings)
    known = credentials.read(file)
    async with standing(settings) as ground, wiring.outside() as http:
        pool = await ground.pool(settings.pool_size)
        try:
            building = wiring.build(settings, pool, keys_of(settings), known, http)
            await open_channels(building)
            sharer = Sharer(pool, building.traffic, building.now)
            async with kept_fresh(building, rotation_of(building, file)), sharer.among_us():
                yield building
        finally:
            await pool.close()


def rotation_of(building: Building, file: Path) -> Rotation:
    """Watch every file whose secrets may change while the house stands."""
    return Rotation(
        (
            rotation.of_credentials(file, building.outside),
            rotation.of_keys(building.settings.home / wiring.KEYS_FILE, building.secrets),
            rotation.of_settings(reading.file_of(building.settings), building, Pool.lead_to),
        )
    )


@asynccontextmanager
async def kept_fresh(building: Building, rotation: Rotation) -> AsyncIterator[None]:
    """Keep secrets and keys fresh in this process for as long as the block lasts.

    New credentials are looked for every few seconds, and at once on SIGHUP.
    """
    watching = asyncio.create_task(rotation.watch())
    fresh = asyncio.create_task(keep_keys_fresh(lambda: building.pay.refresh_platform_keys()))
    loop = asyncio.get_running_loop()
    # Only the main thread hears signals; elsewhere the seconds must do.
    with suppress(ValueError, RuntimeError):
        loop.add_signal_handler(signal.SIGHUP, rotation.look)
    try:
        yield
    finally:
        watching.cancel()
        fresh.cancel()
        loop.remove_signal_handler(signal.SIGHUP)


def serve(settings: Settings) -> None:
    """Serve every door until told to stop."""
    with (
        take_port(settings.host, settings.port) as listening,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_serve(settings, listening))


async def _serve(settings: Settings, listening: socket.socket) -> None:
    async with opened(settings) as building:
        config = uvicorn.Config(
            doors.open_doors(building),
            log_level=settings.log_level if settings.log_level != "info" else "warning",
            access_log=False,
            http="httptools",
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
        # The server hands a signal on once it has ended; the building still wants to be closed.
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda _signal, _frame: None)
        await uvicorn.Server(config).serve(sockets=[listening])


def take_port(host: str, port: int) -> socket.socket:
    """Take the port before anything is started, so that a taken one is one clear line."""
    # Named TCP, since asyncio switches Nagle's delay off only for sockets that say so.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except (OSError, OverflowError) as error:
        listening.close()
        raise BadInput("HEADWATER_PORT", f"port {port} cannot be had: {error}") from error
    return listening


async def work(settings: Settings) -> None:
    """Work until told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with opened(settings) as building:
        await worker.work(building, stop)

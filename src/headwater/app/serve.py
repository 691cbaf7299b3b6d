"""The server and the worker as processes of their own."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from headwater.app import building as wiring
from headwater.app import credentials, doors, worker
from headwater.app.ground import standing
from headwater.base.crypto import Keys
from headwater.base.errors import BadInput
from headwater.base.settings import Settings
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
    known = credentials.read(credentials_file(settings))
    async with standing(settings) as ground, wiring.outside() as http:
        pool = await ground.pool(settings.pool_size)
        try:
            yield wiring.build(settings, pool, keys_of(settings), known, http)
        finally:
            await pool.close()


def serve(settings: Settings) -> None:
    """Serve every door until told to stop."""
    known = credentials.read(credentials_file(settings))
    phone = known.get("phone", {}).get("base_url")
    pay_page = settings.pay_page_url or (f"{phone}/phone/pay" if phone else None)
    site = doors.site_of(settings, keys_of(settings).signing, pay_page)
    app = doors.open_doors_later(lambda: opened(settings), site)
    listening = take_port(settings.host, settings.port)
    config = uvicorn.Config(
        app,
        log_level=settings.log_level if settings.log_level != "info" else "warning",
        access_log=False,
        loop="uvloop",
        http="httptools",
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run(sockets=[listening])


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

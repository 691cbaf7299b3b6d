"""The two servers that are measured: our doors, and a bare route that makes one database call."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from uuid import UUID

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks import ground
from headwater.app import building as wiring
from headwater.app import doors
from headwater.app.serve import take_port
from headwater.base.crypto import Keys
from headwater.base.db import Pool
from headwater.base.settings import Settings


async def ours(url: str, home: Path) -> Starlette:
    """Open every door of the house, as `headwater serve` does."""
    pool = await Pool.open(url, 10)
    settings = Settings(home=home)
    keys = Keys.load(home / "keys.json")
    http = wiring.outside()
    return doors.open_doors(wiring.build(settings, pool, keys, ground.known(home), http))


async def bare(url: str, store_id: UUID) -> Starlette:
    """Open one route that makes one call; the floor for Python and this database."""

    async def leave(connection: asyncpg.Connection) -> None:
        """Skip the reset, as our own pool does."""

    walls = {"headwater.wall": "system"}
    pool = await asyncpg.create_pool(
        url, min_size=10, max_size=10, reset=leave, server_settings=walls
    )
    call = "SELECT bench.place_order($1, $2, $3, $4)"

    async def place(request: Request) -> Response:
        asked = json.loads(await request.body())
        first, second = random.sample(range(ground.VARIANTS), 2)
        async with pool.acquire() as connection:
            order_id = await connection.fetchval(call, store_id, asked["member"], first, second)
        return Response(f'{{"id":"{order_id}"}}', 201, media_type="application/json")

    return Starlette(routes=[Route("/orders", place, methods=["POST"])])


async def main() -> None:
    """Serve until ended; the port is the first line of the output."""
    which, url, home = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    app = await (ours(url, home) if which == "ours" else bare(url, ground.STORE.id))
    listening = take_port("127.0.0.1", 0)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(app, log_level="error", access_log=False, http="httptools")
    await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())

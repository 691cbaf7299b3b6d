"""The worker behind the measured server: hands on facts and does jobs until it is ended."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks import ground
from headwater.app import building as wiring
from headwater.app import worker
from headwater.base import events
from headwater.base.crypto import Keys
from headwater.base.db import Pool
from headwater.base.settings import Settings


async def main() -> None:
    """Work until ended; the first line says that it has begun."""
    url, home = sys.argv[1], Path(sys.argv[2])
    pool = await Pool.open(url, 4)
    keys = Keys.load(home / "keys.json")
    building = wiring.build(Settings(home=home), pool, keys, ground.known(home), wiring.outside())
    worker.load_reactions()
    jobs = worker.clocks()
    sys.stdout.write("0\n")
    sys.stdout.flush()
    while True:
        now = building.now()
        did = await events.work_off(pool, now) + await jobs.work_off(pool, building, now)
        if not did:
            await asyncio.sleep(worker.IDLE_SECONDS)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())

"""Five hundred orders bought and refunded while the sandbox does everything wrong at once.

python -m benchmarks.storm [orders]
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.storm import weathered
from tests.house import raised

from benchmarks.ground import roomy
from headwater.base.postgres import migrate, supervisor

ORDERS = 500
Say = Callable[[str], None]


async def main(say: Say = print, orders: int = ORDERS) -> None:
    """Weather the storm on a database of its own, and print what came of it."""
    # What is refused on the way is the storm itself, and is counted below.
    logging.disable(logging.WARNING)
    home = Path(tempfile.mkdtemp(prefix="headwater-storm-", dir=roomy()))
    cluster = await supervisor.start(home / "postgres")
    say(f"Storm: {orders} orders through the public doors, everything misbehaving at once.")
    try:
        await migrate.apply(cluster.owner_url)
        begun = time.perf_counter()
        async with raised(cluster.app_url, home) as house:
            outcome = await weathered(house, orders)
        for line in outcome.table.splitlines():
            say(f"  {line}")
        say(f"  {time.perf_counter() - begun:.0f} seconds; the least: no difference, nothing lost")
        if not outcome.is_clear:
            raise SystemExit("the storm broke something")
    finally:
        logging.disable(logging.NOTSET)
        await cluster.stop()
        await supervisor.erase(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(orders=int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS))

"""All headline figures from one run on this machine: `make bench`."""

from __future__ import annotations

import asyncio
import os
import platform
import sys

from benchmarks import facts, hooks, import_rows, orders


async def main() -> None:
    """Print each figure under its own heading."""
    say(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )
    await orders.main(say)
    await facts.main(say)
    await hooks.main(say)
    await import_rows.main(say)


def say(sentence: str) -> None:
    """Print a line at once, so that a long run shows how far it is."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())

"""Rows a second of the demo brand's import, beside a bare COPY of the same order lines.

python -m benchmarks.import_rows
"""

from __future__ import annotations

import asyncio
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import asyncpg

from benchmarks.ground import roomy
from headwater.app.imports.complete_journey import load, people, source
from headwater.app.imports.complete_journey.counts import Report
from headwater.base.crypto import Keys
from headwater.base.db import Pool
from headwater.base.postgres import migrate, supervisor

Say = Callable[[str], None]
# The bare side: the same rows in a table without keys, checks or walls, but with its log.
_BARE = "CREATE SCHEMA bare; CREATE TABLE bare.order_lines (LIKE trade.order_lines)"
_TABLES = """
SELECT format('%I.%I', table_schema, table_name)
  FROM information_schema.tables
 WHERE table_type = 'BASE TABLE'
   AND table_schema IN ('stores', 'catalog', 'pricing', 'members', 'guides', 'trade', 'books',
                        'reach', 'gate', 'stock')
"""


async def main(say: Say = print) -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp(prefix="headwater-bench-", dir=roomy()))
    cluster = await supervisor.start(home / "postgres")
    try:
        await migrate.apply(cluster.owner_url)
        before = await _rows(cluster.owner_url)
        steps, report = await _load(cluster.owner_url, home)
        rows = await _rows(cluster.owner_url) - before
        bare = await _bare_copy(cluster.owner_url, home / "lines.bin")
        _print(say, steps, rows, report, bare)
    finally:
        await cluster.stop()
        await supervisor.erase(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


async def _load(url: str, home: Path) -> tuple[dict[str, float], Report]:
    """Import everything and time each step."""
    began: list[tuple[str, float]] = []
    now = datetime.now(UTC)
    followed = people.Followed("wx-bench", people.demo_openid)
    plan = load.Plan(source.folder(), source.shift_to(now), followed)
    pool = await Pool.open(url, 2)
    try:
        report = await load.load(
            pool,
            Keys.load(home / "keys.json"),
            plan,
            now,
            lambda name, _done, _of: began.append((name, time.perf_counter())),
        )
    finally:
        await pool.close()
    began.append(("", time.perf_counter()))
    return {name: until - since for (name, since), (_, until) in pairwise(began)}, report


async def _bare_copy(url: str, file: Path) -> float:
    """COPY the same lines into a table that checks nothing; the file is made before."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_BARE)
        await connection.copy_from_table(
            "order_lines", schema_name="trade", output=str(file), format="binary"
        )
        began = time.perf_counter()
        await connection.copy_to_table(
            "order_lines", schema_name="bare", source=str(file), format="binary"
        )
        return time.perf_counter() - began
    finally:
        await connection.close()


async def _rows(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        tables = [row[0] for row in await connection.fetch(_TABLES)]
        return sum([await connection.fetchval(f"SELECT count(*) FROM {name}") for name in tables])
    finally:
        await connection.close()


def _print(
    say: Say, steps: dict[str, float], rows: int, report: Report, bare_seconds: float
) -> None:
    whole = sum(steps.values())
    lines = report.source.lines
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"Import: {rows:,} rows in {whole:.1f} s, {rows / whole:,.0f} rows/s, {memory:,.0f} MB.")
    say("  " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in steps.items()))
    sales = steps["sales"]
    say(f"  sales alone: {lines:,} lines with their orders, log and books: {lines / sales:,.0f}/s")
    say(f"  bare COPY of the same lines: {lines / bare_seconds:,.0f}/s in {bare_seconds:.1f} s")
    say(f"  ratio: {bare_seconds / sales:.2f} for sales, {bare_seconds / whole:.2f} for everything")
    differing = report.differences()
    say(f"  counts and sums of money {'differ: ' + ', '.join(differing) if differing else 'equal'}")


if __name__ == "__main__":
    asyncio.run(main())

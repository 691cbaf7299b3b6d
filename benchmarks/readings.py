"""A night of readings: every order of a big brand added up by arm, beside a bare scan of them.

python -m benchmarks.readings [MEMBERS]

A program that began 13 weeks ago over everybody, and five campaigns of a tenth each; ten orders a
member over nine months, one in twenty refunded in part. Tables are analysed, as they are in use.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from benchmarks import ground
from benchmarks.ground import BRAND, STORE, Ground
from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool
from headwater.increment import arms, experiments, outcomes, proofs, readings
from headwater.increment.experiments import Experiment, Question

MEMBERS = 300_000
CAMPAIGNS = 5
AT_ONCE = 50_000
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
LAUNCH = NOW - timedelta(weeks=13)
Say = Callable[[str], None]

_ORDERS = """
INSERT INTO trade.orders (
       bucket, id, number, member_id, store_id, kind, state, door, fulfilment, goods_fen,
       discount_fen, payable_fen, refunded_fen, placed_at, paid_at)
SELECT bucket, gen_random_uuid(), 'N' || n || '-' || k, id, $1, 'store', 'handed_over', 'store',
       'carried', fen, 0, fen, CASE WHEN (n + k) % 20 = 0 THEN fen / 2 ELSE 0 END, at, at
  FROM (SELECT crowd.bucket, crowd.id, n, k, (1000 + exp(random() * 4 + 6))::bigint AS fen,
               $2::timestamptz + (random() * 39 - 26) * interval '1 week' AS at
          FROM bench.many AS crowd
         CROSS JOIN LATERAL generate_series(1, 1 + (18 * (n::bigint * 7919 % 1000) / 1000)::int)
               AS k) AS drawn
 ORDER BY at
"""
_BARE = "SELECT count(*), sum(payable_fen - refunded_fen) FROM trade.orders"
_BY_MEMBER = """
SELECT count(*), sum(spent)
  FROM (SELECT sum(payable_fen - refunded_fen) AS spent
          FROM trade.orders
         GROUP BY bucket, member_id) AS each
"""


async def main(say: Say, count: int) -> None:
    """Measure and print."""
    async with ground.laid() as laid:
        members = [ids.named_member("bench-reader", str(number)) for number in range(count)]
        await _fill(laid, members)
        pool = await Pool.open(laid.cluster.app_url, 2)
        try:
            async with pool.transaction(SYSTEM) as db:
                program, campaigns = await _asked(db, members)
            await _analyse(laid)
            await _measure(pool, say, program, campaigns)
        finally:
            await pool.close()


async def _measure(pool: Pool, say: Say, program: Experiment, campaigns: list[Experiment]) -> None:
    async with pool.transaction(SYSTEM) as db:
        orders = await db.raw.fetchval("SELECT count(*) FROM trade.orders")
        say(f"Readings: {program.drawn_count:,} members, {orders:,} orders, {CAMPAIGNS} campaigns")
        scan = await _timed(say, "bare scan", lambda: db.raw.fetch(_BARE))
        await db.raw.execute("SET LOCAL enable_indexscan = off; SET LOCAL work_mem = '128MB'")
        bare = await _timed(say, "bare sums by member", lambda: db.raw.fetch(_BY_MEMBER))
        await db.raw.execute("SET LOCAL enable_indexscan = on; SET LOCAL work_mem TO DEFAULT")
        looks = [each.at for each in program.looks_due(NOW)]
        sums = await _timed(say, "the program's sums", lambda: outcomes.arms_of(db, program, looks))
        say(f"    {sums / scan:.1f} times the scan, {sums / bare:.1f} times the sums by member")
        found = await outcomes.arms_of(db, program, looks)
        await _timed(say, "its proof", lambda: proofs.of_sales(db, program, found))
    for name, which in (("the program", [program]), ("the campaigns", campaigns)):
        await _read(pool, say, f"{name} at a look", which)
        await _read(pool, say, f"{name} between looks", which)


async def _read(pool: Pool, say: Say, name: str, which: list[Experiment]) -> None:
    async def read() -> None:
        for each in which:
            async with pool.transaction(SYSTEM) as db:
                await readings.read(db, each.id, NOW)

    await _timed(say, name, read)


async def _timed(say: Say, name: str, work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    seconds = time.perf_counter() - began
    say(f"  {name:28} {seconds:7.2f} s")
    return seconds


async def _fill(laid: Ground, members: list[UUID]) -> None:
    """Write a year of orders in the order of time, as they come."""
    connection = await asyncpg.connect(laid.cluster.owner_url)
    people = [(ids.bucket_of(each), each) for each in members]
    rows = [(*each, f"R{n}", "bench", LAUNCH, LAUNCH) for n, each in enumerate(people)]
    columns = ["bucket", "id", "member_no", "source", "joined_at", "sessions_from_at"]
    await connection.copy_records_to_table(
        "members", schema_name="members", columns=columns, records=rows
    )
    await connection.execute("CREATE TABLE bench.many (n integer, bucket smallint, id uuid)")
    await connection.copy_records_to_table(
        "many", schema_name="bench", records=[(n, *each) for n, each in enumerate(people)]
    )
    await connection.execute("SELECT setseed(0.5)")
    await connection.execute(_ORDERS, STORE.id, LAUNCH, timeout=1_800)
    await connection.close()


async def _analyse(laid: Ground) -> None:
    connection = await asyncpg.connect(laid.cluster.owner_url)
    await connection.execute("VACUUM ANALYZE", timeout=600)
    await connection.close()


async def _asked(db: Db, members: list[UUID]) -> tuple[Experiment, list[Experiment]]:
    """Ask a program's question of everybody, and each campaign's of its tenth."""
    program = await _ask(db, "program", members, LAUNCH, 182)
    tenth = len(members) // 10
    campaigns = [
        await _ask(db, f"campaign-{no}", members[no * tenth :][:tenth], NOW - timedelta(20), 28)
        for no in range(CAMPAIGNS)
    ]
    return program, campaigns


async def _ask(db: Db, code: str, members: list[UUID], at: datetime, days: int) -> Experiment:
    kind = "program" if code == "program" else "campaign"
    question = Question(kind, BRAND.id, code, code, code, 0.1, days)  # type: ignore[arg-type]
    made = await experiments.launch(db, question, at)
    for start in range(0, len(members), AT_ONCE):
        await arms.assign(db, made.id, members[start : start + AT_ONCE], at)
    return await experiments.get(db, made.id)


def _print(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(_print, int(sys.argv[1]) if len(sys.argv) > 1 else MEMBERS))

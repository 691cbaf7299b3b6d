"""A file of member-weeks read in one pass to sums and estimates, beside a bare scan of the file.

python -m benchmarks.increment_read [MEMBERS]

The layout is what a brand's own warehouse has: a row for each member and week, newest week last,
five figures a row. Ten million members over thirteen weeks are 130 million rows; the first four
weeks lie before the start and become covariates. The truth is known: treated members buy 2 % more.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from headwater.increment.analyst import members
from headwater.increment.analyst.arms import Question
from headwater.increment.analyst.members import Reading
from headwater.increment.analyst.tables import MEMORY_LIMIT, THREADS, Source

MEMBERS = 10_000_000
WEEKS = 13
START = 4
LIFT = 0.02
SHARE = 0.1
METRICS = ("sales_fen", "orders", "visits", "refunds_fen", "coupon_fen")
MOST_SECONDS, MOST_MEGABYTES = 20, 4_096
FOLDER = Path(__file__).parents[1] / "build" / "increment_read"
Say = Callable[[str], None]

# Who buys often does so in every week; whether, and how much, is chance, and the same every time.
_ROWS = """
COPY (
    WITH habits AS (
        SELECT range AS member_id, hash(range * 64 + 40) % 1000 / 1000.0 AS habit,
               CASE WHEN hash(range * 64 + 41) % 1000 < {share} * 1000 THEN 'holdout'
               ELSE 'treated' END AS arm
          FROM range({members})
    ), drawn AS (
        SELECT member_id, week, arm, hash(member_id * 64 + week) % 1000 < 400 * habit AS buys,
               hash(member_id * 64 + 13 + week) AS one, hash(member_id * 64 + 26 + week) AS other,
               CASE WHEN arm = 'treated' AND week >= {start} THEN 1 + {lift} ELSE 1 END AS effect
          FROM (SELECT range::TINYINT AS week FROM range({weeks})) weeks, habits
    )
    SELECT member_id, week, arm,
           CASE WHEN buys THEN round((2000 + one % 20000) * effect) ELSE 0 END::INTEGER
               AS sales_fen,
           buys::TINYINT AS orders, (other % 4 + buys::INTEGER)::TINYINT AS visits,
           CASE WHEN buys AND other % 12 = 0 THEN one % 9000 ELSE 0 END::INTEGER AS refunds_fen,
           CASE WHEN buys AND other % 5 = 0 THEN other % 900 ELSE 0 END::INTEGER AS coupon_fen
      FROM drawn
) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
"""


def main(say: Say, count: int) -> None:
    """Measure and print."""
    file = _made(count)
    rows = count * WEEKS
    say(f"Read: {count:,} members x {WEEKS} weeks x {len(METRICS)} metrics, {rows:,} rows")
    size = file.stat().st_size / 2**20
    say(f"  {size:,.0f} MB of Parquet; {THREADS} threads, {MEMORY_LIMIT} for the engine")
    bare, bare_cpu = _timed(lambda: _scan(file))
    found: list[Reading] = []
    seconds, cpu = _timed(lambda: found.append(members.read(Source.of(file), _question())))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"  {seconds:.1f} s ({cpu:.1f} s of processor), most {MOST_SECONDS} at the full size")
    say(f"  {megabytes:,.0f} MB at the peak, most {MOST_MEGABYTES:,}")
    say(f"  bare scan of the same columns: {bare:.1f} s ({bare_cpu:.1f} s of processor)")
    say(f"  ratio: {seconds / bare:.1f} by the clock, {cpu / bare_cpu:.1f} by the processor")
    lift = found[0].figures[0].lift
    assert lift is not None
    ends = f"between {lift.low:+.2%} and {lift.high:+.2%}"
    say(f"  sales: {lift.estimate:+.2%}, {ends}; the truth is {LIFT:+.2%}")


def _question() -> Question:
    return Question(
        "arm", "holdout", METRICS, ratios=(("sales_fen", "orders"),), unit="member_id",
        time="week", since=str(START), share=SHARE,
    )  # fmt: skip


def _made(count: int) -> Path:
    """Make the file once, in a process of its own, whose memory is not ours."""
    file = FOLDER / f"{count}.parquet"
    if not file.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".writing")
        text = _ROWS.format(
            members=count, weeks=WEEKS, start=START, lift=LIFT, share=SHARE, file=unfinished
        )
        made = f"connection = duckdb.connect(config={{'threads': {THREADS}}})"
        code = f"import duckdb; {made}; connection.execute({text!r})"
        subprocess.run([sys.executable, "-c", code], check=True)
        unfinished.replace(file)
    return file


def _scan(file: Path) -> None:
    """Read every column that the reading reads, and keep next to nothing of it."""
    with duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY_LIMIT}) as connection:
        connection.execute("SET enable_progress_bar = false")
        asked = ", ".join(f"sum({name})" for name in ("member_id", "week", *METRICS))
        connection.read_parquet(str(file)).aggregate(f"max(arm), {asked}").fetchall()


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    began, before = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - before


def _print(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(_print, int(sys.argv[1]) if len(sys.argv) > 1 else MEMBERS)

"""The ground of a benchmark: a durable database of its own, a shelf, a crowd and a served app."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from headwater.base import ids
from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Pool
from headwater.base.postgres import migrate, supervisor
from headwater.base.postgres.supervisor import Cluster
from headwater.sandbox import make_credentials
from headwater.sandbox.credentials import Hosts
from headwater.stock import movements
from headwater.stock.movements import Move
from headwater.stores import places
from headwater.stores.places import Brand, Region, Store

VARIANTS = 1000
MEMBERS = 1000
ORDERS_BEFORE = 5_000
STOCK = 1_000_000
BRAND = Brand(ids.named("bench", "brand"), "bench", "跑分", "Bench")
REGION = Region(ids.named("bench", "region"), BRAND.id, "bench", "跑分区", "Bench")
STORE = Store(
    ids.named("bench", "store"), BRAND.id, REGION.id, "BENCH", "online", "跑分店", "Bench store"
)
BENCH_SQL = Path(__file__).with_name("order_path.sql")


@dataclass(frozen=True)
class Ground:
    """Where a benchmark runs."""

    cluster: Cluster
    home: Path
    keys: Keys
    variants: list[UUID]
    members: list[UUID]


@asynccontextmanager
async def laid() -> AsyncIterator[Ground]:
    """Lay out a database with all default durability, and clear it away afterwards."""
    home = Path(tempfile.mkdtemp(prefix="headwater-bench-", dir=roomy()))
    cluster = await supervisor.start(home / "postgres")
    try:
        await migrate.apply(cluster.owner_url)
        keys = Keys.load(home / "keys.json")
        ground = Ground(cluster, home, keys, _named("variant", VARIANTS), _members())
        await _fill(ground)
        yield ground
    finally:
        await cluster.stop()
        await supervisor.erase(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


def credentials() -> dict[str, object]:
    """Make credentials of an outside that is never called: placing an order needs none."""
    nowhere = Hosts(*(f"http://127.0.0.1:{port}" for port in (9, 9, 9, 9)))
    return dict(make_credentials(1, datetime(2026, 1, 1, tzinfo=UTC), nowhere))


def known(home: Path) -> dict[str, Any]:
    """Give the credentials of one run: drawn once, and the same in each of its processes."""
    file = home / "credentials.json"
    if not file.exists():
        file.write_text(json.dumps(credentials()), encoding="utf-8")
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read


@asynccontextmanager
async def served(*arguments: str) -> AsyncIterator[int]:
    """Serve a module of the benchmarks as a process of its own; gives its port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        yield int(line)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def roomy() -> str | None:
    """Prefer a disk to a memory file system, whose syncs cost nothing."""
    var_tmp = Path("/var/tmp")
    return str(var_tmp) if var_tmp.is_dir() else None


def _named(kind: str, count: int) -> list[UUID]:
    return [ids.named(f"bench-{kind}", str(number)) for number in range(count)]


def _members() -> list[UUID]:
    return [ids.named_member("bench-member", str(number)) for number in range(MEMBERS)]


async def _fill(ground: Ground) -> None:
    now = datetime.now(UTC)
    pool = await Pool.open(ground.cluster.owner_url, 2)
    async with pool.transaction(SYSTEM) as db:
        await places.add_brand(db, BRAND)
        await places.add_region(db, REGION)
        await places.add_store(db, STORE)
        await _fill_shelf(db.raw, ground, now)
        moves = [Move(STORE.id, variant, STOCK) for variant in ground.variants]
        await movements.move(db, moves, "receive", "bench", now)
        await db.raw.execute(BENCH_SQL.read_text())
        await db.raw.copy_records_to_table(
            "shelf", schema_name="bench", records=list(enumerate(ground.variants))
        )
        crowd = [(n, id, ids.bucket_of(id)) for n, id in enumerate(ground.members)]
        await db.raw.copy_records_to_table("crowd", schema_name="bench", records=crowd)
        await db.raw.execute("GRANT USAGE ON SCHEMA bench TO headwater_app")
        await db.raw.execute("GRANT SELECT ON ALL TABLES IN SCHEMA bench TO headwater_app")
    await pool.close()
    await _live_a_while(ground)


async def _live_a_while(ground: Ground) -> None:
    """Begin with a shop that has sold before: PostgreSQL plans otherwise for empty tables."""
    connection = await asyncpg.connect(ground.cluster.app_url)
    await connection.execute("SET headwater.wall = 'system'")
    await connection.execute(
        "SELECT bench.place_order($1, n % $2, n % $3, $3 + n % $3) FROM generate_series(1, $4) n",
        STORE.id,
        MEMBERS,
        VARIANTS // 2,
        ORDERS_BEFORE,
    )
    await connection.close()
    connection = await asyncpg.connect(ground.cluster.owner_url)
    await connection.execute("ANALYZE")
    await connection.close()


async def _fill_shelf(connection: asyncpg.Connection, ground: Ground, now: datetime) -> None:
    department, category = ids.named("bench", "department"), ids.named("bench", "category")
    await connection.execute(
        "INSERT INTO catalog.departments VALUES ($1, 'bench', '跑分', 'Bench', 0)", department
    )
    await connection.execute(
        "INSERT INTO catalog.categories VALUES ($1, $2, 'bench', '跑分', 'Bench')",
        category,
        department,
    )
    products = [
        (
            ids.named("bench-product", str(n)),
            f"bench-{n}",
            BRAND.id,
            category,
            f"商品{n}",
            f"No {n}",
        )
        for n in range(VARIANTS)
    ]
    await _copy(
        connection,
        "products",
        ["id", "external_id", "brand_id", "category_id", "title_zh", "title_en"],
        products,
    )
    variants = [
        (variant, product[0], f"B{n}")
        for n, (variant, product) in enumerate(zip(ground.variants, products, strict=True))
    ]
    await _copy(connection, "variants", ["id", "product_id", "item_number"], variants)
    prices = [
        (variant, BRAND.id, 990 + n % 5000, None, now) for n, variant in enumerate(ground.variants)
    ]
    await connection.copy_records_to_table("prices", schema_name="pricing", records=prices)
    members = [
        (ids.bucket_of(id), id, f"M{n}", "bench", now, now) for n, id in enumerate(ground.members)
    ]
    columns = ["bucket", "id", "member_no", "source", "joined_at", "sessions_from_at"]
    await connection.copy_records_to_table(
        "members", schema_name="members", columns=columns, records=members
    )


async def _copy(
    connection: asyncpg.Connection, table: str, columns: list[str], rows: list[tuple[object, ...]]
) -> None:
    await connection.copy_records_to_table(
        table, schema_name="catalog", columns=columns, records=rows
    )

"""The demo brand: every count and every fen of a cut of the source arrives, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests import grounds
from tests.conftest import PARTITIONED
from tests.imports.cut import cut
from tests.imports.inside import NOW, copied, written
from tests.make import KEYS

from headwater.app.imports.complete_journey import load, people, source
from headwater.app.imports.complete_journey.counts import Report
from headwater.app.imports.kinds.kind import Act
from headwater.app.imports.run import KINDS, Wish, run
from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import BadInput
from headwater.base.postgres.supervisor import Cluster
from headwater.members import identities
from headwater.members.identities import Id
from headwater.members.imports import member_id
from headwater.stock import movements

APP = "wx-demo"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cut's files."""
    return cut(tmp_path_factory.mktemp("journey"))


@asynccontextmanager
async def _empty(cluster: Cluster, purpose: str) -> AsyncIterator[Pool]:
    """Give the owner's connections to a database that is empty."""
    template = await grounds.template(cluster, partitioned=PARTITIONED)
    async with grounds.clone(cluster, template, purpose) as name:
        pool = await Pool.open(grounds.url_of(cluster.owner_url, name), 2)
        try:
            yield pool
        finally:
            await pool.close()


@dataclass(frozen=True)
class Loaded:
    """A database after the first load, and what that load said."""

    owner: Pool
    report: Report
    foreign_keys_before: int


@pytest.fixture(scope="module")
async def loaded(cluster: Cluster, folder: Path) -> AsyncIterator[Loaded]:
    """The cut, loaded once for all who only look."""
    async with _empty(cluster, "journey") as owner:
        before = await _foreign_keys(owner)
        report = await load.load(owner, KEYS, _plan(folder), NOW)
        yield Loaded(owner, report, before)


def _plan(folder: Path) -> load.Plan:
    return load.Plan(folder, source.shift_to(NOW), people.Followed(APP, people.demo_openid))


async def _foreign_keys(owner: Pool) -> int:
    async with owner.transaction(SYSTEM) as db:
        return int(
            await db.raw.fetchval(
                "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated"
                " AND conrelid IN ('trade.order_lines'::regclass, 'trade.order_log'::regclass)"
            )
        )


async def test_the_database_holds_what_the_source_holds_to_the_fen(loaded: Loaded) -> None:
    report, owner = loaded.report, loaded.owner
    assert report.differences() == []
    assert report.source.lines > 1_000
    assert report.source.maker_coupon_fen > 0
    assert report.database.booked_fen == report.source.sales_fen
    async with owner.transaction(SYSTEM) as db:
        assert await movements.drift(db) == []
        broken = await db.raw.fetchval(
            "SELECT count(*) FROM trade.orders JOIN (SELECT bucket, order_id,"
            " sum(goods_fen) AS goods, sum(payable_fen) AS payable, min(line_no) AS first,"
            " max(line_no) - count(*) AS gap FROM trade.order_lines GROUP BY bucket, order_id)"
            " AS line ON line.bucket = orders.bucket AND line.order_id = orders.id"
            " WHERE goods <> goods_fen OR payable <> payable_fen OR gap <> 0 OR first <> 1"
        )
        assert broken == 0


async def test_every_discount_is_explained(loaded: Loaded) -> None:
    async with loaded.owner.transaction(SYSTEM) as db:
        unexplained = await db.raw.fetchval(
            "SELECT count(*) FROM trade.order_lines WHERE discount_fen <>"
            " coalesce((SELECT sum((part ->> 'fen')::bigint)"
            " FROM jsonb_array_elements(parts) AS part), 0)"
        )
        assert unexplained == 0


async def test_a_second_run_changes_nothing(loaded: Loaded, folder: Path) -> None:
    moved = replace(_plan(folder), shift=source.NO_SHIFT)
    again = await load.load(loaded.owner, KEYS, moved, NOW)
    assert (loaded.report.was_there, again.was_there) == (False, True)
    assert again.database == loaded.report.database


async def test_a_brand_that_sells_already_can_take_the_demo_beside_it(
    cluster: Cluster, folder: Path, tmp_path: Path
) -> None:
    act = Act(KEYS, NOW, "import:1")
    async with _empty(cluster, "beside") as owner:
        for kind in ("stores", "products", "members", "orders"):
            await run(owner, KINDS[kind], Wish(copied(tmp_path, kind)), act)
        report = await load.load(owner, KEYS, _plan(folder), NOW)
        assert report.differences() == []


async def test_a_brand_with_the_same_codes_is_not_written_over(
    cluster: Cluster, folder: Path, tmp_path: Path
) -> None:
    rows = ("code,name_zh,region_code,brand_code,brand_zh", "ONLINE,我们的线上店,r,ours,我们")
    act = Act(KEYS, NOW, "import:1")
    async with _empty(cluster, "clash") as owner:
        await run(owner, KINDS["stores"], Wish(written(tmp_path, "stores", *rows)), act)
        with pytest.raises(BadInput, match="ONLINE is used here already"):
            await load.load(owner, KEYS, _plan(folder), NOW)


async def test_members_are_sealed_and_can_be_found(loaded: Loaded) -> None:
    async with loaded.owner.transaction(SYSTEM) as db:
        external_id = await db.raw.fetchval("SELECT min(external_id) FROM members.members")
        household = int(external_id.removeprefix("cj-"))
        mine = member_id(external_id)
        assert await identities.find(db, KEYS, Id("phone", people.phone(household))) == mine
        openid = Id("open_id", people.demo_openid(external_id), APP)
        assert await identities.find(db, KEYS, openid) == mine
        sealed = await db.raw.fetchval("SELECT min(phone_mask) FROM members.members")
        assert "****" in sealed


async def test_foreign_keys_stand_again_after_the_load(loaded: Loaded) -> None:
    assert await _foreign_keys(loaded.owner) == loaded.foreign_keys_before > 0

"""A house is saved while people shop, and comes back whole into an empty one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests import grounds, make
from tests.house import House, raised
from tests.shopper import number_of, shelf, shopper

from headwater.app.backup import house as backups
from headwater.app.backup.files import DATABASE
from headwater.app.ground import Ground
from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import BadInput
from headwater.base.postgres.errors import GroundTrouble
from headwater.base.postgres.supervisor import Cluster
from headwater.base.settings import Settings
from headwater.members import identities

PICTURE = b"\xff\xd8 drawn anew"


def ground_at(cluster: Cluster, name: str) -> Ground:
    owner, app = (grounds.url_of(url, name) for url in (cluster.owner_url, cluster.app_url))
    return Ground(owner, app, None, is_embedded=True)


@dataclass
class Saved:
    """A house in which somebody bought, and the backup of it."""

    house: House
    ground: Ground
    folder: Path
    bought: str

    @property
    def settings(self) -> Settings:
        return self.house.building.settings


@asynccontextmanager
async def empty(cluster: Cluster) -> AsyncIterator[Ground]:
    async with grounds.clone(cluster, "template0", "again") as name:
        yield ground_at(cluster, name)


@pytest.fixture
async def saved(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Saved]:
    source = await grounds.template(cluster)
    async with grounds.clone(cluster, source, "saved") as name:
        ground = ground_at(cluster, name)
        async with raised(ground.app_url, tmp_path / "home") as house:
            house.building.keys.save(tmp_path / "home/keys.json")
            (tmp_path / "home/credentials.json").write_text("{}")
            await house.building.storage.put("product-1-small.jpg", PICTURE)
            here = await shelf(house, stock=3)
            async with shopper(house) as someone:
                await someone.logs_in()
                await someone.sends(here.line)
                number = number_of(await someone.checks_out(here))
                await someone.pays(number)
                await house.work()
            yield Saved(house, ground, tmp_path / "backup", number)


async def write(saved: Saved, with_secrets: bool = True) -> None:
    now = saved.house.now
    await backups.save(saved.ground, saved.settings, saved.folder, now, with_secrets)


async def test_everything_is_back_in_another_house_and_all_that_must_hold_holds(
    saved: Saved, cluster: Cluster, tmp_path: Path
) -> None:
    await write(saved)
    manifest, tables = await backups.check(saved.folder)
    assert manifest.taken_at == saved.house.now
    again = replace(saved.settings, home=tmp_path / "again")
    async with empty(cluster) as ground:
        restored = await backups.restore(ground, again, saved.folder)
        assert (restored.broken, restored.pictures) == ((), 1)
        assert restored.tables == tables > 50
        assert (again.media_folder / "product-1-small.jpg").read_bytes() == PICTURE
        keys = Keys.load(again.home / "keys.json")
        pool = await Pool.open(ground.app_url, 2)
        async with pool.transaction(SYSTEM) as db:
            sql = "SELECT id, state FROM trade.orders WHERE number = $1"
            order = await db.raw.fetchrow(sql, saved.bought)
            known = await db.raw.fetch("SELECT member_id FROM members.identities")
            opened = await identities.of_member(db, known[0]["member_id"])
            assert all(each.value(keys) for each in opened)
        await pool.close()
        assert order["state"] == "paid"
        with pytest.raises(BadInput, match="database"):
            await backups.restore(ground, again, saved.folder)


async def test_a_backup_is_one_moment_while_people_shop_on(saved: Saved, cluster: Cluster) -> None:
    here = await shelf(saved.house, stock=20)

    async def buy() -> None:
        async with shopper(saved.house) as someone:
            await someone.logs_in()
            await someone.sends(here.line)
            await someone.pays(number_of(await someone.checks_out(here)))
            await saved.house.sandbox.deliver_due(saved.house.now)

    shopping = asyncio.gather(*(buy() for _ in range(8)))
    await write(saved)
    await shopping
    again = replace(saved.settings, home=saved.folder.parent / "again")
    async with empty(cluster) as ground:
        assert (await backups.restore(ground, again, saved.folder)).broken == ()


async def test_a_backup_that_was_touched_is_refused_and_nothing_is_begun(
    saved: Saved, cluster: Cluster
) -> None:
    await write(saved)
    file = saved.folder / DATABASE
    whole = file.read_bytes()
    again = replace(saved.settings, home=saved.folder.parent / "again")
    async with empty(cluster) as ground:
        for spoilt in (whole[:-100], whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]):
            file.write_bytes(spoilt)
            with pytest.raises(BadInput, match="not what was written"):
                await backups.restore(ground, again, saved.folder)
        file.unlink()
        with pytest.raises(BadInput, match="missing"):
            await backups.restore(ground, again, saved.folder)
        file.write_bytes(whole)
        assert not (again.home / "keys.json").exists()
        assert (await backups.restore(ground, again, saved.folder)).broken == ()


async def test_without_its_keys_a_backup_is_not_begun_and_other_keys_are_named(
    saved: Saved, cluster: Cluster
) -> None:
    await write(saved, with_secrets=False)
    assert "keys.json" not in json.loads((saved.folder / "manifest.json").read_text())["files"]
    again = replace(saved.settings, home=saved.folder.parent / "again")
    async with empty(cluster) as ground:
        with pytest.raises(BadInput, match="not in the backup"):
            await backups.restore(ground, again, saved.folder)
        Keys.drawn().save(again.home / "keys.json")
        restored = await backups.restore(ground, again, saved.folder)
    assert restored.broken == ("keys.json does not open what is sealed in it",)


async def test_what_cannot_be_saved_is_said_and_leaves_nothing_behind(
    saved: Saved, cluster: Cluster
) -> None:
    saved.folder.mkdir()
    with pytest.raises(BadInput, match="there already"):
        await write(saved)
    saved.folder.rmdir()
    async with empty(cluster) as ground:
        with pytest.raises(GroundTrouble):
            await backups.save(ground, saved.settings, saved.folder, make.NOON)
    assert not saved.folder.exists()
    assert not list(saved.folder.parent.glob(".*unfinished"))
    with pytest.raises(BadInput, match="no backup"):
        await backups.check(saved.folder.parent)


async def test_secrets_in_a_backup_are_readable_by_their_owner_alone(saved: Saved) -> None:
    await write(saved)
    modes = {file.name: file.stat().st_mode & 0o777 for file in saved.folder.iterdir()}
    assert (modes["keys.json"], modes["credentials.json"]) == (0o600, 0o600)
    assert saved.folder.stat().st_mode & 0o777 == 0o700

"""A whole house put aside and brought back: saved, read through, restored and checked."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from headwater.app import invariants
from headwater.app.backup.files import (
    DATABASE,
    MANIFEST,
    MEDIA,
    SECRETS,
    Manifest,
    bring_secrets,
    copy_closed,
    digests,
    pack,
    unpack,
)
from headwater.app.ground import Ground
from headwater.base import crypto
from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import BadInput, Forged
from headwater.base.postgres import dumps, migrate
from headwater.base.postgres.errors import GroundTrouble
from headwater.base.settings import Settings
from headwater.base.sql import statements
from headwater.members.identities import VALUE

sql = statements(__file__)


@dataclass(frozen=True)
class Restored:
    """What came back: from when it is, how many tables and pictures, and what does not hold."""

    taken_at: datetime
    tables: int
    pictures: int
    broken: tuple[str, ...]


@dataclass(frozen=True)
class _Sealed:
    value_sealed: bytes


async def save(
    ground: Ground, settings: Settings, folder: Path, now: datetime, with_secrets: bool = False
) -> Manifest:
    """Write a backup into a new folder, whole or not at all, while the house goes on."""
    if folder.exists():
        raise BadInput("folder", f"{folder} is there already; name a new one")
    working = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(mode=0o700, parents=True)
    try:
        await dumps.dump(ground.owner_url, working / DATABASE)
        pack(settings.media_folder, working / MEDIA)
        for name in SECRETS if with_secrets else ():
            if (settings.home / name).exists():
                copy_closed(settings.home / name, working / name)
        manifest = Manifest(now, await _migration(ground), digests(working))
        (working / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        working.replace(folder)
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        raise
    return manifest


async def check(folder: Path) -> tuple[Manifest, int]:
    """Read a backup through, and count its tables; one that is torn or changed is refused."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, ValueError) as error:
        raise BadInput("folder", f"{folder} is no backup of ours ({error})") from error
    found = digests(folder)
    for name, kept in manifest.files.items():
        if name not in found:
            raise BadInput("folder", f"{name} is missing")
        if found[name] != kept:
            raise BadInput("folder", f"{name} is not what was written")
    return manifest, await dumps.tables(folder / DATABASE)


async def restore(ground: Ground, settings: Settings, folder: Path) -> Restored:
    """Fill an empty house from a backup, and say what does not hold in it.

    Nothing is begun before every file is read through, the database is empty, and keys are at
    hand. A database that is not quite restored stays empty.
    """
    manifest, tables = await check(folder)
    if (await migrate.plan(ground.owner_url)).applied:
        raise BadInput("database", "holds something already; restore into an empty one")
    bring_secrets(settings.home, folder)
    await dumps.restore(ground.owner_url, folder / DATABASE)
    # The application's rights come with this, and what a newer release adds.
    await migrate.apply(ground.owner_url)
    pictures = unpack(folder / MEDIA, settings.media_folder)
    keys = Keys.load(settings.home / SECRETS[0])
    pool = await Pool.open(ground.app_url, 2, ground.role)
    try:
        async with pool.transaction(SYSTEM) as db:
            await invariants.snapshot(db)
            broken = await invariants.check(db)
            sealed = await db.all(sql.some_sealed, _Sealed)
    finally:
        await pool.close()
    shut = [] if _opens(keys, sealed) else ["keys.json does not open what is sealed in it"]
    return Restored(manifest.taken_at, tables, pictures, (*broken, *shut))


def _opens(keys: Keys, sealed: list[_Sealed]) -> bool:
    try:
        for each in sealed:
            crypto.unseal(keys, each.value_sealed, VALUE)
    except Forged:
        return False
    return True


async def _migration(ground: Ground) -> str:
    applied = (await migrate.plan(ground.owner_url)).applied
    if not applied:
        raise GroundTrouble("there is nothing to back up: the database is empty")
    return applied[-1].name

"""Backups: written while the house goes on, read through, and restored into an empty one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from headwater.app.backup import house as backups
from headwater.app.backup.files import Manifest
from headwater.app.backup.house import Restored
from headwater.app.ground import standing
from headwater.base import settings
from headwater.base.times import SHANGHAI, system_clock

_FOLDER = click.Path(path_type=Path)


@click.group()
def backup() -> None:
    """Save, check and restore the database and the pictures of this installation.

    Example: headwater backup save /mnt/backups/2026-11-22
    """


@backup.command()
@click.argument("folder", type=_FOLDER)
@click.option("--with-secrets", is_flag=True, help="Also keys.json and credentials.json.")
def save(folder: Path, with_secrets: bool) -> None:
    """Write a backup into a new folder; orders may go on meanwhile.

    Without keys.json nobody can open the names and numbers in it: keep it elsewhere, or add it
    here and guard the folder like the keys themselves.

    Example: headwater backup save /mnt/backups/2026-11-22
    """
    manifest = asyncio.run(_save(folder, with_secrets))
    for name, kept in manifest.files.items():
        click.echo(f"  {name}  {kept.bytes:,} bytes")
    if "keys.json" not in manifest.files:
        click.echo("Keep keys.json and credentials.json of the home folder apart from it.")


@backup.command()
@click.argument("folder", type=_FOLDER)
def check(folder: Path) -> None:
    """Read a backup through, and fail when it is torn or was changed.

    Example: headwater backup check /mnt/backups/2026-11-22
    """
    manifest, tables = asyncio.run(backups.check(folder))
    click.echo(f"Whole: {tables} tables as of {_said(manifest)}, {manifest.migration}.")


@backup.command()
@click.argument("folder", type=_FOLDER)
def restore(folder: Path) -> None:
    """Fill an empty database and home folder from a backup, and check what must hold.

    Example: HEADWATER_HOME=/srv/again headwater backup restore /mnt/backups/2026-11-22
    """
    restored = asyncio.run(_restore(folder))
    click.echo(f"{restored.tables} tables and {restored.pictures} pictures are back.")
    for sentence in restored.broken:
        click.echo(f"  {sentence}", err=True)
    if restored.broken:
        raise click.ClickException(f"{len(restored.broken)} things do not hold")
    click.echo("All that must hold holds.")


def _said(manifest: Manifest) -> str:
    return manifest.taken_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


async def _save(folder: Path, with_secrets: bool) -> Manifest:
    config = settings.read()
    async with standing(config) as ground:
        return await backups.save(ground, config, folder, system_clock(), with_secrets)


async def _restore(folder: Path) -> Restored:
    config = settings.read()
    async with standing(config) as ground:
        return await backups.restore(ground, config, folder)

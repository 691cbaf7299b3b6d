"""The database: migrations, and whether all is well."""

from __future__ import annotations

import asyncio

import click

from headwater.app import invariants
from headwater.app.ground import standing
from headwater.base import settings
from headwater.base.db import SYSTEM
from headwater.base.postgres import migrate as migrating


@click.command()
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--only-pre", is_flag=True, help="Stop before what waits for the old release to go.")
def migrate(yes: bool, dry_run: bool, only_pre: bool) -> None:
    """Bring the database to the schema of this release; each file is applied once.

    Example: headwater migrate --dry-run
    """
    asyncio.run(_migrate(yes, dry_run, only_pre))


async def _migrate(yes: bool, dry_run: bool, only_pre: bool) -> None:
    async with standing(settings.read()) as ground:
        plan = await migrating.plan(ground.owner_url)
        if not plan.waiting:
            click.echo(f"Nothing to do: {len(plan.applied)} migrations are applied.")
            return
        for waiting in plan.waiting:
            click.echo(f"  will apply {waiting.name}")
        if dry_run or not (yes or click.confirm("Apply?", default=True)):
            return
        done = await migrating.apply(ground.owner_url, only_pre=only_pre)
        click.echo(f"Applied {len(done)}.")


@click.command()
def doctor() -> None:
    """Check what must always hold, and exit non-zero when something does not.

    Example: headwater doctor
    """
    found = asyncio.run(_check())
    for sentence in found:
        click.echo(f"  {sentence}", err=True)
    if found:
        raise click.ClickException(f"{len(found)} things do not hold")
    click.echo("All that must hold holds.")


async def _check() -> list[str]:
    config = settings.read()
    async with standing(config) as ground:
        pool = await ground.pool(2)
        try:
            async with pool.transaction(SYSTEM) as db:
                return await invariants.check(db)
        finally:
            await pool.close()

"""Jobs: the list of what failed to the end, and trying it again."""

from __future__ import annotations

import asyncio
from uuid import UUID

import click

from headwater.app.ground import at_the_ground
from headwater.base import jobs as work
from headwater.base import settings
from headwater.base.times import system_clock


@click.group()
def jobs() -> None:
    """Look at work that failed to the end, and let it be tried again.

    Example: headwater jobs dead
    """


@jobs.command("dead")
def show_dead() -> None:
    """List the work that failed to the end.

    Example: headwater jobs dead
    """
    asyncio.run(_show())


@jobs.command("retry")
@click.argument("job_id", type=click.UUID)
def retry(job_id: UUID) -> None:
    """Let one piece of dead work be tried again.

    Example: headwater jobs retry 0199c0de-0000-7000-8000-000000000000
    """
    if not asyncio.run(_retry(job_id)):
        raise click.ClickException(f"there is no dead job {job_id}")
    click.echo("It will be tried again.")


async def _show() -> None:
    async with at_the_ground(settings.read()) as db:
        for each in await work.dead(db):
            click.echo(f"{each.id}  {each.kind}  {each.attempts} attempts  {each.last_error}")
        count = await work.count(db)
    click.echo(f"{count.dead} dead, {count.waiting} waiting")


async def _retry(job_id: UUID) -> bool:
    async with at_the_ground(settings.read()) as db:
        return await work.revive(db, job_id, system_clock())

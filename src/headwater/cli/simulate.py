"""Simulation: people live for some weeks, with an effect that is known."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from headwater.app.demo import simulate as living
from headwater.app.demo.simulate import Asked
from headwater.app.ground import standing
from headwater.base import settings as reading
from headwater.base.settings import Settings
from headwater.cli.screen import bar
from headwater.world.truth import Truth


@click.command()
@click.option("--members", default=500, show_default=True, help="How many people live.")
@click.option("--weeks", default=4, show_default=True, help="For how many weeks, until now.")
@click.option(
    "--true-lift", default=0.2, show_default=True, help="What a message adds: 0.2 is 20 %."
)
@click.option("--seed", default=1, show_default=True, help="Draws who does what, and when.")
@click.option(
    "--truth", type=click.Path(path_type=Path, dir_okay=False), help="The file for the truth."
)
def simulate(members: int, weeks: int, true_lift: float, seed: int, truth: Path | None) -> None:
    """Drive members through the public doors for some weeks, with a known true effect.

    Example: headwater simulate --members 500 --weeks 4 --true-lift 0.2 --seed 7
    """
    config = reading.read()
    file = truth or config.home / "truth.json"
    lived = asyncio.run(_live(config, Asked(members, weeks, true_lift, seed, file)))
    click.echo(
        f"{lived.members} people, {lived.weeks} weeks: {lived.reached} reached, "
        f"{lived.orders_usual} usual orders, {lived.orders_caused} caused; the truth is in {file}"
    )


async def _live(config: Settings, asked: Asked) -> Truth:
    async with standing(config) as ground:
        with bar() as progress:
            return await living.simulate(config, ground, asked, progress)

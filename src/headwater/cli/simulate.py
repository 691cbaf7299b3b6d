"""Simulation: a brand lives a quarter, with an effect that is known."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from headwater.app.demo import simulate as living
from headwater.app.demo.simulate import Asked
from headwater.app.demo.weeks import Lived
from headwater.app.ground import standing
from headwater.base import settings as reading
from headwater.base.money import yuan
from headwater.base.settings import Settings
from headwater.cli.screen import bar
from headwater.world import wanted as worlds
from headwater.world.wanted import PRESETS, Wanted

_OPTIONS = (
    click.option("--world", default="grocery", show_default=True,
                 help=f"A TOML file, or one of {', '.join(PRESETS)}."),
    click.option("--members", type=int, help="How many people live; without it, who is there."),
    click.option("--weeks", type=int, help="For how many weeks, until now; a quarter has 13."),
    click.option("--true-lift", type=float,
                 help="What the program truly adds to the sales of who is treated: 0.1 is 10 %."),
    click.option("--seed", type=int, help="Draws who does what, and when."),
    click.option("--interference", type=float,
                 help="The share of a person's lift that word of mouth gives to each friend."),
    click.option("--leak", type=float,
                 help="The share of members to whom a guide sends links past the gate."),
)  # fmt: skip


def with_world(command: Any) -> Any:
    """Give a command the options that say what world it shall live."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def wanted_of(world: str, **asked: Any) -> Wanted:
    """Lay what was asked for over what the world is by its name or its file."""
    given = {name: value for name, value in asked.items() if value is not None}
    found = replace(worlds.world(world), **given)
    found.check()
    return found


@click.command()
@with_world
@click.option(
    "--truth", type=click.Path(path_type=Path, dir_okay=False), help="The file for the truth."
)
def simulate(truth: Path | None, **asked: Any) -> None:
    """Let a brand live a quarter through its public doors, with a known true effect.

    Most baskets are carried out of stores and come by the import; some are bought on the phone.

    Example: headwater simulate --world grocery --weeks 13 --true-lift 0.1 --seed 7
    """
    config = reading.read()
    file = truth or config.home / "truth.json"
    lived = asyncio.run(_live(config, Asked(wanted_of(**asked), file)))
    known = lived.truth.known(lived.causes)
    programme = known["programme"]
    treated = programme["treated"]
    click.echo(
        f"{known['members']:,} people, {known['weeks']} weeks: "
        f"{treated['anyway']['orders']:,} orders of the treated anyway and "
        f"{treated['caused']['orders']:,} caused, {yuan(treated['caused']['net_fen'])} net, "
        f"a true lift of {programme['true_lift_share']:.1%}; the truth is in {file}"
    )
    for rolled in known["rollouts"]:
        click.echo(_of_stores(rolled))


def _of_stores(rolled: dict[str, Any]) -> str:
    """Say of something that stores started in waves what it truly brought, or that it did not."""
    if rolled["page"] is None:
        return f"{rolled['code']} was not rolled out: there is no draw of such waves here"
    started = sum(each["wave"] is not None for each in rolled["stores"].values())
    caused = yuan(rolled["caused"]["net_fen"])
    return f"{rolled['code']} truly brought {caused} net in {started} stores that started"


async def _live(config: Settings, asked: Asked) -> Lived:
    async with standing(config) as ground:
        with bar() as progress:
            return await living.simulate(config, ground, asked, progress)

"""Machines: systems outside that may ask, each with a key of its own."""

from __future__ import annotations

import asyncio

import click

from headwater.app.ground import at_the_ground
from headwater.base import settings
from headwater.base.errors import BadInput
from headwater.base.times import system_clock
from headwater.stores import machines as known
from headwater.stores import places


@click.group()
def machine() -> None:
    """Let systems outside ask us something: add them, list them, let them go.

    Example: headwater machine add loyalty --may holdouts.read
    """


@machine.command("add")
@click.argument("name")
@click.option("--may", "permissions", multiple=True, required=True, help="What it may ask.")
@click.option("--brand", "brands", multiple=True, help="The code of a brand; none means all.")
def add(name: str, permissions: tuple[str, ...], brands: tuple[str, ...]) -> None:
    """Let a machine in and print its key, which nobody can show a second time.

    Example: headwater machine add loyalty --may holdouts.read --brand fresh
    """
    click.echo(asyncio.run(_add(name, permissions, brands)))


@machine.command("list")
def show() -> None:
    """List the machines that may ask.

    Example: headwater machine list
    """
    for line in asyncio.run(_listed()):
        click.echo(line)


@machine.command("end")
@click.argument("name")
def end(name: str) -> None:
    """Let a machine in no more.

    Example: headwater machine end loyalty
    """
    asyncio.run(_end(name))
    click.echo(f"{name} may ask no more.")


async def _add(name: str, permissions: tuple[str, ...], brands: tuple[str, ...]) -> str:
    async with at_the_ground(settings.read()) as db:
        by_code = {each.code: each.id for each in await places.brands(db)}
        unknown = [each for each in brands if each not in by_code]
        if unknown:
            raise BadInput("brand", f"there is no brand {unknown[0]}")
        return await known.add(
            db, name, permissions, [by_code[each] for each in brands], system_clock()
        )


async def _listed() -> list[str]:
    async with at_the_ground(settings.read()) as db:
        return [
            f"{each.name}: {', '.join(each.permissions)}"
            + (f" in {len(each.brand_ids)} brands" if each.brand_ids else " in every brand")
            for each in await known.every(db)
        ]


async def _end(name: str) -> None:
    async with at_the_ground(settings.read()) as db:
        await known.end(db, name, system_clock())

"""Staff: who may log in, and what they may do where."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import click

from headwater.app.ground import at_the_ground
from headwater.app.serve import keys_of
from headwater.base import ids, settings
from headwater.base.db import Db
from headwater.base.times import system_clock
from headwater.members import identities
from headwater.members.login import tidy_phone
from headwater.stores import places
from headwater.stores import staff as people
from headwater.stores.grants import ROLES, Grant
from headwater.stores.staff import NewStaff


@click.group()
def staff() -> None:
    """Let people work here: add them, give them roles, set passwords, let them go.

    Example: headwater staff add lin.mei --name 林梅 --store S001
    """


@staff.command("list")
def show() -> None:
    """List who works here, with their roles.

    Example: headwater staff list
    """
    asyncio.run(_show())


@staff.command("add")
@click.argument("login")
@click.option("--name", required=True, help="The name that colleagues and customers see.")
@click.option("--store", help="The code of the store in which they work.")
@click.option("--wecom", help="Their user id in WeCom.")
def add(login: str, name: str, store: str | None, wecom: str | None) -> None:
    """Let somebody start to work here; roles and a password follow.

    Example: headwater staff add lin.mei --name 林梅 --store S001
    """
    asyncio.run(_add(login, name, store, wecom))
    click.echo(f"Added. Next: headwater staff grant {login} ROLE, headwater staff password {login}")


@staff.command("password")
@click.argument("login")
def password(login: str) -> None:
    """Set a password, asked for at the terminal or read from a pipe; old sessions end.

    Example: headwater staff password lin.mei
    """
    if sys.stdin.isatty():
        chosen = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        chosen = sys.stdin.readline().rstrip("\n")
    if not asyncio.run(_set_password(login, chosen)):
        raise click.ClickException(f"nobody works here as {login}")
    click.echo("Set. Whoever was logged in with the old one is not any more.")


def _scoped(command: Callable[..., None]) -> Callable[..., None]:
    """Take one scope: a brand, a region, a store, or the whole company when none is named."""
    for kind in ("store", "region", "brand"):
        command = click.option(f"--{kind}", help=f"The code of the {kind}.")(command)
    command = click.argument("role", type=click.Choice(sorted(ROLES)))(command)
    return click.argument("login")(command)


@staff.command("grant")
@_scoped
def grant(login: str, role: str, **scope: str | None) -> None:
    """Give somebody a role in a brand, a region or a store; in the whole company without any.

    Example: headwater staff grant lin.mei store_manager --store S001
    """
    asyncio.run(_grant(login, role, scope))
    click.echo("Granted.")


@staff.command("revoke")
@_scoped
def revoke(login: str, role: str, **scope: str | None) -> None:
    """Take a role away at once.

    Example: headwater staff revoke lin.mei store_manager --store S001
    """
    if not asyncio.run(_revoke(login, role, scope)):
        raise click.ClickException(f"{login} has no such grant")
    click.echo("Revoked.")


@staff.command("phone")
@click.argument("login")
@click.option("--forget", is_flag=True, help="Know no phone of theirs any more.")
def phone(login: str, forget: bool) -> None:
    """Note with which phone somebody shops themselves, asked for or read from a pipe.

    What they buy then earns them no credit, unless the rules in force say that it does. Only a
    keyed hash of the number is kept.

    Example: headwater staff phone lin.mei
    """
    number = None
    if not forget:
        number = click.prompt("Phone") if sys.stdin.isatty() else sys.stdin.readline()
    if not asyncio.run(_know_phone(login, number)):
        raise click.ClickException(f"nobody works here as {login}")
    click.echo("Forgotten." if forget else "Noted. What they buy themselves earns them nothing.")


@staff.command("leave")
@click.argument("login")
def leave(login: str) -> None:
    """Let somebody go: sessions and roles end at once, what they did stays.

    Example: headwater staff leave lin.mei
    """
    if not asyncio.run(_leave(login)):
        raise click.ClickException(f"nobody works here as {login}")
    click.echo("Gone.")


async def _show() -> None:
    async with at_the_ground(settings.read()) as db:
        known = await people.listed(db)
        named = {each.id: each.code for each in await places.brands(db)}
        named |= {each.id: each.code for each in await places.regions(db)}
        named |= {each.id: each.code for each in await places.stores(db)}
    for each in known:
        roles = ", ".join(
            f"{role} in {kind}" + ("" if scope is None else f" {named.get(UUID(scope), scope)}")
            for role, kind, scope in each.grants
        )
        locked = "" if each.has_password else "  (no password)"
        click.echo(f"{each.login}  {each.name}  {roles or 'no role'}{locked}")
    click.echo(f"{len(known)} people")


async def _add(login: str, name: str, store: str | None, wecom: str | None) -> None:
    async with at_the_ground(settings.read()) as db:
        store_id = None if store is None else _found("store", store, await places.stores(db))
        new = NewStaff(ids.new(0), login, name, store_id, wecom)
        await people.add(db, new, system_clock())


async def _set_password(login: str, chosen: str) -> bool:
    async with at_the_ground(settings.read()) as db:
        return await people.set_password(db, login, chosen, system_clock())


async def _grant(login: str, role: str, scope: dict[str, str | None]) -> None:
    async with at_the_ground(settings.read()) as db:
        given = await _in_scope(db, role, scope)
        await people.grant(db, await _id(db, login), given, system_clock())


async def _revoke(login: str, role: str, scope: dict[str, str | None]) -> bool:
    async with at_the_ground(settings.read()) as db:
        given = await _in_scope(db, role, scope)
        return await people.revoke(db, await _id(db, login), given, system_clock())


async def _leave(login: str) -> bool:
    async with at_the_ground(settings.read()) as db:
        return await people.leave(db, login, system_clock())


async def _know_phone(login: str, number: str | None) -> bool:
    config = settings.read()
    index = None
    if number is not None:
        index = identities.Id("phone", tidy_phone(number)).index(keys_of(config))
    async with at_the_ground(config) as db:
        return await people.know_phone(db, login, index)


async def _id(db: Db, login: str) -> UUID:
    found = await people.id_of(db, login)
    if found is None:
        raise click.ClickException(f"nobody works here as {login}")
    return found


async def _in_scope(db: Db, role: str, scope: dict[str, str | None]) -> Grant:
    named = {kind: code for kind, code in scope.items() if code is not None}
    if len(named) > 1:
        raise click.UsageError("name one scope: a brand, a region or a store")
    if not named:
        return Grant(role, "company", None)
    ((kind, code),) = named.items()
    known: dict[str, Callable[[Db], Awaitable[Sequence[Any]]]] = {
        "brand": places.brands,
        "region": places.regions,
        "store": places.stores,
    }
    return Grant(role, kind, _found(kind, code, await known[kind](db)))


def _found(kind: str, code: str, known: Sequence[Any]) -> UUID:
    for each in known:
        if each.code == code:
            return UUID(str(each.id))
    raise click.ClickException(f"there is no {kind} with the code {code}")

"""The demo: everything on one machine, from nothing, with one command."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import Any

import click

from headwater.app.demo import check as checking
from headwater.app.demo import prepare as preparing
from headwater.app.demo.consoles import name_our_hooks
from headwater.app.demo.prepare import Prepared
from headwater.app.demo.processes import Processes, answers
from headwater.app.ground import standing
from headwater.app.serve import take_port
from headwater.base import settings as reading
from headwater.base.errors import Trouble
from headwater.base.settings import Settings
from headwater.cli.screen import bar, screen
from headwater.cli.simulate import wanted_of, with_world
from headwater.sandbox.serve import ORDER, CannotServe
from headwater.world.wanted import Wanted


@click.command()
@click.option("--check", is_flag=True, help="Start, walk the journeys through HTTP, and end.")
@with_world
def demo(check: bool, **asked: Any) -> None:
    """Open a whole brand in the browser: shop, workbench, console, sandbox and a year of data.

    Example: headwater demo --check
    """
    config = reading.read()
    if asked["seed"] is None:
        asked["seed"] = preparing.SEED
    wanted = wanted_of(**asked)
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        try:
            asyncio.run(_run(config, wanted, check))
        except CannotServe as error:
            raise Trouble(str(error)) from error


async def _run(config: Settings, wanted: Wanted, check: bool) -> None:
    for port in (config.port, *(config.sandbox_port + place for place in range(len(ORDER)))):
        take_port(config.host, port).close()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()
    assert main is not None
    loop.add_signal_handler(signal.SIGTERM, main.cancel)
    async with standing(config) as ground:
        with bar() as progress:
            prepared = await preparing.prepare(config, ground, wanted, screen.print, progress)
        processes = Processes(screen.print)
        processes.keep("sandbox", *_sandbox_arguments(config))
        phone = _phone(config)
        await answers(f"{phone}/phone")
        await name_our_hooks(config, phone)
        processes.keep("server", "serve")
        processes.keep("worker", "work")
        try:
            await answers(f"{config.public_url}/readyz")
            if check:
                await checking.check(config, prepared, screen.print)
                return
            _show(config, prepared)
            await stop.wait()
        finally:
            await asyncio.shield(processes.stop())


def _sandbox_arguments(config: Settings) -> list[str]:
    file = config.credentials_file or config.home / "credentials.json"
    return [
        "sandbox", "--host", config.host, "--ports-from", str(config.sandbox_port),
        "--credentials-out", str(file), "--seed", str(preparing.SEED),
    ]  # fmt: skip


def _phone(config: Settings) -> str:
    return f"http://{config.host}:{config.sandbox_port + ORDER.index('phone')}"


def _show(config: Settings, prepared: Prepared) -> None:
    screen.print()
    screen.print("Headwater 活水 is open. Ctrl-C closes it; what happened is kept.")
    screen.print(f"  shop       {config.public_url}/")
    screen.print(f"  workbench  {config.public_url}/guide")
    screen.print(f"  console    {config.public_url}/console")
    screen.print(
        f"  phones     {_phone(config)}/phone/both   (a shopper's WeChat, a guide's WeCom)"
    )
    screen.print(f"  logins     password of all: {prepared.password}")
    for role, login in prepared.logins.items():
        screen.print(f"    {role:14} {login}")
    screen.print(f"  truth      {prepared.truth_file}   (the product never reads it)")

"""Processes: the server, the worker and the sandbox."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from headwater.app import serve as serving
from headwater.base import settings
from headwater.base.errors import BadInput
from headwater.sandbox.serve import Start, run

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
def serve() -> None:
    """Serve every door: storefront, workbench, console, API and hooks.

    Example: HEADWATER_PORT=8100 headwater serve
    """
    serving.serve(settings.read())


@click.command()
def work() -> None:
    """Work off what was announced and what is due; run one or several beside the server.

    Example: headwater work
    """
    asyncio.run(serving.work(settings.read()))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--ports-from", default=8200, show_default=True, help="The first port; each host has its own."
)
@click.option(
    "--credentials-out",
    type=FILE,
    required=True,
    help="The file that gets every key and address a client needs.",
)
@click.option("--seed", default=1, show_default=True, help="Draws people, ids and misbehaviour.")
@click.option("--speed", default=1.0, show_default=True, help="How much faster waits are.")
@click.option("--state", type=FILE, help="Where its memory is kept; else beside the credentials.")
@click.option("--scenario", type=FILE, help="What goes wrong when, as TOML; see docs/sandbox.md.")
def sandbox(
    host: str,
    ports_from: int,
    credentials_out: Path,
    seed: int,
    speed: float,
    **files: Path | None,
) -> None:
    """Simulate Tencent's servers and a phone; it needs no database.

    Example: headwater sandbox --ports-from 8200 --credentials-out credentials.json
    """
    if speed <= 0:
        raise BadInput("--speed", "must be above zero")
    start = Start(host, ports_from, credentials_out, seed, speed, files["state"], files["scenario"])
    asyncio.run(run(start))

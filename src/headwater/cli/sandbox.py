"""The sandbox: Tencent's servers and a phone on this machine, with no database beside them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from headwater.base.errors import BadInput, Trouble
from headwater.sandbox.serve import CannotServe, Start, run

FILE = click.Path(path_type=Path, dir_okay=False)


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
    try:
        asyncio.run(run(start))
    except CannotServe as error:
        raise Trouble(str(error)) from error

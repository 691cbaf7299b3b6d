"""Processes: the server and the worker."""

from __future__ import annotations

import asyncio

import click

from headwater.app import serve as serving
from headwater.base import settings


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

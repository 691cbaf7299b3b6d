"""Simulating on a brand that is there: a quarter until now, lived through the doors."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import anyio

from headwater.app.channels import open_channels
from headwater.app.demo import weeks
from headwater.app.demo.households import town_of
from headwater.app.demo.prepare import load_year, open_sandbox, opened_here
from headwater.app.demo.weeks import Lived, Progress, Stage
from headwater.app.ground import Ground
from headwater.base.db import SYSTEM
from headwater.base.errors import BadInput
from headwater.base.postgres import migrate
from headwater.base.settings import Settings
from headwater.base.times import business_day, day_start, system_clock
from headwater.stores import places
from headwater.world.wanted import Wanted

# Shoppers live like the households of the demo's year, and need their phones in the sandbox.
NOBODY = (
    "none of the demo brand's people has a phone in this home's sandbox; "
    "simulate in an empty home, or where headwater demo was"
)


@dataclass(frozen=True)
class Asked:
    """Which world shall be lived, and where its truth is written down."""

    wanted: Wanted
    truth_file: Path


async def simulate(settings: Settings, ground: Ground, asked: Asked, progress: Progress) -> Lived:
    """Live some weeks that end now, and write the truth down beside the database.

    Where nothing is there yet, the demo brand's year comes first, and its people get their phones.
    """
    wanted = asked.wanted
    wanted.check()
    await migrate.apply(ground.owner_url)
    now = system_clock()
    times = [day_start(business_day(now)) - timedelta(weeks=wanted.weeks, days=1)]
    sandbox = open_sandbox(settings, times)
    try:
        async with opened_here(settings, ground, sandbox, times) as building:
            async with building.transaction(SYSTEM) as db:
                is_empty = not await places.brands(db)
            if is_empty:
                await load_year(settings, ground, sandbox, times[0], _quietly, progress)
            await open_channels(building)
            with tempfile.TemporaryDirectory() as folder:
                stage = Stage(building, sandbox, times, Path(folder), progress)
                town = await anyio.to_thread.run_sync(town_of, sandbox)
                if not town.known:
                    raise BadInput("database", NOBODY)
                lived = await weeks.live_them(stage, town, wanted, now)
    finally:
        await sandbox.close()
    lived.truth.save(asked.truth_file, lived.causes)
    return lived


def _quietly(_words: str) -> None:
    """The command says at the end what came of it."""

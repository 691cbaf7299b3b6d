"""An outside that hangs: whoever waits for it waits alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.faults.patience import until
from tests.house import House

from headwater.app import worker
from headwater.base import events, jobs
from headwater.base.db import SYSTEM
from headwater.base.jobs import Jobs
from headwater.members import login
from headwater.members.login import Arrival

HANGS = "tests.hangs"


async def announce_something(house: House) -> None:
    """Let somebody join, which is a fact that others wait for."""
    building = house.building
    async with building.transaction(SYSTEM) as db:
        arrival = Arrival("official_account")
        await login.with_open_id(db, building.keys, building.appid, "o-late", arrival, house.now)
        assert (await events.waiting(db)).facts > 0


@pytest.fixture
async def quiet(house: House) -> House:
    """The house with nothing left to do."""
    await house.work()
    return house


async def test_a_job_that_waits_for_the_outside_holds_up_no_fact(quiet: House) -> None:
    waits, goes_on, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hang(building: Any, body: Any) -> None:
        waits.set()
        await goes_on.wait()

    async def nothing_waits() -> bool:
        async with quiet.building.transaction(SYSTEM) as db:
            return (await events.waiting(db)).facts == 0

    known = Jobs()
    known.kind(HANGS, hang)
    async with quiet.building.transaction(SYSTEM) as db:
        await jobs.enqueue(db, HANGS, {}, quiet.now)
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.work(quiet.building, stop, known))
        try:
            async with asyncio.timeout(10):
                await waits.wait()
            await announce_something(quiet)
            await until(nothing_waits, 10, "the fact to be handed on")
        finally:
            goes_on.set()
            stop.set()

"""Connections go from hand to hand: nobody waits in vain, and none is lost."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from headwater.base.db import NOBODY, Pool
from headwater.base.errors import Trouble
from headwater.base.postgres.supervisor import Cluster

HERE = "SELECT pg_backend_pid()"


async def asked(pool: Pool) -> int:
    """Ask which connection this is."""
    async with pool.transaction(NOBODY) as db:
        number: int = await db.raw.fetchval(HERE)
    return number


async def holding(pool: Pool) -> tuple[asyncio.Task[int], asyncio.Event]:
    """Let somebody hold a connection; others queue up behind once this returns."""
    go, has_it = asyncio.Event(), asyncio.Event()

    async def hold() -> int:
        async with pool.transaction(NOBODY) as db:
            number: int = await db.raw.fetchval(HERE)
            has_it.set()
            await go.wait()
        return number

    task = asyncio.create_task(hold())
    await has_it.wait()
    return task, go


async def test_one_connection_serves_everybody_in_turn(app_url: str) -> None:
    pool = await Pool.open(app_url, 1)
    numbers = await asyncio.gather(*(asked(pool) for _each in range(40)))
    assert len(set(numbers)) == 1
    await pool.close()


async def test_no_more_connections_are_opened_than_the_pool_has(app_url: str) -> None:
    pool = await Pool.open(app_url, 3)
    numbers = await asyncio.gather(*(asked(pool) for _each in range(60)))
    assert len(set(numbers)) <= 3
    await pool.close()


async def test_the_connection_that_came_back_last_is_lent_first(app_url: str) -> None:
    pool = await Pool.open(app_url, 5)
    await asked(pool)
    assert len({await asked(pool) for _each in range(10)}) == 1
    await pool.close()


async def test_who_is_called_off_while_waiting_takes_nothing_along(app_url: str) -> None:
    pool = await Pool.open(app_url, 1)
    holder, go = await holding(pool)
    waiting = [asyncio.create_task(asked(pool)) for _each in range(6)]
    await asyncio.wait(waiting, timeout=0)
    for each in waiting[::2]:
        each.cancel()
    go.set()
    number = await holder
    # In this very moment the first that waits has been handed the connection, and is called off.
    waiting[1].cancel()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [each for each in answers if isinstance(each, int)] == [number, number]
    async with asyncio.timeout(10):
        assert await asked(pool) == number
    await pool.close()


async def test_a_transaction_that_failed_gives_its_connection_back_clean(app_url: str) -> None:
    pool = await Pool.open(app_url, 1)
    for _each in range(3):
        with pytest.raises(asyncpg.PostgresSyntaxError):
            async with pool.transaction(NOBODY) as db:
                await db.raw.execute("SELECT FROM FROM")
    async with pool.transaction(NOBODY) as db:
        assert await db.raw.fetchval("SELECT 1") == 1
    await pool.close()


async def test_a_connection_that_ended_while_it_lay_idle_is_replaced(
    app_url: str, cluster: Cluster
) -> None:
    pool = await Pool.open(app_url, 1)
    number = await asked(pool)
    await asked(pool)
    admin = await asyncpg.connect(cluster.admin_url)
    await admin.execute("SELECT pg_terminate_backend($1, 5000)", number)
    await admin.close()
    for _try in range(3):
        try:
            assert await asked(pool) != number
            break
        except Trouble:
            continue
    else:
        pytest.fail("the pool never opened another")
    await pool.close()


async def test_closing_waits_for_who_is_at_work_and_for_who_waits(app_url: str) -> None:
    pool = await Pool.open(app_url, 1)
    holder, go = await holding(pool)
    waiting = asyncio.create_task(asked(pool))
    await asyncio.wait([waiting], timeout=0)
    closing = asyncio.create_task(pool.close())
    await asyncio.wait([closing], timeout=0)
    go.set()
    assert await holder == await waiting
    async with asyncio.timeout(10):
        await closing

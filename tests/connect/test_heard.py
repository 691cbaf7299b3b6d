"""What was heard before is known again, for as long as anybody repeats it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests import make

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool
from headwater.connect import heard


async def test_a_message_is_new_once_and_each_channel_has_its_own_memory(db: Db) -> None:
    assert await heard.first_time(db, "wecom", "message:1", make.NOON)
    assert not await heard.first_time(db, "wecom", "message:1", make.NOON)
    assert await heard.first_time(db, "wecom", "message:2", make.NOON)
    assert await heard.first_time(db, "mini_program", "message:1", make.NOON)


async def test_of_ten_copies_at_once_one_is_new(pool: Pool) -> None:
    identity = f"message:{ids.code(12)}"

    async def hear() -> bool:
        async with pool.transaction(SYSTEM) as db:
            return await heard.first_time(db, "wecom", identity, make.NOON)

    assert sum(await asyncio.gather(*(hear() for _ in range(10)))) == 1


async def test_what_failed_was_not_heard(db: Db) -> None:
    try:
        async with db.attempt():
            await heard.first_time(db, "wecom", "message:1", make.NOON)
            raise LookupError
    except LookupError:
        assert await heard.first_time(db, "wecom", "message:1", make.NOON)


async def test_a_message_is_remembered_for_seven_days_and_then_forgotten(db: Db) -> None:
    await heard.first_time(db, "wecom", "message:1", make.NOON)
    week = make.NOON + timedelta(days=heard.REMEMBERED_DAYS)
    assert await heard.forget_old(db, week) == 0
    assert not await heard.first_time(db, "wecom", "message:1", week)
    assert await heard.forget_old(db, week + timedelta(seconds=1)) == 1
    assert await heard.first_time(db, "wecom", "message:1", week)

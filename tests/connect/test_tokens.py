"""Tokens: asked for once, early, by one alone, and never twice as often as allowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.connect.provider import NOON

from headwater.base import ids
from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import Trouble
from headwater.connect import token_rows, tokens
from headwater.connect.tokens import IssuedToken, TokenHolder, Tokens

KEYS = Keys.drawn()


class Issuer:
    """Hands out tokens, counts, and lets a test hold it up."""

    def __init__(self) -> None:
        self.issued = 0
        self.forced = 0
        self.stuck_on = ""
        self.expires_in = 7200
        self.fails = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.is_asked = asyncio.Event()

    async def __call__(self, is_forced: bool) -> IssuedToken:
        self.issued += 1
        self.forced += is_forced
        number = self.issued
        self.is_asked.set()
        await self.may_answer.wait()
        if self.fails:
            raise Trouble("no token today")
        if self.stuck_on and not is_forced:
            return IssuedToken(self.stuck_on, self.expires_in)
        return IssuedToken(f"token-{number}", self.expires_in)


class Ground:
    """Stores over one kind of rows, with a clock that tests move."""

    def __init__(self, pools: list[Pool] | None) -> None:
        self.now = NOON
        self.name = f"app:{ids.code(12)}"
        self.issuer = Issuer()
        self._pools = pools
        self._rows = tokens.MemoryRows()

    def process(self, number: int = 0) -> TokenHolder:
        """The holder of one process; in memory the processes share their rows by force."""
        return self.store(number).holder(self.name, self.issuer)

    def store(self, number: int = 0, keys: Keys = KEYS) -> Tokens:
        if self._pools is None:
            return Tokens(self._rows, self.clock)
        return token_rows.shared(self._pools[number], lambda: keys, self.clock)

    def clock(self) -> datetime:
        return self.now

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture(scope="module")
async def second_pool(app_url: str) -> AsyncIterator[Pool]:
    opened = await Pool.open(app_url, 4)
    yield opened
    await opened.close()


@pytest.fixture(params=["memory", "database"])
def ground(request: pytest.FixtureRequest, pool: Pool, second_pool: Pool) -> Ground:
    return Ground(None if request.param == "memory" else [pool, second_pool])


@asynccontextmanager
async def renewal_held_up(ground: Ground, holder: TokenHolder) -> AsyncIterator[asyncio.Task[Any]]:
    """Let somebody renew, and hold the outside up until the block ends."""
    ground.issuer.may_answer.clear()
    ground.issuer.is_asked.clear()
    task = asyncio.create_task(holder.token())
    await ground.issuer.is_asked.wait()
    yield task
    ground.issuer.may_answer.set()
    await asyncio.gather(task, return_exceptions=True)


async def test_two_processes_with_many_tasks_ask_once(ground: Ground) -> None:
    holders = [ground.process(0), ground.process(1)]
    async with renewal_held_up(ground, holders[0]):
        asking = [asyncio.create_task(each.token()) for each in holders * 40]
        await asyncio.sleep(0)
    assert set(await asyncio.gather(*asking)) == {"token-1"}
    assert ground.issuer.issued == 1


async def test_a_token_is_renewed_four_minutes_before_its_end_and_not_a_second_earlier(
    ground: Ground,
) -> None:
    holder = ground.process()
    await holder.token()
    ground.wait(seconds=7200 - 241)
    assert await holder.token() == "token-1"
    ground.wait(seconds=1)
    assert await holder.token() == "token-2"


async def test_while_one_renews_the_others_go_on_with_the_old_token(ground: Ground) -> None:
    first, second = ground.process(0), ground.process(1)
    await first.token()
    assert await second.token() == "token-1"
    ground.wait(seconds=7200 - 240)
    async with renewal_held_up(ground, first) as renewing:
        assert await second.token() == "token-1"
        assert await first.token() == "token-1"
        assert not renewing.done()
    assert renewing.result() == "token-2"
    assert await second.token() == "token-2"
    assert ground.issuer.issued == 2


async def test_a_token_that_lasts_a_moment_only_is_used_for_half_of_it(ground: Ground) -> None:
    ground.issuer.expires_in = 100
    holder = ground.process()
    await holder.token()
    ground.wait(seconds=49)
    assert await holder.token() == "token-1"
    ground.wait(seconds=1)
    assert await holder.token() == "token-2"


async def test_who_was_called_off_in_the_middle_holds_nobody_up(ground: Ground) -> None:
    async with renewal_held_up(ground, ground.process(0)) as renewing:
        renewing.cancel()
        await asyncio.wait([renewing])
        ground.issuer.may_answer.set()
        assert await ground.process(1).token() == "token-2"


async def test_a_dead_renewers_lease_ends_by_itself_and_not_before(ground: Ground) -> None:
    dying, living = ground.store(0), ground.process(1)
    async with renewal_held_up(ground, ground.process(0)):
        waiting = asyncio.create_task(living.token())
        await asyncio.sleep(0)
        ground.wait(seconds=tokens.LEASE_SECONDS - 1)
        assert ground.issuer.issued == 1
        ground.wait(seconds=1)
        ground.issuer.is_asked.clear()
        await ground.issuer.is_asked.wait()
        assert ground.issuer.issued == 2
    assert await waiting == "token-2"
    assert await dying.get(ground.name, ground.issuer) == "token-2"
    assert ground.issuer.issued == 2


async def test_a_failed_renewal_leaves_the_old_token_in_use_for_a_pause(ground: Ground) -> None:
    holder = ground.process()
    await holder.token()
    ground.wait(seconds=7200 - 240)
    ground.issuer.fails = True
    assert [await holder.token() for _ in range(3)] == ["token-1"] * 3
    assert ground.issuer.issued == 2
    ground.wait(seconds=tokens.PAUSE_SECONDS)
    ground.issuer.fails = False
    assert await holder.token() == "token-3"


async def test_without_a_living_token_the_failure_is_told_and_the_next_may_ask(
    ground: Ground,
) -> None:
    ground.issuer.fails = True
    with pytest.raises(Trouble):
        await ground.process().token()
    ground.issuer.fails = False
    assert await ground.process().token() == "token-2"


async def test_many_refusals_of_one_token_ask_once_for_all_processes(ground: Ground) -> None:
    first, second = ground.process(0), ground.process(1)
    dead = await first.token()
    assert await second.token() == dead
    renewed = await asyncio.gather(*(each.after_refusal_of(dead) for each in [first, second] * 10))
    assert set(renewed) == {"token-2"}
    assert (ground.issuer.issued, ground.issuer.forced) == (2, 0)


async def test_a_dead_token_that_the_server_repeats_is_forced_away_at_most_twice_a_minute(
    ground: Ground,
) -> None:
    holder = ground.process()
    ground.issuer.stuck_on = dead = await holder.token()
    forced = await holder.after_refusal_of(dead)
    assert (forced, ground.issuer.forced) == ("token-3", 1)
    ground.issuer.stuck_on = forced
    assert await ground.process(1).after_refusal_of(forced) == forced
    ground.wait(seconds=tokens.FORCED_APART_SECONDS - 1)
    assert await holder.after_refusal_of(forced) == forced
    assert ground.issuer.forced == 1
    ground.wait(seconds=1)
    assert await holder.after_refusal_of(forced) != forced
    assert ground.issuer.forced == 2


async def test_a_day_holds_twenty_forced_renewals_and_the_next_day_as_many(
    ground: Ground,
) -> None:
    holder = ground.process()
    token = await holder.token()
    for _ in range(tokens.FORCED_A_DAY + 1):
        ground.wait(seconds=tokens.FORCED_APART_SECONDS)
        ground.issuer.stuck_on = token
        token = await holder.after_refusal_of(token)
    assert ground.issuer.forced == tokens.FORCED_A_DAY
    ground.wait(days=1)
    ground.issuer.stuck_on = token = await holder.after_refusal_of("none")
    await holder.after_refusal_of(token)
    assert ground.issuer.forced == tokens.FORCED_A_DAY + 1


async def test_a_kept_token_is_sealed_and_renewed_where_our_keys_do_not_open_it(
    pool: Pool, second_pool: Pool
) -> None:
    ground = Ground([pool, second_pool])
    token = await ground.process().token()
    async with pool.transaction(SYSTEM) as db:
        lying = await db.raw.fetchval(
            "SELECT sealed FROM connect.tokens WHERE name = $1", ground.name
        )
    assert token.encode() not in lying
    assert await ground.store(0, KEYS.rotated()).get(ground.name, ground.issuer) == token
    assert await ground.store(1, Keys.drawn()).get(ground.name, ground.issuer) == "token-2"


async def test_no_token_shows_itself() -> None:
    ground = Ground(None)
    await ground.process().token()
    _version, kept = await ground._rows.read(ground.name)
    assert kept is not None
    assert "token-1" not in repr(kept)

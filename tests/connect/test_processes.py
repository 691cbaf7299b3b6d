"""Processes on one credential share its limits, and the dead leave their part to the living."""

from __future__ import annotations

import asyncio

import pytest
from tests import make

from headwater.base.db import Pool
from headwater.base.errors import NotReached
from headwater.connect.limits import LIMITS
from headwater.connect.processes.living import LIVES, Sharer
from headwater.connect.traffic import Traffic

REFUNDS = LIMITS["wechat_pay.refunds"]
TAGS = "/cgi-bin/externalcontact/mark_tag"


class House:
    """Some processes with a clock that the test moves."""

    def __init__(self, pool: Pool, processes: int) -> None:
        self.now = make.NOON
        self.seconds = 0.0
        self.sharers = [
            Sharer(pool, Traffic(lambda: self.seconds, self._rest), lambda: self.now)
            for _ in range(processes)
        ]

    async def _rest(self, seconds: float) -> None:
        self.seconds += seconds

    async def beats(self) -> list[int]:
        """Let everybody say that they live, and then hear of the others."""
        for each in self.sharers:
            await each.beat()
        return [await each.beat() for each in self.sharers]

    def sent(self) -> int:
        """How many refunds leave at once from all processes together."""
        count = 0
        for each in self.sharers:
            pace = each.traffic.pace
            while pace.missing_seconds(REFUNDS) == 0:
                pace.count(REFUNDS)
                count += 1
        return count


@pytest.mark.parametrize("processes", [1, 2, 3, 7])
async def test_together_they_send_no_more_than_is_allowed(own_pool: Pool, processes: int) -> None:
    house = House(own_pool, processes)
    assert await house.beats() == [processes] * processes
    assert REFUNDS.most - processes < house.sent() <= REFUNDS.most


async def test_the_part_of_who_died_or_left_goes_to_the_others(own_pool: Pool) -> None:
    house = House(own_pool, 3)
    await house.beats()
    killed, leaving, staying = house.sharers
    await leaving.leave()
    assert await staying.beat() == 2
    for _beat in range(5):
        house.now += LIVES / 4
        await staying.beat()
    assert await staying.beat() == 1
    assert staying.traffic.pace.most_of(REFUNDS) == REFUNDS.most
    assert killed.traffic.pace.sharers == 3


async def test_what_may_be_under_way_at_once_is_shared_as_well(own_pool: Pool) -> None:
    house = House(own_pool, 2)
    await house.beats()
    traffic = house.sharers[0].traffic
    under_way, most = 0, 0
    may_end = asyncio.Event()

    async def call() -> None:
        nonlocal under_way, most
        async with traffic.passage("qyapi.test", "POST", TAGS) as passage:
            under_way += 1
            most = max(most, under_way)
            may_end.set()
            await asyncio.sleep(0)
            under_way -= 1
            passage.outcome = "done"

    await asyncio.gather(*(call() for _ in range(10)))
    assert may_end.is_set()
    assert most == LIMITS["wecom.tags_at_once"].most // 2


async def test_a_limit_is_never_shared_away(own_pool: Pool) -> None:
    house = House(own_pool, 2)
    traffic = house.sharers[0].traffic
    limit = LIMITS["wechat_pay.refused_refunds"]
    for processes, most in ((1, 6), (2, 3), (6, 1), (50, 1)):
        traffic.share_among(processes)
        assert traffic.pace.most_of(limit) == most


async def test_who_has_used_up_its_part_waits_though_the_others_have_not(own_pool: Pool) -> None:
    house = House(own_pool, 2)
    await house.beats()
    limit, pace = LIMITS["wecom.company_tickets"], house.sharers[0].traffic.pace
    for _call in range(limit.most // 2):
        assert pace.missing_seconds(limit) == 0
        pace.count(limit)
    with pytest.raises(NotReached):
        await pace.room(limit)
    assert house.sharers[1].traffic.pace.missing_seconds(limit) == 0


async def test_a_house_shares_for_as_long_as_it_stands(own_pool: Pool) -> None:
    first, second = House(own_pool, 1), House(own_pool, 1)
    async with first.sharers[0].among_us(), second.sharers[0].among_us():
        assert await first.sharers[0].beat() >= 1
        assert await second.sharers[0].beat() == 2
    assert await first.sharers[0].beat() == 1

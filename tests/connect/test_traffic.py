"""The traffic with the outside: breaker, lanes, pace, repeats and what is counted."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace

import httpx2
import pytest

from headwater.base.errors import NotReached, Trouble
from headwater.connect import limits, pace, traffic
from headwater.connect.limits import LIMITS
from headwater.connect.pace import Pace
from headwater.connect.sending import (
    ANSWER_BYTES_MOST,
    SlowDown,
    ask,
    ask_again,
    lead_through,
    traffic_of,
)
from headwater.connect.traffic import HostRests, Traffic, pattern_of

REFUND = "/v3/refund/domestic/refunds"
MARK_TAG = "/cgi-bin/externalcontact/mark_tag"


class Outside:
    """A host that answers as a test says, and a clock that only the test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.asked = 0
        self.rested: list[float] = []
        self.status = 200
        self.content = b"{}"
        self.headers: dict[str, str] = {}
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.under_way = 0
        self.most_at_once = 0
        self.came: asyncio.Queue[None] = asyncio.Queue()
        self.http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.answer))
        self.traffic = Traffic(lambda: self.seconds, self.rest)
        lead_through(self.http, self.traffic)

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        self.under_way += 1
        self.came.put_nowait(None)
        self.most_at_once = max(self.most_at_once, self.under_way)
        await self.is_open.wait()
        self.under_way -= 1
        if self.status == 0:
            raise httpx2.ReadTimeout("slow", request=request)
        stream = httpx2.ByteStream(self.content)
        return httpx2.Response(self.status, headers=self.headers, stream=stream)

    def hold_up(self) -> None:
        """Answer nobody who asks from now on, until `is_open` is set."""
        self.is_open.clear()
        self.came = asyncio.Queue()

    async def has_come(self, times: int = 1) -> None:
        """Wait until so many have come since they were held up."""
        for _ in range(times):
            await self.came.get()

    async def rest(self, seconds: float) -> None:
        self.rested.append(seconds)
        self.seconds += seconds

    def request(self, path: str = "/v3/x", host: str = "pay.example") -> httpx2.Request:
        return self.http.build_request("POST", f"https://{host}{path}")

    async def ask(self, path: str = "/v3/x", host: str = "pay.example") -> httpx2.Response:
        return await ask(self.http, self.request(path, host), "the host")

    async def fail(self, times: int, status: int = 502) -> None:
        self.status = status
        for _ in range(times):
            with pytest.raises(Trouble):
                await self.ask()

    def outcomes(self) -> dict[str, int]:
        return {kind.outcome: count.calls for kind, count in self.traffic.counted()}


@pytest.mark.parametrize("status", [502, 302, 0])
async def test_the_tenth_failure_in_a_row_shuts_a_host_and_not_the_ninth(status: int) -> None:
    outside = Outside()
    await outside.fail(traffic.OPENS_AFTER - 1, status)
    assert outside.traffic.resting() == []
    await outside.fail(1, status)
    assert outside.traffic.resting() == ["pay.example"]
    with pytest.raises(HostRests):
        await outside.ask()
    assert outside.asked == traffic.OPENS_AFTER


async def test_one_answer_in_between_starts_the_count_anew() -> None:
    outside = Outside()
    await outside.fail(traffic.OPENS_AFTER - 1)
    outside.status = 404
    await outside.ask()
    await outside.fail(traffic.OPENS_AFTER - 1)
    outside.status = 200
    assert await outside.ask()


async def test_after_the_rest_one_call_sees_whether_the_host_is_back() -> None:
    outside = Outside()
    await outside.fail(traffic.OPENS_AFTER)
    outside.seconds += traffic.RESTS_SECONDS - 0.1
    with pytest.raises(HostRests):
        await outside.ask()
    outside.seconds += 0.1
    outside.status = 200
    outside.hold_up()
    probe = asyncio.create_task(outside.ask())
    await outside.has_come()
    with pytest.raises(HostRests):
        await outside.ask()
    outside.is_open.set()
    assert (await probe).status_code == 200
    assert await outside.ask()
    assert outside.traffic.resting() == []


async def test_a_host_that_is_still_down_rests_twice_as_long_up_to_a_minute() -> None:
    outside = Outside()
    await outside.fail(traffic.OPENS_AFTER)
    for seconds in (5.0, 10.0, 20.0, 40.0, 60.0, 60.0):
        outside.seconds += seconds - 0.1
        with pytest.raises(HostRests):
            await outside.ask()
        outside.seconds += 0.1
        await outside.fail(1)


async def test_a_probe_that_was_called_off_leaves_another_one_to_see() -> None:
    outside = Outside()
    await outside.fail(traffic.OPENS_AFTER)
    outside.seconds += traffic.RESTS_SECONDS
    outside.status = 200
    outside.hold_up()
    probe = asyncio.create_task(outside.ask())
    await outside.has_come()
    probe.cancel()
    await asyncio.wait([probe])
    outside.is_open.set()
    assert await outside.ask()


async def test_one_host_that_rests_does_not_hold_up_another() -> None:
    outside = Outside()
    await outside.fail(traffic.OPENS_AFTER)
    outside.status = 200
    assert await outside.ask(host="weixin.example")


async def test_being_asked_to_slow_down_does_not_shut_a_host() -> None:
    outside = Outside()
    await outside.fail(traffic.OPENS_AFTER + 1, 429)
    assert outside.asked == traffic.OPENS_AFTER + 1


async def test_no_more_calls_than_the_lanes_are_under_way_at_once() -> None:
    outside = Outside()
    outside.hold_up()
    asking = [asyncio.create_task(outside.ask()) for _ in range(traffic.AT_ONCE + 1)]
    await outside.has_come(traffic.AT_ONCE)
    assert outside.under_way == traffic.AT_ONCE
    outside.is_open.set()
    await asyncio.gather(*asking)
    assert (outside.asked, outside.most_at_once) == (traffic.AT_ONCE + 1, traffic.AT_ONCE)


async def test_five_customers_are_tagged_at_once_and_the_sixth_waits() -> None:
    outside = Outside()
    outside.hold_up()
    asking = [asyncio.create_task(outside.ask(MARK_TAG)) for _ in range(6)]
    await outside.has_come(5)
    assert outside.under_way == 5
    outside.is_open.set()
    await asyncio.gather(*asking)
    assert (outside.asked, outside.most_at_once) == (6, 5)


async def test_a_question_is_asked_three_times_and_not_a_fourth() -> None:
    outside = Outside()
    outside.status = 502
    with pytest.raises(Trouble):
        await ask_again(outside.http, outside.request, "the host", outside.rest)
    assert (outside.asked, outside.rested) == (3, [0.2, 0.8])


async def test_a_question_that_is_answered_or_refused_is_not_repeated() -> None:
    outside = Outside()
    for outside.status in (200, 404):
        await ask_again(outside.http, outside.request, "the host", outside.rest)
    assert outside.asked == 2


async def test_who_wants_fewer_calls_is_not_asked_again() -> None:
    outside = Outside()
    outside.status = 429
    with pytest.raises(SlowDown):
        await ask_again(outside.http, outside.request, "the host", outside.rest)
    assert outside.asked == 1


async def test_nothing_but_a_question_is_ever_repeated() -> None:
    outside = Outside()
    outside.status = 502
    with pytest.raises(Trouble):
        await outside.ask()
    assert outside.asked == 1


async def test_calls_are_counted_by_host_path_and_outcome_with_their_seconds() -> None:
    outside = Outside()
    for number in ("R20261122-0001", "R20261122-0002"):
        await outside.ask(f"/v3/pay/transactions/out-trade-no/{number}/close")
    outside.content = b'{"errcode": 40001, "errmsg": "bad"}'
    await outside.ask("/cgi-bin/user/info")
    outside.content = b'{"errcode":0,"errmsg":"ok"}'
    await outside.ask("/cgi-bin/user/info")
    await outside.fail(1, 0)
    found = {(k.path, k.outcome): c.calls for k, c in outside.traffic.counted()}
    assert found == {
        ("/v3/pay/transactions/out-trade-no/{}/close", "done"): 2,
        ("/cgi-bin/user/info", "refused"): 1,
        ("/cgi-bin/user/info", "done"): 1,
        ("/v3/x", "silent"): 1,
    }


@pytest.mark.parametrize(
    "path,pattern",
    [
        ("/sns/jscode2session", "/sns/jscode2session"),
        ("/v3.0/user_actions/add", "/v3.0/user_actions/add"),
        ("/v3/pay/transactions/h5", "/v3/pay/transactions/h5"),
        ("/cgi-bin/externalcontact/get_groupmsg_list_v2",) * 2,
        ("/v3/refund/domestic/refunds/0192f7a3b1c24d5e8f90a1b2c3d4e5f6", REFUND + "/{}"),
        ("/" + "a" * 41, "/{}"),
        ("/", "/"),
    ],
)
def test_a_path_is_counted_without_the_numbers_in_it(path: str, pattern: str) -> None:
    assert pattern_of(path) == pattern


async def test_a_client_that_nobody_led_anywhere_has_traffic_of_its_own() -> None:
    first, second = httpx2.AsyncClient(), httpx2.AsyncClient()
    assert traffic_of(first) is traffic_of(first)
    assert traffic_of(first) is not traffic_of(second)


KEPT = [each for each in LIMITS.values() if each.kept_by == "ask" and each.counts == "calls"]


@pytest.mark.parametrize("limit", KEPT, ids=lambda each: each.name)
async def test_a_limit_holds_as_many_as_it_says_and_one_more_waits(limit: limits.Limit) -> None:
    clock = Outside()
    known = Pace(lambda: clock.seconds, clock.rest)
    for _ in range(limit.most - 1):
        known.count(limit)
    assert known.missing_seconds(limit) == 0
    known.count(limit)
    missing = known.missing_seconds(limit)
    assert limit.per_seconds < missing <= limit.per_seconds * (1 + 2 / 60)
    clock.seconds += limit.per_seconds * 0.99
    assert known.missing_seconds(limit) > 0
    clock.seconds += missing - limit.per_seconds * 0.99
    assert known.missing_seconds(limit) == 0


async def test_the_hundred_and_fifty_first_refund_of_a_second_waits_for_the_next() -> None:
    outside = Outside()
    for _ in range(150):
        await outside.ask(REFUND)
    assert outside.rested == []
    await outside.ask(REFUND)
    assert len(outside.rested) == 1
    assert 1.0 <= outside.rested[0] <= 1.04


async def test_after_six_refused_refunds_in_a_second_the_next_one_waits() -> None:
    outside = Outside()
    outside.status = 400
    for _ in range(6):
        await outside.ask(REFUND)
    assert outside.rested == []
    await outside.ask(REFUND)
    assert len(outside.rested) == 1


async def test_whoever_would_wait_too_long_is_not_sent_at_all() -> None:
    outside = Outside()
    for _ in range(400):
        await outside.ask("/cgi-bin/get_jsapi_ticket")
    with pytest.raises(NotReached, match="company_tickets"):
        await outside.ask("/cgi-bin/get_jsapi_ticket")
    assert outside.asked == 400
    assert outside.outcomes() == {"done": 400, "crowded": 1}


async def test_many_who_wait_together_each_get_a_turn_in_time() -> None:
    clock = Outside()
    known = Pace(lambda: clock.seconds, clock.rest)
    limit = replace(LIMITS["wechat_pay.refunds"], most=2)
    for _ in range(8):
        await known.room(limit)
        known.count(limit)
    assert clock.seconds < 1000.0 + pace.WAITS_SECONDS


def test_every_limit_names_its_source_and_its_day() -> None:
    for name, limit in LIMITS.items():
        assert limit.name == name
        assert "/" in limit.source
        assert limit.as_of.year >= 2026
        assert bool(limit.paths) == (limit.kept_by == "ask")
    assert list(LIMITS) == sorted(LIMITS)


async def test_an_answer_of_the_greatest_length_is_read_and_one_byte_more_is_not() -> None:
    outside = Outside()
    outside.content = b" " * ANSWER_BYTES_MOST
    assert len((await outside.ask()).content) == ANSWER_BYTES_MOST
    outside.content += b" "
    with pytest.raises(Trouble):
        await outside.ask()
    assert outside.outcomes() == {"done": 1, "silent": 1}


async def test_a_packed_answer_is_unpacked_but_not_without_end() -> None:
    outside = Outside()
    outside.headers = {"content-encoding": "gzip"}
    outside.content = gzip.compress(b'{"a":1}')
    assert (await outside.ask()).json() == {"a": 1}
    outside.content = gzip.compress(b" " * (ANSWER_BYTES_MOST + 1))
    with pytest.raises(Trouble):
        await outside.ask()


async def test_what_is_packed_inside_a_packing_is_not_opened() -> None:
    outside = Outside()
    outside.headers = {"content-encoding": "gzip, gzip"}
    outside.content = gzip.compress(gzip.compress(b'{"a":1}'))
    with pytest.raises(Trouble):
        await outside.ask()


async def test_an_answer_that_does_not_end_is_given_up_and_gives_its_lane_back() -> None:
    outside = Outside()
    lead_through(outside.http, Traffic(lambda: outside.seconds, outside.rest, answer_seconds=0.01))
    outside.hold_up()
    with pytest.raises(Trouble) as raised:
        await outside.ask()
    assert not isinstance(raised.value, NotReached)
    outside.is_open.set()
    assert (await outside.ask()).status_code == 200

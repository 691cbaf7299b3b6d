"""What is counted is told to a machine that knows the token, and to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest
from tests.house import SHOP, House

from headwater.app import doors, metrics
from headwater.base.errors import Trouble
from headwater.connect.errors import UnknownToProvider
from headwater.connect.sending import ask, lead_through
from headwater.connect.traffic import OPENS_AFTER, Traffic

TOKEN = "a-token-for-the-watcher"


@pytest.fixture
async def watcher(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    settings = replace(house.building.settings, metrics_token=TOKEN)
    building = replace(house.building, settings=settings)
    transport = httpx2.ASGITransport(doors.open_doors(building))
    async with httpx2.AsyncClient(transport=transport, base_url=SHOP) as http:
        yield http


async def test_calls_to_the_outside_are_told_by_host_path_and_outcome(
    house: House, watcher: httpx2.AsyncClient
) -> None:
    with pytest.raises(UnknownToProvider):
        await house.building.pay.query("NO-20261122-0001")
    answer = await watcher.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert (
        'headwater_outside_calls_total{host="pay.test",method="GET",'
        'path="/v3/pay/transactions/out-trade-no/{}",outcome="refused"}'
    ) in answer.text
    assert "headwater_jobs_dead " in answer.text
    assert "20261122" not in answer.text


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {TOKEN}x", "Bearer é"])
async def test_who_does_not_know_the_token_finds_nothing(
    watcher: httpx2.AsyncClient, given: str
) -> None:
    headers = {b"Authorization": given.encode()}
    assert (await watcher.get("/metrics", headers=headers)).status_code == 404


async def test_without_a_token_of_ours_nobody_is_told(house: House) -> None:
    async with house.client() as http:
        assert (await http.get("/metrics")).status_code == 404
        answer = await http.get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 404


async def test_a_worker_says_in_a_line_for_each_host_how_it_went() -> None:
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _asked: httpx2.Response(502)))
    traffic = Traffic(lambda: 0.0)
    lead_through(http, traffic)
    for _ in range(OPENS_AFTER):
        with pytest.raises(Trouble):
            await ask(http, http.build_request("GET", "https://pay.example/v3/x"), "the host")
    assert metrics.summary(traffic) == [
        "pay.example: 10 calls, 10 without an answer, 0 ms each, left alone at the moment"
    ]

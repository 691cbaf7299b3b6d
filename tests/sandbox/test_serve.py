"""The sandbox as a program: real ports, real credentials file, real time."""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.sandbox.merchant import NOON, Shop

from headwater.sandbox import CannotServe, Sandbox, Start, run
from headwater.sandbox.serve import ORDER


def free_ports() -> int:
    """The first of as many free ports in a row as there are hosts."""
    for first in range(28_200, 29_000, len(ORDER)):
        try:
            for port in range(first, first + len(ORDER)):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("not enough free ports in a row")


@asynccontextmanager
async def running(file: Path) -> AsyncIterator[dict[str, Any]]:
    """The program, started and stopped; yields the credentials it wrote."""
    is_up = asyncio.Event()

    async def started(_: Sandbox) -> None:
        is_up.set()

    program = asyncio.create_task(run(Start("127.0.0.1", free_ports(), file, 7, 50.0), started))
    await asyncio.wait_for(is_up.wait(), 10)
    try:
        yield json.loads(file.read_text())
    finally:
        program.cancel()
        with suppress(asyncio.CancelledError):
            await program


async def test_every_host_answers_at_its_own_root(tmp_path: Path) -> None:
    async with running(tmp_path / "credentials.json") as known, httpx2.AsyncClient() as http:
        people = (await http.get(known["side_doors"]["base_url"] + "/people")).json()["people"]
        assert people[0]["nickname"] == "林晓"
        assert (await http.get(known["phone"]["base_url"] + "/phone")).status_code == 200
        pay = await http.get(known["pay"]["base_url"] + "/v3/certificates")
        assert pay.json()["code"] == "SIGN_ERROR"
        token = known["official_account"]["api_base_url"] + "/cgi-bin/stable_token"
        assert (await http.post(token, json={})).json()["errcode"] == 40002
        sms = (await http.post(known["sms"]["base_url"] + "/")).json()
        assert sms["Response"]["Error"]["Code"] == "AuthFailure.InvalidAuthorization"
    assert (tmp_path / "credentials.json").stat().st_mode & 0o077 == 0


async def test_an_answer_is_not_held_back_for_more_to_send(tmp_path: Path) -> None:
    # Without TCP_NODELAY each answer waits 40 ms for the client's delayed acknowledgement.
    took = []
    async with running(tmp_path / "credentials.json") as known, httpx2.AsyncClient() as http:
        for _ in range(40):
            before = time.perf_counter()
            await http.get(known["side_doors"]["base_url"] + "/bill")
            took.append(time.perf_counter() - before)
    assert statistics.median(took) < 0.03


async def test_a_restart_keeps_the_keys_and_the_people(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    async with running(file) as first, httpx2.AsyncClient() as http:
        doors = first["side_doors"]["base_url"]
        made = (await http.post(doors + "/people", json={"nickname": "甲"})).json()
    async with running(file) as second, httpx2.AsyncClient() as http:
        assert second["pay"]["apiv3_key"] == first["pay"]["apiv3_key"]
        assert second["pay"]["merchant_private_key_pem"] == first["pay"]["merchant_private_key_pem"]
        listed = (await http.get(second["side_doors"]["base_url"] + "/people")).json()["people"]
        assert listed[-1] == made


async def test_the_clock_tells_by_itself(town_with_shop: tuple[Sandbox, Shop]) -> None:
    sandbox, shop = town_with_shop
    ticking = asyncio.create_task(sandbox.keep_time())
    url = "http://shop.test/hooks/pay"
    sandbox.notices.announce("transaction", url, {"out_trade_no": "x"}, NOON)
    await asyncio.wait_for(shop.has_heard.wait(), 5)
    ticking.cancel()
    with suppress(asyncio.CancelledError):
        await ticking


async def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    first = free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first + 2))
        taken.listen()
        with pytest.raises(CannotServe, match=f"port {first + 2} on 127.0.0.1"):
            await run(Start("127.0.0.1", first, tmp_path / "credentials.json"))
    assert not (tmp_path / "credentials.json").exists()


async def test_a_file_of_something_else_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    file.write_text('{"mine": true}')
    with pytest.raises(CannotServe, match="not a credentials file"):
        await run(Start("127.0.0.1", free_ports(), file))
    assert file.read_text() == '{"mine": true}'


@pytest.mark.parametrize("content", ['{"pay": 5}', '{"pay": {"only_the_sandbox_holds": 1}}', "[1]"])
async def test_credentials_that_are_none_are_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "credentials.json"
    file.write_text(content)
    with pytest.raises(CannotServe, match=r"credentials\.json"):
        await run(Start("127.0.0.1", free_ports(), file))
    assert file.read_text() == content


@pytest.mark.parametrize("content", ["no json\n", '["order", {"of": "nothing"}]\n', "{}\n", "5\n"])
async def test_a_state_that_is_none_is_named_and_left_alone(tmp_path: Path, content: str) -> None:
    file, state = tmp_path / "credentials.json", tmp_path / "state.jsonl"
    state.write_text(content)
    start = Start("127.0.0.1", free_ports(), file, state_file=state)
    is_up = asyncio.Event()

    async def started(_: Sandbox) -> None:
        is_up.set()

    program = asyncio.create_task(run(start, started))
    waiting = asyncio.create_task(is_up.wait())
    await asyncio.wait({program, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if program.done():
        assert isinstance(program.exception(), CannotServe)
        assert "state.jsonl" in str(program.exception())
    else:
        # A row of a kind that this release does not know is no damage.
        program.cancel()
        with suppress(asyncio.CancelledError):
            await program
    assert state.read_text().startswith(content)


async def test_a_state_in_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    start = Start(
        "127.0.0.1", free_ports(), tmp_path / "c.json", state_file=tmp_path / "no" / "s.jsonl"
    )
    with pytest.raises(CannotServe, match=r"s\.jsonl"):
        await run(start)


async def test_a_page_of_another_site_opens_no_side_door(tmp_path: Path) -> None:
    async with running(tmp_path / "credentials.json") as known, httpx2.AsyncClient() as http:
        url = known["side_doors"]["base_url"] + "/people"
        theirs = await http.get(url, headers={"Sec-Fetch-Site": "cross-site"})
        assert theirs.status_code == 403
        assert (await http.get(url, headers={"Sec-Fetch-Site": "none"})).status_code == 200

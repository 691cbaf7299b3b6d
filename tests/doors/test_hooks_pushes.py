"""The hooks for pushes: what is believed is kept once and answered; all else changes nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx2
import msgspec
import pytest
from tests.house import House

from headwater.app.pushes import Heard, Listeners
from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.base.jobs import Jobs
from headwater.connect import callbacks
from headwater.connect.callbacks import CallbackKeys
from headwater.web.hooks.pushes import JOB
from headwater.web.kit.building import Building
from headwater.web.kit.media.bodies import BYTES_MOST

PATHS = {
    "official_account": "/hooks/official-account",
    "mini_program": "/hooks/mini-program",
    "wecom": "/hooks/wecom",
}
CHANNELS = pytest.mark.parametrize("channel", list(PATHS))


@dataclass
class Tencent:
    """Pushes to one channel of a house, sealed or in plain, right or wrong."""

    house: House
    http: httpx2.AsyncClient
    channel: str = "official_account"

    @property
    def keys(self) -> CallbackKeys:
        return self.house.building.outside.now.pushes[self.channel][0]

    def query(self, *sealed: str, **changes: str) -> dict[str, str]:
        stamp, nonce = str(int(self.house.now.timestamp())), ids.code()
        given = {"timestamp": stamp, "nonce": nonce}
        if self.channel != "wecom":
            given["signature"] = callbacks.signature_of(self.keys.token, stamp, nonce)
        if sealed:
            given["encrypt_type"] = "aes"
            parts = (self.keys.token, stamp, nonce, *sealed)
            given["msg_signature"] = callbacks.signature_of(*parts)
        return given | changes

    async def push(self, said: bytes, **changes: str) -> httpx2.Response:
        sealed = callbacks.seal(self.keys, said, "0", "n").encrypt
        envelope = f"<xml><ToUserName>a</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
        return await self.send(envelope.encode(), self.query(sealed, **changes))

    async def send(self, body: bytes, query: dict[str, str]) -> httpx2.Response:
        return await self.http.post(PATHS[self.channel], params=query, content=body)

    async def check(self, echo: str, **changes: str) -> httpx2.Response:
        query = self.query(echo) if self.channel == "wecom" else self.query()
        answer = self.http.get(PATHS[self.channel], params=query | {"echostr": echo} | changes)
        return await answer


@pytest.fixture
async def tencent(house: House) -> AsyncIterator[Tencent]:
    async with house.client() as http:
        yield Tencent(house, http)


def text(message_id: str | None = None, content: str = "你好😀") -> bytes:
    number = message_id or str(ids.new().int)[:18]
    return (
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>"
        "<FromUserName><![CDATA[open-1]]></FromUserName><CreateTime>1409659813</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content>"
        f"<MsgId>{number}</MsgId></xml>"
    ).encode()


def came(customer: str, **more: str) -> bytes:
    fields = {
        "FromUserName": "sys",
        "CreateTime": "1409659813",
        "MsgType": "event",
        "Event": "change_external_contact",
        "ExternalUserID": customer,
    } | more
    return ("<xml>" + "".join(f"<{n}>{v}</{n}>" for n, v in fields.items()) + "</xml>").encode()


async def waiting(house: House) -> int:
    """How many pushes wait for a worker; the house's other jobs do not count."""
    async with house.building.transaction(SYSTEM) as db:
        sql = "SELECT count(*) FROM base.jobs WHERE kind = $1"
        count: int = await db.raw.fetchval(sql, JOB)
    return count


async def work(house: House, listeners: Listeners) -> None:
    jobs = Jobs()
    jobs.kind(JOB, listeners.work)
    while await jobs.work_off(house.building.pool, house.building, house.now):
        pass


@CHANNELS
async def test_a_push_is_answered_at_once_and_told_after(tencent: Tencent, channel: str) -> None:
    tencent.channel = channel
    told: list[Heard] = []
    listeners = Listeners()

    @listeners.hears(channel, "text")
    async def listen(_building: Building, heard: Heard) -> None:
        told.append(heard)

    answer = await tencent.push(text("4561255354251345929"))
    assert (answer.status_code, answer.text) == (200, "success")
    assert told == []
    await work(tencent.house, listeners)
    assert [each.fields["Content"] for each in told] == ["你好😀"]
    assert told[0].heard_at == tencent.house.now
    assert await waiting(tencent.house) == 0


async def test_a_push_in_json_is_told_like_one_in_xml(tencent: Tencent) -> None:
    tencent.channel = "mini_program"
    told: list[Any] = []
    listeners = Listeners()

    @listeners.hears("mini_program")
    async def listen(_building: Building, heard: Heard) -> None:
        told.append((heard.name, heard.fields["order_id"]))

    said = {"FromUserName": "o", "CreateTime": 7, "MsgType": "event", "order_id": ids.code()}
    said["Event"] = "trade_manage_order_settlement"
    sealed = callbacks.seal(tencent.keys, msgspec.json.encode(said), "0", "n").encrypt
    body = msgspec.json.encode({"ToUserName": "gh", "Encrypt": sealed})
    assert (await tencent.send(body, tencent.query(sealed))).text == "success"
    await work(tencent.house, listeners)
    assert told == [("trade_manage_order_settlement", said["order_id"])]


@CHANNELS
async def test_what_somebody_said_never_lies_in_plain_words_in_a_table(
    tencent: Tencent, channel: str
) -> None:
    tencent.channel = channel
    await tencent.push(text(content="我的电话是13800138000"))
    async with tencent.house.building.transaction(SYSTEM) as db:
        kept = await db.raw.fetch("SELECT body::text FROM base.jobs WHERE kind = $1", JOB)
    assert kept
    assert not [row for row in kept if "13800138000" in row["body"] or "open-1" in row["body"]]
    await work(tencent.house, Listeners())


@CHANNELS
async def test_ten_copies_at_once_are_kept_once(tencent: Tencent, channel: str) -> None:
    tencent.channel = channel
    said, before = text(), await waiting(tencent.house)
    answers = await asyncio.gather(*(tencent.push(said) for _ in range(10)))
    assert {(each.status_code, each.text) for each in answers} == {(200, "success")}
    assert await waiting(tencent.house) == before + 1
    await work(tencent.house, Listeners())
    await tencent.push(said)
    assert await waiting(tencent.house) == 0


async def test_two_customers_who_come_in_one_second_are_two(tencent: Tencent) -> None:
    tencent.channel = "wecom"
    before, pair = await waiting(tencent.house), ids.code()
    for customer in ("wm-1" + pair, "wm-2" + pair, "wm-1" + pair):
        assert (await tencent.push(came(customer))).text == "success"
    assert await waiting(tencent.house) == before + 2
    await work(tencent.house, Listeners())


async def test_a_welcome_overtakes_what_waited_before(tencent: Tencent) -> None:
    tencent.channel = "wecom"
    told: list[str] = []
    listeners = Listeners()

    @listeners.hears("wecom", "CHANGE_EXTERNAL_CONTACT")
    async def listen(_building: Building, heard: Heard) -> None:
        told.append(heard.fields["ExternalUserID"])

    who = ids.code()
    for number in range(5):
        await tencent.push(came(f"{who}-{number}"))
    await tencent.push(came(f"{who}-new", WelcomeCode="code-1"))
    await work(tencent.house, listeners)
    assert told[0] == f"{who}-new"
    assert len(told) == 6


async def test_a_listener_that_fails_is_told_again_and_the_push_is_not_lost(
    tencent: Tencent,
) -> None:
    told: list[str] = []
    listeners = Listeners()

    @listeners.hears("official_account", "text")
    async def listen(_building: Building, heard: Heard) -> None:
        told.append(heard.fields["Content"])
        if len(told) == 1:
            raise LookupError

    await tencent.push(text(content="again"))
    await work(tencent.house, listeners)
    assert told == ["again"]
    tencent.house.wait(seconds=30)
    await work(tencent.house, listeners)
    assert told == ["again", "again"]
    assert await waiting(tencent.house) == 0


@pytest.mark.parametrize("channel", ["official_account", "mini_program"])
async def test_the_consoles_question_is_answered_with_its_own_words(
    tencent: Tencent, channel: str
) -> None:
    tencent.channel = channel
    answer = await tencent.check("5927782489442352469")
    assert (answer.status_code, answer.text) == (200, "5927782489442352469")
    assert (await tencent.check("1", nonce="other")).status_code == 401
    assert (await tencent.check("1", signature="")).status_code == 401


async def test_wecoms_question_is_answered_by_what_was_sealed_in_it(tencent: Tencent) -> None:
    tencent.channel = "wecom"
    echo = callbacks.seal(tencent.keys, b"1616140317555161061", "0", "n").encrypt
    answer = await tencent.check(echo)
    assert (answer.status_code, answer.text) == (200, "1616140317555161061")
    assert (await tencent.check(echo, nonce="other")).status_code == 401
    assert (await tencent.check("AAAA")).status_code == 401


def other_signature(tencent: Tencent) -> dict[str, str]:
    return {"msg_signature": "0" * 40}


def stale(tencent: Tencent) -> dict[str, str]:
    moment = tencent.house.now - timedelta(seconds=301)
    return {"timestamp": str(int(moment.timestamp()))}


def in_plain(tencent: Tencent) -> dict[str, str]:
    return {"encrypt_type": ""}


@CHANNELS
@pytest.mark.parametrize("wrong", [other_signature, stale])
async def test_a_forged_or_stale_push_is_refused_logged_and_changes_nothing(
    tencent: Tencent,
    channel: str,
    wrong: Callable[[Tencent], dict[str, str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    tencent.channel = channel
    before = await waiting(tencent.house)
    with caplog.at_level(logging.WARNING):
        answer = await tencent.push(text(), **wrong(tencent))
    assert answer.status_code == 401
    assert f"refused a push to {channel}" in caplog.text
    assert await waiting(tencent.house) == before


async def test_a_push_for_another_account_is_refused(tencent: Tencent) -> None:
    before = await waiting(tencent.house)
    foreign = replace(tencent.keys, receiver_id="wx0000000000000000")
    sealed = callbacks.seal(foreign, text(), "0", "n").encrypt
    body = f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode()
    assert (await tencent.send(body, tencent.query(sealed))).status_code == 401
    assert await waiting(tencent.house) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\x00",
        b"<xml>",
        b"{}",
        b"[]",
        b'{"Encrypt": 7}',
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>',
        b"<xml>" + b" " * BYTES_MOST + b"</xml>",
    ],
    ids=["empty", "bytes", "open", "object", "list", "number", "entity", "long"],
)
@CHANNELS
async def test_junk_is_refused_and_changes_nothing(
    tencent: Tencent, channel: str, body: bytes
) -> None:
    tencent.channel = channel
    before = await waiting(tencent.house)
    assert (await tencent.send(body, tencent.query("7"))).status_code == 401
    assert await waiting(tencent.house) == before


async def test_a_body_may_be_as_long_as_the_limit_and_not_a_byte_longer(tencent: Tencent) -> None:
    sealed = callbacks.seal(tencent.keys, text(), "0", "n").encrypt
    envelope = f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode()
    longest = envelope + b" " * (BYTES_MOST - len(envelope))
    assert (await tencent.send(longest + b" ", tencent.query(sealed))).status_code == 401
    assert (await tencent.send(longest, tencent.query(sealed))).text == "success"
    await work(tencent.house, Listeners())


async def test_where_pushes_are_sealed_none_is_believed_in_plain(tencent: Tencent) -> None:
    before = await waiting(tencent.house)
    assert (await tencent.send(text(), tencent.query())).status_code == 401
    assert await waiting(tencent.house) == before


async def test_where_the_owner_chose_plain_a_push_in_plain_is_believed(house: House) -> None:
    now = house.building.outside.now
    keys = replace(now.pushes["official_account"][0], takes_plain=True)
    house.building.outside.now = replace(now, pushes={**now.pushes, "official_account": (keys,)})
    try:
        async with house.client() as http:
            tencent = Tencent(house, http)
            assert (await tencent.send(text(), tencent.query())).text == "success"
            forged = tencent.query(signature="0" * 40)
            assert (await tencent.send(text(), forged)).status_code == 401
    finally:
        house.building.outside.now = now
    await work(house, Listeners())


async def test_a_channel_without_credentials_is_not_there(house: House) -> None:
    now = house.building.outside.now
    house.building.outside.now = replace(now, pushes={})
    try:
        async with house.client() as http:
            assert (await http.post("/hooks/wecom")).status_code == 404
            assert (await http.get("/hooks/official-account")).status_code == 404
    finally:
        house.building.outside.now = now

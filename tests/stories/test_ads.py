"""Tencent Ads from the console on: permission, an audience through the gate, purchases told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import pytest
from tests import make
from tests.doors import desks
from tests.doors.desks import desk
from tests.house import SHOP, House
from tests.make import Shop

from headwater.app.ads import audiences
from headwater.app.ads.audiences import CHANNEL
from headwater.app.channels import open_channels
from headwater.base.db import SYSTEM
from headwater.base.errors import NotReached, Trouble
from headwater.connect.tencent_ads import kept
from headwater.connect.tencent_ads.api import Page
from headwater.connect.tencent_ads.audiences import Audience, ProcessState
from headwater.gate import messages, rules
from headwater.gate.rules import Budget
from headwater.increment import arms
from headwater.members import consents, login, members
from headwater.members.consents import Said
from headwater.members.identities import Id
from headwater.members.login import Arrival
from headwater.reach import campaigns, segments
from headwater.reach.contents import Content
from headwater.sandbox.people import Person

WORDS = Content("好久不见", "Long time", "回来看看", "Come back", "/")


@dataclass
class Advertiser:
    """A brand that advertises, in a house with the simulated platform beside it."""

    house: House
    shop: Shop

    async def door(self, method: str, path: str, **what: Any) -> Any:
        doors = self.house.sandbox.credentials["side_doors"]["base_url"]
        async with self.house.sandbox.client() as http:
            answer = await http.request(method, f"{doors}/ads/{path}", json=what or None)
        assert answer.is_success, answer.text
        return answer.json()

    async def authorises(self, client: httpx2.AsyncClient) -> httpx2.Response:
        led = await client.get("/console/ads/permission")
        query = parse_qs(urlsplit(led.headers["location"]).query)
        given = await self.door("POST", "grants", redirect_uri=query["redirect_uri"][0])
        back = urlsplit(query["redirect_uri"][0]).path
        code = given["authorization_code"]
        return await client.get(
            back, params={"authorization_code": code, "state": query["state"][0]}
        )

    async def somebody(
        self, *, marketing: bool | None = None, measurement: bool | None = None
    ) -> tuple[UUID, Person]:
        """Let somebody with a phone join, who says yes, no, or nothing."""
        house, people = self.house, self.house.sandbox.people
        person = people.create(f"ads-{len(people.everybody())}")
        known = (
            Id("open_id", people.openid(person, house.building.appid), house.building.appid),
            Id("phone", person.phone_number),
        )
        async with house.building.transaction(SYSTEM) as db:
            who = await login.with_any(
                db, house.building.keys, known, Arrival("official_account"), house.now
            )
            await members.set_home_store(db, who, self.shop.store_id)
            for purpose, answer in (("marketing", marketing), ("measurement", measurement)):
                if answer is not None:
                    said = Said(purpose, CHANNEL, answer, "test")
                    await consents.say(db, who, said, house.now)
        return who, person

    async def audience(self) -> set[str]:
        """Who is in the newest audience at the platform."""
        found = (await self.door("GET", "audiences"))["audiences"]
        return set(found[-1]["person_ids"]) if found else set()


@pytest.fixture
async def advertiser(house: House) -> Advertiser:
    async with house.building.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        for period, length in (("days", 7), ("month", 1)):
            await rules.set_budget(
                db, Budget(CHANNEL, period, length, 50, "test", house.now.date())
            )
    await open_channels(house.building)
    return Advertiser(house, shop)


async def test_the_advertiser_authorises_from_the_console_and_only_who_was_sent_brings_it_back(
    advertiser: Advertiser,
) -> None:
    async with desk(advertiser.house, "admin") as client, desk(advertiser.house, "admin") as other:
        led = await client.get("/console/ads/permission")
        query = parse_qs(urlsplit(led.headers["location"]).query)
        assert query["redirect_uri"] == [f"{SHOP}/console/ads/return"]
        stolen = {"authorization_code": "x", "state": query["state"][0]}
        assert (await other.get("/console/ads/return", params=stolen)).status_code == 401
        forged = {"authorization_code": "x", "state": "forged"}
        assert (await client.get("/console/ads/return", params=forged)).status_code == 401
        assert (await advertiser.authorises(client)).status_code == 303
        page = (await client.get("/console/ads")).text
        assert "已授权" in page
        assert "开始告诉" in page
    async with desk(advertiser.house, "operator") as client:
        assert (await client.get("/console/ads")).status_code == 403


async def test_an_audience_holds_whom_the_gate_lets_through_and_nobody_held_out(
    advertiser: Advertiser,
) -> None:
    house, building = advertiser.house, advertiser.house.building
    house.wait_for_day()
    yes = dict([await advertiser.somebody(marketing=True) for _ in range(12)])
    silent = dict([await advertiser.somebody() for _ in range(3)])
    async with desk(house, "admin") as client:
        await advertiser.authorises(client)
    async with building.transaction(SYSTEM) as db:
        rule = {"is": "joined", "days": 3}
        segment = await segments.draft(
            db, segments.Draft(advertiser.shop.brand_id, "新会员", rule), house.now
        )
        made = await campaigns.draft(
            db,
            campaigns.Draft(
                advertiser.shop.brand_id, "广告唤回", segment.id, CHANNEL, WORDS, 0.3, 14
            ),
            house.now,
        )
        launched = await campaigns.launch(db, made.id, house.now)
    house.wait(hours=1)
    await house.work()
    async with building.transaction(SYSTEM) as db:
        assert launched.campaign.experiment_id is not None
        drawn = await arms.count(db, launched.campaign.experiment_id)
        sql = "SELECT member_id, state, reason FROM gate.messages WHERE campaign_id = $1"
        found = {row["member_id"]: tuple(row)[1:] for row in await db.raw.fetch(sql, made.id)}
    sent = {who for who, (state, _reason) in found.items() if state == "sent"}
    held = {who for who, (_state, reason) in found.items() if reason == "held_out"}
    assert {each.arm: each.members for each in drawn} == {
        "holdout": len(held & set(yes)),
        "treated": len(sent),
    }
    assert sent | held >= set(yes)
    house.wait(hours=24)
    assert await advertiser.audience() == {yes[who].id for who in sent}
    assert not await advertiser.audience() & {each.id for each in silent.values()}

    # Who takes the yes back is taken out, once, and stays out.
    gone = sorted(sent)[0]
    async with building.transaction(SYSTEM) as db:
        await consents.say(db, gone, Said("marketing", CHANNEL, False, "test"), house.now)
    assert await audiences.take_out_withdrawn(building, house.now) == 1
    assert await audiences.take_out_withdrawn(building, house.now) == 0
    house.wait(hours=24)
    assert await advertiser.audience() == {yes[who].id for who in sent - {gone}}
    async with building.transaction(SYSTEM) as db:
        mine = await messages.of_member(db, gone)
    assert [each.reason for each in mine if each.channel == CHANNEL] == ["taken_out"]


async def test_purchases_are_told_only_while_it_is_on_and_only_of_who_said_yes(
    advertiser: Advertiser,
) -> None:
    house, building = advertiser.house, advertiser.house.building
    yes, _person = await advertiser.somebody(measurement=True)
    no, _person = await advertiser.somebody(measurement=False)
    silent, _person = await advertiser.somebody(marketing=True)
    async with building.transaction(SYSTEM) as db:
        item = await make.item(db, advertiser.shop, price_fen=1_990, stock=50)
    before = len((await advertiser.door("GET", "actions"))["actions"])

    async def told() -> list[Any]:
        for who in (yes, no, silent):
            await desks.bought(house, who, advertiser.shop, item)
        house.wait(seconds=5)
        await house.work()
        return list((await advertiser.door("GET", "actions"))["actions"][before:])

    async with desk(house, "admin") as client:
        await advertiser.authorises(client)
        assert await told() == []
        await desks.send(client, "/console/ads", "/console/ads/purchases")
        assert "不再告诉" in (await client.get("/console/ads")).text
        house.wait(seconds=1)
        found = await told()
        assert [each["type"] for each in found] == ["PURCHASE"]
        assert found[0]["value_fen"] == 1_990
        await desks.send(client, "/console/ads", "/console/ads/purchases/end")
        assert len(await told()) == 1
        await desks.send(client, "/console/ads", "/console/ads/purchases")
        assert "不再告诉" in (await client.get("/console/ads")).text
        await desks.send(client, "/console/ads", "/console/ads/purchases/end")


class Platform:
    """Audiences of a platform that is silent once, after it has done what it was asked."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.is_silent = True

    async def create(self, name: str, outer_id: str, description: str = "") -> int:
        self.made.append(name)
        if self.is_silent:
            self.is_silent = False
            raise Trouble("no answer")
        return len(self.made)

    async def list(self, number: int = 1) -> Page[Audience]:
        rows = tuple(
            Audience(place, name, ProcessState.DONE, 0)
            for place, name in enumerate(self.made, start=1)
        )
        return Page(rows, 1, True)


async def test_an_audience_is_made_once_though_the_platform_was_silent(house: House) -> None:
    platform: Any = Platform()
    pool, key = house.building.pool, "0" * 20 + "abcdef012345"
    with pytest.raises(Trouble):
        await kept.audience(pool, platform, key, house.now)
    with pytest.raises(NotReached):
        await kept.audience(pool, platform, key, house.now)
    later = house.now + timedelta(minutes=6)
    assert await kept.audience(pool, platform, key, later) == 1
    assert await kept.audience(pool, platform, key, later) == 1
    assert len(platform.made) == 1
    assert len(platform.made[0].encode()) <= 32

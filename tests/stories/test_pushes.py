"""From a person's phone to a listener: the sandbox pushes as WeChat does, and our hooks hear it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from tests.house import SHOP, House

from headwater.app.pushes import Heard, Listeners
from headwater.base import ids
from headwater.base.jobs import Jobs
from headwater.sandbox.people import Person
from headwater.sandbox.weixin.acts import Acts
from headwater.sandbox.weixin.host import WeixinHost
from headwater.web.hooks.pushes import JOB
from headwater.web.kit.building import Building

ADDRESSES = {
    "official_account": f"{SHOP}/hooks/official-account",
    "mini_program": f"{SHOP}/hooks/mini-program",
}


@dataclass
class Ear:
    """Everything that listeners were told in one test."""

    house: House
    person: Person
    told: list[Heard] = field(default_factory=list)

    @property
    def acts(self) -> Acts:
        return self.house.sandbox.others.the(WeixinHost).acts

    async def door(self, method: str, path: str, body: object) -> dict[str, object]:
        doors = self.house.sandbox.credentials["side_doors"]["base_url"]
        async with self.house.sandbox.client() as http:
            answer = await http.request(method, doors + path, json=body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def listens(self) -> list[str]:
        """Let what is due be pushed and worked off; give the words and events that were heard."""
        listeners, jobs = Listeners(), Jobs()
        jobs.kind(JOB, listeners.work)

        @listeners.hears("official_account")
        @listeners.hears("mini_program")
        async def listen(_building: Building, heard: Heard) -> None:
            self.told.append(heard)

        building = self.house.building
        while await self.house.sandbox.deliver_due(self.house.now):
            continue
        while await jobs.work_off(building.pool, building, self.house.now):
            continue
        mine = [h for h in self.told if h.fields["FromUserName"] in self._open_ids()]
        return [str(each.fields.get("Content") or each.name) for each in mine]

    def _open_ids(self) -> set[str]:
        people, known = self.house.sandbox.people, self.house.sandbox.credentials
        return {people.openid(self.person, known[name]["appid"]) for name in ADDRESSES}


@pytest.fixture
async def ear(house: House) -> AsyncIterator[Ear]:
    made = Ear(house, house.sandbox.people.create(ids.code(), follows=False))
    await made.door("POST", "/callbacks", ADDRESSES)
    yield made
    await made.door("PUT", "/misbehaviour", {})
    await made.door("PUT", "/weixin/push-settings", {name: {} for name in ADDRESSES})
    await made.door("POST", "/callbacks", dict.fromkeys(ADDRESSES))


async def test_the_console_takes_our_addresses(ear: Ear) -> None:
    for app, url in ADDRESSES.items():
        said = await ear.door("POST", "/weixin/verifications", {"app": app, "url": url})
        assert not said.get("error"), said


@pytest.mark.parametrize("mode", ["sealed", "compatible"])
@pytest.mark.parametrize("written", ["xml", "json"])
async def test_what_a_follower_does_and_says_is_heard(ear: Ear, mode: str, written: str) -> None:
    settings = {"mode": mode, "format": written}
    await ear.door("PUT", "/weixin/push-settings", {"official_account": settings})
    person = ear.acts.follow(ear.person, ear.house.now)
    ear.acts.say(person, "有没有 42 码？😀", ear.house.now)
    assert sorted(await ear.listens()) == ["subscribe", "有没有 42 码？😀"]


async def test_a_push_that_comes_three_times_is_heard_once(ear: Ear) -> None:
    await ear.door("PUT", "/misbehaviour", {"push_duplicates": 2})
    person = ear.acts.follow(ear.person, ear.house.now)
    ear.acts.say(person, "你好", ear.house.now)
    ear.house.wait(seconds=10)
    assert sorted(await ear.listens()) == ["subscribe", "你好"]


async def test_a_push_in_plain_is_refused_where_the_secure_mode_was_agreed(ear: Ear) -> None:
    await ear.door("PUT", "/weixin/push-settings", {"official_account": {"mode": "plain"}})
    ear.acts.follow(ear.person, ear.house.now)
    assert await ear.listens() == []


async def test_words_to_the_mini_programs_service_are_heard(ear: Ear) -> None:
    ear.acts.program.say_to_service(ear.person, "我的订单呢", ear.house.now)
    assert "我的订单呢" in await ear.listens()

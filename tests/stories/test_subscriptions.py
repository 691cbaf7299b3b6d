"""One tap of "allow" is one message: counted from pushes, spent by sends, ended by a no."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests import make
from tests.house import SHOP, House

from headwater.app.senders import SUBSCRIPTION
from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.connect.errors import NoAuthorisationLeft, WindowClosed, WindowSpent
from headwater.connect.mini_program import balance
from headwater.connect.official_account.chat import Chat
from headwater.connect.official_account.windows import kept as kept_windows
from headwater.connect.official_account.windows.kept import Speaking
from headwater.connect.persons import person
from headwater.gate import messages
from headwater.gate.delivery import Sender
from headwater.gate.messages import Service
from headwater.members import login
from headwater.members.identities import Id
from headwater.members.login import Arrival
from headwater.sandbox.people import PROGRAM, Person
from headwater.sandbox.weixin.host import WeixinHost

FIELDS = {"character_string1": "R20261122-1", "phrase2": "已取货", "time3": "2026-11-22 12:00"}


@dataclass
class Phone:
    """Somebody with WeChat, in our mini program and with our account."""

    house: House
    person: Person

    @property
    def acts(self) -> WeixinHost:
        return self.house.sandbox.others.the(WeixinHost)

    @property
    def template_id(self) -> str:
        return str(self.house.sandbox.credentials["mini_program"]["template_ids"]["order_state"])

    @property
    def open_id(self) -> str:
        program = self.house.building.program
        assert program is not None
        return self.house.sandbox.people.openid(self.person, program.appid)

    async def answers(self, *, allow: bool, copies: int = 0) -> None:
        """Answer the prompt for one template, and let the pushes arrive, perhaps several times."""
        async with self.house.sandbox.client() as http:
            doors = self.house.sandbox.credentials["side_doors"]["base_url"]
            await http.put(doors + "/misbehaviour", json={"push_duplicates": copies})
        choices = {self.template_id: allow}
        self.acts.acts.program.subscribe(self.person, choices, self.house.now)
        self.house.wait(seconds=1)
        await self.house.work()

    async def left(self) -> int:
        building = self.house.building
        assert building.program is not None
        who = person(building.keys, building.program.appid, self.open_id)
        async with building.transaction(SYSTEM) as db:
            return await balance.left(db, who, self.template_id)

    async def sent(self) -> None:
        sender = self.house.building.senders[SUBSCRIPTION]
        assert isinstance(sender, Sender)
        content = {"template": "order_state", "fields": FIELDS}
        await sender.send(self.open_id, content, ids.code())

    def shown(self) -> int:
        known = self.house.sandbox.people.messages(self.person, PROGRAM)
        return sum(each.kind == "subscribe" for each in known)


@pytest.fixture
async def phone(house: House) -> AsyncIterator[Phone]:
    doors = house.sandbox.credentials["side_doors"]["base_url"]
    addresses = {
        "official_account": f"{SHOP}/hooks/official-account",
        "mini_program": f"{SHOP}/hooks/mini-program",
    }
    async with house.sandbox.client() as http:
        assert (await http.post(doors + "/callbacks", json=addresses)).is_success
    yield Phone(house, house.sandbox.people.create(ids.code(), follows=False))
    async with house.sandbox.client() as http:
        await http.put(doors + "/misbehaviour", json={})
        await http.post(doors + "/callbacks", json=dict.fromkeys(addresses))


async def test_each_yes_is_one_message_whatever_comes_how_often(phone: Phone) -> None:
    await phone.answers(allow=True, copies=2)
    await phone.answers(allow=True)
    await phone.answers(allow=False)
    assert await phone.left() == 2
    await phone.sent()
    await phone.sent()
    with pytest.raises(NoAuthorisationLeft):
        await phone.sent()
    await phone.house.work()
    assert (await phone.left(), phone.shown()) == (0, 2)


async def test_a_no_in_wechats_own_settings_ends_what_was_left(phone: Phone) -> None:
    await phone.answers(allow=True)
    phone.acts.acts.program.unsubscribe(phone.person, phone.template_id, phone.house.now)
    await phone.house.work()
    assert await phone.left() == 0
    with pytest.raises(NoAuthorisationLeft):
        await phone.sent()


async def test_of_many_who_send_at_once_no_more_send_than_were_allowed(phone: Phone) -> None:
    for _tap in range(3):
        await phone.answers(allow=True)
    told = await asyncio.gather(*(phone.sent() for _ in range(8)), return_exceptions=True)
    assert sum(each is None for each in told) == 3
    assert sum(isinstance(each, NoAuthorisationLeft) for each in told) == 5
    assert (await phone.left(), phone.shown()) == (0, 3)


async def test_a_message_through_the_gate_takes_one_and_a_second_is_refused_in_words(
    phone: Phone,
) -> None:
    house, building = phone.house, phone.house.building
    assert building.program is not None
    known = (Id("open_id", phone.open_id, building.program.appid),)
    async with building.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        member_id = await login.with_any(
            db, building.keys, known, Arrival("mini_program"), house.now
        )
    await phone.answers(allow=True)
    content = {"kind": "order_state", "title": "订单", "body": "已取货",
               "template": "order_state", "fields": FIELDS}  # fmt: skip
    for number in range(2):
        said = Service(
            key=f"state:{member_id}:{number}",
            member_id=member_id,
            brand_id=shop.brand_id,
            channel=SUBSCRIPTION,
            contents={"zh": content, "en": content},
            ends_at=house.now + timedelta(days=1),
        )
        async with building.transaction(SYSTEM) as db:
            await messages.plan_service(db, [said], house.now)
        house.wait(seconds=2)
        await house.work()
    async with building.transaction(SYSTEM) as db:
        sql = "SELECT state, reason FROM gate.messages WHERE member_id = $1"
        found = [tuple(row) for row in await db.raw.fetch(sql, member_id)]
    assert sorted(found) == [("failed", "no_authorisation_left"), ("sent", "")]
    assert (await phone.left(), phone.shown()) == (0, 1)


async def test_free_words_fit_into_the_window_that_words_opened_and_no_further(
    phone: Phone,
) -> None:
    house, building = phone.house, phone.house.building
    speaking = Speaking(
        building.account.chat, building.appid, building.pool, building.keys, building.now
    )
    open_id = house.sandbox.people.openid(phone.person, building.appid)

    async def hello(chat: Chat) -> None:
        await chat.say(open_id, "您好")

    with pytest.raises(WindowClosed):
        await speaking.speak(open_id, hello)
    person_now = phone.acts.acts.follow(phone.person, house.now)
    house.wait(minutes=2)
    phone.acts.acts.say(person_now, "有没有 42 码？", house.now)
    await house.work()
    left = [(await speaking.speak(open_id, hello)).left for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(WindowSpent):
        await speaking.speak(open_id, hello)
    house.wait(hours=48)
    with pytest.raises(WindowClosed):
        await speaking.speak(open_id, hello)
    house.wait(days=3)
    async with building.transaction(SYSTEM) as db:
        await kept_windows.forget_old(db, house.now)
        who = person(building.keys, building.appid, open_id)
        assert (await kept_windows.left(db, who, house.now)).left == 0

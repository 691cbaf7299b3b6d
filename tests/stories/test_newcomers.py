"""A guide's new customer at WeCom: scanned in the shop, greeted in time, known from then on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from tests import invariants, make
from tests.house import SHOP, House

from headwater.app.senders import WELCOME, WelcomeSender
from headwater.base import ids, jobs
from headwater.base.db import SYSTEM
from headwater.base.errors import NotReached
from headwater.connect.wecom.customers.ways import NewWay
from headwater.connect.wecom.outreach.content import Content
from headwater.connect.wecom.outreach.welcomes import Welcomes, WelcomeTicket
from headwater.gate import messages
from headwater.guides import relations, shares
from headwater.guides.relations import Relation
from headwater.guides.shares import Share
from headwater.increment import arms, experiments, leaks
from headwater.increment.assignment import arm_of
from headwater.increment.experiments import Question
from headwater.members import consents, identities, login
from headwater.members.identities import Id
from headwater.members.login import Arrival
from headwater.sandbox.people import Person
from headwater.sandbox.wecom import Acts, WecomHost
from headwater.stores import staff
from headwater.stores.staff import NewStaff


@dataclass
class Counter:
    """A shop with one guide who is at WeCom, and whose code hangs at the counter."""

    house: House
    shop: make.Shop
    guide_id: UUID
    user_id: str
    person: Person

    @property
    def acts(self) -> Acts:
        return self.house.sandbox.others.the(WecomHost).acts

    async def share(self) -> Share:
        async with self.house.building.transaction(SYSTEM) as db:
            now = self.house.now
            return await shares.create(db, self.guide_id, self.shop.store_id, None, "code", now)

    async def scans(self, state: str, user_id: str = "") -> None:
        """Let the person scan a contact way with this state; what follows is up to the worker."""
        wecom = self.house.building.wecom
        assert wecom is not None
        way = await wecom.ways.create(NewWay((user_id or self.user_id,), state=state))
        self.acts.add(self.person, way.way_id, self.house.now)

    def talk(self) -> list[str]:
        found = self.house.sandbox.people.messages(self.person, f"guide:{self.user_id}")
        return [message.title for message in found if "您好，我是" in message.title]

    async def member(self) -> UUID | None:
        building = self.house.building
        external = self.house.sandbox.people.external_userid(self.person)
        corpid = self.house.sandbox.credentials["wecom"]["corpid"]
        async with building.transaction(SYSTEM) as db:
            return await identities.find(
                db, building.keys, Id("wecom_external_id", external, corpid)
            )

    async def relation(self) -> Relation | None:
        member_id = await self.member()
        assert member_id is not None
        async with self.house.building.transaction(SYSTEM) as db:
            return await relations.current(db, member_id)

    async def told(self) -> list[tuple[str, str]]:
        member_id = await self.member()
        assert member_id is not None
        async with self.house.building.transaction(SYSTEM) as db:
            return [(each.state, each.reason) for each in await messages.of_member(db, member_id)]


@pytest.fixture
async def counter(house: House) -> AsyncIterator[Counter]:
    """The house is shared by all stories, so each has a guide and a person of its own."""
    user_id = f"g-{ids.code(6).lower()}"
    house.sandbox.others.the(WecomHost).acts.hire(user_id, "张敏", 1, house.now)
    async with house.building.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        hired = NewStaff(ids.new(), user_id, "张敏", shop.store_id, wecom_user_id=user_id)
        await staff.add(db, hired, house.now)
    side_doors = house.sandbox.credentials["side_doors"]["base_url"]
    async with house.sandbox.client() as http:
        hook = {"url": f"{SHOP}/hooks/wecom"}
        answer = await http.post(f"{side_doors}/wecom/callback", json=hook)
    assert answer.status_code == 200, answer.text
    person = house.sandbox.people.create(f"客人 {user_id}")
    yield Counter(house, shop, hired.id, user_id, person)
    house.sandbox.faults.push_duplicates = 0
    house.sandbox.faults.hide_unionid = False


async def test_a_scan_in_the_shop_makes_a_relation_and_one_welcome(counter: Counter) -> None:
    share = await counter.share()
    await counter.scans(share.code)
    await counter.house.work()
    relation = await counter.relation()
    assert relation is not None
    assert (relation.guide_id, relation.source) == (counter.guide_id, "code")
    assert len(counter.talk()) == 1
    assert ("sent", "") in await counter.told()
    assert await invariants.check_all(counter.house.building.pool) == []


async def test_a_newcomer_is_drawn_before_the_welcome_and_the_held_out_get_none(
    counter: Counter,
) -> None:
    building, now = counter.house.building, counter.house.now
    brand_id = counter.shop.brand_id
    async with building.transaction(SYSTEM) as db:
        question = Question("program", brand_id, ids.code(), "增量", "Program", 0.5, 182)
        program = await experiments.launch(db, question, now)
    await counter.scans("door-7")
    await counter.house.work()
    member_id = await counter.member()
    assert member_id is not None
    is_held = arm_of(program.salt, member_id, 0.5) == "holdout"
    async with building.transaction(SYSTEM) as db:
        assert bool(await arms.held_out(db, [member_id], now)) == is_held
        assert (await leaks.of_experiment(db, program.id)).members == 0
        await experiments.end(db, program.id, now)
    assert len(counter.talk()) == (0 if is_held else 1)
    assert (("refused", "held_out") in await counter.told()) == is_held


async def test_pushes_that_come_twice_greet_once(counter: Counter) -> None:
    counter.house.sandbox.faults.push_duplicates = 2
    await counter.scans("door-7")
    counter.house.wait(seconds=3)
    await counter.house.work()
    assert len(counter.talk()) == 1
    relation = await counter.relation()
    assert relation is not None
    assert relation.source == "wecom"


async def test_a_shopper_who_is_known_by_union_id_stays_one_member(counter: Counter) -> None:
    building = counter.house.building
    union = Id("union_id", counter.person.unionid)
    async with building.transaction(SYSTEM) as db:
        arrival = Arrival("official_account")
        known = await login.with_any(db, building.keys, (union,), arrival, counter.house.now)
    await counter.scans("door-7")
    await counter.house.work()
    assert await counter.member() == known


async def test_a_union_id_that_is_missing_does_not_stop_the_welcome(counter: Counter) -> None:
    counter.house.sandbox.faults.hide_unionid = True
    await counter.scans("door-7")
    await counter.house.work()
    assert len(counter.talk()) == 1


async def test_a_worker_that_comes_late_greets_nobody_and_still_knows_them(
    counter: Counter,
) -> None:
    await counter.scans("door-7")
    await counter.house.sandbox.deliver_due(counter.house.now)
    counter.house.wait(seconds=20)
    await counter.house.work()
    assert counter.talk() == []
    assert await counter.relation() is not None
    assert {reason for _state, reason in await counter.told()} == {"too_late"}


async def test_who_said_no_to_service_messages_is_not_greeted(counter: Counter) -> None:
    building = counter.house.building
    union = Id("union_id", counter.person.unionid)
    async with building.transaction(SYSTEM) as db:
        arrival, now = Arrival("official_account"), counter.house.now
        known = await login.with_any(db, building.keys, (union,), arrival, now)
        no = consents.Said("service", WELCOME, is_granted=False, evidence="my data")
        await consents.say(db, known, no, now)
    await counter.scans("door-7")
    await counter.house.work()
    assert counter.talk() == []
    assert {reason for _state, reason in await counter.told()} == {"no_consent"}


async def test_another_guides_share_brings_nobody_to_this_one(counter: Counter) -> None:
    building, other = counter.house.building, ids.new()
    async with building.transaction(SYSTEM) as db:
        hired = NewStaff(other, f"g-{ids.code(6).lower()}", "李伟", counter.shop.store_id)
        await staff.add(db, hired, counter.house.now)
        store_id, now = counter.shop.store_id, counter.house.now
        share = await shares.create(db, other, store_id, None, "code", now)
    await counter.scans(share.code)
    await counter.house.work()
    relation = await counter.relation()
    assert relation is not None
    assert (relation.guide_id, relation.source) == (counter.guide_id, "wecom")


async def test_a_customer_of_nobody_of_ours_becomes_no_member(counter: Counter) -> None:
    await counter.scans("door-7", user_id="liwei")
    await counter.house.work()
    assert await counter.member() is None


async def test_who_left_again_before_we_looked_becomes_no_member(counter: Counter) -> None:
    async with counter.house.building.transaction(SYSTEM) as db:
        before = (await jobs.count(db)).waiting
    await counter.scans("door-7")
    counter.acts.delete_customer(counter.user_id, counter.person, counter.house.now)
    await counter.house.work()
    assert await counter.member() is None
    async with counter.house.building.transaction(SYSTEM) as db:
        assert (await jobs.count(db)).waiting <= before


async def test_a_welcome_is_tried_again_while_wecom_is_busy_and_then_given_up() -> None:
    tried: list[WelcomeTicket] = []
    rested: list[float] = []

    class Busy(Welcomes):
        def __init__(self, busy: int) -> None:
            self.busy = busy

        async def send(self, ticket: WelcomeTicket, content: Content) -> None:
            tried.append(ticket)
            if len(tried) <= self.busy:
                raise NotReached("WeCom is still handing out this welcome")

    async def rest(seconds: float) -> None:
        rested.append(seconds)

    content = {"code": "c", "until": "2026-11-22T04:00:20+00:00", "body": "您好", "url": None}
    await WelcomeSender(Busy(2), rest).send("wm-1", content, "once")
    assert (len(tried), rested) == (3, [1, 1])
    tried.clear()
    with pytest.raises(NotReached):
        await WelcomeSender(Busy(99), rest).send("wm-1", content, "once")
    assert len(tried) == 5

"""Two accounts of one person become one, and what both had is in one hand, whoever asked first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from tests import make
from tests.doors import desks
from tests.house import House
from tests.make import Item, Shop

from headwater.app import invariants
from headwater.base import ids
from headwater.base.db import SYSTEM, Db, member_walls
from headwater.gate import messages
from headwater.guides import relations
from headwater.guides.credits import Claim
from headwater.guides.relations import Meeting
from headwater.increment import arms, experiments, merges, outcomes, readings, verdicts
from headwater.increment.experiments import Experiment, Question
from headwater.members import consents, identities, login, members, merging
from headwater.members.consents import Said
from headwater.members.errors import MemberGone, WrongCode
from headwater.members.identities import Id
from headwater.members.login import Arrival
from headwater.pricing import coupons
from headwater.trade import carts, orders

PHONE_SEQUENCE = iter(range(70_000_000, 80_000_000))


@dataclass
class Person:
    """Somebody who came once through WeChat, and once by phone."""

    by_wechat: UUID
    by_phone: UUID
    phone: str
    shop: Shop
    milk: Item


async def person(house: House) -> Person:
    """Let somebody have two accounts, the one of WeChat being older."""
    shop = (await desks.brand(house)).east
    by_wechat = await house.member()
    house.wait(minutes=5)
    phone = f"139{next(PHONE_SEQUENCE)}"
    async with house.building.transaction(SYSTEM) as db:
        arrival = Arrival("website", shop.store_id)
        by_phone = await login.with_phone(db, house.building.keys, phone, arrival, house.now)
        milk = await make.item(db, shop, 1_000, 500)
        await members.set_name(db, house.building.keys, by_phone, "李雷")
    return Person(by_wechat, by_phone, phone, shop, milk)


async def became_one(house: House, who: Person, is_phone_first: bool = False) -> UUID:
    """Let them say that both are theirs, and every room hear of it."""
    asked = who.by_phone if is_phone_first else who.by_wechat
    other = who.by_wechat if is_phone_first else who.by_phone
    async with house.building.transaction(SYSTEM) as db:
        kept = await merging.join(db, asked, other, "code sent to the phone", house.now)
    await house.work()
    return kept


@pytest.mark.parametrize("is_phone_first", [True, False])
async def test_orders_cart_coupons_and_name_of_both_are_in_one_hand(
    house: House, is_phone_first: bool
) -> None:
    who = await person(house)
    first = await desks.bought(house, who.by_wechat, who.shop, who.milk)
    second = await desks.bought(house, who.by_phone, who.shop, who.milk, 2)
    async with house.building.transaction(SYSTEM) as db:
        open_order = await make.placed(db, who.by_phone, who.shop, (who.milk, 1), now=house.now)
        await make.in_cart(db, who.by_phone, who.shop, who.milk, 3)
        await make.coupon(db, who.shop, who.by_phone, 500, now=house.now)
        await make.coupon(db, who.shop, who.by_wechat, 300, now=house.now)

    kept = await became_one(house, who, is_phone_first)

    assert kept == who.by_wechat
    async with house.building.transaction(member_walls(kept)) as db:
        mine = {each.id for each in await orders.of_member(db, kept)}
        in_hand = [each.off_fen for each in await coupons.usable(db, kept, house.now)]
        in_cart = await carts.count(db, kept)
        known = await members.one(db, kept)
        lines = await orders.lines(db, second)
        # What waits for its money can still be paid by whoever they are now.
        tried = await make.attempt(db, kept, open_order.id, house.now)
    assert mine == {first, second, open_order.id}
    assert sorted(in_hand) == [300, 500]
    assert in_cart == 3
    assert known.name(house.building.keys) == "李雷"
    assert known.phone(house.building.keys) == who.phone
    assert [each.quantity for each in lines] == [2]
    assert tried.amount_fen == 1_000
    async with house.building.transaction(SYSTEM) as db:
        assert await invariants.check(db) == []


async def test_either_id_finds_the_one_who_stays_and_the_other_session_ends(house: House) -> None:
    who = await person(house)
    kept = await became_one(house, who)
    keys = house.building.keys
    async with house.building.transaction(SYSTEM) as db:
        again = await login.with_phone(db, keys, who.phone, Arrival("website"), house.now)
        linked = {each.kind for each in await identities.of_member(db, kept)}
        assert await identities.of_member(db, who.by_phone) == []
        assert await members.sessions_from(db, who.by_phone) is None
    assert again == kept
    assert linked == {"open_id", "phone"}


async def test_asking_twice_or_the_other_way_round_changes_nothing_more(house: House) -> None:
    who = await person(house)
    await desks.bought(house, who.by_phone, who.shop, who.milk)
    kept = await became_one(house, who)
    again = await became_one(house, who, is_phone_first=True)
    async with house.building.transaction(SYSTEM) as db:
        rows = await db.raw.fetchval(
            "SELECT count(*) FROM members.merges WHERE member_id = $1", kept
        )
        bought = len(await orders.of_member(db, kept))
        await db.raw.execute("UPDATE members.members SET erased_at = $1 WHERE id = $2",
                             house.now, kept)  # fmt: skip
        with pytest.raises(MemberGone):
            await merging.join(db, kept, await house.member(), "test", house.now)
    assert (again, rows, bought) == (kept, 1, 1)


async def test_three_accounts_become_one_in_whatever_order_rooms_hear_of_it(house: House) -> None:
    who = await person(house)
    house.wait(minutes=5)
    third = await house.member()
    bought = [
        await desks.bought(house, each, who.shop, who.milk)
        for each in (who.by_wechat, who.by_phone, third)
    ]
    async with house.building.transaction(SYSTEM) as db:
        await merging.join(db, third, who.by_phone, "test", house.now)
        kept = await merging.join(db, who.by_phone, who.by_wechat, "test", house.now)
    await house.work()
    async with house.building.transaction(member_walls(kept)) as db:
        assert {each.id for each in await orders.of_member(db, kept)} == set(bought)
    async with house.building.transaction(SYSTEM) as db:
        assert await merging.became(db, third) == kept


async def test_the_latest_word_of_either_account_counts(house: House) -> None:
    who = await person(house)
    async with house.building.transaction(SYSTEM) as db:
        for member, says, minutes in ((who.by_wechat, True, 1), (who.by_phone, False, 2)):
            said = Said("marketing", "official_account", says, "test")
            await consents.say(db, member, said, house.now + timedelta(minutes=minutes))
    kept = await became_one(house, who)
    async with house.building.transaction(SYSTEM) as db:
        said_now = {each.purpose: each.is_granted for each in await consents.in_force(db, kept)}
    assert said_now["marketing"] is False


async def test_one_guide_and_one_message_of_a_campaign_remain(house: House) -> None:
    who = await person(house)
    async with house.building.transaction(SYSTEM) as db:
        guides = [
            await make.employee(db, "guide", "store", who.shop.store_id, who.shop.store_id)
            for _ in range(2)
        ]
        for member, guide in zip((who.by_wechat, who.by_phone), guides, strict=True):
            claim = Claim("relation", guide.id, who.shop.store_id, house.now)
            until = house.now + timedelta(days=30)
            await relations.meet(db, [Meeting(member, claim, house.now, until)])
        campaign = ids.new()
        for member, state in ((who.by_wechat, "planned"), (who.by_phone, "sent")):
            await db.raw.execute(
                "INSERT INTO gate.messages (bucket, id, member_id, channel, purpose, brand_id,"
                " campaign_id, content, state, planned_at, sent_at, due_at)"
                " VALUES ($1, $2, $3, 'sms', 'marketing', $4, $5, '{}', $6, $7, $7, $8)",
                ids.bucket_of(member), ids.new(ids.bucket_of(member)), member, who.shop.brand_id,
                campaign, state, house.now, house.now + timedelta(days=9),
            )  # fmt: skip
    kept = await became_one(house, who)
    async with house.building.transaction(SYSTEM) as db:
        relation = await relations.current(db, kept)
        of_campaign = [each.state for each in await messages.of_member(db, kept)
                       if each.campaign_id == campaign]  # fmt: skip
    assert relation is not None
    assert relation.guide_id == guides[0].id
    assert of_campaign == ["sent"]


async def test_one_arm_is_kept_and_what_both_bought_is_counted_once(house: House) -> None:
    who = await person(house)
    async with house.building.transaction(SYSTEM) as db:
        experiment = await _asked(db, who, house)
    house.wait(days=2)
    for each in (who.by_wechat, who.by_phone):
        await desks.bought(house, each, who.shop, who.milk)
    before = (experiment.drawn_count, await _sold(house, experiment))
    await became_one(house, who)
    async with house.building.transaction(SYSTEM) as db:
        experiment = await experiments.get(db, experiment.id)
        logged = await merges.of_experiment(db, experiment.id)
    assert before == (42, 2_000)
    assert (experiment.drawn_count, await _sold(house, experiment)) == (41, 2_000)
    assert [each.gone_member_id for each in logged] == [who.by_phone]


async def test_a_phone_of_another_is_taken_over_only_by_who_says_that_both_are_theirs(
    house: House,
) -> None:
    who = await person(house)
    keys = house.building.keys
    async with house.building.transaction(SYSTEM) as db:
        with pytest.raises(WrongCode):
            await login.add_phone(db, keys, who.by_wechat, who.phone, house.now)
        kept = await login.add_phone(db, keys, who.by_wechat, who.phone, house.now, True)
        assert kept == who.by_wechat
        # A platform that says two ids are one person's is proof enough by itself.
        stranger = await login.with_open_id(db, keys, "app", "o-1", Arrival("test"), house.now)
        same = (Id("phone", who.phone), Id("open_id", "o-1", "app"))
        assert await login.with_any(db, keys, same, Arrival("wecom"), house.now) == kept
        assert await merging.became(db, stranger) == kept


async def _asked(db: Db, who: Person, house: House) -> Experiment:
    others = [await make.member(db) for _ in range(40)]
    question = Question("campaign", who.shop.brand_id, ids.code(), "召回", "Recall", 0.5, 7)
    experiment = await experiments.launch(db, question, house.now)
    await arms.assign(db, experiment.id, [who.by_wechat, who.by_phone, *others], house.now)
    return await experiments.get(db, experiment.id)


async def _sold(house: House, experiment: Experiment) -> int:
    """Add up what all arms bought; the second sum by the orders must agree."""
    async with house.building.transaction(SYSTEM) as db:
        found = await outcomes.arms_of(db, experiment, [house.now + timedelta(days=1)])
        guards = await readings.guards_of(db, experiment, found)
    assert guards.sales_off_fen == 0
    refused = verdicts.refuse(guards)
    assert refused is None or refused.why == "too_few"
    return int(found.treated.sums[0] + found.holdout.sums[0])

"""A guide sees her own customers and no others, and leaves alone who is to be left alone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from tests import make
from tests.guides import make_guides

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool, Walls
from headwater.guides import customers, shares
from headwater.guides.errors import NotYourCustomer
from headwater.increment import arms, experiments
from headwater.increment.assignment import arm_of
from headwater.increment.experiments import Question
from headwater.members import consents, members
from headwater.members.consents import Said

DAY = timedelta(days=1)


async def known(db: Db, agrees: bool = True) -> tuple[make_guides.Counter, UUID]:
    """Let somebody become a customer by buying through a share."""
    at = await make_guides.counter(db)
    share = await make_guides.share(db, at)
    member = await make.member(db)
    await members.set_name(db, make.KEYS, member, "李小龙")
    if agrees:
        said = Said("marketing", "wecom", True, "test")
        await consents.say(db, member, said, make.NOON)
    await shares.open_share(db, share.code, member, make.NOON)
    await make_guides.bought(db, member, at, touch_code=share.code)
    return at, member


def walls(shop: make.Shop) -> Walls:
    return Walls("staff", store_ids=(shop.store_id,))


async def hold_out(db: Db, at: make_guides.Counter, member_id: UUID) -> None:
    question = Question("campaign", at.shop.brand_id, ids.code(), "召回", "Recall", 0.5, 100)
    experiment_id = (await experiments.launch(db, question, make.NOON)).id
    await db.raw.execute(
        "INSERT INTO increment.arms VALUES ($1, $2, $3, 'holdout', $4)",
        ids.bucket_of(member_id), experiment_id, member_id, make.NOON,
    )  # fmt: skip


async def test_a_customer_is_named_to_their_own_guide(db: Db) -> None:
    at, member = await known(db)
    (who,) = await customers.mine(db, make.KEYS, at.guide_id, make.NOON + DAY)
    assert (who.id, who.name, who.orders, who.spent_fen) == (member, "李小龙", 1, 9_303)
    assert (who.usual_en, who.days_since(make.NOON + DAY)) == ("Milk", 1)
    assert await customers.mine(db, make.KEYS, at.guide_id, make.NOON, "小龙")
    assert await customers.mine(db, make.KEYS, at.guide_id, make.NOON, "nobody") == []
    other = await make_guides.counter(db, at.shop)
    assert await customers.mine(db, make.KEYS, other.guide_id, make.NOON) == []
    with pytest.raises(NotYourCustomer):
        await customers.one(db, make.KEYS, other.guide_id, member, make.NOON)


async def test_the_customers_page_shows_what_was_bought_and_allowed(db: Db) -> None:
    at, member = await known(db)
    page = await customers.one(db, make.KEYS, at.guide_id, member, make.NOON + DAY)
    assert len(page.bought) == 2
    assert {(said.purpose, said.is_granted) for said in page.consents} == {
        ("marketing", True),
        ("service", True),
    }


async def test_who_has_been_away_longest_comes_first_and_a_recent_buyer_does_not(db: Db) -> None:
    at, member = await known(db)
    assert (await customers.today(db, make.KEYS, at.guide_id, make.NOON + 13 * DAY)).people == []
    today = await customers.today(db, make.KEYS, at.guide_id, make.NOON + 62 * DAY)
    assert [each.id for each in today.people] == [member]
    assert today.people[0].days_since(make.NOON + 62 * DAY) == 62


async def test_who_is_held_out_is_not_proposed_but_counted(db: Db) -> None:
    at, member = await known(db)
    await hold_out(db, at, member)
    today = await customers.today(db, make.KEYS, at.guide_id, make.NOON + 62 * DAY)
    assert (today.people, today.held_out) == ([], 1)
    page = await customers.one(db, make.KEYS, at.guide_id, member, make.NOON + 62 * DAY)
    assert page.customer.held_out is not None


async def test_a_guide_who_was_drawn_to_work_without_proposals_has_none(db: Db) -> None:
    at, _member = await known(db)
    later = make.NOON + 62 * DAY
    question = Question(
        "guide", at.shop.brand_id, ids.code(), "任务", "Tasks", 0.9, 90, unit="guide"
    )
    asked = await experiments.launch(db, question, make.NOON)
    await arms.assign_units(db, asked.id, [at.guide_id], make.NOON)
    is_held = arm_of(asked.salt, at.guide_id, 0.9) == "holdout"
    today = await customers.today(db, make.KEYS, at.guide_id, later)
    assert (len(today.people), today.held_out) == ((0, 1) if is_held else (1, 0))


async def test_who_did_not_agree_is_not_proposed_and_a_later_no_counts(db: Db) -> None:
    at, member = await known(db, agrees=False)
    later = make.NOON + 62 * DAY
    assert (await customers.today(db, make.KEYS, at.guide_id, later)).unasked == 1
    await consents.say(db, member, Said("marketing", "wecom", True, "test"), make.NOON + DAY)
    assert (await customers.today(db, make.KEYS, at.guide_id, later)).people
    await consents.say(db, member, Said("marketing", "wecom", False, "test"), make.NOON + 2 * DAY)
    assert (await customers.today(db, make.KEYS, at.guide_id, later)).people == []


async def test_the_walls_open_a_customer_to_the_store_of_the_relation_alone(pool: Pool) -> None:
    later = make.NOON + 62 * DAY
    async with pool.transaction(SYSTEM) as db:
        at, member = await known(db)
        await hold_out(db, at, member)
        elsewhere = await make.shop(db, at.shop)
    async with pool.transaction(walls(at.shop)) as db:
        page = await customers.one(db, make.KEYS, at.guide_id, member, later)
        assert page.customer.name == "李小龙"
        assert page.customer.held_out is not None
        assert len(page.consents) == 2
    async with pool.transaction(walls(elsewhere)) as db:
        with pytest.raises(NotYourCustomer):
            await customers.one(db, make.KEYS, at.guide_id, member, later)
        for table, key in (
            ("members.members", "id"),
            ("members.consents", "member_id"),
            ("increment.arms", "member_id"),
            ("guides.credits", "member_id"),
        ):
            seen = await db.raw.fetchval(f"SELECT count(*) FROM {table} WHERE {key} = $1", member)
            assert seen == 0, table


async def test_staff_read_a_customer_and_change_nothing(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        at, member = await known(db)
    async with pool.transaction(walls(at.shop)) as db:
        await members.set_name(db, make.KEYS, member, "改掉")
    async with pool.transaction(SYSTEM) as db:
        assert (await members.one(db, member)).name(make.KEYS) == "李小龙"

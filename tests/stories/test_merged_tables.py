"""Every table that names a member is known to a merge: its rows follow, or stay for a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from tests import make
from tests.house import House
from tests.stories.test_merging import Person, became_one, person

from headwater.app import invariants
from headwater.base import ids
from headwater.base.db import SYSTEM, Db
from headwater.base.events import announce
from headwater.deals import flash
from headwater.guides import shares
from headwater.increment import arms, experiments
from headwater.increment.books import books
from headwater.increment.experiments import Question
from headwater.members.events import MembersMerged
from headwater.reach import campaigns, segments
from headwater.reach.contents import Content
from headwater.scango import visits
from headwater.trade import checkout, payments

Column = tuple[str, str]

# What keeps the id that is gone, and why. Whatever is not here moves.
STAYS: dict[Column, str] = {
    ("books.transfers", "member_id"): "append-only: what was booked says who it was then",
    ("members.identities", "member_id"): "unlinked there and linked anew: it can be told back",
    ("members.consents", "member_id"): "what was said is evidence; who stays has a copy of it",
    ("members.merges", "member_id"): "who had become the one who goes: rooms look there",
    ("members.merges", "gone_member_id"): "the merge itself",
    ("increment.merges", "member_id"): "append-only log of arms kept",
    ("increment.merges", "gone_member_id"): "append-only log of arms kept",
}


async def test_every_row_of_the_account_that_goes_follows_or_stays_for_a_reason(
    house: House,
) -> None:
    who = await person(house)
    await lived(house, who)
    async with house.building.transaction(SYSTEM) as db:
        columns = await naming_members(db)
        before = {each: await rows(db, each, who.by_phone) for each in columns}
    moving = [each for each in columns if each not in STAYS]
    unheard = [each for each in moving if not before[each]]
    assert unheard == [], "let the person of this test have rows there, and a merge move them"
    assert STAYS.keys() <= set(columns)

    kept = await became_one(house, who)

    async with house.building.transaction(SYSTEM) as db:
        left = [each for each in moving if await rows(db, each, who.by_phone)]
        absent = [each for each in moving if not await rows(db, each, kept)]
        assert (left, absent) == ([], [])
        assert await invariants.check(db) == []


async def test_a_merge_that_is_heard_twice_changes_nothing_more(house: House) -> None:
    who = await person(house)
    await lived(house, who)
    kept = await became_one(house, who)
    async with house.building.transaction(SYSTEM) as db:
        tables = sorted({table for table, _column in await naming_members(db)})
        first = {each: await contents(db, each) for each in tables}
        await announce(db, MembersMerged(kept, who.by_phone, house.now), now=house.now)
    await house.work()
    async with house.building.transaction(SYSTEM) as db:
        again = {each: await contents(db, each) for each in tables}
    assert {each for each in tables if first[each] != again[each]} == set()


async def naming_members(db: Db) -> list[Column]:
    """List the columns of the catalog in which a member's id stands."""
    found = await db.raw.fetch(
        "SELECT attrelid::regclass::text AS name, attname FROM pg_attribute"
        "  JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE relkind IN ('r', 'p') AND NOT relispartition AND NOT attisdropped"
        "   AND atttypid = 'uuid'::regtype AND attname LIKE '%member\\_id'"
        "   AND relnamespace::regnamespace::text NOT LIKE 'pg\\_%'"
        " ORDER BY 1, 2"
    )
    return [(each["name"], each["attname"]) for each in found]


async def rows(db: Db, where: Column, member_id: UUID) -> int:
    """Count the rows in which a member stands."""
    table, column = where
    counted: int = await db.raw.fetchval(
        f"SELECT count(*) FROM {table} WHERE {column} = $1", member_id
    )
    return counted


async def contents(db: Db, table: str) -> str:
    """Sum up a whole table, to tell whether anything changed in it."""
    summed: str = await db.raw.fetchval(
        f"SELECT md5(coalesce(string_agg(each::text, '|' ORDER BY each::text), ''))"
        f"  FROM {table} AS each"
    )
    return summed


async def lived(house: House, who: Person) -> None:
    """Let the younger account do all that a member can do, and every room hear of it."""
    async with house.building.transaction(SYSTEM) as db:
        await shopped(db, house, who)
        await was_asked_about(db, house, who)
    await house.work()


async def shopped(db: Db, house: House, who: Person) -> None:
    """Let the younger account come by a guide's share, buy, send back, and go on shopping."""
    one, shop, now = who.by_phone, who.shop, house.now
    guide = await make.employee(db, "guide", "store", shop.store_id, shop.store_id)
    share = await shares.create(db, guide.id, shop.store_id, who.milk.product_id, "link", now)
    await shares.open_share(db, share.code, one, now - timedelta(hours=1))
    ask = replace(
        make.ask(one, shop, (who.milk, 2)),
        touch_code=share.code,
        coupon_id=await make.coupon(db, shop, one, 100, now=now),
    )
    order = await checkout.place(db, ask, now)
    tried = await make.attempt(db, one, order.id, now)
    assert await payments.settle(db, make.money(tried), now) == "paid"
    await make.refunded(db, order.id, (1, 1), now=now)
    await make.coupon(db, shop, one, 200, now=now)
    await visits.start(db, one, shop.store_id, now)
    await make.in_cart(db, one, shop, who.milk)
    sale = flash.NewSale(
        ids.new(), shop.store_id, who.milk.variant_id, "抢", "Now", 900, 1, now,
        now + timedelta(hours=1),
    )  # fmt: skip
    await flash.set_up(db, sale)
    order_id = ids.new(ids.bucket_of(one))
    await flash.buy(db, flash.BuyAsk(sale.id, order_id, one, 1), now)


async def was_asked_about(db: Db, house: House, who: Person) -> None:
    """Let the younger account be in a segment, an arm and a guide's book, and be reached."""
    one, shop, now = who.by_phone, who.shop, house.now
    question = Question("campaign", shop.brand_id, ids.code(), "召回", "Recall", 0.5, 7)
    experiment = await experiments.launch(db, question, now)
    entry = books.Entry(one, ids.new(), shop.store_id, shop.region_id)
    await books.write(db, experiment.id, [entry])
    await arms.assign(db, experiment.id, [one], now)
    await db.raw.execute(
        "INSERT INTO increment.exposures VALUES ($1, $2, $3, 'sms', $4)",
        ids.bucket_of(one), experiment.id, one, now,
    )  # fmt: skip
    rule = {"is": "ordered", "least": 1, "days": 30}
    segment = await segments.draft(db, segments.Draft(shop.brand_id, "Buyers", rule), now)
    held = await segments.materialise(db, segment.id, now + timedelta(minutes=5))
    assert held.member_count == 1
    words = Content("好久不见", "Long time no see", "回来看看", "Come and see")
    plan = campaigns.Draft(shop.brand_id, "召回", segment.id, "official_account", words)
    drafted = await campaigns.draft(db, plan, now)
    await db.raw.execute(
        "INSERT INTO reach.choices VALUES ($1, $2, $3, 1, 1, 0.5, $4)",
        ids.bucket_of(one), drafted.id, one, now,
    )  # fmt: skip

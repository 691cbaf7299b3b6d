"""What happened in the town before a browser came: a recall that is over, and one member's year."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tests import make
from tests.house import House

from headwater.base import ids, jobs
from headwater.base.db import SYSTEM, Db
from headwater.base.times import business_day
from headwater.deals import flash
from headwater.deals.flash import NewSale
from headwater.gate import rules
from headwater.gate.rules import Channel
from headwater.guides import shares
from headwater.increment import due as increment_due
from headwater.increment import ledger
from headwater.members import consents, members
from headwater.members import imports as people
from headwater.members.consents import Said
from headwater.members.identities import Id
from headwater.members.imports import Imported
from headwater.pricing import offers
from headwater.pricing.offers import NewOffer
from headwater.program import programs
from headwater.reach import campaigns, segments
from headwater.reach import due as reach_due
from headwater.reach.contents import Content
from headwater.scango import scans, visits
from headwater.trade import checkout, orders, payments

DAYS = 40
MEMBERS = 100
WINDOW_DAYS = 28
Buying = tuple[make.Item, int]


async def live(
    house: House, shops: list[make.Shop], items: list[make.Item], staff_ids: dict[str, UUID]
) -> tuple[UUID, dict[str, str]]:
    """Let the past happen; give the member that browsers log in as, and where things lie."""
    shop = shops[0]
    known = await _join(house, shop)
    campaign_id = await _recall(house, shop, staff_ids["operator"])
    await _answer(house, shop, items, known)
    tried_id = await _try_contents(house, shop)
    house.wait(days=(DAYS - 2) % 7)
    for _week in range((DAYS - 2) // 7):
        house.wait(days=7)
        await reach_due.send_batches(house.building, house.now)
        await increment_due.read_all(house.building, house.now)
    member_id, paths = await _regular(house, shop, items, staff_ids["guide"])
    paths |= await _measured(house, campaign_id)
    return member_id, {
        "campaign": f"/console/campaigns/{campaign_id}",
        "contents": f"/console/campaigns/{tried_id}",
        **paths,
    }


async def _measured(house: House, campaign_id: UUID) -> dict[str, str]:
    """Say where the recall's experiment lies, its newest row and its plan."""
    async with house.building.transaction(SYSTEM) as db:
        campaign = await campaigns.get(db, campaign_id)
        assert campaign.experiment_id is not None
        row = await ledger.latest(db, campaign.experiment_id)
        plan = await ledger.plan_of(db, campaign.experiment_id)
    assert row is not None
    assert plan is not None
    page = f"/console/experiments/{campaign.experiment_id}"
    return {
        "experiment": page,
        "reading": f"{page}/readings/{row.place}",
        "plan_row": f"{page}/readings/{plan.place}",
    }


async def _join(house: House, shop: make.Shop) -> list[UUID]:
    """Let a hundred people be members who follow the account and allow everything."""
    allowed = tuple(
        Said(purpose, channel, True, "town")
        for purpose, channel in (("marketing", "official_account"), ("measurement", "any"))
    )
    joined = []
    for number in range(MEMBERS):
        phone = f"139{number:08d}"
        person = house.sandbox.people.create(f"客人 {number}", phone)
        open_id = Id("open_id", house.sandbox.people.openid(person, house.building.appid),
                     house.building.appid)  # fmt: skip
        joined.append(Imported(f"town-{number}", f"客人{number}", phone, "basic", shop.store_id,
                               house.now, (open_id,), allowed))  # fmt: skip
    async with house.building.transaction(SYSTEM) as db:
        await people.put(db, house.building.keys, joined, "town", house.now)
        known = Channel("official_account", "open_id", house.building.appid)
        await rules.open_channel(db, known, house.now)
        plan = programs.Plan("town-2026", shop.brand_id, "增量工程", "Increment program",
                             business_day(house.now))  # fmt: skip
        await programs.begin(db, plan, house.now)
        for code, kind, zh, en, floor_fen, off_fen in (
            ("autumn", "threshold", "秋季满 199 减 20", "¥20 off ¥199", 19_900, 2_000),
            ("back", "coupon", "回来看看：满 99 减 15", "¥15 off ¥99", 9_900, 1_500),
        ):
            await offers.put(db, NewOffer(code, shop.brand_id, kind, zh, en, floor_fen, off_fen,
                                          house.now, house.now + timedelta(days=200)))  # fmt: skip
    return [each.id for each in joined]


async def _recall(house: House, shop: make.Shop, operator_id: UUID) -> UUID:
    """Launch a recall with a holdout, and let it be sent."""
    content = Content("好久不见", "Good to see you again", "您常买的几样到了新货，来看看。",
                      "What you often buy is fresh in.")  # fmt: skip
    async with house.building.transaction(SYSTEM) as db:
        rule = {"all": [{"is": "joined", "days": 400}]}
        segment = await segments.draft(
            db, segments.Draft(shop.brand_id, "全部会员", rule, operator_id), house.now
        )
        drafted = await campaigns.draft(
            db,
            campaigns.Draft(shop.brand_id, "秋季焕新 · 老客唤回", segment.id, "official_account",
                            content, 0.45, WINDOW_DAYS, None, operator_id),
            house.now,
        )  # fmt: skip
        await campaigns.launch(db, drafted.id, house.now)
        waiting = campaigns.Draft(shop.brand_id, "冬季新品", segment.id, "official_account",
                                  content, 0.1, WINDOW_DAYS, None, operator_id)  # fmt: skip
        await campaigns.draft(db, waiting, house.now)
    await house.work()
    return drafted.id


async def _try_contents(house: House, shop: make.Shop) -> UUID:
    """Launch a campaign that tries three contents in two batches."""
    first, *others = (
        Content(zh, en, "上周您看过的，今天到货。", "What you looked at last week is here.")
        for zh, en in (("到货提醒", "Fresh in"), ("别错过", "Before it is gone"),
                       ("店长推荐", "Picked by the store"))
    )  # fmt: skip
    async with house.building.transaction(SYSTEM) as db:
        segment = next(iter(await segments.of_brand(db, shop.brand_id)))
        plan = campaigns.Draft(shop.brand_id, "到货提醒 · 三种说法", segment.id, "official_account",
                               first, 0.2, WINDOW_DAYS, others=tuple(others), batch_count=2,
                               batch_days=7)  # fmt: skip
        drafted = await campaigns.draft(db, plan, house.now)
        await campaigns.launch(db, drafted.id, house.now)
    await house.work()
    return drafted.id


async def _answer(house: House, shop: make.Shop, items: list[make.Item], known: list[UUID]) -> None:
    """Let those who heard of it buy more than those who did not."""
    async with house.building.transaction(SYSTEM) as db:
        heard = {
            row["member_id"]
            for row in await db.raw.fetch("SELECT member_id FROM gate.messages WHERE state='sent'")
        }
    house.wait(days=1)
    for number, member_id in enumerate(known):
        if number % 4 == 0 or (member_id in heard and number % 4 != 1):
            async with house.building.transaction(SYSTEM) as db:
                await _buy(db, house, member_id, shop, [(items[number % 7], 1 + number % 3)])
    await house.work()


async def _regular(
    house: House, shop: make.Shop, items: list[make.Item], guide_id: UUID
) -> tuple[UUID, dict[str, str]]:
    """Let one member come through a guide's share, and buy, return, walk out and leave open."""
    member_id = await house.member("林婉清")
    building = house.building
    async with building.transaction(SYSTEM) as db:
        await members.set_name(db, building.keys, member_id, "林婉清")
        await members.set_home_store(db, member_id, shop.store_id)
        said = Said("marketing", "official_account", True, "town")
        await consents.say(db, member_id, said, house.now)
        share = await _shared(db, house, guide_id, shop, items[0])
        touched = await _buy(db, house, member_id, shop, [(items[0], 2), (items[8], 1)],
                             share)  # fmt: skip
        await orders.hand_over(db, touched.id, "picked up", str(guide_id), house.now)
        back = await _buy(db, house, member_id, shop, [(items[12], 2), (items[4], 1)])
    await house.work()
    async with building.transaction(SYSTEM) as db:
        await make.refunded(db, back.id, (1, 1), now=house.now)
    house.wait(days=1)
    walked = await _walked(house, member_id, shop, items[4])
    house.wait(hours=23, minutes=55)
    await house.work()
    async with building.transaction(SYSTEM) as db:
        paid = await _buy(db, house, member_id, shop, [(items[20], 1), (items[5], 2)])
        await _cheaper(db, house, shop, items[3:6])
        await jobs.enqueue(db, "far away", {}, house.now, house.now + timedelta(days=90))
        await make.in_cart(db, member_id, shop, items[1], 2)
        await make.in_cart(db, member_id, shop, items[9], 1)
        await make.in_cart(db, member_id, shop, items[21], 1)
        visit = await visits.start(db, member_id, shop.store_id, house.now)
        await scans.scan(db, visit, items[10].barcode, house.now)
    await house.work()
    return member_id, {
        "product": f"/products/{items[0].product_id}",
        "order": f"/orders/{paid.number}",
        "refunded": f"/orders/{back.number}",
        "share": f"/guide/shares/{share}",
        "customer": f"/guide/customers/{member_id}",
        "visit": f"/scango/visits/{visit.id}",
        "pass": f"/scango/passes/{walked}",
    }


async def _cheaper(db: Db, house: House, shop: make.Shop, items: list[make.Item]) -> None:
    """Let some things be cheaper for a while, the last of them in single pieces only."""
    for number, item in enumerate(items):
        sale = NewSale(ids.new(), shop.store_id, item.variant_id, "整点抢", "On the hour",
                       item.price_fen * 7 // 10, len(items) - number,
                       house.now - timedelta(days=3),
                       house.now + timedelta(days=3 + number))  # fmt: skip
        await flash.set_up(db, sale)


async def _shared(db: Db, house: House, guide_id: UUID, shop: make.Shop, item: make.Item) -> str:
    made = await shares.create(db, guide_id, shop.store_id, item.product_id, "link", house.now)
    return made.code


async def _walked(house: House, member_id: UUID, shop: make.Shop, item: make.Item) -> UUID:
    """Let the member scan, pay and get a pass; it is minutes old when the browser looks."""
    async with house.building.transaction(SYSTEM) as db:
        visit = await visits.start(db, member_id, shop.store_id, house.now)
        await scans.scan(db, visit, item.barcode, house.now)
        order_id = ids.new(ids.bucket_of(member_id))
        await visits.check_out(db, member_id, visit.id, order_id, house.now)
        await _pay(db, house, member_id, order_id)
    return order_id


async def _buy(
    db: Db,
    house: House,
    member_id: UUID,
    shop: make.Shop,
    wanted: list[Buying],
    touch_code: str | None = None,
) -> checkout.Placed:
    ask = make.ask(member_id, shop, *wanted)
    asked = checkout.Ask(ask.order_id, member_id, shop.store_id, ask.wanted, touch_code=touch_code)
    placed = await checkout.place(db, asked, house.now)
    await _pay(db, house, member_id, placed.id)
    return placed


async def _pay(db: Db, house: House, member_id: UUID, order_id: UUID) -> None:
    tried = await payments.open_attempt(db, member_id, order_id, "jsapi", house.now)
    money = payments.Paid(tried.out_trade_no, f"wx{tried.id.hex}", tried.amount_fen, house.now)
    assert await payments.settle(db, money, house.now) == "paid"

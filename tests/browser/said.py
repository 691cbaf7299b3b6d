"""A third brand whose campaigns on two channels are over, and whose program just begins."""

from __future__ import annotations

from datetime import datetime

from tests import make_audience, make_campaigns
from tests.house import House
from tests.make_audience import Place

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.base.times import business_day
from headwater.program import programs
from headwater.stores.places import Brand, Region, Store, add_brand, add_region, add_store

MEMBERS = 200
WANTED = [("sms", each) for each in (0.08, 0.06, -0.02)] + [
    ("official_account", each) for each in (0.02, 0.0, 0.03)
]
BRAND = Brand(ids.named("town said", "brand"), "zz-said", "栖木文具", "Qimu Paper")


async def before(house: House, since: datetime) -> dict[str, str]:
    """Let six campaigns begin at a moment and be read, and tell where the page of them lies."""
    brand = BRAND
    region = Region(ids.named("town said", "region"), brand.id, "said", "华东", "East China")
    store_id = ids.named("town said", "store")
    where = Place("zz-said", brand.id, region.id, store_id)
    async with house.building.transaction(SYSTEM) as db:
        await add_brand(db, brand)
        await add_region(db, region)
        await add_store(db, Store(store_id, brand.id, region.id, "said", "shop", "文具店", "Paper"))
        members = await make_audience.members(db, where, MEMBERS, since)
        await make_campaigns.over(db, where, WANTED, since, members)
        await make_campaigns.launched(db, where, "冬日信笺", "sms", since, members[:40])
    return {"channels": f"/console/channels?brand={brand.id}"}


async def begins(house: House) -> dict[str, str]:
    """Ask for a program of this brand, and tell where it waits for its holdout to be drawn."""
    plan = programs.Plan("said-2026", BRAND.id, "增量工程", "Increment program",
                         business_day(house.now))  # fmt: skip
    async with house.building.transaction(SYSTEM) as db:
        asked = await programs.ask(db, plan, house.now)
    return {"drawing": f"/console/programs/{asked.id}"}

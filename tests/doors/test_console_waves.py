"""The page of waves: drawn and rehearsed on the brand's own weeks, or words where there are few."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from uuid import UUID

from tests import make
from tests.doors import desks
from tests.house import House

from headwater.base.db import SYSTEM
from headwater.base.times import business_day

STORES, WEEKS = 16, 45


async def sold(house: House) -> UUID:
    """Let many stores sell for most of a year, each at its own level."""
    # A fixed seed: the stores differ, the test does not.
    chance = random.Random(7)
    brand = await desks.brand(house)
    first = business_day(house.now) - timedelta(weeks=WEEKS)
    async with house.building.transaction(SYSTEM) as db:
        stores = [brand.east, brand.west]
        stores += [await make.shop(db, beside=brand.east) for _each in range(STORES - 2)]
        rows = [
            (store.store_id, first + timedelta(days=day), 10, 10,
             round((60_000 + 4_000 * place) * chance.uniform(0.85, 1.15)), 0)
            for place, store in enumerate(stores)
            for day in range(7 * WEEKS)
        ]  # fmt: skip
        await db.raw.executemany(
            "INSERT INTO insight.daily_sales (store_id, day, orders, units, paid_fen,"
            " refunded_fen) VALUES ($1, $2, $3, $4, $5, $6)",
            rows,
        )
    return brand.east.brand_id


async def test_a_wave_is_drawn_its_power_told_and_nothing_is_seen_where_nothing_was(
    house: House,
) -> None:
    page = f"/console/waves?brand={await sold(house)}&stores=8&weeks=4"
    async with desks.desk(house, "analyst") as client:
        one = (await client.get(f"{page}&salt=spring")).text
        again = (await client.get(f"{page}&salt=spring")).text
        other = (await client.get(f"{page}&salt=autumn")).text
        alone = (await client.get(page.replace("stores=8", "stores=1"))).text
    printed = [re.findall(r"[0-9a-f]{64}", each)[0] for each in (one, again, other)]
    assert printed[0] == printed[1] != printed[2]
    assert one.count("第 1 波") == 8
    assert 'class="histogram"' in one
    assert 'class="curve"' in one
    seen = re.search(r"真实效果到 ([\d.]+)%", one)
    assert seen is not None
    assert 0 < float(seen[1]) < 20
    assert "no verdict possible" in alone
    assert 'class="histogram"' not in alone


async def test_without_a_history_of_stores_there_are_words(house: House) -> None:
    brand = await desks.brand(house)
    async with desks.desk(house, "analyst") as client:
        page = await client.get(f"/console/waves?brand={brand.east.brand_id}&stores=x&weeks=99")
    assert page.status_code == 200
    assert "门店历史还不够" in page.text

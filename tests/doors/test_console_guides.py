"""What guides brought is asked from the desk once a quarter, and shown with its doubt."""

from __future__ import annotations

from uuid import UUID

import numpy as np
from tests import make, make_audience
from tests.doors import desks
from tests.doors.desks import Brand
from tests.house import House
from tests.make_audience import Place

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.guides import slices
from headwater.increment import due

# In a fifth of so many customers there are never fewer than the five that a figure wants.
GUIDES, BOOK = 6, 100


async def books(house: House, brand: Brand) -> list[UUID]:
    """Let six guides of two stores each know a hundred customers who bought before."""
    guides = [ids.new() for _ in range(GUIDES)]
    async with house.building.transaction(SYSTEM) as db:
        for at, guide in enumerate(guides):
            shop = brand.east if at % 2 else brand.west
            await db.raw.execute(
                "INSERT INTO stores.staff (id, login, name, store_id, joined_at)"
                " VALUES ($1, $2, $3, $4, $5)",
                guide, ids.code().lower(), f"导购{at}", shop.store_id, house.now,
            )  # fmt: skip
            for _ in range(BOOK):
                member = await make.member(db, shop)
                await db.raw.execute(
                    "INSERT INTO guides.relations (bucket, member_id, guide_id, store_id, source,"
                    " since_at, protected_until) VALUES ($1, $2, $3, $4, 'share', $5, $5)",
                    ids.bucket_of(member), member, guide, shop.store_id, house.now,
                )  # fmt: skip
    return guides


async def sold(house: House, brand: Brand) -> None:
    """Let everybody in a book buy something, some more than others."""
    async with house.building.transaction(SYSTEM) as db:
        for shop in (brand.east, brand.west):
            known = await db.raw.fetch(
                "SELECT member_id FROM guides.relations WHERE store_id = $1", shop.store_id
            )
            at = Place("", shop.brand_id, shop.region_id, shop.store_id)
            noise = np.random.default_rng([house.now.day, 1])
            bought = [(each["member_id"], int(noise.integers(5_000, 6_000)), house.now)
                      for each in known]  # fmt: skip
            await make_audience.orders(db, at, bought)


async def test_guides_are_asked_about_left_alone_in_part_and_read_with_their_doubt(
    house: House,
) -> None:
    brand = await desks.brand(house)
    await books(house, brand)
    await sold(house, brand)
    house.wait(days=2)
    brand_id = brand.east.brand_id
    page = f"/console/guides?brand={brand_id}"
    async with desks.desk(house, "operator") as client:
        fields = {"brand": str(brand_id), "holdout": "20"}
        hasty = await desks.send(client, page, "/console/guides", **fields)
        greedy = await desks.send(
            client, page, "/console/guides", **fields | {"holdout": "60", "confirmed": "yes"}
        )
        sent = await desks.send(client, page, "/console/guides", **fields, confirmed="yes")
        waiting = (await client.get(page)).text
    house.wait(days=30)
    await sold(house, brand)
    house.wait(days=slices.WINDOW_DAYS)
    await due.read_all(house.building, house.now)
    async with desks.desk(house, "operator") as client:
        shown = await client.get(page)
        english = (await client.get(page, headers={"accept-language": "en"})).text
        async with house.building.transaction(SYSTEM) as db:
            question = await slices.latest(db, brand_id)
            assert question is not None
            place = await db.raw.fetchval(
                "SELECT place FROM increment.readings"
                " WHERE experiment_id = $1 AND entry = 'guides'",
                question.id,
            )
        row = await client.get(f"/console/experiments/{question.id}/readings/{place}")
    assert (hasty.status_code, "确认" in hasty.text) == (422, True)
    assert greedy.status_code == 422
    assert sent.status_code == 303
    assert "观察期还没有结束" in waiting
    assert "抽签并开始" not in waiting
    assert shown.status_code == 200
    assert all(f"导购{at}" in shown.text for at in range(GUIDES))
    assert "进前四分之一的概率" in shown.text
    assert "Chance of top quarter" in english
    assert row.status_code == 200
    assert "τ₁²" in row.text


async def test_a_supervisor_sees_the_guides_of_the_own_region_and_begins_nothing(
    house: House,
) -> None:
    brand = await desks.brand(house)
    await books(house, brand)
    await sold(house, brand)
    house.wait(days=2)
    async with house.building.transaction(SYSTEM) as db:
        await slices.launch(db, brand.east.brand_id, house.now)
        region = await db.raw.fetchval(
            "SELECT region_id FROM stores.stores WHERE id = $1", brand.east.store_id
        )
    house.wait(days=30)
    await sold(house, brand)
    house.wait(days=slices.WINDOW_DAYS)
    await due.read_all(house.building, house.now)
    page = f"/console/guides?brand={brand.east.brand_id}"
    async with desks.desk(house, "supervisor", "region", region) as client:
        shown = (await client.get(page)).text
    assert "导购1" in shown
    assert "导购0" not in shown
    assert "抽签并开始" not in shown
    async with desks.desk(house, "operator") as client:
        elsewhere = await client.get("/console/guides?brand=" + str(ids.new()))
    assert elsewhere.status_code == 404


async def test_a_brand_whose_guides_know_nobody_is_told_what_is_missing(house: House) -> None:
    brand = await desks.brand(house)
    async with desks.desk(house, "operator") as client:
        shown = (await client.get(f"/console/guides?brand={brand.east.brand_id}")).text
    assert "还没有问过导购带来了什么" in shown
    assert "抽签并开始" not in shown

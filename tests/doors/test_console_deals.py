"""Flash sales are planned at the desk, inside its walls, and shoppers find them in time."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx2
import pytest
from tests import make
from tests.doors import desks
from tests.doors.desks import Brand
from tests.house import House
from tests.make import Item

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.base.times import SHANGHAI
from headwater.deals import flash, planning

PAGE = "/console/deals"


async def town(house: House) -> tuple[Brand, Item]:
    """Two stores of a brand, and milk that costs 19.90 in both."""
    brand = await desks.brand(house)
    async with house.building.transaction(SYSTEM) as db:
        return brand, await make.item(db, brand.east, 1_990, 10)


def clock(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def filled(house: House, brand: Brand, milk: Item, **changed: str) -> dict[str, str]:
    """What somebody types for a sale that begins in an hour."""
    begins = house.now + timedelta(hours=1)
    usual = {
        "sale": str(ids.new()), "store": str(brand.east.store_id), "item": milk.barcode,
        "label_zh": "整点抢", "label_en": "On the hour", "price": "9.90", "each_most": "2",
        "where": "here", "starts_at": clock(begins), "ends_at": clock(begins + timedelta(hours=2)),
    }  # fmt: skip
    return {**usual, **changed}


async def send(client: httpx2.AsyncClient, fields: dict[str, str]) -> httpx2.Response:
    return await desks.send(client, f"{PAGE}/new", PAGE, **fields)


async def test_a_sale_planned_in_all_stores_is_on_in_time_and_is_ended_early(house: House) -> None:
    brand, milk = await town(house)
    at = f"{PAGE}?store={brand.west.store_id}"
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        empty = (await client.get(at)).text
        fields = filled(house, brand, milk, where="all")
        sent = await send(client, fields)
        again = await send(client, fields)
        told = (await client.get(sent.headers["location"])).text
        waiting = (await client.get(at)).text
        house.wait(hours=2)
        running = (await client.get(at)).text
        async with house.building.transaction(SYSTEM) as db:
            (west,) = await flash.live(db, brand.west.store_id, house.now)
        ended = await desks.send(client, at, f"{PAGE}/{west.id}/stop")
        after = (await client.get(at, headers={"accept-language": "en"})).text
        late = await desks.send(client, f"{PAGE}/new", f"{PAGE}/{west.id}/stop")
    assert "还没有限时抢购" in empty
    assert (sent.status_code, again.status_code) == (303, 303)
    assert "已放到 2 家门店" in told
    assert "未开始" in waiting
    assert ("进行中" in running, "提前结束" in running, "¥9.90" in running) == (True, True, True)
    assert ended.status_code == 303
    assert ("Ended" in after, "End now" in after) == (True, False)
    assert late.status_code == 410
    async with house.building.transaction(SYSTEM) as db:
        assert await planning.count(db, brand.west.store_id) == 1
        assert await flash.live(db, brand.west.store_id, house.now) == []
        assert len(await flash.live(db, brand.east.store_id, house.now)) == 1


@pytest.mark.parametrize(
    "changed,said",
    [
        ({"item": "nothing-like-it"}, "没有这个货号或条码"),
        ({"item": ""}, "请填写"),
        ({"price": "19.90"}, "不比所选门店的原价低"),
        ({"price": "free"}, "请填写金额"),
        ({"price": "1.00"}, "不到原价的三成"),
        ({"each_most": "0"}, "太小了"),
        ({"starts_at": "soon"}, "请填写日期和时间"),
        ({"starts_at": "0001-01-01T00:00"}, "请填写日期和时间"),
        ({"ends_at": "2020-01-01T10:00"}, "已经过去了"),
        ({"ends_at": "2099-01-01T10:00"}, "最多放 31 天"),
        ({"sale": "x"}, "请填写"),
        ({"label_zh": "长" * 21}, "太长了"),
    ],
)
async def test_what_is_wrong_is_said_beside_what_was_typed(
    house: House, changed: dict[str, str], said: str
) -> None:
    brand, milk = await town(house)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        refused = await send(client, filled(house, brand, milk, **changed))
    assert refused.status_code == 422
    assert said in refused.text
    assert 'value="On the hour"' in refused.text
    async with house.building.transaction(SYSTEM) as db:
        assert await planning.count(db, brand.east.store_id) == 0


async def test_a_very_low_price_is_taken_once_it_is_confirmed(house: House) -> None:
    brand, milk = await town(house)
    fields = filled(house, brand, milk, price="1.00")
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        asked = await send(client, fields)
        sent = await send(client, {**fields, "low_meant": "yes"})
    assert 'name="low_meant"' in asked.text
    assert sent.status_code == 303


async def test_another_brands_store_and_sale_do_not_exist(house: House) -> None:
    brand, milk = await town(house)
    other, _bread = await town(house)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        await send(client, filled(house, brand, milk))
    async with desks.desk(house, "operator", "brand", other.east.brand_id) as client:
        seen = await client.get(f"{PAGE}?store={brand.east.store_id}")
        written = await send(client, filled(house, brand, milk))
        async with house.building.transaction(SYSTEM) as db:
            (sale,) = await planning.of_store(db, brand.east.store_id, 10)
        stopped = await desks.send(client, f"{PAGE}/new", f"{PAGE}/{sale.id}/stop")
        nowhere = await desks.send(client, f"{PAGE}/new", f"{PAGE}/{ids.new()}/stop")
        junk = await desks.send(client, f"{PAGE}/new", f"{PAGE}/x/stop")
    assert (seen.status_code, written.status_code) == (404, 404)
    assert (stopped.status_code, nowhere.status_code, junk.status_code) == (404, 404, 404)
    async with house.building.transaction(SYSTEM) as db:
        assert await planning.count(db, brand.east.store_id) == 1


async def test_a_products_page_leads_to_a_sale_of_it(house: House) -> None:
    brand, milk = await town(house)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        shown = (await client.get(f"/console/products/{milk.product_id}")).text
        form = (await client.get(f"{PAGE}/new?item={milk.item_number}")).text
    assert f"{PAGE}/new?item={milk.item_number}" in shown
    assert f'value="{milk.item_number}"' in form

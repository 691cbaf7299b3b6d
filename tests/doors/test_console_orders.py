"""Orders at the desk: fen explained, refunds confirmed by their consequence, goods handed over."""

from __future__ import annotations

import re
from uuid import UUID

import httpx2
import pytest
from tests import make
from tests.doors import desks
from tests.house import House

from headwater.base.db import SYSTEM
from headwater.trade import orders, refunds


async def sold(house: House, quantity: int = 2) -> tuple[desks.Brand, UUID]:
    """A paid order of milk in the eastern store."""
    brand = await desks.brand(house)
    someone = (await desks.customers(house, brand.east, 1))[0]
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 1_990, 50)
    return brand, await desks.bought(house, someone, brand.east, milk, quantity)


async def confirm(client: httpx2.AsyncClient, order: UUID, **fields: str) -> dict[str, str]:
    """Walk to the page of consequences, and give the fields that its form carries."""
    seen = f"/console/orders/{order}/refund"
    page = await desks.send(client, seen, seen, **fields)
    assert page.status_code == 200, page.text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return {**hidden, "page": page.text}


async def test_a_refund_shows_its_consequence_before_money_moves(house: House) -> None:
    brand, order = await sold(house)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        carried = await confirm(client, order, quantity_1="1", takes_back="yes")
        page = carried.pop("page")
        async with house.building.transaction(SYSTEM) as db:
            assert await refunds.of_order(db, order) == []
        assert "将退款 1 件，共 ¥19.90" in page
        for _twice in range(2):
            answer = await client.post(f"/console/orders/{order}/refunds", data=carried)
            assert answer.status_code == 303, answer.text
        shown = await client.get(f"/console/orders/{order}")
    async with house.building.transaction(SYSTEM) as db:
        owed = await refunds.of_order(db, order)
    assert [(each.amount_fen, each.takes_back) for each in owed] == [(1_990, True)]
    assert "−¥19.90" in shown.text


async def test_every_fen_of_a_line_is_explained(house: House) -> None:
    brand = await desks.brand(house)
    someone = (await desks.customers(house, brand.east, 1))[0]
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 1_990, 50, member_price_fen=1_790)
    order = await desks.bought(house, someone, brand.east, milk, 2)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        page = await client.get(f"/console/orders/{order}")
    assert "会员价 −¥4.00" in page.text
    assert "¥35.80" in page.text


@pytest.mark.parametrize("quantity", ["3", "-1", "many", ""])
async def test_a_wrong_number_of_pieces_is_said_and_refunds_nothing(
    house: House, quantity: str
) -> None:
    brand, order = await sold(house)
    seen = f"/console/orders/{order}/refund"
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        answer = await desks.send(client, seen, seen, quantity_1=quantity)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


async def test_an_analyst_reads_an_order_and_refunds_none(house: House) -> None:
    brand, order = await sold(house)
    async with desks.desk(house, "analyst", "brand", brand.east.brand_id) as client:
        page = await client.get(f"/console/orders/{order}")
        asked = await client.get(f"/console/orders/{order}/refund")
    assert "/refund" not in page.text
    assert asked.status_code == 403


async def test_another_regions_order_is_not_refunded(house: House) -> None:
    brand, order = await sold(house)
    async with desks.desk(house, "operator", "region", brand.west.region_id) as client:
        asked = await client.get(f"/console/orders/{order}/refund")
    assert asked.status_code == 404


async def test_an_order_is_handed_over_once(house: House) -> None:
    brand, order = await sold(house)
    page = f"/console/orders/{order}"
    async with desks.desk(house, "store_manager", "store", brand.east.store_id) as client:
        done = await desks.send(client, page, f"{page}/hand-over")
        assert done.status_code == 303
        again = await desks.send(client, page, f"{page}/hand-over")
        shown = await client.get(page)
    assert again.status_code == 409
    assert "已交付" in shown.text
    async with house.building.transaction(SYSTEM) as db:
        assert (await orders.one(db, order)).state == "handed_over"

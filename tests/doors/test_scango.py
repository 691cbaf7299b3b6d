"""Scan and go as pages: the door, the basket, the pay sheet and the pass."""

from __future__ import annotations

import re

import httpx2
from tests import make
from tests.doors.test_guide import post, shop_with_milk
from tests.house import House

from headwater.base.db import SYSTEM
from headwater.stores import places
from headwater.trade import orders, payments


async def code_of(house: House, shop: make.Shop) -> str:
    async with house.building.transaction(SYSTEM) as db:
        return next(each.code for each in await places.stores(db) if each.id == shop.store_id)


async def begins(house: House, client: httpx2.AsyncClient, shop: make.Shop) -> str:
    await house.log_in(client, await house.member())
    code = await code_of(house, shop)
    begun = await post(client, "/scango/visits", f"/scango?store={code}", store=code.lower())
    assert begun.status_code == 303, begun.text
    return str(begun.headers["location"])


async def test_a_shopper_scans_pays_and_gets_a_pass(house: House) -> None:
    shop, milk = await shop_with_milk(house)
    async with house.client() as client:
        visit = await begins(house, client, shop)
        assert "还没有商品" in (await client.get(visit)).text
        for _time in range(2):
            added = await post(client, f"{visit}/scans", visit, barcode=milk.barcode)
            assert added.status_code == 303
        basket = (await client.get(visit)).text
        fields = dict(re.findall(r'name="(order_id|shown_fen)" value="([^"]+)"', basket))
        assert fields["shown_fen"] == "3980"
        placed = await post(client, f"{visit}/checkout", visit, **fields)
        assert placed.status_code == 303
        number = placed.headers["location"].split("/")[2]
        waiting = await client.get(visit)
        assert waiting.headers["location"] == f"/scango/passes/{fields['order_id']}"
        assert "等待付款" in (await client.get(waiting.headers["location"])).text
        await money_comes(house, number)
        assert waiting.headers["location"] in (await client.get(f"/orders/{number}")).text
        shown = (await client.get(waiting.headers["location"])).text
        assert "<svg" in shown
        assert number[:4] in shown
        assert "2 件" in shown
        house.wait(minutes=61)
        assert "出场码已过期" in (await client.get(waiting.headers["location"])).text


async def money_comes(house: House, number: str) -> None:
    async with house.building.transaction(SYSTEM) as db:
        order = await orders.one(db, await orders.id_by_number(db, number))
        tried = await payments.open_attempt(db, order.member_id, order.id, "jsapi", house.now)
        money = payments.Paid(tried.out_trade_no, f"wx{tried.id.hex}", tried.amount_fen, house.now)
        assert await payments.settle(db, money, house.now) == "paid"


async def test_an_unknown_barcode_is_said_and_the_basket_stays(house: House) -> None:
    shop, milk = await shop_with_milk(house)
    async with house.client() as client:
        visit = await begins(house, client, shop)
        await post(client, f"{visit}/scans", visit, barcode=milk.barcode)
        answer = await post(client, f"{visit}/scans", visit, barcode="4006381333931")
        assert answer.status_code == 404
        assert 'role="alert"' in answer.text
        assert "鲜牛奶" in answer.text
        empty = await post(client, f"{visit}/scans", visit, barcode="")
        assert empty.status_code == 422


async def test_a_line_is_changed_and_taken_away(house: House) -> None:
    shop, milk = await shop_with_milk(house)
    async with house.client() as client:
        visit = await begins(house, client, shop)
        await post(client, f"{visit}/scans", visit, barcode=milk.barcode)
        line = f"{visit}/lines/{milk.variant_id}"
        assert (await post(client, line, visit, quantity="3")).status_code == 303
        assert "3 件" in (await client.get(visit)).text
        await post(client, line, visit, quantity="0")
        assert "还没有商品" in (await client.get(visit)).text


async def test_a_wrong_store_code_is_said_and_kept_in_the_field(house: House) -> None:
    async with house.client() as client:
        await house.log_in(client, await house.member())
        answer = await post(client, "/scango/visits", "/scango", store="nowhere")
        assert answer.status_code == 404
        assert 'value="nowhere"' in answer.text


async def test_who_is_not_logged_in_is_led_to_the_login(house: House) -> None:
    async with house.client() as client:
        assert (await client.get("/scango")).status_code == 200
        answer = await post(client, "/scango/visits", "/scango", store="x")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login")


async def test_somebody_elses_visit_and_pass_do_not_exist(house: House) -> None:
    shop, milk = await shop_with_milk(house)
    async with house.client() as mine, house.client() as theirs:
        visit = await begins(house, mine, shop)
        await post(mine, f"{visit}/scans", visit, barcode=milk.barcode)
        await house.log_in(theirs, await house.member())
        assert (await theirs.get(visit)).status_code == 410


async def test_a_price_that_is_no_longer_shown_is_not_charged(house: House) -> None:
    shop, milk = await shop_with_milk(house)
    async with house.client() as client:
        visit = await begins(house, client, shop)
        await post(client, f"{visit}/scans", visit, barcode=milk.barcode)
        basket = (await client.get(visit)).text
        fields = dict(re.findall(r'name="(order_id|shown_fen)" value="([^"]+)"', basket))
        fields["shown_fen"] = "1"
        answer = await post(client, f"{visit}/checkout", visit, **fields)
        assert answer.status_code == 409
        assert "鲜牛奶" in answer.text

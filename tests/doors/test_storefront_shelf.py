"""The shelves of the shop: what is shown, found, shared and chosen."""

from __future__ import annotations

import gzip

import pytest
from tests import make
from tests.house import House
from tests.shopper import PART, shelf, shopper

from headwater.base.db import SYSTEM
from headwater.guides import shares
from headwater.stores import staff
from headwater.web.kit.doors import STAFF_LOGIN

FIRST_VIEW_BYTES = 20 * 1024


async def test_the_first_page_shows_what_the_chosen_store_has(house: House) -> None:
    here, elsewhere = await shelf(house), await shelf(house)
    async with shopper(house) as someone:
        await someone.chooses(here)
        page = await someone.sees("/")
    assert here.product in page
    assert elsewhere.product not in page


@pytest.mark.parametrize("typed", ["鲜牛奶", "fresh milk", "item number", "barcode"])
async def test_products_are_found_in_either_language_and_by_code(house: House, typed: str) -> None:
    here = await shelf(house)
    codes = {"item number": here.item.item_number, "barcode": here.item.barcode}
    async with shopper(house) as someone:
        await someone.chooses(here)
        page = await someone.sees(f"/search?q={codes.get(typed, typed)}")
    assert here.product in page


async def test_a_search_that_matches_nothing_shows_the_nearest(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        await someone.chooses(here)
        near = await someone.sees("/search?q=fresh+zebra")
        nothing = await someone.sees("/search?q=zebra")
    assert "没有完全符合" in near
    assert here.product in near
    assert "没有找到" in nothing


async def test_signs_that_nobody_types_do_no_harm(house: House) -> None:
    await shelf(house)
    async with shopper(house) as someone:
        for address in ("/search?q=1%00", "/stores?q=%00", "/?s=%00abcd", "/search?q=a&page=0"):
            await someone.sees(address)


async def test_htmx_gets_the_results_alone(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        await someone.chooses(here)
        answer = await someone.client.get("/search?q=milk", headers=PART)
    assert "<html" not in answer.text
    assert here.product in answer.text


async def test_a_product_shows_its_price_its_stock_and_its_codes(house: House) -> None:
    here = await shelf(house, price_fen=2_590, stock=3, member_price_fen=1_990)
    async with shopper(house) as someone:
        await someone.chooses(here)
        page = await someone.sees(here.product)
    for shown in ("¥25.90", ">19<", "仅剩 3 件", here.item.item_number, here.item.barcode):
        assert shown in page, shown


async def test_a_product_that_is_gone_says_so(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        page = await someone.sees(f"/products/{here.item.variant_id}", status=404)
    assert "下架" in page


async def test_the_store_picker_shows_where_a_product_is(house: House) -> None:
    here, elsewhere = await shelf(house), await shelf(house)
    async with shopper(house) as someone:
        page = await someone.sees(f"/stores?variant={here.item.variant_id}")
    assert str(here.shop.store_id) in page
    assert str(elsewhere.shop.store_id) not in page


async def test_a_store_that_does_not_exist_cannot_be_chosen(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        answer = await someone.sends("/stores/choice", store_id=here.item.product_id)
    assert answer.status_code == 404
    assert "不营业" in answer.text


async def test_a_share_is_noted_and_travels_with_the_order(house: House) -> None:
    here = await shelf(house)
    async with house.building.transaction(SYSTEM) as db:
        store_id = here.shop.store_id
        guide = await make.employee(db, "guide", "store", store_id, store_id)
        share = await shares.create(db, guide.id, store_id, here.item.product_id, "link", house.now)
    async with shopper(house) as someone:
        await someone.sees(f"{here.product}?s={share.code}")
        await someone.logs_in()
        await someone.sends(here.line)
        placed = await someone.checks_out(here)
        order = await someone.order(placed.headers["location"].split("/")[2])
    assert order.touch_code == share.code


async def test_a_guide_at_work_who_opens_their_own_share_brings_nobody(house: House) -> None:
    here = await shelf(house)
    async with house.building.transaction(SYSTEM) as db:
        store_id = here.shop.store_id
        guide = await make.employee(db, "guide", "store", store_id, store_id)
        share = await shares.create(db, guide.id, store_id, here.item.product_id, "link", house.now)
        session = await staff.open_session(db, guide.id, house.now)
    async with shopper(house) as someone:
        someone.client.cookies.set(STAFF_LOGIN, session)
        await someone.sees(f"{here.product}?s={share.code}")
        assert "touch" not in someone.client.cookies
    async with house.building.transaction(SYSTEM) as db:
        assert await shares.comers(db, guide.id, share.code) == []


async def test_an_unknown_share_opens_the_page_without_credit(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        page = await someone.sees(f"{here.product}?s=NOBODY12")
        assert "touch" not in someone.client.cookies
    assert here.item.item_number in page


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_first_views_are_light(house: House, language: str) -> None:
    here = await shelf(house)
    addresses = ("/", "/departments", "/search?q=milk", here.product, "/cart", "/login", "/me")
    async with shopper(house, Cookie=f"language={language}") as someone:
        for address in addresses:
            page = await someone.sees(address)
            size = len(gzip.compress(page.encode()))
            assert size <= FIRST_VIEW_BYTES, f"{address} weighs {size}"

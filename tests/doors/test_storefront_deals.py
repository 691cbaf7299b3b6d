"""The deals page: what runs in a store, under which rules, and an order at the flash price."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.house import House
from tests.shopper import Shelf, Shopper, shelf, shopper

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.deals import flash
from headwater.deals.flash import NewSale
from headwater.pricing import offers, switches
from headwater.pricing.offers import NewOffer


async def sale(house: House, here: Shelf, each_most: int = 2, hours: float = 2) -> NewSale:
    """Let the thing on the shelf be cheaper for a while that has begun an hour ago."""
    made = NewSale(
        ids.new(), here.shop.store_id, here.item.variant_id, "整点抢", "On the hour", 990,
        each_most, house.now - timedelta(hours=1), house.now + timedelta(hours=hours),
    )  # fmt: skip
    async with house.building.transaction(SYSTEM) as db:
        await flash.set_up(db, made)
    return made


async def buys(
    someone: Shopper, of: NewSale, quantity: int = 1, order_id: str = ""
) -> tuple[int, str]:
    """Press the button of a sale; gives the answer's status and where it leads or what it says."""
    page = await someone.sees("/deals")
    found = re.search(r'name="order_id" value="([^"]+)"', page)
    answer = await someone.sends(
        f"/deals/{of.id}", quantity=quantity, order_id=order_id or (found[1] if found else "")
    )
    return answer.status_code, answer.headers.get("location") or answer.text


async def test_a_visitor_sees_what_runs_and_its_rules_and_logs_in_to_buy(house: House) -> None:
    here = await shelf(house)
    await sale(house, here)
    async with shopper(house) as someone:
        await someone.chooses(here)
        page = await someone.sees("/deals")
    assert "整点抢" in page
    assert "每人一单，最多 2 件" in page
    assert "留货 15 分钟" in page
    assert "/login?next=/deals" in page
    assert "立即抢购" not in page


async def test_a_member_buys_at_the_flash_price_once_and_finds_the_order(house: House) -> None:
    here = await shelf(house)
    made = await sale(house, here)
    async with shopper(house) as someone:
        await someone.chooses(here)
        await someone.logs_in()
        status, led = await buys(someone, made, 2)
        assert status == 303, led
        number = led.split("/")[2]
        order = await someone.order(number)
        assert (order.kind, order.payable_fen) == ("flash", 2 * 990)
        page = await someone.sees("/deals")
        assert f"/orders/{number}" in page
        assert "立即抢购" not in page
        order_id = str(ids.new(ids.bucket_of(order.id)))
        status, said = await buys(someone, made, 1, order_id)
        assert status == 409
        assert "已经有一张订单" in said


async def test_the_same_press_twice_is_the_same_order(house: House) -> None:
    here = await shelf(house)
    made = await sale(house, here)
    async with shopper(house) as someone:
        await someone.chooses(here)
        await someone.logs_in()
        assert someone.member_id is not None
        order_id = str(ids.new(ids.bucket_of(someone.member_id)))
        first = await buys(someone, made, 1, order_id)
        assert first[0] == 303
        assert await buys(someone, made, 1, order_id) == first


async def test_two_deals_bought_from_one_page_are_two_orders(house: House) -> None:
    here = await shelf(house)
    made = [await sale(house, here), await sale(house, here)]
    async with shopper(house) as someone:
        await someone.chooses(here)
        await someone.logs_in()
        page = await someone.sees("/deals")
        led = set()
        for each in made:
            form = page[page.index(f'action="/deals/{each.id}"') :]
            found = re.search(r'name="order_id" value="([^"]+)"', form)
            assert found
            led.add(await buys(someone, each, 1, found[1]))
    assert {status for status, _where in led} == {303}
    assert len(led) == 2


async def test_what_cannot_be_had_is_said_on_the_page_and_nothing_is_ordered(house: House) -> None:
    here = await shelf(house)
    made, over = await sale(house, here), await sale(house, here, hours=0)
    async with shopper(house) as someone:
        await someone.chooses(here)
        await someone.logs_in()
        for of, quantity, status, words in (
            (made, 3, 409, "每人最多 2 件"),
            (over, 1, 410, "已经结束"),
        ):
            assert await said(someone, of, quantity) == (status, True, words)
        for fields in ({"order_id": "x", "quantity": 1}, {"quantity": 0}):
            answer = await someone.sends(f"/deals/{made.id}", **fields)
            assert answer.status_code == 422
        assert "还没有订单" in await someone.sees("/me")


async def said(someone: Shopper, of: NewSale, quantity: int) -> tuple[int, bool, str]:
    """Say how a press was answered, and with which of the words that we look for."""
    status, text = await buys(someone, of, quantity)
    words = next((each for each in ("每人最多 2 件", "已经结束") if each in text), "")
    return status, 'role="alert"' in text, words


async def test_offers_and_coupons_say_their_rules_and_a_store_without_any_says_so(
    house: House,
) -> None:
    here, elsewhere = await shelf(house), await shelf(house)
    async with house.building.transaction(SYSTEM) as db:
        await offers.put(
            db,
            NewOffer(
                ids.code(), here.shop.brand_id, "threshold", "满 50 减 8", "8 off 50", 5_000, 800,
                house.now - timedelta(days=1), house.now + timedelta(days=1),
            ),
        )  # fmt: skip
    async with shopper(house) as someone:
        await someone.chooses(here)
        page = await someone.sees("/deals")
        assert "满 50 减 8" in page
        assert "取减得最多的" in page
        await someone.chooses(elsewhere)
        assert "没有进行中的优惠" in await someone.sees("/deals")


async def test_an_offer_that_is_switched_shows_in_stores_that_are_on(house: House) -> None:
    here = await shelf(house)
    code = ids.code()
    async with house.building.transaction(SYSTEM) as db:
        offer = NewOffer(
            ids.code(), here.shop.brand_id, "threshold", "满 60 减 9", "9 off 60", 6_000, 900,
            house.now - timedelta(days=1), house.now + timedelta(days=1), code,
        )  # fmt: skip
        await offers.put(db, offer)
    async with shopper(house) as someone:
        await someone.chooses(here)
        assert "满 60 减 9" not in await someone.sees("/deals")
        async with house.building.transaction(SYSTEM) as db:
            await switches.turn_on(db, code, {here.shop.store_id: house.now})
        assert "满 60 减 9" in await someone.sees("/deals")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_page_speaks_the_readers_language(house: House, language: str) -> None:
    here = await shelf(house)
    await sale(house, here)
    async with shopper(house) as someone:
        someone.client.cookies.set("language", language)
        await someone.chooses(here)
        page = await someone.sees("/deals")
    assert ("On the hour" in page) == (language == "en")
    assert ("整点抢" in page) == (language == "zh")

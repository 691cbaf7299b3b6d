"""From checkout to the pickup code and back: placed once, paid through the sandbox, refunded."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from tests import make
from tests.house import House
from tests.shopper import Shelf, Shopper, number_of, shelf, shopper, texted

from headwater.app import doors
from headwater.base.db import SYSTEM
from headwater.stock import levels


async def test_a_shopper_pays_and_gets_the_pickup_code(house: House) -> None:
    here = await shelf(house, price_fen=2_000, stock=3)
    async with shopper(house) as someone:
        number = await _ordered(someone, here, quantity=2)
        assert (await someone.order(number)).state == "placed"
        back = await someone.pays(number)
        assert back.headers["location"] == f"/orders/{number}?from=pay"
        page = await someone.sees(f"/orders/{number}")
        order = await someone.order(number)
    assert order.state == "paid"
    assert order.payable_fen == 4_000
    assert "取货码" in page
    assert await _free(house, here) == 1


async def test_the_same_press_twice_is_one_order(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        await someone.logs_in()
        await someone.sends(here.line)
        first = await someone.checks_out(here)
        order = await someone.order(number_of(first))
        second = await someone.sends(
            "/checkout", order_id=order.id, store_id=here.shop.store_id, shown_fen=1_990
        )
        page = await someone.sees("/orders")
    assert number_of(second) == number_of(first)
    assert page.count("order-row") == 1


async def test_a_price_that_changed_is_shown_before_anything_is_agreed(house: House) -> None:
    here = await shelf(house, price_fen=1_000)
    async with shopper(house) as someone:
        await someone.logs_in()
        await someone.sends(here.line)
        refused = await someone.checks_out(here, shown_fen=900)
        assert refused.status_code == 409
        assert "您看到的是 ¥9.00，现在是 ¥10.00" in refused.text
        assert "还没有订单" in await someone.sees("/orders")


async def test_what_sells_out_meanwhile_leads_back_to_a_kept_cart(house: House) -> None:
    here = await shelf(house, stock=1)
    async with shopper(house) as someone, shopper(house) as quicker:
        for each in (someone, quicker):
            await each.logs_in()
            await each.sends(here.line)
        await someone.sees(f"/checkout?store={here.shop.store_id}")
        number_of(await quicker.checks_out(here))
        refused = await someone.checks_out(here)
        assert refused.status_code == 409
        assert "刚刚卖完了" in refused.text
        assert "已售罄" in refused.text
        assert here.product in await someone.sees("/cart")


async def test_the_best_coupon_is_laid_on_and_used_once(house: House) -> None:
    here = await shelf(house, price_fen=5_000)
    async with shopper(house) as someone:
        member_id = await someone.logs_in()
        async with house.building.transaction(SYSTEM) as db:
            await make.coupon(db, here.shop, member_id, off_fen=800, floor_fen=3_000, now=house.now)
        await someone.sends(here.line)
        number = number_of(await someone.checks_out(here))
        order = await someone.order(number)
        assert (order.payable_fen, order.discount_fen) == (4_200, 800)
        assert "现在没有可用的券" in await someone.sees("/me")


async def test_a_coupon_below_its_floor_is_neither_offered_nor_used_up(house: House) -> None:
    here = await shelf(house, price_fen=2_000)
    async with shopper(house) as someone:
        member_id = await someone.logs_in()
        async with house.building.transaction(SYSTEM) as db:
            coupon = await make.coupon(
                db, here.shop, member_id, off_fen=800, floor_fen=3_000, now=house.now
            )
        await someone.sends(here.line)
        number = number_of(await someone.checks_out(here, coupon_id=coupon))
        assert (await someone.order(number)).payable_fen == 2_000
        assert "满 ¥30.00 可用" in await someone.sees("/me")


async def test_without_a_login_the_way_leads_through_it_and_back(house: House) -> None:
    await shelf(house)
    async with shopper(house) as someone:
        answer = await someone.client.get("/checkout?coupon=none")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/checkout%3Fcoupon%3Dnone"


async def test_outside_wechat_a_code_is_shown_to_be_scanned(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        phone = "13800138009"
        await someone.sends(here.line)
        await someone.sends("/login/code", phone=phone)
        await someone.sends("/login/phone", phone=phone, code=texted(house, phone))
        number = number_of(await someone.checks_out(here))
        page = await someone.sees(f"/orders/{number}/pay")
    assert "用微信扫一扫付款" in page
    assert "phone.test/phone/pay?code=" in page


async def test_inside_wechat_the_page_carries_what_opens_the_sheet(house: House) -> None:
    settings = replace(house.building.settings, pay_page_url=None)
    building = replace(house.building, settings=settings)
    real = replace(house, building=building, app=doors.open_doors(building))
    here = await shelf(real)
    async with shopper(real) as someone:
        number = await _ordered(someone, here)
        page = await someone.sees(f"/orders/{number}/pay")
        again = await someone.sees(f"/orders/{number}/pay")
    for name in ("appid", "timestamp", "noncestr", "signtype", "paysign"):
        assert f'data-{name}="' in page
    prepared = re.compile(r'data-package="(prepay_id=[^"]+)"')
    assert prepared.findall(page) == prepared.findall(again) != []


async def test_an_order_that_costs_nothing_needs_no_sheet(house: House) -> None:
    here = await shelf(house, price_fen=500)
    async with shopper(house) as someone:
        member_id = await someone.logs_in()
        async with house.building.transaction(SYSTEM) as db:
            await make.coupon(db, here.shop, member_id, off_fen=500, now=house.now)
        number = await _ordered(someone, here)
        answer = await someone.client.get(f"/orders/{number}/pay")
        assert answer.headers["location"] == f"/orders/{number}"
        assert "取货码" in await someone.sees(f"/orders/{number}")


@pytest.mark.parametrize("decision", ["refuse", "wait"])
async def test_who_does_not_pay_may_pay_again_or_cancel(house: House, decision: str) -> None:
    here = await shelf(house, stock=1)
    async with shopper(house) as someone:
        number = await _ordered(someone, here)
        await someone.pays(number, decision)
        page = await someone.sees(f"/orders/{number}")
        assert "去支付" in page
        assert "取消订单" in page
        await someone.sends(f"/orders/{number}/closure")
        assert (await someone.order(number)).state == "closed"
    assert await _free(house, here) == 1


async def test_a_waiting_page_is_told_when_something_changed(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        number = await _ordered(someone, here)
        address = f"/orders/{number}/state?seen=placed."
        assert (await someone.client.get(address)).status_code == 204
        await someone.pays(number)
        answer = await someone.client.get(address)
    assert answer.headers["HX-Redirect"] == f"/orders/{number}"


async def test_a_piece_is_refunded_and_lies_on_the_shelf_again(house: House) -> None:
    here = await shelf(house, price_fen=1_500, stock=4)
    async with shopper(house) as someone:
        number = await _ordered(someone, here, quantity=3)
        await someone.pays(number)
        await someone.sees(f"/orders/{number}/refund")
        fields = {"refund_id": someone.hidden("refund_id"), "reason": "wrong_item"}
        for _press in range(2):
            await someone.sends(f"/orders/{number}/refunds", quantity_1=1, **fields)
        assert "退款已受理" in await someone.sees(f"/orders/{number}")
        for _round in range(3):
            house.wait(minutes=2)
            await house.work()
        assert "退款已到账" in await someone.sees(f"/orders/{number}")
        assert (await someone.order(number)).refunded_fen == 1_500
    assert await _free(house, here) == 2


async def test_a_refund_of_nothing_asks_again(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        number = await _ordered(someone, here)
        await someone.pays(number)
        answer = await someone.sends(f"/orders/{number}/refunds", quantity_1=0, reason="other")
    assert answer.status_code == 422
    assert "还没有选要退的商品" in answer.text


async def test_somebody_elses_order_does_not_exist(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone, shopper(house) as other:
        number = await _ordered(someone, here)
        await other.logs_in()
        for address in ("", "/pay", "/paid", "/refund", "/state"):
            await other.sees(f"/orders/{number}{address}", status=404)
        for address in ("/closure", "/refunds"):
            answer = await other.sends(f"/orders/{number}{address}", reason="other")
            assert answer.status_code == 404


async def test_a_member_takes_their_data_along(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        number = await _ordered(someone, here)
        await someone.sends("/me/name", name="林晓")
        own = json.loads(await someone.sees("/me/data.json"))
        assert "林晓" in await someone.sees("/me/data")
    assert own["member"]["name"] == "林晓"
    assert [each["number"] for each in own["orders"]] == [number]
    assert own["orders"][0]["lines"][0]["title_zh"] == "鲜牛奶"


async def test_a_consent_is_given_and_taken_back(house: House) -> None:
    await shelf(house)
    async with shopper(house) as someone:
        await someone.logs_in()
        said = {"purpose": "marketing", "channel": "official_account"}
        for answer, shown in (("yes", "true"), ("no", "false")):
            house.wait(seconds=1)
            await someone.sends("/me/consents", answer=answer, **said)
            page = await someone.sees("/me/data")
            switch = page.split('value="official_account"')[1].split("</form>")[0]
            assert f'aria-checked="{shown}"' in switch
        bad = await someone.sends("/me/consents", purpose="sale", channel="any", answer="yes")
        assert bad.status_code == 422


async def test_an_account_closes_only_when_nothing_is_open(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        number = await _ordered(someone, here)
        assert "还有订单没完成" in await someone.sees("/me/erasure")
        refused = await someone.sends("/me/erasure", agreed="yes")
        assert refused.status_code == 409
        await someone.sends(f"/orders/{number}/closure")
        house.wait(seconds=2)
        login = someone.client.cookies["login"]
        gone = await someone.sends("/me/erasure", agreed="yes")
        assert gone.status_code == 303
        someone.client.cookies.set("login", login)
        assert (await someone.client.get("/orders")).status_code == 303


async def _ordered(someone: Shopper, here: Shelf, quantity: int = 1) -> str:
    if someone.member_id is None:
        await someone.logs_in()
    await someone.sends(here.line, quantity=quantity)
    return number_of(await someone.checks_out(here))


async def _free(house: House, here: Shelf) -> int:
    async with house.building.transaction(SYSTEM) as db:
        free = await levels.free_in(db, here.shop.store_id, [here.item.variant_id])
    return free.get(here.item.variant_id, 0)

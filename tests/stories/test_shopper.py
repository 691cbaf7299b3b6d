"""A shopper's whole way: look around, log in, order, pay, and have something back."""

from __future__ import annotations

from tests import invariants
from tests.house import House
from tests.shopper import shelf, texted
from tests.stories.browser import browser

PHONE = "13912345678"


async def test_a_visitor_becomes_a_member_pays_and_has_one_piece_back(house: House) -> None:
    here = await shelf(house, price_fen=2_590, stock=6)
    async with browser(house) as someone:
        await someone.opens(f"/stores?variant={here.item.variant_id}&next=/")
        await someone.fills("/stores/choice", store_id=here.shop.store_id)
        await someone.fills("/search", q=here.item.item_number)
        await someone.clicks(here.product)
        await someone.fills(here.line, quantity=2)
        assert "共 2 件" in someone.page.html

        # Whoever goes to pay is asked who it is, and the cart comes along.
        await someone.clicks("/checkout")
        await someone.fills("/login/code", phone=PHONE)
        page = await someone.fills("/login/phone", code=texted(house, PHONE))
        assert "确认订单" in page.html
        assert "¥51.80" in page.html

        page = await someone.fills("/checkout")
        assert "用微信扫一扫付款" in page.html
        shop_page = page
        await someone.opens(f"{house.sandbox.credentials['phone']['base_url']}/phone?as=p1")
        someone.page = shop_page
        await someone.clicks("/phone/pay")
        page = await someone.fills("/phone/pay", password="123456", decision="approve")
        assert "取货码" in page.html
        number = page.address.split("/orders/")[1].partition("?")[0]
        await house.work()

        await someone.opens(f"/orders/{number}")
        await someone.clicks(f"/orders/{number}/refund")
        page = await someone.fills("/refunds", quantity_1=1)
        assert "退款处理中" in page.html
        for _minute in range(3):
            house.wait(minutes=1)
            await house.work()
        page = await someone.opens(f"/orders/{number}")
        assert "已退 1 件" in page.html
        assert "退款处理中" not in page.html
        assert "取货码" in page.html
    paid = [each for each in house.sandbox.payments.everything() if number in each.description]
    assert [each.total_fen for each in paid] == [5_180]
    assert house.sandbox.refunds.settled_fen(paid[0].out_trade_no) == 2_590
    assert await invariants.check_all(house.building.pool) == []


async def test_a_login_that_ended_leads_back_to_where_one_was(own_house: House) -> None:
    here = await shelf(own_house)
    async with browser(own_house) as someone:
        await someone.opens(f"/stores?variant={here.item.variant_id}&next={here.product}")
        await someone.fills("/stores/choice", store_id=here.shop.store_id)
        await someone.fills(here.line)
        await someone.clicks("/checkout")
        await someone.clicks("/login/wechat")
        page = await someone.fills("/connect/oauth2/authorize?", nickname="周周")
        assert "确认订单" in page.html
        own_house.wait(days=31)
        page = await someone.opens("/orders")
        assert "/login" in page.address
        await someone.clicks("/login/wechat")
        assert someone.page.address.endswith("/orders")

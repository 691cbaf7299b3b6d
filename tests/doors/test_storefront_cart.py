"""The cart of the shop: before login and after, with what is short and what changes."""

from __future__ import annotations

from tests import make
from tests.house import House
from tests.shopper import PART, Shelf, shelf, shopper, texted

from headwater.base.db import SYSTEM, member_walls
from headwater.trade import carts


async def test_a_visitors_cart_joins_the_members_at_login(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        await someone.sends(here.line, quantity=2)
        phone = "13800138000"
        await someone.sends("/login/code", phone=phone, next="/cart")
        code = texted(house, phone)
        answer = await someone.sends("/login/phone", phone=phone, code=code, next="/cart")
        assert answer.headers["location"] == "/cart"
        page = await someone.sees("/cart")
    assert here.product in page
    assert "共 2 件" in page


async def test_a_wrong_code_lets_nobody_in(house: House) -> None:
    await shelf(house)
    async with shopper(house) as someone:
        phone = "13800138001"
        await someone.sends("/login/code", phone=phone)
        wrong = "000000" if texted(house, phone) != "000000" else "111111"
        answer = await someone.sends("/login/phone", phone=phone, code=wrong)
        assert answer.status_code == 422
        assert "验证码不对" in answer.text
        assert "login" not in someone.client.cookies


async def test_a_phone_that_is_none_is_named_in_the_form(house: House) -> None:
    await shelf(house)
    async with shopper(house) as someone:
        answer = await someone.sends("/login/code", phone="12345")
    assert answer.status_code == 422
    assert "手机号：请填写 11 位手机号" in answer.text


async def test_wechat_lets_in_who_comes_back_with_this_browsers_state(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        await someone.sends(here.line)
        leaving = await someone.client.get("/login/wechat?next=/cart")
        back = await _through_wechat(house, leaving.headers["location"])
        answer = await someone.client.get(back)
        assert answer.headers["location"] == "/cart"
        assert here.product in await someone.sees("/cart")
        assert "退出登录" in await someone.sees("/me")


async def test_wechats_answer_for_another_browser_lets_nobody_in(house: House) -> None:
    await shelf(house)
    async with shopper(house) as someone, shopper(house) as other:
        leaving = await someone.client.get("/login/wechat")
        back = await _through_wechat(house, leaving.headers["location"])
        await other.client.get("/login/wechat")
        page = await other.sees(back)
        assert "已经失效" in page
        assert "login" not in other.client.cookies


async def test_a_line_is_changed_and_taken_away(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        await someone.sends(here.line)
        await someone.sends(f"{here.line}/quantity", quantity=3)
        assert "共 3 件" in await someone.sees("/cart")
        await someone.sends(f"{here.line}/quantity", quantity=0)
        assert "购物车是空的" in await someone.sees("/cart")


async def test_htmx_gets_the_cart_and_what_hangs_on_it(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        await someone.sends(here.line)
        answer = await someone.client.post(
            f"{here.line}/quantity",
            data={"form_token": someone.token, "quantity": "2"},
            headers=PART,
        )
    assert "<html" not in answer.text
    assert 'hx-target="#pay-bar"' in answer.text
    assert 'hx-target="#cart-badge"' in answer.text


async def test_what_is_short_is_marked_and_kept(house: House) -> None:
    here = await shelf(house, stock=1)
    async with shopper(house) as someone:
        await someone.sends(here.line, quantity=2)
        page = await someone.sees("/cart")
        assert "只剩 1 件" in page
        assert "移出缺货商品" in page
        await someone.sends(f"/cart/{here.shop.store_id}/shortages")
        page = await someone.sees("/cart")
    assert "共 1 件" in page
    assert "去结算" in page


async def test_what_has_no_price_here_cannot_be_laid_in(house: House) -> None:
    here, elsewhere = await shelf(house), await shelf(house)
    async with shopper(house) as someone:
        answer = await someone.sends(f"/cart/{here.shop.store_id}/{elsewhere.item.variant_id}")
        assert answer.status_code == 409
        assert "不卖" in answer.text
        assert "购物车是空的" in await someone.sees("/cart")


async def test_a_quantity_that_is_no_number_is_named(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        answer = await someone.sends(here.line, quantity="many")
    assert answer.status_code == 422
    assert "数量" in answer.text


async def test_a_form_of_another_site_changes_nothing(house: House) -> None:
    here = await shelf(house)
    async with shopper(house) as someone:
        await someone.sees("/")
        answer = await someone.client.post(here.line, data={"form_token": "forged"})
        assert answer.status_code == 403
        assert "购物车是空的" in await someone.sees("/cart")


async def test_another_store_takes_the_cart_along(house: House) -> None:
    here = await shelf(house)
    async with house.building.transaction(SYSTEM) as db:
        beside = await make.shop(db, beside=here.shop)
    house.app.state.storefront_directory = None
    async with shopper(house) as someone:
        member_id = await someone.logs_in()
        await someone.sends(here.line, quantity=2)
        await someone.sends(
            "/stores/choice",
            store_id=beside.store_id,
            moves_from=here.shop.store_id,
            next="/cart",
        )
    async with house.building.transaction(member_walls(member_id)) as db:
        lying = await carts.stores(db, member_id)
    assert [(each.store_id, each.quantity) for each in lying] == [(beside.store_id, 2)]


async def test_carts_of_two_stores_are_two_orders(house: House) -> None:
    groups: list[Shelf] = [await shelf(house), await shelf(house)]
    async with shopper(house) as someone:
        for each in groups:
            await someone.sends(each.line)
        page = await someone.sees("/cart")
    assert all(f"/checkout?store={each.shop.store_id}" in page for each in groups)
    assert "单独下单" in page


async def _through_wechat(house: House, address: str) -> str:
    """Allow the login as somebody new; give where WeChat sends the browser back to."""
    async with house.sandbox.client() as phone:
        answer = await phone.post(address.partition("#")[0], data={"nickname": "林晓"})
    return str(answer.headers["location"])

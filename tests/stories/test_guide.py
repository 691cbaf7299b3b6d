"""A guide's loop: a share, a friend who buys through it, the commission, and its way back."""

from __future__ import annotations

from tests import invariants, make
from tests.house import SHOP, House
from tests.shopper import Shelf, shelf
from tests.stories.browser import Browser, browser

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.books import transfers
from headwater.guides import commissions
from headwater.stores import staff
from headwater.stores.grants import Grant
from headwater.stores.staff import NewStaff


async def test_a_share_earns_a_commission_and_a_refund_takes_it_back(house: House) -> None:
    here = await shelf(house, price_fen=10_000, stock=5)
    guide = await _hired(house, here.shop)
    async with browser(house) as desk, browser(house) as friend:
        await desk.opens("/guide")
        await desk.fills("/guide/login", login=guide.login, password=make.PASSWORD)
        await desk.opens(f"/guide/shares?q={here.item.item_number}")
        page = await desk.fills("/guide/shares", scene="link")
        code = page.address.rpartition("/")[2]
        link = f"{SHOP}{here.product}?s={code}"
        assert link in page.html

        number = await _buys(friend, link, here)
        await house.work()
        assert await _pending_fen(house, guide) == 300
        page = await desk.opens("/guide/earnings")
        assert number in page.html
        assert f"打开了你的分享 {code}" in page.html
        assert "¥3.00" in page.html
        page = await desk.opens(f"/guide/shares/{code}")
        assert "1 人看过" in page.html

        await friend.opens(f"/orders/{number}/refund")
        await friend.fills("/refunds", quantity_1=1)
        for _minute in range(3):
            house.wait(minutes=1)
            await house.work()
        page = await friend.opens(f"/orders/{number}")
        assert "已全部退款" in page.html
        page = await desk.opens("/guide/earnings")
        assert "-¥3.00" in page.html or "−¥3.00" in page.html
    assert await _pending_fen(house, guide) == 0
    assert await invariants.check_all(house.building.pool) == []


async def _buys(friend: Browser, link: str, here: Shelf) -> str:
    """Open the link, choose the store, log in through WeChat on the way, pay on the phone."""
    await friend.opens(link)
    await friend.opens(f"/stores?variant={here.item.variant_id}&next={here.product}")
    await friend.fills("/stores/choice", store_id=here.shop.store_id)
    await friend.fills(here.line)
    await friend.clicks("/checkout")
    await friend.clicks("/login/wechat")
    await friend.fills("/connect/oauth2/authorize?", nickname="阿青")
    await friend.fills("/checkout")
    page = await friend.fills("/phone/pay", password="123456", decision="approve")
    assert "取货码" in page.html
    return page.address.split("/orders/")[1].partition("?")[0]


async def _hired(house: House, shop: make.Shop) -> NewStaff:
    who = NewStaff(ids.new(), ids.code().lower(), "林导购", shop.store_id)
    async with house.building.transaction(SYSTEM) as db:
        await staff.add(db, who, house.now, make.PASSWORD)
        await staff.grant(db, who.id, Grant("guide", "store", shop.store_id), house.now)
    return who


async def _pending_fen(house: House, guide: NewStaff) -> int:
    """What the books owe the guide, and may still take back."""
    async with house.building.transaction(SYSTEM) as db:
        balance = await transfers.balance(db, commissions.account(guide.id, "pending"))
    return -balance.net_fen

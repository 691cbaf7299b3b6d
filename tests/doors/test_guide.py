"""The workbench: from a login to a share, a buyer, a credit and the exit, as pages."""

from __future__ import annotations

import re
from io import BytesIO
from uuid import UUID

import httpx2
import pytest
import zxingcpp
from PIL import Image
from tests import make
from tests.house import SHOP, House

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.scango import scans, visits
from headwater.stores import staff
from headwater.stores.grants import Grant
from headwater.trade import checkout, payments

PAGES = ("", "/customers", "/shares", "/earnings", "/exits")


def token_in(html: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', html)
    assert found is not None
    return found[1]


async def post(client: httpx2.AsyncClient, path: str, seen: str, **fields: str) -> httpx2.Response:
    """Send the form of a page as a browser would."""
    page = await client.get(seen)
    return await client.post(path, data={"form_token": token_in(page.text), **fields})


async def shop_with_milk(house: House) -> tuple[make.Shop, make.Item]:
    async with house.building.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        return shop, await make.item(db, shop, 1_990, 50)


async def hired(house: House, shop: make.Shop, role: str = "guide") -> staff.NewStaff:
    """Let somebody start to work in a store."""
    who = staff.NewStaff(ids.new(), ids.code().lower(), "王芳", shop.store_id)
    async with house.building.transaction(SYSTEM) as db:
        await staff.add(db, who, house.now, make.PASSWORD)
        await staff.grant(db, who.id, Grant(role, "store", shop.store_id), house.now)
    return who


async def log_in(client: httpx2.AsyncClient, who: staff.NewStaff) -> None:
    answer = await post(
        client, "/guide/login", "/guide/login", login=who.login, password=make.PASSWORD
    )
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/guide"


async def test_nobody_sees_the_workbench_without_a_login_and_comes_back_after_it(
    house: House,
) -> None:
    shop, _milk = await shop_with_milk(house)
    who = await hired(house, shop)
    async with house.client() as client:
        away = await client.get("/guide/customers?q=1")
        assert away.status_code == 303
        led = away.headers["location"]
        assert led.startswith("/guide/login?next=")
        page = await client.get(led)
        back = re.search(r'name="next" value="([^"]+)"', page.text)
        assert back is not None
        answer = await post(
            client, "/guide/login", led, login=who.login, password=make.PASSWORD, next=back[1]
        )
        assert answer.headers["location"] == "/guide/customers?q=1"


async def test_a_wrong_password_is_said_and_keeps_the_login_typed(house: House) -> None:
    async with house.client() as client:
        answer = await post(
            client, "/guide/login", "/guide/login", login="nobody", password="wrong"
        )
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert 'value="nobody"' in answer.text
        empty = await post(client, "/guide/login", "/guide/login", login="", password="")
        assert empty.status_code == 422


async def test_a_login_leads_to_no_other_site(house: House) -> None:
    shop, _milk = await shop_with_milk(house)
    who = await hired(house, shop)
    async with house.client() as client:
        answer = await post(
            client, "/guide/login", "/guide/login",
            login=who.login, password=make.PASSWORD, next="https://elsewhere.example/",
        )  # fmt: skip
        assert answer.headers["location"] == "/guide"


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_of_an_empty_workbench_says_so(house: House, language: str) -> None:
    shop, _milk = await shop_with_milk(house)
    who = await hired(house, shop)
    async with house.client() as client:
        await log_in(client, who)
        client.cookies.set("language", language)
        for page in PAGES:
            answer = await client.get(f"/guide{page}")
            assert answer.status_code == 200, page
            assert len(answer.content) < 60_000
        found = await client.get("/guide/shares?q=zzzz")
        assert ("没有找到" if language == "zh" else "Nothing found") in found.text


async def test_a_log_out_ends_the_session_for_good(house: House) -> None:
    shop, _milk = await shop_with_milk(house)
    who = await hired(house, shop)
    async with house.client() as client:
        await log_in(client, who)
        kept = dict(client.cookies)
        assert (await post(client, "/guide/logout", "/guide/earnings")).status_code == 303
        client.cookies.update(kept)
        assert (await client.get("/guide")).status_code == 303


async def test_a_share_brings_a_visitor_a_buyer_a_credit_and_a_customer(house: House) -> None:
    shop, milk = await shop_with_milk(house)
    who = await hired(house, shop)
    async with house.client() as guide, house.client() as friend:
        await log_in(guide, who)
        made = await post(
            guide, "/guide/shares", "/guide/shares",
            product_id=str(milk.product_id), scene="link",
        )  # fmt: skip
        assert made.status_code == 303
        page = made.headers["location"]
        code = page.rpartition("/")[2]
        link = f"{SHOP}/products/{milk.product_id}?s={code}"
        assert link in (await guide.get(page)).text
        poster = await guide.get(f"{page}/poster.png")
        assert poster.headers["content-type"] == "image/png"
        drawn = Image.open(BytesIO(poster.content))
        assert [each.text for each in zxingcpp.read_barcodes(drawn)] == [link]

        member = await house.member()
        await house.log_in(friend, member)
        assert (await friend.get(link)).status_code == 200
        await buys(house, member, shop, milk, code)
        shown = (await guide.get(page)).text
        assert "1 人看过" in shown
        assert f"你的分享 {code}" in shown
        earned = (await guide.get("/guide/earnings")).text
        assert "归属规则第 1 版" in earned
        assert "¥0.59" in earned, "three per cent of 19.90, rounded down"
        assert str(member) in (await guide.get("/guide/customers")).text
        assert (await guide.get(f"/guide/customers/{member}")).status_code == 200


async def buys(house: House, member_id: UUID, shop: make.Shop, milk: make.Item, code: str) -> None:
    ask = make.ask(member_id, shop, (milk, 1))
    async with house.building.transaction(SYSTEM) as db:
        placed = await checkout.place(
            db,
            checkout.Ask(ask.order_id, member_id, shop.store_id, ask.wanted, touch_code=code),
            house.now,
        )
        tried = await payments.open_attempt(db, member_id, placed.id, "jsapi", house.now)
        money = payments.Paid(tried.out_trade_no, f"wx{tried.id.hex}", tried.amount_fen, house.now)
        assert await payments.settle(db, money, house.now) == "paid"
    await house.work()


async def test_somebody_elses_share_and_customer_do_not_exist(house: House) -> None:
    shop, milk = await shop_with_milk(house)
    owner, other = await hired(house, shop), await hired(house, shop)
    async with house.client() as mine, house.client() as theirs:
        await log_in(mine, owner)
        await log_in(theirs, other)
        made = await post(
            mine, "/guide/shares", "/guide/shares",
            product_id=str(milk.product_id), scene="poster",
        )  # fmt: skip
        page = made.headers["location"]
        assert (await theirs.get(page)).status_code == 404
        assert (await theirs.get(f"{page}/poster.png")).status_code == 404
        member = await house.member()
        assert (await theirs.get(f"/guide/customers/{member}")).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"product_id": "x", "scene": "link"},
        {"product_id": "", "scene": "nowhere"},
        {"product_id": ""},
        {"product_id": "00000000-0000-0000-0000-000000000000", "scene": "link"},
    ],
)
async def test_a_bad_share_is_refused_in_words(house: House, fields: dict[str, str]) -> None:
    shop, _milk = await shop_with_milk(house)
    who = await hired(house, shop)
    async with house.client() as client:
        await log_in(client, who)
        answer = await post(client, "/guide/shares", "/guide/shares", **fields)
        assert answer.status_code in (404, 422)


async def test_a_form_of_another_site_changes_nothing(house: House) -> None:
    shop, _milk = await shop_with_milk(house)
    who = await hired(house, shop)
    async with house.client() as client:
        await log_in(client, who)
        answer = await client.post("/guide/shares", data={"scene": "code"})
        assert answer.status_code == 403
        assert "还没分享过" in (await client.get("/guide/shares")).text


async def test_the_exit_lets_out_once_and_says_why_not(house: House) -> None:
    shop, milk = await shop_with_milk(house)
    who = await hired(house, shop)
    member = await house.member()
    async with house.building.transaction(SYSTEM) as db:
        visit = await visits.start(db, member, shop.store_id, house.now)
        await scans.scan(db, visit, milk.barcode, house.now)
        order_id = ids.new(ids.bucket_of(member))
        placed = await visits.check_out(db, member, visit.id, order_id, house.now)
        tried = await payments.open_attempt(db, member, placed.id, "jsapi", house.now)
        money = payments.Paid(tried.out_trade_no, f"wx{tried.id.hex}", tried.amount_fen, house.now)
        await payments.settle(db, money, house.now)
    async with house.client() as client:
        await log_in(client, who)
        form = {"path": "/guide/exits", "seen": "/guide/exits"}
        out = await post(client, **form, **{"pass": placed.number})
        assert out.status_code == 200
        assert "可以离开" in out.text
        again = await post(client, **form, **{"pass": placed.number})
        assert again.status_code == 409
        assert "已经用过" in again.text
        assert (await post(client, **form, **{"pass": "0" * 12})).status_code == 404
        assert (await post(client, **form, **{"pass": " "})).status_code == 422


async def test_an_analyst_has_no_workbench(house: House) -> None:
    shop, _milk = await shop_with_milk(house)
    who = await hired(house, shop, "analyst")
    async with house.client() as client:
        await log_in(client, who)
        for page in PAGES:
            assert (await client.get(f"/guide{page}")).status_code == 403


@pytest.mark.parametrize("code", ["NOSUCH00", "", "%00", "x" * 400, "'; DROP"])
async def test_an_unknown_share_code_opens_the_page_all_the_same(house: House, code: str) -> None:
    await shop_with_milk(house)
    async with house.client() as client:
        answer = await client.get("/", params={"s": code})
        assert answer.status_code == 200
        assert "touch" not in client.cookies

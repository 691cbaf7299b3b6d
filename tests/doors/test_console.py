"""The console's doors: who gets in, what each role may open, and what does not exist for them."""

from __future__ import annotations

import re

import pytest
from starlette.routing import Route
from tests import make
from tests.doors import desks
from tests.house import House

from headwater.base.db import SYSTEM
from headwater.members import login
from headwater.stores.grants import ROLES
from headwater.web.console import ROUTES

# One page for each permission; `test_every_page_stands_in_the_table` keeps it whole.
PAGES = {
    "/console": "stores.read",
    "/console/scoreboard": "scoreboard.read",
    "/console/experiments": "scoreboard.read",
    "/console/experiments/plan": "campaigns.write",
    "/console/honesty": "scoreboard.read",
    "/console/programs/new": "programs.write",
    "/console/guides": "scoreboard.read",
    "/console/channels": "scoreboard.read",
    "/console/waves": "scoreboard.read",
    "/console/waves/plan": "scoreboard.read",
    "/console/segments": "segments.write",
    "/console/segments/new": "segments.write",
    "/console/segments/count": "segments.write",
    "/console/campaigns": "campaigns.write",
    "/console/campaigns/new": "campaigns.write",
    "/console/members": "members.read",
    "/console/orders": "orders.read",
    "/console/products": "products.read",
    "/console/deals": "products.write",
    "/console/deals/new": "products.write",
    "/console/stock": "stock.read",
    "/console/stores": "stores.read",
    "/console/books": "books.read",
    "/console/system": "system.read",
    "/console/system/jobs": "system.read",
    "/console/ads": "system.read",
    "/console/ads/permission": "system.read",
    "/console/ads/return": "system.read",
}
OPEN_TO_ALL = {"/console/login", "/console/logout"}
# Somebody comes there from outside, with a state that we have signed; without it nobody may.
LED_BACK = {"/console/ads/return"}


def routes() -> list[Route]:
    """Every route of the console, with the permission it declares."""
    return [each for each in ROUTES if each.path not in OPEN_TO_ALL]


def test_every_page_stands_in_the_table() -> None:
    plain = {
        each.path for each in routes() if "{" not in each.path and "GET" in (each.methods or ())
    }
    assert plain == set(PAGES)


def test_every_route_asks_for_a_permission_of_staff() -> None:
    for each in routes():
        permission = getattr(each.endpoint, "permission")  # noqa: B009
        assert permission.kind == "staff", each.path


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_each_role_opens_its_own_pages_and_no_others(house: House, role: str) -> None:
    await desks.brand(house)
    async with desks.desk(house, role) as client:
        for page, permission in PAGES.items():
            answer = await client.get(page)
            allowed = {401} if page in LED_BACK else {200, 303}
            expected = allowed if permission in ROLES[role] else {403}
            assert answer.status_code in expected, (role, page, answer.status_code)


async def test_a_right_login_leads_back_to_where_one_was(house: House) -> None:
    who = await desks.hired(house, "operator", password=make.PASSWORD)
    async with house.client() as client:
        away = await client.get("/console/orders?state=paid")
        assert away.status_code == 303
        led = away.headers["location"]
        page = await client.get(led)
        back = re.search(r'name="next" value="([^"]+)"', page.text)
        assert back is not None
        answer = await desks.send(
            client, led, "/console/login", login=who.login, password=make.PASSWORD, next=back[1]
        )
        assert answer.headers["location"] == "/console/orders?state=paid"
        assert (await client.get("/console/orders")).status_code == 200


async def test_a_wrong_password_is_said_and_opens_nothing(house: House) -> None:
    who = await desks.hired(house, "operator", password=make.PASSWORD)
    async with house.client() as client:
        answer = await desks.send(
            client, "/console/login", "/console/login", login=who.login, password="not the one"
        )
        assert answer.status_code == 422
        assert who.login in answer.text
        assert 'role="alert"' in answer.text
        assert (await client.get("/console/orders")).status_code == 303


async def test_a_foreign_next_leads_to_the_console(house: House) -> None:
    who = await desks.hired(house, "chief", password=make.PASSWORD)
    async with house.client() as client:
        answer = await desks.send(
            client, "/console/login", "/console/login", login=who.login,
            password=make.PASSWORD, next="//evil.example/",
        )  # fmt: skip
    assert answer.headers["location"] == "/console/scoreboard"


async def test_a_logout_ends_the_session_for_good(house: House) -> None:
    async with desks.desk(house, "operator") as client:
        token = client.cookies["staff"]
        answer = await desks.send(client, "/console/stores", "/console/logout")
        assert answer.status_code == 303
        client.cookies.set("staff", token)
        assert (await client.get("/console/stores")).status_code == 303


async def test_a_form_from_elsewhere_changes_nothing(house: House) -> None:
    async with desks.desk(house, "admin") as client:
        answer = await client.post("/console/segments", data={"name": "x"})
    assert answer.status_code == 403


async def test_another_regions_order_and_member_do_not_exist(house: House) -> None:
    brand = await desks.brand(house)
    mine = (await desks.customers(house, brand.east, 1))[0]
    theirs = (await desks.customers(house, brand.west, 1))[0]
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.west, 1_990, 50)
        await make.receive(db, brand.east, milk, 50)
    own = await desks.bought(house, mine, brand.east, milk)
    other = await desks.bought(house, theirs, brand.west, milk)
    async with desks.desk(house, "supervisor", "region", brand.east.region_id) as client:
        seen = [f"/console/orders/{own}", f"/console/members/{mine}"]
        unseen = [f"/console/orders/{other}", f"/console/members/{theirs}",
                  f"/console/stores/{brand.west.store_id}", "/console/orders/not-an-id",
                  f"/console/orders?store={brand.west.store_id}",
                  f"/console/stock?store={brand.west.store_id}"]  # fmt: skip
        assert [(await client.get(page)).status_code for page in seen] == [200, 200]
        assert [(await client.get(page)).status_code for page in unseen] == [404] * 6
        listed = (await client.get("/console/orders")).text
        people = (await client.get("/console/members")).text
    assert str(own) in listed
    assert str(other) not in listed
    assert str(mine) in people
    assert str(theirs) not in people


async def test_a_members_orders_in_other_regions_stay_unseen(house: House) -> None:
    brand = await desks.brand(house)
    mine = (await desks.customers(house, brand.east, 1))[0]
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.west, 1_990, 50)
    away = await desks.bought(house, mine, brand.west, milk)
    async with desks.desk(house, "supervisor", "region", brand.east.region_id) as client:
        page = await client.get(f"/console/members/{mine}")
    assert page.status_code == 200
    assert str(away) not in page.text


async def test_a_page_says_what_one_looks_at(house: House) -> None:
    brand = await desks.brand(house)
    async with desks.desk(house, "supervisor", "region", brand.east.region_id) as client:
        page = await client.get("/console/orders")
    assert "你在看：人民广场店" in page.text


async def test_an_order_is_found_by_its_number_and_an_unknown_one_is_said(house: House) -> None:
    brand = await desks.brand(house)
    someone = (await desks.customers(house, brand.east, 1))[0]
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 1_990, 50)
    order = await desks.bought(house, someone, brand.east, milk)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        page = await client.get(f"/console/orders/{order}")
        number = re.search(r'data-copy="([^"]+)"', page.text)
        assert number is not None
        led = await client.get(f"/console/orders?number={number[1].lower()}")
        missed = await client.get("/console/orders?number=7K2M94QX0000")
    assert led.headers["location"] == f"/console/orders/{order}"
    assert "没有找到订单" in missed.text


async def test_a_member_is_found_by_the_whole_phone_number_inside_the_walls(house: House) -> None:
    brand = await desks.brand(house)
    async with house.building.transaction(SYSTEM) as db:
        arrival = login.Arrival("website", brand.east.store_id)
        found = await login.with_phone(db, house.building.keys, "13900001234", arrival, house.now)
    async with desks.desk(house, "supervisor", "region", brand.east.region_id) as client:
        led = await desks.send(
            client, "/console/members", "/console/members/search", phone="139 0000 1234"
        )
        assert led.headers["location"] == f"/console/members/{found}"
        assert "139****1234" in (await client.get(led.headers["location"])).text
    async with desks.desk(house, "supervisor", "region", brand.west.region_id) as client:
        led = await desks.send(
            client, "/console/members", "/console/members/search", phone="13900001234"
        )
    assert led.headers["location"] == "/console/members?missed=1"

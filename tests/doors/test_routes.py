"""Every route says who may enter, and lets nobody else in."""

from __future__ import annotations

import pytest
from starlette.routing import Route
from tests import make
from tests.house import House

from headwater.app.doors import all_routes
from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.stores import staff
from headwater.stores.grants import ROLES, Grant
from headwater.web.kit.doors import STAFF_LOGIN, Permission

# What the kit itself serves to anybody: files, drawings, and how one likes to read.
WITHOUT_PERMISSION = {
    "/static/{file}",
    "/pictures/{category}/{variant:int}.svg",
    "/goods/{category}/{variant:int}.svg",
    "/preferences",
}
ROUTES = [each for each in all_routes() if isinstance(each, Route)]


def permission_of(route: Route) -> Permission | None:
    """Who may enter, as the route declares it."""
    found: Permission | None = getattr(route.endpoint, "permission", None)
    return found


def named(route: Route) -> str:
    """A route as the tests list it."""
    return f"{method_of(route)} {route.path}"


def method_of(route: Route) -> str:
    """The method that the route answers."""
    return "POST" if "POST" in (route.methods or ()) else "GET"


def path_of(route: Route) -> str:
    """An address of this route at which nothing lies."""
    made = {
        name: 1 if type(kind).__name__ == "IntegerConvertor" else ids.new()
        for name, kind in route.param_convertors.items()
    }
    return str(route.url_path_for(route.name, **made))


async def employed(house: House, role: str, shop: make.Shop) -> str:
    """Let somebody work in a store with a role for the whole company; give their session."""
    who = staff.NewStaff(ids.new(), ids.code().lower(), "周明", shop.store_id)
    async with house.building.transaction(SYSTEM) as db:
        await staff.add(db, who, house.now)
        await staff.grant(db, who.id, Grant(role, "company", None), house.now)
        return await staff.open_session(db, who.id, house.now)


OF_STAFF = [each for each in ROUTES if (permission_of(each) or Permission("")).kind == "staff"]
OF_SHOPPERS = [
    each for each in ROUTES if (permission_of(each) or Permission("")).kind in ("shopper", "buyer")
]


def test_every_route_declares_who_may_enter() -> None:
    assert {each.path for each in ROUTES if permission_of(each) is None} == WITHOUT_PERMISSION
    assert len(all_routes()) == len(ROUTES), "a mount would let in whoever comes"


def test_every_permission_that_a_route_asks_for_is_in_some_role() -> None:
    for route in OF_STAFF:
        permission = permission_of(route)
        assert permission is not None
        assert any(permission.name in allowed for allowed in ROLES.values()), named(route)


@pytest.mark.parametrize("route", OF_STAFF + OF_SHOPPERS, ids=named)
async def test_nobody_enters_without_a_login(house: House, route: Route) -> None:
    async with house.client() as client:
        asked = await client.request(method_of(route), path_of(route))
        forged = await client.request(
            method_of(route), path_of(route), headers={"Cookie": "staff=none; login=none"}
        )
    for answer in (asked, forged):
        if route.path.startswith("/api/"):
            assert answer.status_code == 401
        else:
            assert answer.status_code == 303
            assert "/login?next=" in answer.headers["location"]


async def test_no_role_enters_where_its_permissions_do_not_lead(house: House) -> None:
    wrong = []
    async with house.building.transaction(SYSTEM) as db:
        shop = await make.shop(db)
    for role, allowed in ROLES.items():
        async with house.client() as client:
            client.cookies.set(STAFF_LOGIN, await employed(house, role, shop))
            for route in OF_STAFF:
                permission = permission_of(route)
                assert permission is not None
                answer = await client.request(
                    method_of(route), path_of(route), headers={"Accept": "application/json"}
                )
                # A form of no page of ours is refused as well, but only after the role.
                is_shut = answer.status_code == 403 and answer.json()["code"] == "not_permitted"
                if is_shut == (permission.name in allowed):
                    wrong.append((role, named(route), answer.status_code))
    assert wrong == []


async def test_a_member_is_no_staff(house: House) -> None:
    async with house.client() as client:
        await house.log_in(client, await house.member())
        for route in OF_STAFF:
            answer = await client.request(method_of(route), path_of(route))
            assert answer.status_code == 303, named(route)

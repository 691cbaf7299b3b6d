"""Whatever stands in an address or a form, no door breaks: it answers, and never with a 5xx."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest
from starlette.routing import Route
from tests import make
from tests.doors.desks import TOKEN
from tests.doors.test_routes import ROUTES, employed, method_of, named
from tests.house import House

import headwater
from headwater.base.db import SYSTEM
from headwater.stores.grants import PERMISSIONS, ROLES
from headwater.web.kit.doors import STAFF_LOGIN

WEB = Path(headwater.__file__).parent / "web"
FIELD = re.compile(r"""(?:name="|field\('|select\('|check\('|area\(')([a-z_]+)""")
ASKED = re.compile(
    r"""(?:query_params\.get\(|typed\(request, |fields\.get\(|forms\.\w+\(fields, )"([a-z_]+)"""
)
JUNK = {
    "null": "\0",
    "null inside": "a\0b",
    "long number": "9" * 40,
    "below zero": "-1",
    "foreign digit": "٣",
    "faces": "😀" * 9,
    "marks": "%s%d{}'\";--\\",
    "first day": "0001-01-01T00:00",
    "id of nothing": "00000000-0000-0000-0000-000000000000",
}
# Together they may do all that staff may.
ROLES_TRIED = ("admin", "guide")
# Their bodies are signed by others, and hold no form.
OF_MACHINES = ("/hooks/", "/api/")
PAGES = [each for each in ROUTES if not each.path.startswith(OF_MACHINES)]


def names() -> list[str]:
    """Every name that a page of ours gives to a field, or that a door asks for."""
    found: set[str] = set()
    for file in [*WEB.rglob("*.html"), *WEB.rglob("*.py")]:
        text = file.read_text(encoding="utf-8")
        found |= {*FIELD.findall(text), *ASKED.findall(text)}
    return sorted(found - {"form_token"})


def address(route: Route, junk: str) -> str:
    """The route's address with junk wherever it takes a text."""
    path = route.path
    for name, kind in route.param_convertors.items():
        is_number = type(kind).__name__ == "IntegerConvertor"
        filled = "7" if is_number else str(httpx2.QueryParams({"": junk})).removeprefix("=")
        path = path.replace(f"{{{name}:int}}" if is_number else f"{{{name}}}", filled)
    return path


@pytest.fixture
async def people(house: House) -> dict[str, dict[str, str]]:
    """The cookies of those who together may do everything, and of a member."""
    async with house.building.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        await make.item(db, shop)
    async with house.client() as client:
        await house.log_in(client, await house.member())
        member = dict(client.cookies)
    staff = {role: {STAFF_LOGIN: await employed(house, role, shop)} for role in ROLES_TRIED}
    return {**staff, "member": member}


def test_who_tries_may_do_everything() -> None:
    assert frozenset().union(*(ROLES[role] for role in ROLES_TRIED)) == PERMISSIONS


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
async def test_no_door_breaks(house: House, people: dict[str, dict[str, str]], junk: str) -> None:
    fields = dict.fromkeys(names(), junk)
    assert len(fields) > 100
    broken = []
    for cookies in people.values():
        async with house.client(accept="text/html") as client:
            client.cookies.update(cookies)
            found = TOKEN.search((await client.get("/console/login")).text)
            assert found is not None
            token = {"form_token": found[1]}
            for route in PAGES:
                if method_of(route) == "POST":
                    answer = await client.post(address(route, junk), data={**fields, **token})
                else:
                    answer = await client.get(address(route, junk), params=fields)
                if answer.status_code >= 500:
                    broken.append(named(route))
    assert broken == []

"""Headquarters for tests: a brand of two regions, people with roles, and a browser at the desk."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx2
from tests import make
from tests.house import House
from tests.make import Shop

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.gate import rules
from headwater.members import consents, members
from headwater.members.consents import Said
from headwater.stores import staff
from headwater.stores.grants import Grant
from headwater.web.kit.doors import STAFF_LOGIN

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass(frozen=True)
class Brand:
    """Two stores of one brand, each in a region of its own."""

    east: Shop
    west: Shop


async def brand(house: House) -> Brand:
    """Open a brand with a store in each of two regions."""
    async with house.building.transaction(SYSTEM) as db:
        east = await make.shop(db)
        return Brand(east, await make.shop(db, beside=east))


async def hired(
    house: House,
    role: str,
    scope_kind: str = "company",
    scope_id: UUID | None = None,
    password: str | None = None,
) -> staff.NewStaff:
    """Let somebody work at headquarters, with one role in one scope."""
    who = staff.NewStaff(ids.new(), ids.code().lower(), "周明")
    async with house.building.transaction(SYSTEM) as db:
        await staff.add(db, who, house.now, password)
        await staff.grant(db, who.id, Grant(role, scope_kind, scope_id), house.now)
    return who


@asynccontextmanager
async def desk(
    house: House, role: str, scope_kind: str = "company", scope_id: UUID | None = None
) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser in which somebody of this role is logged in."""
    who = await hired(house, role, scope_kind, scope_id)
    async with house.building.transaction(SYSTEM) as db:
        token = await staff.open_session(db, who.id, house.now)
    async with house.client(accept="text/html", **{"accept-language": "zh"}) as client:
        client.cookies.set(STAFF_LOGIN, token)
        yield client


async def send(client: httpx2.AsyncClient, seen: str, path: str, **fields: str) -> httpx2.Response:
    """Send a form of a page that was looked at before, as a browser does."""
    page = await client.get(seen)
    assert page.status_code == 200, page.text
    found = TOKEN.search(page.text)
    assert found is not None, f"{seen} has no form"
    return await client.post(path, data={"form_token": found[1], **fields})


async def customers(house: House, at: Shop, count: int, allow: bool = True) -> list[UUID]:
    """Let people join at a store through WeChat, and allow messages or not."""
    found = [await house.member() for _number in range(count)]
    said = Said("marketing", "official_account", allow, "test")
    async with house.building.transaction(SYSTEM) as db:
        for each in found:
            await members.set_home_store(db, each, at.store_id)
            await consents.say(db, each, said, house.now)
        await rules.open_channel(
            db, rules.Channel("official_account", "open_id", house.building.appid), house.now
        )
    return found


async def bought(house: House, who: UUID, at: Shop, what: make.Item, quantity: int = 1) -> UUID:
    """Let a member buy and pay, now."""
    async with house.building.transaction(SYSTEM) as db:
        order = await make.paid(db, who, at, (what, quantity), now=house.now)
    return order.id

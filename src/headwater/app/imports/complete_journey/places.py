"""Demo labels for shops and staff: made up the same way every time, and marked as made up."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from headwater.base import ids
from headwater.stores.imports import BrandRow, GrantRow, RegionRow, StaffRow, StoreRow

BRAND = BrandRow(ids.named("brand", "qimu"), "qimu", "栖木生活", "Qimu Living")
ONLINE = "ONLINE"
STAFFED_SHOPS = 40
GUIDES_A_SHOP = 2
# Whoever looks after the whole company; the supervisor looks after one region.
COMPANY_ROLES = ("admin", "chief", "operator", "analyst", "finance")


@dataclass(frozen=True)
class City:
    """A city with the region it belongs to."""

    region: str
    zh: str
    en: str


@dataclass(frozen=True)
class Places:
    """All shops by the source's number, with regions, staff and their grants."""

    regions: list[RegionRow]
    stores: list[StoreRow]
    staff: list[StaffRow]
    grants: list[GrantRow]
    store_ids: dict[int, UUID]
    guides: dict[UUID, list[UUID]]


def code_of(number: int) -> str:
    """Give the code of a shop that the source knows by a number."""
    return f"S{number:05d}"


def make(busiest_first: list[int], opened_at: datetime) -> Places:
    """Make everything about places; busy shops come to lie in large cities."""
    words = _words()
    regions = [
        RegionRow(_region_id(code), BRAND.id, f"{BRAND.code}-{code}", zh, en)
        for code, (zh, en) in words["regions"].items()
    ]
    cities = [City(region, zh, en) for region, zh, en in words["cities"]]
    streets = [(zh, en) for zh, en in words["streets"]]
    stores = [
        _shop(number, cities[rank % len(cities)], streets[rank // len(cities)])
        for rank, number in enumerate(busiest_first)
    ]
    stores.append(_online())
    store_ids = {number: store.id for number, store in zip(busiest_first, stores, strict=False)}
    staff, grants = _company(regions[0].id, opened_at)
    guides: dict[UUID, list[UUID]] = {}
    for rank, number in enumerate(busiest_first[:STAFFED_SHOPS]):
        people = _shop_staff(code_of(number), stores[rank].id, rank, opened_at)
        staff += people
        grants += [_grant(each, _role(each), "store", each.store_id) for each in people]
        guides[stores[rank].id] = [each.id for each in people[1:]]
    return Places(regions, stores, staff, grants, store_ids, guides)


def person_name(seed: int) -> str:
    """Make a Chinese name that is the same for the same seed."""
    words = _words()
    families, given = words["families"], words["given"]
    return str(families[seed % len(families)] + given[seed * 7 // len(families) % len(given)])


def _shop(number: int, city: City, street: tuple[str, str]) -> StoreRow:
    code = code_of(number)
    return StoreRow(
        ids.named("store", code),
        BRAND.id,
        _region_id(city.region),
        code,
        "shop",
        f"栖木生活 {city.zh}{street[0]}店",
        f"Qimu Living {city.en} {street[1]}",
        city.zh,
        city.en,
        f"{city.zh}市{street[0]}（演示地址）",
        f"{street[1]}, {city.en} (demo address)",
        is_demo_label=True,
        is_open=True,
    )


def _region_id(code: str) -> UUID:
    return ids.named("region", f"{BRAND.code}-{code}")


def _online() -> StoreRow:
    return StoreRow(
        ids.named("store", ONLINE),
        BRAND.id,
        _region_id("east"),
        ONLINE,
        "online",
        "栖木生活 线上旗舰店",
        "Qimu Living Online",
        "上海",
        "Shanghai",
        "",
        "",
        is_demo_label=True,
        is_open=True,
    )


def _company(region_id: UUID, at: datetime) -> tuple[list[StaffRow], list[GrantRow]]:
    staff, grants = [], []
    for place, role in enumerate((*COMPANY_ROLES, "supervisor")):
        person = _person(role, person_name(1000 + place * 13), None, at)
        staff.append(person)
        scope = ("region", region_id) if role == "supervisor" else ("company", None)
        grants.append(_grant(person, role, *scope))
    return staff, grants


def _shop_staff(code: str, store_id: UUID, rank: int, at: datetime) -> list[StaffRow]:
    """Make a manager and the guides of one shop; the manager comes first."""
    logins = [f"manager-{code.lower()}"]
    logins += [f"guide-{code.lower()}-{place}" for place in range(1, GUIDES_A_SHOP + 1)]
    return [
        _person(login, person_name(rank * 31 + place * 11), store_id, at)
        for place, login in enumerate(logins)
    ]


def _person(login: str, name: str, store_id: UUID | None, at: datetime) -> StaffRow:
    return StaffRow(ids.named("staff", login), login, name, store_id, True, at)


def _role(person: StaffRow) -> str:
    return "store_manager" if person.login.startswith("manager-") else "guide"


def _grant(person: StaffRow, role: str, kind: str, scope_id: UUID | None) -> GrantRow:
    name = f"{person.login}\n{role}\n{kind}\n{scope_id}"
    return GrantRow(ids.named("grant", name), person.id, role, kind, scope_id, person.joined_at)


@cache
def _words() -> dict[str, Any]:
    text = (
        files("headwater.app.imports.complete_journey")
        .joinpath("names", "places.toml")
        .read_text("utf-8")
    )
    return tomllib.loads(text)

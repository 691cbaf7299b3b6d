"""Households as members: their data are numbers only, so names and phones are demo labels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta
from uuid import UUID

import numpy as np

from headwater.app.imports.complete_journey.places import person_name
from headwater.app.imports.complete_journey.source import Array, Sales
from headwater.members.consents import Said
from headwater.members.identities import Id
from headwater.members.imports import Imported, member_id

CHANNEL = "official_account"
EVIDENCE = "complete journey demo"
# The source does not say since when somebody was a customer; this many days before the first sale.
JOINED_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class Followed:
    """Which app the members follow, and which open id each of them has there."""

    app_id: str
    openid: Callable[[str], str]


@dataclass(frozen=True)
class Households:
    """Members in the order of the source's numbers, with the shop each visited most."""

    numbers: list[int]
    people: list[Imported]
    home_store: list[int]


def external_id(household: int) -> str:
    """Give a household's id as the member room keeps it."""
    return f"cj-{household}"


def phone(household: int) -> str:
    """Make a phone number for the demo; it belongs to nobody."""
    return f"1990000{household:04d}"


def demo_openid(household_id: str) -> str:
    """Make an open id where no simulated person stands behind the household."""
    return f"demo-{household_id}"


def households(sales: Sales, store_ids: dict[int, UUID], followed: Followed) -> Households:
    """Make members out of everybody who bought; home is the shop of most baskets."""
    _, first = np.unique(sales.basket, return_index=True)
    numbers = np.unique(sales.household)
    homes = _homes(sales.household[first], sales.store[first], numbers)
    since = np.full(len(numbers), np.iinfo(np.int64).max)
    place = np.searchsorted(numbers, sales.household[first])
    np.minimum.at(since, place, sales.sold_at[first].astype(np.int64))
    people = [
        _person(int(number), store_ids[home], int(moment), followed)
        for number, home, moment in zip(numbers, homes, since, strict=True)
    ]
    return Households([int(number) for number in numbers], people, homes)


def member_ids(numbers: list[int]) -> list[UUID]:
    """Give the members' ids in the same order."""
    return [member_id(external_id(number)) for number in numbers]


def _homes(household: Array, store: Array, numbers: Array) -> list[int]:
    """Find each household's most visited shop; of two alike the smaller number."""
    pair = household.astype(np.int64) * 1_000_000 + store
    pairs, visits = np.unique(pair, return_counts=True)
    order = np.lexsort((pairs, -visits, pairs // 1_000_000))
    owners = pairs[order] // 1_000_000
    best = order[np.searchsorted(owners, numbers)]
    return [int(each) for each in pairs[best] % 1_000_000]


def _person(number: int, home: UUID, first_micros: int, followed: Followed) -> Imported:
    since = np.datetime64(first_micros, "us").item().replace(tzinfo=UTC) - JOINED_BEFORE
    name = external_id(number)
    return Imported(
        external_id=name,
        name=person_name(number),
        phone=phone(number),
        level="basic",
        home_store_id=home,
        joined_at=since,
        open_ids=(Id("open_id", followed.openid(name), followed.app_id),),
        said=tuple(_consents(number)),
    )


def _consents(number: int) -> list[Said]:
    """Nine in ten allow marketing and nearly all service, so that refusals exist to be obeyed."""
    draw = hashlib.sha256(f"consent\n{number}".encode()).digest()
    return [
        Said("service", CHANNEL, draw[0] >= 5, EVIDENCE),
        Said("marketing", CHANNEL, draw[1] >= 26, EVIDENCE),
        Said("measurement", CHANNEL, draw[2] >= 13, EVIDENCE),
    ]

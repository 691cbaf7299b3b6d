"""Furnishing the demo brand: passwords for its staff, offers on the shelf, and the program."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from headwater.base import ids
from headwater.base.db import SYSTEM, Db
from headwater.base.times import business_day
from headwater.deals import flash
from headwater.deals.flash import NewSale
from headwater.guides import slices
from headwater.guides.errors import NobodyInAnyBook
from headwater.pricing import offers
from headwater.pricing.offers import NewOffer
from headwater.program import programs
from headwater.stores import places, staff
from headwater.trade import shelf
from headwater.web.kit.building import Building

# In the order in which the demo prints them.
ROLES = ("guide", "store_manager", "supervisor", "operator", "analyst", "finance", "chief", "admin")


FLASH_SALES = 2
# What the coupon says that campaigns may give; the operator finds it by these words.
COUPON = "回来看看：满 99 减 15"


@dataclass(frozen=True)
class Programme:
    """Whom the program leaves alone, how many, for how long, and how many guides come to work.

    The code is what its draw hangs on: another one leaves others alone.
    """

    code: str
    holdout_percent: int
    window_days: int
    guides: int


@dataclass(frozen=True)
class Furnished:
    """What a visitor of the demo needs to know, and which guides work in it."""

    brand_id: UUID
    logins: dict[str, str]
    password: str
    guides: list[str]


async def furnish(
    building: Building, asked: Programme, starts_at: datetime, now: datetime
) -> Furnished:
    """Give one person of each role a password, put offers in force and begin the program."""
    password = "-".join(ids.code(4).lower() for _each in range(3))
    async with building.transaction(SYSTEM) as db:
        brand = (await places.brands(db))[0]
        logins = {}
        for role in ROLES:
            login = await staff.first_with_role(db, role)
            if login is not None:
                await staff.set_password(db, login, password, now)
                logins[role] = login
        guides = await _guides(db, asked.guides)
        for login in guides:
            await staff.set_password(db, login, password, now)
        await _offers(db, brand.id, starts_at, now)
        await _flash_sales(db, brand.id, now)
        await programs.begin(db, _plan(asked, brand.id, starts_at), starts_at)
        # Where no guide knows anybody there is nothing to leave alone.
        with contextlib.suppress(NobodyInAnyBook):
            await slices.launch(db, brand.id, starts_at)
    return Furnished(brand.id, logins, password, guides)


def _plan(asked: Programme, brand_id: UUID, starts_at: datetime) -> programs.Plan:
    return programs.Plan(
        asked.code,
        brand_id,
        "增量工程",
        "Increment program",
        business_day(starts_at),
        asked.holdout_percent / 100,
        asked.window_days,
        is_pilot=asked.holdout_percent > programs.HOLDOUT_SHARES[1] * 100,
    )


async def _guides(db: Db, most: int) -> list[str]:
    """Name the guides who come to work, the one whose login is printed first."""
    first = await staff.first_with_role(db, "guide")
    known = sorted(
        each.login
        for each in await staff.listed(db)
        if any(role == "guide" for role, _kind, _id in each.grants)
    )
    return sorted(known, key=lambda login: login != first)[:most]


async def _flash_sales(db: Db, brand_id: UUID, now: datetime) -> None:
    """Let two things that sell well go cheaper for some days, in the store behind the phone."""
    every = [each for each in await places.stores(db) if each.brand_id == brand_id]
    online = next((each for each in every if each.kind == "online"), None)
    if online is None:
        return
    popular = await shelf.in_stock(db, online.id, FLASH_SALES)
    for card in await shelf.cards(db, popular, online.id):
        if card.price_fen is None:
            continue
        await flash.set_up(
            db,
            NewSale(
                ids.named("flash sale", f"{card.variant_id}:{now.isoformat()}"),
                online.id, card.variant_id, "今日限时", "For some days only",
                card.price_fen * 7 // 10, 3, now, now + timedelta(days=7),
            ),
        )  # fmt: skip


async def _offers(db: Db, brand_id: UUID, starts_at: datetime, now: datetime) -> None:
    until = now + timedelta(days=180)
    for offer in (
        NewOffer("autumn-off", brand_id, "threshold", "秋季满 199 减 20", "¥20 off ¥199",
                 19_900, 2_000, starts_at, until),
        NewOffer("welcome-back", brand_id, "coupon", COUPON,
                 "Welcome back: ¥15 off ¥99", 9_900, 1_500, starts_at, until),
    ):  # fmt: skip
        await offers.put(db, offer)

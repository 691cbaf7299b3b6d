"""A brand of many stores with a year of real orders, and waves that move them or do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
from tests import make_audience as make
from tests.make_audience import Place

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.times import day_start
from headwater.increment.rollouts import rollouts
from headwater.increment.rollouts.rollouts import Rollout
from headwater.increment.rollouts.wishes import Wish
from headwater.insight import daily_sales
from headwater.stores import places
from headwater.stores.places import Brand, Region, Store

# A Monday; the town's past lies before it, its rollouts after it.
TODAY = date(2026, 6, 1)
NOW = day_start(TODAY) + timedelta(hours=10)
START = date(2026, 6, 15)
WEEKS = 52
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Town:
    """Stores by code, with the usual week of each and the noise of every week."""

    brand_id: UUID
    stores: dict[str, Place]
    shopper: UUID
    levels: dict[str, float]
    random: np.random.Generator


async def built(
    db: Db,
    count: int = 24,
    seed: int = 5,
    until: date = START,
    named: tuple[str, str] = ("town", "T"),
) -> Town:
    """Open stores of all sizes in two cities, and let them sell for a year until a Monday.

    `named` are the brand's code and what its stores' codes begin with.
    """
    code, prefix = named
    random = np.random.default_rng(seed)
    codes = [f"{prefix}{number:02d}" for number in range(count)]
    brand_id, region_id = (ids.named(f"{code} {kind}", code) for kind in ("brand", "region"))
    await places.add_brand(db, Brand(brand_id, code, "百店", "Hundred Stores"))
    await places.add_region(db, Region(region_id, brand_id, code, "华东", "East"))
    stores = {
        each: Place(code, brand_id, region_id, ids.named(f"{code} store", each)) for each in codes
    }
    for at, (each, place) in enumerate(stores.items()):
        cities = ("上海", "Shanghai") if at % 2 else ("北京", "Beijing")
        await places.add_store(
            db,
            Store(place.store_id, brand_id, region_id, each, "shop", f"第 {at + 1} 店",
                  f"Store {at + 1}", *cities),
        )  # fmt: skip
    levels = {each: float(random.uniform(4e6, 12e6)) for each in codes}
    shopper = (await make.members(db, stores[codes[0]], 1))[0]
    town = Town(brand_id, stores, shopper, levels, random)
    await sell(db, town, until - (WEEKS + 2) * WEEK, until, {})
    return town


async def sell(
    db: Db, town: Town, first: date, until: date, lifts: Mapping[str, Mapping[date, float]]
) -> None:
    """Let every store sell in every week, one order on its Wednesday, and count the days."""
    weeks = [first + number * WEEK for number in range((until - first).days // 7)]
    # A season that all stores share, and noise that each has of its own.
    season = {week: 1 + 0.15 * np.sin(week.toordinal() / 58) for week in weeks}
    for code, place in town.stores.items():
        sold = []
        for week in weeks:
            more = 1 + lifts.get(code, {}).get(week, 0.0)
            noise = float(town.random.normal(1, 0.04))
            fen = max(round(town.levels[code] * season[week] * noise * more), 1)
            sold.append((town.shopper, fen, day_start(week + timedelta(days=2))))
        await make.orders(db, place, sold)
    await daily_sales.rebuild(db, first, until - timedelta(days=1))


def wish(town: Town, **changes: object) -> Wish:
    """A rollout of one wave of eight stores for four weeks, unless told otherwise."""
    usual: dict[str, object] = {
        "brand_id": town.brand_id,
        "code": "scan-go",
        "name_zh": "扫码购",
        "name_en": "Scan and go",
        "sizes": (8,),
        "wave_weeks": 4,
        "starts_on": START,
        "salt": "spring",
    }
    return Wish(**{**usual, **changes})  # type: ignore[arg-type]


async def launched(db: Db, town: Town, **changes: object) -> Rollout:
    """Plan such a rollout and launch it, both on the same morning."""
    planned = await rollouts.plan(db, wish(town, **changes), None, NOW)
    return await rollouts.launch(db, planned.id, None, NOW)


async def lived(db: Db, town: Town, rollout: Rollout, lift: float, grows: float = 0.0) -> int:
    """Let the weeks of a rollout pass; a started store sells so much more. Tells what it caused."""
    weeks = [
        rollout.starts_on + number * WEEK
        for number in range((rollout.ends_on - rollout.starts_on).days // 7)
    ]
    lifts: dict[str, dict[date, float]] = {}
    for each in await rollouts.places_of(db, rollout.id):
        if each.starts_on is not None:
            lifts[each.unit] = {
                week: lift + grows * ((week - each.starts_on).days // 7)
                for week in weeks
                if week >= each.starts_on
            }
    await sell(db, town, rollout.starts_on, rollout.ends_on, lifts)
    days = await daily_sales.weeks_of(
        db, [place.store_id for place in town.stores.values()], rollout.starts_on, rollout.ends_on
    )
    codes = {place.store_id: code for code, place in town.stores.items()}
    drawn = {each.unit for each in await rollouts.places_of(db, rollout.id)
             if each.role in ("drawn", "picked")}  # fmt: skip
    caused = 0.0
    for week in days:
        share = lifts.get(codes[week.store_id], {}).get(week.week, 0.0)
        if codes[week.store_id] in drawn:
            caused += week.net_fen * share / (1 + share)
    return round(caused)


def after(weeks: int) -> datetime:
    """Give the morning of the Monday so many weeks after the start."""
    return day_start(START + weeks * WEEK) + timedelta(hours=9)

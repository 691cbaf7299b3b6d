"""Waves: which stores would go first, what that could show, and what it shows where nothing was.

A rehearsal on the brand's own weeks: the draw, its power and the exact test of that very draw over
weeks in which nothing was done. Nothing is written down here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.times import business_day
from headwater.increment.errors import CannotEstimate
from headwater.increment.places import designs, panels, power, randomisation
from headwater.increment.places.designs import Design, Rules
from headwater.increment.places.panels import Panel
from headwater.increment.places.power import Curve
from headwater.increment.places.randomisation import Tested
from headwater.insight import daily_sales
from headwater.insight.daily_sales import StoreWeek
from headwater.web.console.desk import (
    PAGE,
    address,
    brand_seen,
    desk_of,
    named,
    page_number,
    show,
    typed,
)
from headwater.web.console.increment.experiments import READ
from headwater.web.console.increment.planning import within
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff

door = Door()

WEEK: Final = timedelta(days=7)
HISTORY_WEEKS: Final = 52
SHOWN_WEEKS: Final = 12
EFFECTS: Final = (0.0, 0.02, 0.05, 0.08, 0.12, 0.2)
# A rehearsal over more stores than this belongs into the analyst's command and not into a page.
STORES_MOST: Final = 400
STEPS: Final = 4
# Coarser than an analyst's, so that the page answers in a second or two also for many stores.
REHEARSED: Final = power.Asked(draws=100, windows=8)


@dataclass(frozen=True)
class Asked:
    """How many stores would go first, for how many weeks, and by which lot."""

    stores: int
    weeks: int
    salt: str


@dataclass(frozen=True)
class Row:
    """A store on the board: its wave, and its weeks as shares of its usual one."""

    name: str
    wave: int
    cells: list[tuple[int, int]]


@dataclass(frozen=True)
class Rehearsal:
    """The draw and all that it says; `why` tells in the statistics' words what could not be had."""

    design: Design | None = None
    curve: Curve | None = None
    tested: Tested | None = None
    why: list[str] = field(default_factory=list)


@door.get("/console/waves", READ, name="console:waves")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Draw a first wave on the brand's own history, and test that very draw."""
    today = business_day(building.now())
    until = today - timedelta(days=today.weekday() + 1)
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_seen(desk, request)
        shops = {each.id: each for each in desk.stores.values()
                 if brand and each.brand_id == brand.id}  # fmt: skip
        first = until + timedelta(days=1) - HISTORY_WEEKS * WEEK
        found = await daily_sales.weeks_of(db, list(shops), first, until)
    names = {str(each): named(shop) for each, shop in shops.items()}
    panel = _whole(found)
    stores = len(panel.units) if panel else 0
    asked = Asked(
        within(request, "stores", max(stores // 4, 2), 1, max(stores - 1, 1)),
        within(request, "weeks", 4, 1, 13),
        typed(request, "salt", 40) or f"{brand.code if brand else ''} {today:%Y-%m}",
    )
    told = await asyncio.to_thread(_rehearse, panel, asked) if panel else Rehearsal()
    rows = _board(panel, told.design, names)
    at = (page_number(request) - 1) * PAGE
    return show(request, "increment/waves", desk, brand=brand, asked=asked, told=told,
                brands=list(desk.brands.values()), shops=len(shops), stores=stores,
                weeks=_shown(panel), rows=rows[at : at + PAGE], at=at, total=len(rows),
                back=address(request, page=at // PAGE) if at else None,
                next=address(request, page=at // PAGE + 2) if at + PAGE < len(rows) else None,
                since=_since(panel, asked), curve_points=[
                    (each.effect, each.power) for each in (told.curve.points if told.curve else ())
                ])  # fmt: skip


def _whole(found: Sequence[StoreWeek]) -> Panel | None:
    """Keep the stores that sold in every week; a store with holes cannot be compared.

    A week in which not half of the usual stores sold is no week of this brand, and is left out.
    """
    selling = Counter(each.week for each in found if each.net_fen > 0)
    usual = median(selling.values()) if selling else 0
    weeks = {week for week, count in selling.items() if count >= usual / 2}
    sold: dict[str, dict[date, int]] = {}
    for each in found:
        if each.net_fen > 0 and each.week in weeks:
            sold.setdefault(str(each.store_id), {})[each.week] = each.net_fen
    whole = {store: by_week for store, by_week in sold.items() if len(by_week) == len(weeks)}
    cells = [(store, week, float(fen)) for store in sorted(whole)[:STORES_MOST]
             for week, fen in whole[store].items()]  # fmt: skip
    try:
        return panels.from_rows(*(list(column) for column in zip(*cells, strict=True)))
    except (CannotEstimate, TypeError):
        return None


def _rehearse(panel: Panel, asked: Asked) -> Rehearsal:
    """Draw on the weeks before, and read the weeks after, in which nothing was done."""
    rules = Rules(waves=(asked.stores,))
    why: list[str] = []
    before = max(len(panel.periods) - asked.weeks, 1)
    try:
        design = designs.draw(asked.salt, panel.within(range(before)), rules)
    except CannotEstimate as refused:
        return Rehearsal(why=[str(refused.details["why"])])
    curve = tested = None
    try:
        curve = power.curve(panel, rules, asked.weeks, EFFECTS, REHEARSED)
    except CannotEstimate as refused:
        why.append(str(refused.details["why"]))
    try:
        tested = randomisation.read(panel, design, panel.periods[before])
    except CannotEstimate as refused:
        why.append(str(refused.details["why"]))
    return Rehearsal(design, curve, tested, list(dict.fromkeys(why)))


def _since(panel: Panel | None, asked: Asked) -> date | None:
    if panel is None or len(panel.periods) <= asked.weeks:
        return None
    since: date = panel.periods[len(panel.periods) - asked.weeks]
    return since


def _shown(panel: Panel | None) -> list[date]:
    return list(panel.periods[-SHOWN_WEEKS:]) if panel else []


def _board(panel: Panel | None, design: Design | None, names: dict[str, str]) -> list[Row]:
    """Stores by weeks: each cell is a share of the store's own usual week, in steps of shade."""
    if panel is None:
        return []
    waves = design.waves_of if design else {}
    rows = []
    for unit, values in zip(panel.units, panel.values, strict=True):
        usual = float(values.mean())
        shares = [round(100 * float(each) / usual) for each in values[-SHOWN_WEEKS:]]
        cells = [(share, min(max((share - 40) * STEPS // 80, 0), STEPS)) for share in shares]
        rows.append(Row(names[unit], waves.get(unit, 0), cells))
    return sorted(rows, key=lambda row: (row.wave == 0, row.wave, row.name))

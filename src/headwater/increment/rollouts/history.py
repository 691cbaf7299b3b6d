"""History: what each store sold in each week, whole, or with the holes named."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final
from uuid import UUID

from headwater.base.db import Db
from headwater.base.times import business_day
from headwater.increment.errors import CannotEstimate
from headwater.increment.places import panels
from headwater.increment.places.panels import Panel
from headwater.increment.rollouts.wishes import WEEK, monday
from headwater.insight import daily_sales
from headwater.insight.daily_sales import StoreWeek
from headwater.stores.places import Store

WEEKS: Final = 52
# A draw over more stores than this belongs into the analyst's command and not behind a page.
STORES_MOST: Final = 400


@dataclass(frozen=True)
class Seen:
    """The weeks of some stores, and the cells of them in which nothing was sold."""

    panel: Panel | None
    missing: tuple[tuple[str, date], ...]


async def of_stores(db: Db, stores: Sequence[Store], now: datetime) -> Panel | None:
    """Give the last year's whole weeks of the stores that sold in each; None for too few."""
    until = monday(business_day(now))
    names = {each.id: each.code for each in stores}
    first, last = until - WEEKS * WEEK, until - timedelta(days=1)
    return _whole(await daily_sales.weeks_of(db, list(names), first, last), names)


async def between(db: Db, units: dict[UUID, str], first: date, until: date) -> Seen:
    """Give every week of these stores from one Monday to before another, and what is missing.

    Weeks in which the brand was shut are no weeks, as in the history that was drawn from.
    """
    found = await daily_sales.weeks_of(db, list(units), first, until - timedelta(days=1))
    cells = {(units[each.store_id], each.week): float(each.net_fen) for each in found}
    weeks = _open([first + number * WEEK for number in range((until - first).days // 7)],
                  Counter(week for _unit, week in cells), len(units))  # fmt: skip
    whole = [(unit, week) for unit in sorted(units.values()) for week in weeks]
    missing = tuple(cell for cell in whole if cell not in cells)
    values = [cells.get(cell, 0.0) for cell in whole]
    try:
        panel = panels.from_rows([u for u, _ in whole], [w for _, w in whole], values)
    except CannotEstimate:
        return Seen(None, missing)
    return Seen(panel, missing)


def fingerprint(panel: Panel) -> str:
    """Name a history, so that another one is noticed."""
    told = hashlib.sha256()
    for unit, row in zip(panel.units, panel.values, strict=True):
        told.update(f"{unit}:{','.join(str(round(each)) for each in row)}\n".encode())
    told.update(",".join(str(each) for each in panel.periods).encode())
    return told.hexdigest()


def _open(weeks: Sequence[date], selling: Counter[date], stores: float) -> list[date]:
    """Leave out the weeks in which not half of the stores sold: the brand was shut, not a store."""
    return [week for week in weeks if selling[week] >= stores / 2]


def _whole(found: Sequence[StoreWeek], names: dict[UUID, str]) -> Panel | None:
    """Keep the stores that sold in every week; a store with holes cannot be compared.

    A week in which not half of the usual stores sold is no week of this brand, and is left out.
    """
    selling = Counter(each.week for each in found if each.net_fen > 0)
    usual = median(selling.values()) if selling else 0
    weeks = set(_open(list(selling), selling, usual))
    sold: dict[str, dict[date, int]] = {}
    for each in found:
        if each.net_fen > 0 and each.week in weeks:
            sold.setdefault(names[each.store_id], {})[each.week] = each.net_fen
    whole = {unit: by_week for unit, by_week in sold.items() if len(by_week) == len(weeks)}
    cells = [(unit, week, float(fen)) for unit in sorted(whole)[:STORES_MOST]
             for week, fen in whole[unit].items()]  # fmt: skip
    try:
        return panels.from_rows(*(list(column) for column in zip(*cells, strict=True)))
    except (CannotEstimate, TypeError):
        return None

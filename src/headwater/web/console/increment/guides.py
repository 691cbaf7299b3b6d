"""Guides' increment: what each one's tasks brought, read from a slice of the own book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import SYSTEM, Db
from headwater.base.errors import BadInput
from headwater.guides import slices
from headwater.increment.books import books
from headwater.increment.experiments import Experiment
from headwater.increment.ledger import Reading
from headwater.stores.places import Brand
from headwater.web.console.desk import Desk, brand_seen, desk_of, own_brand, read_id, show
from headwater.web.console.increment.programs import CONFIRMED, WRITE, make_sure
from headwater.web.console.words import Interval
from headwater.web.kit import forms
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form
from headwater.web.kit.wording import _, refusal_sentence

door = Door()

READ = may("scoreboard.read")
PAGE: Final = 50
LEAST, MOST = (round(100 * each) for each in slices.SHARES)


@dataclass(frozen=True)
class Row:
    """One guide: the figure that may be said, its band, and the chance to be among the best."""

    name: str
    store: Any
    interval: Interval
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Level:
    """A store, a region or all of them, with the lift of its guides."""

    name: Any
    said: Mapping[str, float]


@dataclass(frozen=True)
class Found:
    """What stands in the newest row, a page of it."""

    row: Reading
    guides: list[Row]
    stores: list[Level]
    regions: list[Level]
    total: int
    first: int


@door.get("/console/guides", READ, name="console:guides")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Show what guides brought in the newest question about them, or how to put the first."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_seen(desk, request)
    return await _page(request, building, desk, brand)


@door.post("/console/guides", WRITE, name="console:guides.begin")
async def begin(request: Request, building: Building, who: Staff) -> Response:
    """Leave a slice of every guide's book alone for a quarter, beginning now."""
    fields = await read_form(request)
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
    brand_id = read_id(fields.get("brand"))
    if brand_id is None:
        raise BadInput("brand", "unknown")
    brand = own_brand(desk, brand_id)
    try:
        share = forms.whole(fields, "holdout", least=LEAST, most=MOST) / 100
        make_sure(fields)
    except BadInput as refusal:
        return await _page(request, building, desk, brand, refusal)
    async with building.transaction(SYSTEM) as db:
        await slices.launch(db, brand.id, building.now(), share)
    return RedirectResponse(f"/console/guides?brand={brand.id}", 303)


async def _page(
    request: Request,
    building: Building,
    desk: Desk,
    brand: Brand | None,
    refusal: BadInput | None = None,
) -> Response:
    now = building.now()
    question: Experiment | None = None
    found: Found | None = None
    size = slices.Size(0, 0)
    # Numbers alone come out of these walls.
    async with building.transaction(SYSTEM) as db:
        if brand is not None:
            size = await slices.size(db, brand.id)
            question = await slices.latest(db, brand.id)
        if question is not None:
            found = await _found(db, desk, question, _first(request))
    is_due = question is None or not slices.is_of_this_quarter(question, now)
    return show(request, "increment/guides", desk, status=422 if refusal else 200, brand=brand,
                brands=list(desk.brands.values()), question=question, found=found, size=size,
                is_due=is_due, is_own=brand in desk.whole_brands(), least=LEAST, most=MOST,
                share=round(100 * slices.SHARE), days=slices.WINDOW_DAYS, confirmed=CONFIRMED,
                wrong=refusal_sentence(refusal) if refusal else "", page_size=PAGE)  # fmt: skip


def _first(request: Request) -> int:
    asked = request.query_params.get("from", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0


async def _found(db: Db, desk: Desk, question: Experiment, first: int) -> Found | None:
    row = await books.latest(db, question.id)
    if row is None:
        return None
    # A supervisor sees the guides of the own stores, and no others.
    said = {
        name: each
        for name, each in row.details.get("guides", {}).items()
        if UUID(each["store"]) in desk.stores
    }
    ranked = sorted(said, key=lambda each: (-said[each]["top_chance"], each))
    shown = ranked[first : first + PAGE]
    names = await slices.names(db, [UUID(each) for each in shown])
    guides = [_row(names.get(UUID(each), _("已离职")), said[each], desk) for each in shown]
    stores = _levels(row.details.get("stores", {}), desk.stores)
    regions = _levels(row.details.get("regions", {}), desk.regions)
    return Found(row, guides, stores, regions, len(ranked), first)


def _levels(said: Mapping[str, Any], seen: Mapping[UUID, Any]) -> list[Level]:
    found = [Level(seen[UUID(each)], band) for each, band in said.items() if UUID(each) in seen]
    return sorted(found, key=lambda each: -each.said["value"])


def _row(name: str, said: Mapping[str, Any], desk: Desk) -> Row:
    low, high = said["caused_low_fen"], said["caused_high_fen"]
    # No tone: a colour would be a verdict, and no guide gets one.
    interval = Interval(name, low, said["caused_fen"], high, "")
    return Row(name, desk.stores.get(UUID(said["store"])), interval, said)

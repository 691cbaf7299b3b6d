"""Flash sales as headquarters plans them: a thing, a price, a while, in one store or in many."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.base.errors import BadInput
from headwater.base.times import SHANGHAI
from headwater.deals import planning
from headwater.deals.planning import EACH_MOST, Wish
from headwater.stores.places import Store
from headwater.web.console.desk import (
    PAGE,
    Desk,
    address,
    desk_of,
    named,
    page_number,
    path_id,
    read_id,
    show,
    typed,
)
from headwater.web.kit import forms
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form
from headwater.web.kit.wording import refusal_sentence

door = Door()

WRITE = may("products.write")


@door.get("/console/deals", WRITE, name="console:deals")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """List one store's sales; how many pieces went is counted over every member."""
    number = page_number(request)
    skip = (number - 1) * PAGE
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        at = desk.chosen_store(request) or next(iter(desk.stores.values()), None)
    async with building.transaction(SYSTEM) as db:
        sales = await planning.of_store(db, at.id, PAGE, skip) if at else []
        total = await planning.count(db, at.id) if at else 0
    return show(request, "deals", desk, at=at, sales=sales, total=total, first=skip + 1,
                last=skip + len(sales), now=building.now(), planned=_stores_said(request),
                back=address(request, page=number - 1) if number > 1 else None,
                onward=address(request, page=number + 1) if skip + PAGE < total else None,
                )  # fmt: skip


@door.get("/console/deals/new", WRITE, name="console:deals.new")
async def new(request: Request, building: Building, who: Staff) -> Response:
    """Open an empty plan for tomorrow; a product's page brings its item number along."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
    at = desk.chosen_store(request) or next(iter(desk.stores.values()), None)
    if at is None:
        return RedirectResponse("/console/deals", 303)
    starts_at = _next_hour(building.now()) + timedelta(days=1)
    given = {"item": typed(request, "item"), "each_most": "1", "sale": str(ids.new()),
             "store": str(at.id), "starts_at": _typed(starts_at),
             "ends_at": _typed(starts_at + timedelta(hours=2))}  # fmt: skip
    return _form(request, desk, given)


@door.post("/console/deals", WRITE, name="console:deals.add")
async def add(request: Request, building: Building, who: Staff) -> Response:
    """Write a sale down where it can be; what is wrong is said beside what was typed."""
    fields = await read_form(request)
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        try:
            at = desk.store(read_id(fields.get("store")))
            thing = await planning.thing(db, forms.text(fields, "item", longest=64))
            stores = _stores(desk, at, fields)
            sale = _wish(fields, thing.variant_id, stores)
            there = await planning.plan(db, sale, building.now())
        except BadInput as refusal:
            return _form(request, desk, fields, refusal)
    return RedirectResponse(f"/console/deals?store={at.id}&in={there}&of={len(stores)}", 303)


@door.post("/console/deals/{sale_id}/stop", WRITE, name="console:deals.stop")
async def stop(request: Request, building: Building, who: Staff) -> Response:
    """End a sale that is on, or call off one that has not begun; what was ordered stays."""
    await read_form(request)
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        sale_id = path_id(request, "sale_id")
        at = desk.store(await planning.store_of(db, sale_id))
        await planning.stop(db, sale_id, building.now())
    return RedirectResponse(f"/console/deals?store={at.id}", 303)


def _wish(fields: Mapping[str, str], variant_id: UUID, stores: list[UUID]) -> Wish:
    sale_id = read_id(fields.get("sale"))
    if sale_id is None:
        raise BadInput("sale", "missing")
    return Wish(
        sale_id,
        stores,
        variant_id,
        forms.text(fields, "label_zh", longest=20),
        forms.text(fields, "label_en", longest=40),
        forms.fen(fields, "price"),
        forms.whole(fields, "each_most", least=1, most=EACH_MOST),
        forms.moment(fields, "starts_at"),
        forms.moment(fields, "ends_at"),
        fields.get("low_meant") == "yes",
    )


def _stores(desk: Desk, at: Store, fields: Mapping[str, str]) -> list[UUID]:
    """The chosen store, or all of its brand that lie inside the walls."""
    if fields.get("where") != "all":
        return [at.id]
    return [each.id for each in desk.stores.values() if each.brand_id == at.brand_id]


def _stores_said(request: Request) -> tuple[int, int] | None:
    """In how many stores of how many a sale was just planned, as the address says."""
    there, of = request.query_params.get("in", ""), request.query_params.get("of", "")
    is_said = all(each.isascii() and each.isdigit() and len(each) < 6 for each in (there, of))
    return (int(there), int(of)) if is_said else None


def _form(
    request: Request, desk: Desk, given: Mapping[str, str], refusal: BadInput | None = None
) -> Response:
    choices = [(each.id, f"{named(each)} · {each.code}") for each in desk.stores.values()]
    return show(request, "deal_new", desk, status=422 if refusal else 200, given=given,
                choices=choices,
                bad=refusal.field if refusal else "", pieces_most=EACH_MOST,
                wrong=refusal_sentence(refusal) if refusal else "")  # fmt: skip


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _typed(at: datetime) -> str:
    """A moment as a browser's field holds it, on the shop's clock."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"

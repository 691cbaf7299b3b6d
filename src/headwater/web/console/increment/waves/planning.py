"""The plan of waves: drawn and rehearsed on the brand's own weeks, and written down when agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import SYSTEM
from headwater.base.errors import BadInput, Refusal
from headwater.increment import experiments
from headwater.increment.experiments import Experiment
from headwater.increment.rollouts import history, rollouts, wishes
from headwater.increment.rollouts.designing import Proposal
from headwater.increment.rollouts.rollouts import Rollout
from headwater.increment.rollouts.wishes import Wish
from headwater.stores.places import Brand, Store
from headwater.web.console.desk import (
    PAGE,
    Desk,
    address,
    brand_seen,
    desk_of,
    named,
    own_brand,
    page_number,
    read_id,
    show,
    typed,
)
from headwater.web.console.increment.experiments import READ
from headwater.web.console.increment.waves import asking, boards, told
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form, read_list
from headwater.web.kit.wording import refusal_sentence

door = Door()

WRITE = may("waves.write")
LONGEST: Final = 4_000


@door.get("/console/waves/plan", READ, name="console:waves.plan")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Draw waves on the brand's own history, and say what they could show; nothing is written."""
    desk, brand, stores = await _seen(request, building, who)
    if brand is None:
        return show(request, "increment/waves/plan", desk, told=told, brand=None, **_empty(desk))
    asked = await _asked(building, brand)
    chosen = request.query_params.getlist("campaign")
    async with building.transaction(SYSTEM) as db:
        panel = await history.of_stores(db, stores, building.now())
    given = asking.usual(brand, len(panel.units) if panel else 0, building.now())
    given |= {name: typed(request, name, LONGEST) for name in asking.FIELDS
              if name in request.query_params}  # fmt: skip
    return await _show(request, building, (desk, brand, stores), (given, chosen, asked))


@door.post("/console/waves", WRITE, name="console:waves.add")
async def add(request: Request, building: Building, who: Staff) -> Response:
    """Write a plan down; nothing starts, and what is wrong is said beside what was typed."""
    fields = await read_form(request)
    chosen = await read_list(request, "campaign")
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
    brand_id = read_id(fields.get("brand"))
    if brand_id is None:
        raise BadInput("brand", "unknown")
    brand = own_brand(desk, brand_id)
    asked = await _asked(building, brand)
    stores = [each for each in desk.stores.values() if each.brand_id == brand.id and each.is_open]
    given = asking.usual(brand, len(stores), building.now()) | fields
    try:
        wish = asking.named_wish(asking.wish_of(given, brand, asked, chosen), given)
        async with building.transaction(SYSTEM) as db:
            made = await rollouts.plan(
                db, wish, who.id, building.now(), fields.get("fingerprint") or None
            )
    except Refusal as refusal:
        return await _show(
            request, building, (desk, brand, stores), (given, chosen, asked), refusal
        )
    return RedirectResponse(f"/console/waves/{made.id}", 303)


async def _show(
    request: Request,
    building: Building,
    where: tuple[Desk, Brand, Sequence[Store]],
    typed_in: tuple[Mapping[str, str], Sequence[str], Sequence[Experiment]],
    refusal: Refusal | None = None,
) -> Response:
    desk, brand, stores = where
    given, chosen, asked = typed_in
    found: Proposal | None = None
    wish: Wish | None = None
    others: list[Rollout] = []
    try:
        wish = asking.wish_of({**given, "rollout_code": "", "name_zh": "", "name_en": ""},
                              brand, asked, chosen)  # fmt: skip
        async with building.transaction(SYSTEM) as db:
            gathered = await rollouts.gather(db, wish, building.now(), stores)
            others = await rollouts.beside(db, wish)
        found = await rollouts.worked_out(gathered, wish)
    except Refusal as refused:
        refusal = refusal or refused
    context: dict[str, Any] = {
        **_empty(desk), "given": given, "found": found, "wish": wish, "stores": stores,
        "campaigns": asking.campaigns_between(asked, building.now()), "chosen": set(chosen),
        "whole": brand in desk.whole_brands() and desk.staff.member.may("waves.write"),
        "others": [named(each) for each in others],
        "earliest": wishes.next_monday(building.now()),
        "wrong": refusal_sentence(refusal) if refusal else "",
        "bad": refusal.field if isinstance(refusal, BadInput) else "",
    }  # fmt: skip
    if found is not None and wish is not None:
        context |= _board(request, found, wish, stores)
    status = 422 if isinstance(refusal, BadInput) else refusal.status if refusal else 200
    if request.method == "GET" and refusal is not None and refusal.code == "cannot_estimate":
        # Too short a history is no fault of whoever asks.
        status = 200
    return show(request, "increment/waves/plan", desk, told=told, status=status, brand=brand,
                **context)  # fmt: skip


def _board(
    request: Request, found: Proposal, wish: Wish, stores: Sequence[Store]
) -> dict[str, Any]:
    """Lay out the stores, a page at a time; on an answer to a form there is one page."""
    names = {each.code: named(each) for each in stores}
    rows = boards.of_proposal(found, wish, names)
    at = (page_number(request) - 1) * PAGE
    is_read = request.method == "GET"
    more = is_read and at + PAGE < len(rows)
    return {
        "rows": rows[at : at + PAGE] if is_read else rows,
        "at": at if is_read else 0,
        "total": len(rows),
        "weeks": boards.shown_weeks(found.panel),
        "back": address(request, page=at // PAGE) if is_read and at else None,
        "next": address(request, page=at // PAGE + 2) if more else None,
        "points": [(each.effect, each.power) for each in found.points],
    }


def _empty(desk: Desk) -> dict[str, Any]:
    return {
        "brands": list(desk.brands.values()), "given": {}, "found": None, "wish": None,
        "stores": [], "campaigns": [], "chosen": set(), "whole": False, "earliest": None,
        "wrong": "", "bad": "", "rows": [], "weeks": [], "others": [], "points": [],
        "back": None, "next": None,
    }  # fmt: skip


async def _seen(
    request: Request, building: Building, who: Staff
) -> tuple[Desk, Brand | None, list[Store]]:
    """Give the brand, and those of its open stores that lie inside somebody's walls."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_seen(desk, request)
    stores = [each for each in desk.stores.values()
              if brand and each.brand_id == brand.id and each.is_open]  # fmt: skip
    return desk, brand, stores


async def _asked(building: Building, brand: Brand) -> list[Experiment]:
    async with building.transaction(SYSTEM) as db:
        return await experiments.of_brand(db, brand.id)

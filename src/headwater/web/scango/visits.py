"""A visit: begin at the door, scan, change, and pay."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base import ids
from headwater.base.errors import BadInput, Refusal
from headwater.scango import scans, visits
from headwater.scango.errors import NoSuchStore
from headwater.trade import carts
from headwater.web.kit.building import Building
from headwater.web.kit.doors import PUBLIC, SHOPPER, Door
from headwater.web.kit.forms import read_form, text, whole
from headwater.web.kit.pages import is_partial, render
from headwater.web.kit.visits import Shopper, Visit, keep_store
from headwater.web.kit.wording import refusal_sentence

door = Door()
MOST_FEN = 100_000_000


@door.get("/scango", PUBLIC, name="scango:door")
async def enter(request: Request, building: Building, visit: Visit) -> Response:
    """Ask for the code at the store's door; the code in the address fills it in."""
    return render(request, "scango/door.html", code=request.query_params.get("store", ""), error="")


@door.post("/scango/visits", SHOPPER, name="scango:start")
async def start(request: Request, building: Building, shopper: Shopper) -> Response:
    """Begin a visit, or go on with the open one."""
    code = (await read_form(request)).get("store", "")
    try:
        async with building.transaction(shopper.walls) as db:
            place = await visits.place_of(db, code)
            visit = await visits.start(db, shopper.member_id, place.id, building.now())
    except NoSuchStore as refusal:
        words = refusal_sentence(refusal)
        return render(request, "scango/door.html", status=404, code=code, error=words)
    response = RedirectResponse(f"/scango/visits/{visit.id}", 303)
    keep_store(request, response, place.id)
    return response


@door.get("/scango/visits/{visit_id:uuid}", SHOPPER, name="scango:visit")
async def look(request: Request, building: Building, shopper: Shopper) -> Response:
    """Show what was scanned so far, and what it costs."""
    return await _basket(request, building, shopper)


@door.post("/scango/visits/{visit_id:uuid}/scans", SHOPPER, name="scango:scan")
async def scan(request: Request, building: Building, shopper: Shopper) -> Response:
    """Lay what was scanned or typed into the basket, or say what is wrong with it."""
    fields = await read_form(request)
    try:
        async with building.transaction(shopper.walls) as db:
            visit = await visits.own(db, shopper.member_id, _visit_id(request))
            barcode = text(fields, "barcode", longest=64)
            scanned = await scans.scan(db, visit, barcode, building.now())
    except Refusal as refusal:
        return await _basket(request, building, shopper, refusal=refusal)
    return await _after(request, building, shopper, scanned.variant_id)


@door.post("/scango/visits/{visit_id:uuid}/lines/{variant_id:uuid}", SHOPPER, name="scango:line")
async def change(request: Request, building: Building, shopper: Shopper) -> Response:
    """Change how many of a line there are; none takes it away."""
    fields = await read_form(request)
    quantity = whole(fields, "quantity", least=0, most=carts.QUANTITY_MOST)
    variant_id = request.path_params["variant_id"]
    async with building.transaction(shopper.walls) as db:
        visit = await visits.own(db, shopper.member_id, _visit_id(request))
        await carts.change(db, shopper.member_id, visit.store_id, variant_id, quantity)
    return await _after(request, building, shopper)


@door.post("/scango/visits/{visit_id:uuid}/checkout", SHOPPER, name="scango:checkout")
async def check_out(request: Request, building: Building, shopper: Shopper) -> Response:
    """Order what was scanned and go to the pay sheet; twice is once."""
    fields = await read_form(request)
    order_id = _uuid(text(fields, "order_id"))
    shown_fen = whole(fields, "shown_fen", least=0, most=MOST_FEN)
    try:
        async with building.transaction(shopper.walls) as db:
            placed = await visits.check_out(
                db, shopper.member_id, _visit_id(request), order_id, building.now(), shown_fen
            )
    except Refusal as refusal:
        return await _basket(request, building, shopper, refusal=refusal)
    return RedirectResponse(f"/orders/{placed.number}/pay", 303)


async def _after(
    request: Request, building: Building, shopper: Shopper, latest: UUID | None = None
) -> Response:
    """Show the basket again: its part to htmx, the whole page by a redirect to everybody else."""
    if is_partial(request):
        return await _basket(request, building, shopper, latest)
    return RedirectResponse(f"/scango/visits/{_visit_id(request)}", 303)


async def _basket(
    request: Request,
    building: Building,
    shopper: Shopper,
    latest: UUID | None = None,
    refusal: Refusal | None = None,
) -> Response:
    now = building.now()
    async with building.transaction(shopper.walls) as db:
        visit = await visits.own(db, shopper.member_id, _visit_id(request))
        if visit.order_id is not None:
            return RedirectResponse(f"/scango/passes/{visit.order_id}", 303)
        place = await visits.place(db, visit.store_id)
        basket = await scans.basket(db, visit, now)
    return render(
        request,
        "scango/visit.html",
        block="basket",
        status=200 if refusal is None else refusal.status,
        visit=visit,
        place=place,
        basket=basket,
        latest=latest,
        error="" if refusal is None else refusal_sentence(refusal),
        order_id=ids.new(ids.bucket_of(shopper.member_id)),
    )


def _visit_id(request: Request) -> UUID:
    visit_id: UUID = request.path_params["visit_id"]
    return visit_id


def _uuid(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise BadInput("order_id", "malformed") from error

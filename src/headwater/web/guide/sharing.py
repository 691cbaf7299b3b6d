"""Sharing: pick something, get a link, a code and a poster, and see who came."""

from __future__ import annotations

from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.catalog import search
from headwater.guides import earnings, posters, shares
from headwater.guides.posters import Poster
from headwater.guides.shares import SCENES, Scene, Share
from headwater.stores import places
from headwater.trade import shelf
from headwater.trade.shelf import Card
from headwater.web.guide.desk import show, store_of
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.filters import spoken
from headwater.web.kit.forms import read_form, text
from headwater.web.kit.wording import _

door = Door()
_WORKS = may("workbench")
CARDS = 12


@door.get("/guide/shares", _WORKS, name="guide:shares")
async def everything(request: Request, building: Building, staff: Staff) -> Response:
    """Find what to share, and list what was shared with what it brought."""
    typed = request.query_params.get("q", "").strip()[:64]
    async with building.transaction(staff.walls) as db:
        cards = await _cards(db, typed, store_of(staff))
        outcomes = await shares.outcomes(db, staff.id)
    return show(
        request, "shares", staff, block="found", typed=typed, cards=cards, outcomes=outcomes,
        now=building.now(),
    )  # fmt: skip


@door.post("/guide/shares", _WORKS, name="guide:share")
async def share(request: Request, building: Building, staff: Staff) -> Response:
    """Make a share of a product, or of the whole shop, and show its code."""
    fields = await read_form(request)
    product_id, scene = _product(fields.get("product_id", "")), _scene(text(fields, "scene"))
    async with building.transaction(staff.walls) as db:
        made = await shares.create(db, staff.id, store_of(staff), product_id, scene, building.now())
    return RedirectResponse(f"/guide/shares/{made.code}", 303)


@door.get("/guide/shares/{code}", _WORKS, name="guide:share-page")
async def one(request: Request, building: Building, staff: Staff) -> Response:
    """Show a share: its link and code, who came, and what was bought."""
    async with building.transaction(staff.walls) as db:
        found = await shares.of_guide(db, staff.id, request.path_params["code"])
        comers = await shares.comers(db, staff.id, found.code)
        lines = await earnings.credited(db, staff.id, found.shared_at, found.code)
        card = await _card(db, found)
    link = link_of(building, found)
    return show(
        request, "share", staff, share=found, link=link, card=card, comers=comers, lines=lines,
        now=building.now(),
    )  # fmt: skip


@door.get("/guide/shares/{code}/poster.png", _WORKS, name="guide:poster")
async def poster(request: Request, building: Building, staff: Staff) -> Response:
    """Draw the poster of a share."""
    async with building.transaction(staff.walls) as db:
        found = await shares.of_guide(db, staff.id, request.path_params["code"])
        card = await _card(db, found)
        drawn = await _poster(db, building, staff, found, card)
    png = await run_in_threadpool(posters.draw, drawn)
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, no-store"})


def link_of(building: Building, share: Share) -> str:
    """Write the address that carries a share."""
    page = "/" if share.product_id is None else f"/products/{share.product_id}"
    return f"{building.settings.public_url}{page}?s={share.code}"


async def _cards(db: Db, typed: str, store_id: UUID) -> list[Card]:
    found = (
        (await search.find(db, typed, CARDS)).ids
        if typed
        else await shelf.in_stock(db, store_id, CARDS)
    )
    return [card for card in await shelf.cards(db, found, store_id) if card.price_fen is not None]


async def _card(db: Db, share: Share) -> Card | None:
    if share.product_id is None:
        return None
    cards = await shelf.cards(db, [share.product_id], share.store_id)
    return cards[0] if cards else None


async def _poster(
    db: Db, building: Building, staff: Staff, share: Share, card: Card | None
) -> Poster:
    store = next(each for each in await places.stores(db) if each.id == share.store_id)
    brand = next(each for each in await places.brands(db) if each.id == store.brand_id)
    return Poster(
        brand=spoken(brand, "name"),
        title=spoken(store, "name") if card is None else spoken(card, "title"),
        note="" if card is None else card.size_label,
        price_fen=None if card is None else card.price_fen,
        guide=staff.member.name,
        store=spoken(store, "name"),
        link=link_of(building, share),
        call=_("长按识别，看看详情"),
    )


def _product(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError as error:
        raise BadInput("product_id", "unknown") from error


def _scene(typed: str) -> Scene:
    for scene in SCENES:
        if scene == typed:
            return scene
    raise BadInput("scene", "unknown")

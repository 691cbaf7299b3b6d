"""Products and stock: what is on the shelf, what it costs, and how many there are where."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import Db
from headwater.catalog import products, search
from headwater.stock import levels
from headwater.stores.places import Store
from headwater.trade import shelf
from headwater.trade.shelf import Card
from headwater.web.console.desk import (
    PAGE,
    Desk,
    address,
    desk_of,
    page_number,
    path_id,
    show,
    typed,
)
from headwater.web.console.shelf.pictures import may_show_pictures_of
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may

door = Door()


@door.get("/console/products", may("products.read"), name="console:products")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Search the catalog by word, item number or barcode; without a word show what sells most."""
    asked, number = typed(request, "q"), page_number(request)
    skip = (number - 1) * PAGE
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        at = _store(desk, request)
        found, is_near = await _find(db, asked, skip)
        cards = await _cards(db, found, at)
        is_more = len(found) == PAGE
    return show(request, "products", desk, cards=cards, asked=asked, is_near=is_near, at=at,
                back=address(request, page=number - 1) if number > 1 else None,
                onward=address(request, page=number + 1) if is_more else None)  # fmt: skip


@door.get("/console/products/{product_id}", may("products.read"), name="console:product")
async def one(request: Request, building: Building, who: Staff) -> Response:
    """Show one product with its price and with how many are left in each store one may see."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        product = await products.one(db, path_id(request, "product_id"))
        at = _store(desk, request)
        cards = await _cards(db, [product.id], at)
        everywhere = await levels.stores_with(db, product.variant_id, 500)
    here = [each for each in everywhere if each.store_id in desk.stores]
    may_write = may_show_pictures_of(desk, product.brand_id)
    return show(request, "product", desk, product=product, at=at, levels=here, may_write=may_write,
                card=cards[0] if cards else None,
                total=sum(each.free for each in here))  # fmt: skip


@door.get("/console/stock", may("stock.read"), name="console:stock")
async def stock(request: Request, building: Building, who: Staff) -> Response:
    """List one store's counters, the scarcest first."""
    number = page_number(request)
    skip = (number - 1) * PAGE
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        at = _store(desk, request)
        counts = await levels.page(db, at.id, PAGE, skip) if at else []
        total = await levels.count(db, at.id) if at else 0
    return show(request, "stock", desk, at=at, counts=counts, total=total, first=skip + 1,
                last=skip + len(counts),
                back=address(request, page=number - 1) if number > 1 else None,
                onward=address(request, page=number + 1) if skip + PAGE < total else None,
                )  # fmt: skip


def _store(desk: Desk, request: Request) -> Store | None:
    """The chosen store, or the first one; somebody may have none."""
    return desk.chosen_store(request) or next(iter(desk.stores.values()), None)


async def _find(db: Db, asked: str, skip: int) -> tuple[list[UUID], bool]:
    if not asked:
        return await products.popular(db, PAGE, skip), False
    found = await search.find(db, asked, PAGE, skip)
    return found.ids, found.is_near


async def _cards(db: Db, found: list[UUID], at: Store | None) -> list[Card]:
    return await shelf.cards(db, found, at.id) if at else []

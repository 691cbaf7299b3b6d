"""Products: the shelves, the search, and each thing on its own page."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import Db
from headwater.catalog import products, search
from headwater.catalog.products import Category, Department
from headwater.stock import levels
from headwater.stock.levels import FreeIn
from headwater.stores.places import Store
from headwater.trade import shelf
from headwater.trade.shelf import Card
from headwater.web.kit.building import Building
from headwater.web.kit.doors import PUBLIC, Door
from headwater.web.kit.visits import Visit
from headwater.web.storefront.directory import is_selling
from headwater.web.storefront.shop import Shop, opens_shares, page_number, shop_of, show, typed

door = Door()
CARDS = 24
NEARBY = 3
STORES_ASKED = 1000


@door.get("/departments", PUBLIC, name="shop:departments")
@opens_shares
async def departments(request: Request, building: Building, visit: Visit) -> Response:
    """Show the departments, each with its categories."""
    async with building.transaction(visit.walls) as db:
        shop = await shop_of(request, db, visit, building.now())
    return show(request, "departments", shop)


@door.get("/shelf/{code:path}", PUBLIC, name="shop:shelf")
@opens_shares
async def on_shelf(request: Request, building: Building, visit: Visit) -> Response:
    """Show what lies in a department, or in one of its categories."""
    page = page_number(request)
    async with building.transaction(visit.walls) as db:
        shop = await shop_of(request, db, visit, building.now())
        department, category = _place(shop, request.path_params["code"])
        siblings = shop.directory.categories_of(department)
        wanted = [category.id] if category else [each.id for each in siblings]
        found = await products.in_categories(
            db, wanted, CARDS + 1, (page - 1) * CARDS, shop.store.brand_id
        )
        cards = await _cards(db, found[:CARDS], shop)
    return show(
        request,
        "shelf",
        shop,
        block="more",
        department=department,
        category=category,
        siblings=siblings,
        cards=cards,
        more=_more(request, page, len(found) > CARDS),
    )


@door.get("/search", PUBLIC, name="shop:search")
@opens_shares
async def find(request: Request, building: Building, visit: Visit) -> Response:
    """Find products by words, item number or barcode; show the nearest where nothing matches."""
    words, page = typed(request, "q"), page_number(request)
    async with building.transaction(visit.walls) as db:
        shop = await shop_of(request, db, visit, building.now())
        found = await search.find(db, words, CARDS + 1, (page - 1) * CARDS, shop.store.brand_id)
        cards = await _cards(db, found.ids[:CARDS], shop)
    return show(
        request,
        "search",
        shop,
        block="results" if page == 1 else "more",
        words=words,
        cards=cards,
        is_near=found.is_near,
        more=_more(request, page, len(found.ids) > CARDS and not found.is_near),
    )


@door.get("/products/{product_id:uuid}", PUBLIC, name="shop:product")
@opens_shares
async def product(request: Request, building: Building, visit: Visit) -> Response:
    """Show a product with its price and stock here, and where else there is some."""
    async with building.transaction(visit.walls) as db:
        shop = await shop_of(request, db, visit, building.now())
        found = await products.one(db, request.path_params["product_id"])
        cards = await shelf.cards(db, [found.id], shop.store.id)
        elsewhere = await levels.stores_with(db, found.variant_id, STORES_ASKED)
        alike = await products.in_categories(
            db, [found.category_id], 5, brand_id=shop.store.brand_id
        )
        others = await _cards(db, [each for each in alike if each != found.id][:4], shop)
    return show(
        request,
        "product",
        shop,
        product=found,
        card=cards[0] if cards else None,
        nearby=_nearby(shop, elsewhere),
        elsewhere=len(elsewhere),
        others=others,
    )


async def _cards(db: Db, product_ids: Sequence[UUID], shop: Shop) -> list[Card]:
    """What can be sold here, what is in stock first."""
    cards = await shelf.cards(db, product_ids, shop.store.id)
    return sorted(
        (card for card in cards if card.price_fen is not None), key=lambda card: card.free == 0
    )


def _place(shop: Shop, code: str) -> tuple[Department, Category | None]:
    category = shop.directory.category(code)
    return shop.directory.department(category.department_code if category else code), category


def _more(request: Request, page: int, is_there: bool) -> str | None:
    return str(request.url.include_query_params(page=page + 1).query) if is_there else None


def _nearby(shop: Shop, elsewhere: Sequence[FreeIn]) -> list[tuple[Store, int]]:
    """The nearest other stores that have some: of the same city first, then of the region."""
    here = shop.store
    found = [
        (store, each.free)
        for each in elsewhere
        if (store := shop.directory.stores.get(each.store_id)) and is_selling(store)
        if store.id != here.id
    ]

    def distance(of: tuple[Store, int]) -> tuple[bool, bool, int]:
        return of[0].city_zh != here.city_zh, of[0].region_id != here.region_id, -of[1]

    return sorted(found, key=distance)[:NEARBY]

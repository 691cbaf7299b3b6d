"""Stores: where one may pick up, by city and region, and what each has of a product."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.errors import BadInput
from headwater.stock import levels
from headwater.stores.places import Store
from headwater.trade import carts
from headwater.web.kit.answers import safe_next
from headwater.web.kit.building import Building
from headwater.web.kit.doors import PUBLIC, Door
from headwater.web.kit.filters import spoken
from headwater.web.kit.forms import read_form
from headwater.web.kit.visits import Visit, keep_store
from headwater.web.storefront.directory import Directory, directory_of, is_selling
from headwater.web.storefront.shop import opens_shares, shop_of, show, typed

door = Door()
SHOWN = 60
STORES_ASKED = 1000


@door.get("/stores", PUBLIC, name="shop:stores")
@opens_shares
async def choose(request: Request, building: Building, visit: Visit) -> Response:
    """Show the stores, found by name, city or address, and what they have of a product."""
    words, region = typed(request, "q"), typed(request, "region")
    variant_id = _id(typed(request, "variant"))
    async with building.transaction(visit.walls) as db:
        shop = await shop_of(request, db, visit, building.now())
        stocked = await levels.stores_with(db, variant_id, STORES_ASKED) if variant_id else []
    free = {each.store_id: each.free for each in stocked} if variant_id else None
    found = _found(shop.directory, words, region, free)
    return show(
        request,
        "stores",
        shop,
        block="results",
        words=words,
        region=region,
        variant_id=variant_id,
        free=free,
        cities=[(city, list(each)) for city, each in groupby(found[:SHOWN], _city)],
        found=len(found),
        shown=SHOWN,
        next=safe_next(request.query_params.get("next")),
        moves_from=_id(typed(request, "moves_from")),
    )


@door.post("/stores/choice", PUBLIC, name="shop:store-choice")
async def take(request: Request, building: Building, visit: Visit) -> Response:
    """Remember the chosen store; from the cart, its lines move there too."""
    fields = await read_form(request)
    moves_from = _id(fields.get("moves_from", ""))
    async with building.transaction(visit.walls) as db:
        directory = await directory_of(request.app.state, db, building.now())
        chosen = directory.selling(_id(fields.get("store_id", "")))
        if moves_from is not None:
            await carts.move(db, visit.who_id, moves_from, chosen.id)
    response = RedirectResponse(safe_next(fields.get("next")), 303)
    keep_store(request, response, chosen.id)
    return response


def _found(
    directory: Directory, words: str, region: str, free: dict[UUID, int] | None
) -> list[Store]:
    """The stores that match, by city; where a product is asked for, only those that have some."""
    regions = {str(each.id) for each in directory.regions if each.code == region}
    needle = words.lower()

    def fits(store: Store) -> bool:
        text = f"{store.name_zh}{store.name_en}{store.city_zh}{store.city_en}{store.address_zh}"
        return (
            is_selling(store)
            and (not regions or str(store.region_id) in regions)
            and needle in f"{text}{store.address_en}{store.code}".lower()
            and (free is None or store.id in free)
        )

    found = [store for store in directory.stores.values() if fits(store)]
    return sorted(found, key=lambda store: (store.kind != "online", store.city_zh, store.code))


def _city(store: Store) -> str:
    return spoken(store, "city") if store.kind != "online" else ""


def _id(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("store", "malformed") from None

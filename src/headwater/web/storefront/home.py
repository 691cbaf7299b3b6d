"""The first page: the brand, the chosen store, its departments and what sells there now."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headwater.catalog import pictures
from headwater.trade import shelf
from headwater.web.kit.building import Building
from headwater.web.kit.doors import PUBLIC, Door
from headwater.web.kit.visits import Visit
from headwater.web.storefront.shop import opens_shares, shop_of, show

door = Door()
CARDS = 24
SHORTCUTS = 10


@door.get("/", PUBLIC, name="shop:home")
@opens_shares
async def home(request: Request, building: Building, visit: Visit) -> Response:
    """Show what the chosen store has."""
    async with building.transaction(visit.walls) as db:
        shop = await shop_of(request, db, visit, building.now())
        popular = await shelf.in_stock(db, shop.store.id, CARDS)
        cards = await shelf.cards(db, popular, shop.store.id)
        banner = await pictures.of(db, shop.brand.id)
    return show(
        request,
        "home",
        shop,
        banner=banner,
        cards=[card for card in cards if card.price_fen is not None],
        departments=shop.directory.departments[:SHORTCUTS],
    )

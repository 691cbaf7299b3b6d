"""Deals: what runs in the chosen store, under which rules, and buying at a flash price."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput, Refusal
from headwater.deals import flash
from headwater.deals.errors import AlreadyTookPart, SaleNotOn, TooManyInSale
from headwater.deals.flash import BuyAsk, OnShow
from headwater.pricing import coupons, offers
from headwater.pricing.coupons import Coupon
from headwater.pricing.errors import NoPrice
from headwater.pricing.offers import Running
from headwater.stock.errors import SoldOut
from headwater.stores.errors import StoreGone
from headwater.web.kit.building import Building
from headwater.web.kit.doors import PUBLIC, SHOPPER, Door
from headwater.web.kit.forms import read_form, text, whole
from headwater.web.kit.visits import Shopper, Visit
from headwater.web.kit.wording import refusal_sentence
from headwater.web.storefront.shop import Shop, opens_shares, shop_of, show

door = Door()
EACH_MOST = 999


@dataclass(frozen=True)
class Deals:
    """All that makes a price lower here now."""

    sales: list[OnShow]
    offers: list[Running]
    coupons: list[Coupon]


@door.get("/deals", PUBLIC, name="shop:deals")
@opens_shares
async def page(request: Request, building: Building, visit: Visit) -> Response:
    """Show what runs now, each with its rules in words."""
    return await _page(request, building, visit)


@door.post("/deals/{sale_id:uuid}", SHOPPER, name="shop:buy-deal")
async def buy(request: Request, building: Building, shopper: Shopper) -> Response:
    """Order at the flash price and go to pay; a refusal is said on the page, nothing changed."""
    fields, held = await read_form(request), building.settings.hold_seconds
    ask = BuyAsk(
        sale_id=request.path_params["sale_id"],
        order_id=_order_id(text(fields, "order_id")),
        member_id=shopper.member_id,
        quantity=whole(fields, "quantity", least=1, most=EACH_MOST),
        touch_code=shopper.visit.touch_code,
    )
    try:
        async with building.transaction(shopper.walls) as db:
            placed = await flash.buy(db, ask, building.now(), held)
    except (SaleNotOn, TooManyInSale, AlreadyTookPart, SoldOut, NoPrice, StoreGone) as refusal:
        return await _page(request, building, shopper.visit, refusal)
    return RedirectResponse(f"/orders/{placed.number}/pay", 303)


async def _page(
    request: Request, building: Building, visit: Visit, refusal: Refusal | None = None
) -> Response:
    now = building.now()
    async with building.transaction(visit.walls) as db:
        shop = await shop_of(request, db, visit, now)
        deals = await _running(db, building, visit, shop)
    return show(
        request,
        "deals",
        shop,
        status=refusal.status if refusal else 200,
        deals=deals,
        # One for each button, so that two deals bought from one page are two orders.
        order_ids={each.id: ids.new(ids.bucket_of(visit.who_id)) for each in deals.sales},
        hold_minutes=building.settings.hold_seconds // 60,
        refusal=refusal_sentence(refusal) if refusal else None,
    )


async def _running(db: Db, building: Building, visit: Visit, shop: Shop) -> Deals:
    now, mine = building.now(), visit.member_id
    return Deals(
        await flash.on_show(db, shop.store.id, visit.who_id, now),
        await offers.running(db, shop.brand.id, shop.store.id, now),
        await coupons.usable(db, mine, now) if mine else [],
    )


def _order_id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise BadInput("order_id", "malformed") from None

"""Checkout: the pickup store, a coupon, one button; the same press twice is the same order."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.pricing import coupons
from headwater.pricing.coupons import Coupon
from headwater.pricing.errors import CouponGone, NoPrice
from headwater.pricing.quotes import Quote
from headwater.stock.errors import SoldOut
from headwater.trade import carts, checkout
from headwater.trade.carts import CartLine
from headwater.trade.errors import EmptyCart, PriceChanged
from headwater.web.kit.building import Building
from headwater.web.kit.doors import SHOPPER, Door
from headwater.web.kit.forms import read_form, text, whole
from headwater.web.kit.visits import Shopper
from headwater.web.storefront.cart import explained, own_fen, show_cart
from headwater.web.storefront.shop import shop_of, show

door = Door()
NONE = "none"
MOST_FEN = 10_000_000_000


@dataclass(frozen=True)
class Offered:
    """What the checkout shows before it is agreed to."""

    lines: list[CartLine]
    quote: Quote
    coupons: list[Coupon]
    coupon: Coupon | None

    @property
    def discounts(self) -> list[tuple[str, int]]:
        """What is taken off, and why."""
        parts = (part for line in self.quote.lines for part in line.parts)
        return explained((part.kind, part.amount_fen) for part in parts)


@door.get("/checkout", SHOPPER, name="shop:checkout")
async def look(request: Request, building: Building, shopper: Shopper) -> Response:
    """Show what will be ordered and what it costs, every discount explained."""
    asked = request.query_params
    try:
        return await _page(request, building, shopper, asked.get("store"), asked.get("coupon"))
    except (EmptyCart, NoPrice):
        return RedirectResponse("/cart", 303)


@door.post("/checkout", SHOPPER, name="shop:place")
async def place(request: Request, building: Building, shopper: Shopper) -> Response:
    """Place the order and go to pay; what changed meanwhile is shown before anything is agreed."""
    fields = await read_form(request)
    ask = _ask(fields, shopper)
    try:
        async with building.transaction(shopper.walls) as db:
            placed = await checkout.place(db, ask, building.now(), building.settings.hold_seconds)
    except (SoldOut, NoPrice, EmptyCart) as refusal:
        return await show_cart(request, building, shopper.visit, refusal.status, refusal.code)
    except PriceChanged as refusal:
        return await _page(
            request, building, shopper, fields["store_id"], fields.get("coupon_id"), refusal
        )
    except CouponGone as refusal:
        return await _page(request, building, shopper, fields["store_id"], NONE, refusal)
    return RedirectResponse(f"/orders/{placed.number}/pay", 303)


async def _page(
    request: Request,
    building: Building,
    shopper: Shopper,
    store: str | None,
    coupon: str | None,
    refusal: PriceChanged | CouponGone | None = None,
) -> Response:
    now = building.now()
    async with building.transaction(shopper.walls) as db:
        shop = await shop_of(request, db, shopper.visit, now)
        chosen = shop.directory.selling(_id("store", store)) if store else shop.store
        offered = await _offered(db, building, shopper, chosen.id, coupon)
    return show(
        request,
        "checkout",
        shop,
        block="checkout",
        status=refusal.status if refusal else 200,
        store=chosen,
        offered=offered,
        units={line.variant_id: line for line in offered.quote.lines},
        own_fen=own_fen,
        hold_minutes=building.settings.hold_seconds // 60,
        order_id=ids.new(ids.bucket_of(shopper.member_id)),
        refusal=refusal,
    )


async def _offered(
    db: Db, building: Building, shopper: Shopper, store_id: UUID, coupon: str | None
) -> Offered:
    """Price the cart of a store; without a choice the best coupon that counts is laid on."""
    now = building.now()
    ask = checkout.Ask(ids.new(ids.bucket_of(shopper.member_id)), shopper.member_id, store_id)
    quote = await checkout.preview(db, ask, now)
    usable = [
        each
        for each in await coupons.usable(db, shopper.member_id, now)
        if each.floor_fen <= quote.payable_fen
    ]
    wanted = None if coupon is None else _id("coupon", coupon) if coupon != NONE else coupon
    chosen = next((each for each in usable if wanted in (None, each.id)), None)
    if chosen is not None:
        with_coupon = checkout.Ask(ask.order_id, ask.member_id, store_id, coupon_id=chosen.id)
        quote = await checkout.preview(db, with_coupon, now)
    lines = await carts.lines(db, shopper.member_id, store_id)
    return Offered(lines, quote, usable, chosen)


def _ask(fields: dict[str, str], shopper: Shopper) -> checkout.Ask:
    coupon = fields.get("coupon_id", "")
    return checkout.Ask(
        order_id=_id("order_id", text(fields, "order_id")),
        member_id=shopper.member_id,
        store_id=_id("store", text(fields, "store_id")),
        touch_code=shopper.visit.touch_code,
        coupon_id=_id("coupon", coupon) if coupon and coupon != NONE else None,
        shown_fen=whole(fields, "shown_fen", least=0, most=MOST_FEN),
    )


def _id(field: str, given: str | None) -> UUID:
    try:
        return UUID(given or "")
    except ValueError:
        raise BadInput(field, "malformed") from None

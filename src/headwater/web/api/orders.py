"""Orders over the API: the hot path of a launch, kept as thin as it can be."""

from __future__ import annotations

from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headwater.base import ids
from headwater.base.errors import BadInput
from headwater.stock.holds import Wanted
from headwater.trade import carts, checkout, orders
from headwater.web.api.bodies import json, read
from headwater.web.kit.building import Building
from headwater.web.kit.doors import BUYER, SHOPPER, Door, own_json
from headwater.web.kit.visits import Shopper

door = Door()


class NewLine(msgspec.Struct, forbid_unknown_fields=True):
    """So many of one variant."""

    variant_id: UUID
    quantity: int


class NewOrder(msgspec.Struct, forbid_unknown_fields=True):
    """An order to be placed. Without lines it takes the cart of this store."""

    store_id: UUID
    order_id: UUID | None = None
    lines: list[NewLine] = []
    coupon_id: UUID | None = None
    fulfilment: str = "pickup"
    shown_fen: int | None = None


_new_order = msgspec.json.Decoder(NewOrder)
_new_line = msgspec.json.Decoder(NewLine)


@door.post("/api/orders", BUYER, name="api:orders")
async def place(request: Request, building: Building, shopper: Shopper) -> Response:
    """Place an order; the same `order_id` again gives the same order."""
    asked = read(_new_order, await own_json(request))
    if asked.fulfilment not in ("pickup", "delivery"):
        raise BadInput("fulfilment", "one of pickup, delivery")
    ask = checkout.Ask(
        order_id=asked.order_id or ids.new(ids.bucket_of(shopper.member_id)),
        member_id=shopper.member_id,
        store_id=asked.store_id,
        wanted=tuple(Wanted(line.variant_id, line.quantity) for line in asked.lines),
        fulfilment=asked.fulfilment,
        touch_code=shopper.visit.touch_code,
        coupon_id=asked.coupon_id,
        shown_fen=asked.shown_fen,
        logged_in_at=shopper.visit.logged_in_at,
    )
    async with building.transaction(shopper.walls) as db:
        placed = await checkout.place(db, ask, building.now(), building.settings.hold_seconds)
    return json(placed, 201)


@door.get("/api/orders/{order_id:uuid}", SHOPPER, name="api:order")
async def show(request: Request, building: Building, shopper: Shopper) -> Response:
    """Tell how one's own order stands."""
    async with building.transaction(shopper.walls) as db:
        order = await orders.own(db, shopper.member_id, request.path_params["order_id"])
    return json(order)


@door.post("/api/stores/{store_id:uuid}/cart", SHOPPER, name="api:cart")
async def put(request: Request, building: Building, shopper: Shopper) -> Response:
    """Set how many of a variant lie in one's cart at a store."""
    line = read(_new_line, await own_json(request))
    store_id = request.path_params["store_id"]
    async with building.transaction(shopper.walls) as db:
        await carts.set_line(
            db,
            shopper.member_id,
            carts.Put(store_id, line.variant_id, line.quantity, "app"),
            building.now(),
        )
        count = await carts.count(db, shopper.member_id)
    return json({"count": count})

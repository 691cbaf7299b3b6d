"""The pass: shown on the phone, on its own white plate, as soon as the order is paid."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headwater.scango import passes
from headwater.trade import orders
from headwater.web.kit.building import Building
from headwater.web.kit.doors import SHOPPER, Door
from headwater.web.kit.pages import render
from headwater.web.kit.visits import Shopper

door = Door()


@door.get("/scango/passes/{order_id:uuid}", SHOPPER, name="scango:pass")
async def show(request: Request, building: Building, shopper: Shopper) -> Response:
    """Show the pass of a paid order, or what is still missing."""
    now = building.now()
    async with building.transaction(shopper.walls) as db:
        order = await orders.own(db, shopper.member_id, request.path_params["order_id"])
        lines = await orders.lines(db, order.id)
    is_ready = passes.is_ready(order)
    return render(
        request,
        "scango/pass.html",
        order=order,
        lines=lines,
        shown=passes.derive(building.keys, order) if is_ready else None,
        pieces=sum(line.quantity - line.refunded_quantity for line in lines),
        now=now,
    )

"""Orders: found by number, state and store; every fen explained; handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import Db
from headwater.members import members
from headwater.members.errors import MemberGone
from headwater.members.members import Member
from headwater.trade import orders, refunds
from headwater.trade.errors import OrderGone
from headwater.trade.orders import Listing, Order
from headwater.web.console.desk import PAGE, Desk, address, desk_of, path_id, show, typed
from headwater.web.console.words import order_states
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form

door = Door()

READ = may("orders.read")


@door.get("/console/orders", READ, name="console:orders")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """List the orders of the stores somebody may see; a number leads straight to its order."""
    number, state = typed(request, "number"), request.query_params.get("state", "")
    state = state if state in order_states() else ""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        chosen = desk.chosen_store(request)
        found = await _by_number(db, desk, number) if number else None
        if found is not None:
            return RedirectResponse(f"/console/orders/{found.id}", 303)
        places = (chosen.id,) if chosen else desk.store_ids
        before = read_moment(request.query_params.get("before"))
        rows = await orders.recent(db, Listing(places, state or None, before, PAGE))
    onward = address(request, before=rows[-1].placed_at.isoformat()) if len(rows) == PAGE else None
    return show(request, "orders", desk, rows=rows, chosen=chosen, state=state, number=number,
                states=order_states(), onward=onward, is_first=before is None,
                now=building.now())  # fmt: skip


@door.get("/console/orders/{order_id}", READ, name="console:order")
async def one(request: Request, building: Building, who: Staff) -> Response:
    """Show one order: each line with every fen of its price, what happened, and what went back."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        order = await seen(db, desk, request)
        context: dict[str, Any] = {
            "lines": await orders.lines(db, order.id),
            "log": await orders.log(db, order.id),
            "refunds": await refunds.of_order(db, order.id),
            "member": await _member(db, order) if who.member.may("members.read") else None,
        }
    return show(request, "order", desk, order=order, now=building.now(), **context)


@door.post(
    "/console/orders/{order_id}/hand-over", may("orders.hand_over"), name="console:order.hand-over"
)
async def hand_over(request: Request, building: Building, who: Staff) -> Response:
    """Note that the goods are with the shopper."""
    await read_form(request)
    async with building.transaction(who.walls) as db:
        order = await seen(db, await desk_of(db, who), request)
        await orders.hand_over(
            db, order.id, "handed over at the desk", f"staff:{who.member.login}", building.now()
        )
    return RedirectResponse(f"/console/orders/{order.id}", 303)


async def seen(db: Db, desk: Desk, request: Request) -> Order:
    """The order that the path names, in a store inside the walls; another does not exist."""
    order = await orders.one(db, path_id(request, "order_id"))
    desk.store(order.store_id)
    return order


async def _by_number(db: Db, desk: Desk, number: str) -> Order | None:
    try:
        found = await orders.one(db, await orders.id_by_number(db, number))
    except OrderGone:
        return None
    return found if found.store_id in desk.stores else None


async def _member(db: Db, order: Order) -> Member | None:
    """Whose order it is, where they are at home inside the walls."""
    try:
        return await members.one(db, order.member_id)
    except MemberGone:
        return None


def read_moment(text: str | None) -> datetime | None:
    """A moment out of an address, or nothing where it is none."""
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else None

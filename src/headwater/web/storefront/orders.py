"""Orders: the list, each order's way with one obvious next step, and refunds line by line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.trade import due, orders, refunds
from headwater.trade.orders import Order, OrderLine, Step
from headwater.trade.refunds import Refund
from headwater.web.kit.building import Building
from headwater.web.kit.doors import SHOPPER, Door
from headwater.web.kit.filters import yuan
from headwater.web.kit.forms import read_form, whole
from headwater.web.kit.visits import Shopper
from headwater.web.kit.wording import _, mark
from headwater.web.storefront.cart import explained
from headwater.web.storefront.shop import page_number, shop_of, show

door = Door()
LISTED = 20
REASONS = {
    "changed_mind": mark("不想要了"),
    "wrong_item": mark("买错了"),
    "too_late": mark("等太久了"),
    "other": mark("其他原因"),
}
STATES = {
    "placed": mark("待付款"),
    "paid": mark("待取货"),
    "handed_over": mark("已取货"),
    "closed": mark("已关闭"),
    "refunded": mark("已退款"),
}
STEPS = {
    "placed": mark("已下单"),
    "paid": mark("已付款，等您来取"),
    "handed_over": mark("已取货"),
    "closed": mark("已关闭，没有扣款"),
    "refunded": mark("已全部退款"),
}
REFUND_STEPS = {
    "owed": mark("退款已受理"),
    "asked": mark("微信支付正在退款"),
    "done": mark("退款已到账"),
    "stuck": mark("退款需要人工处理，我们会跟进"),
}


@dataclass(frozen=True)
class Seen:
    """All that the page of one order shows."""

    order: Order
    lines: list[OrderLine]
    log: list[Step]
    refunds: list[Refund]

    @property
    def can_be_refunded(self) -> bool:
        """Whether something of it was paid, is still with the store and was not given back."""
        return self.order.state == "paid" and any(
            line.refunded_quantity < line.quantity for line in self.lines
        )

    @property
    def is_waiting(self) -> bool:
        """Whether money is on its way, so that looking again soon may tell more."""
        return any(each.state in ("owed", "asked") for each in self.refunds)

    @property
    def mark(self) -> str:
        """Changes whenever the page would, so that a waiting page knows when to look again."""
        states = "-".join(sorted(each.state for each in self.refunds))
        return f"{self.order.state}.{states}"

    @property
    def discounts(self) -> list[tuple[str, int]]:
        """What was taken off, and why."""
        parts = (part for line in self.lines for part in line.parts)
        return explained((part["kind"], part["fen"]) for part in parts)


@door.get("/orders", SHOPPER, name="shop:orders")
async def own(request: Request, building: Building, shopper: Shopper) -> Response:
    """List one's own orders, the newest first."""
    page = page_number(request)
    async with building.transaction(shopper.walls) as db:
        shop = await shop_of(request, db, shopper.visit, building.now())
        rows = await orders.of_member(db, shopper.member_id, LISTED + 1, (page - 1) * LISTED)
    return show(
        request, "orders", shop, rows=rows[:LISTED], page_no=page, is_more=len(rows) > LISTED,
        states=STATES,
    )  # fmt: skip


@door.get("/orders/{number}", SHOPPER, name="shop:order")
async def one(request: Request, building: Building, shopper: Shopper) -> Response:
    """Show an order, and while it waits for its money to be confirmed, ask again by itself."""
    now = building.now()
    async with building.transaction(shopper.walls) as db:
        shop = await shop_of(request, db, shopper.visit, now)
        seen = await _seen(db, shopper, request.path_params["number"])
    due_at = seen.order.due_at
    return show(
        request,
        "order",
        shop,
        seen=seen,
        order=seen.order,
        store=shop.directory.stores.get(seen.order.store_id),
        steps=_timeline(seen),
        states=STATES,
        is_back=request.query_params.get("from") == "pay",
        left_seconds=max(int((due_at - now).total_seconds()), 0) if due_at else 0,
    )


@door.get("/orders/{number}/state", SHOPPER, name="shop:order-state")
async def look_again(request: Request, building: Building, shopper: Shopper) -> Response:
    """Tell a waiting page whether anything has changed: nothing to say, or go and look."""
    number = request.path_params["number"]
    async with building.transaction(shopper.walls) as db:
        seen = await _seen(db, shopper, number)
    if seen.mark == request.query_params.get("seen"):
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    return Response(headers={"HX-Redirect": f"/orders/{number}", "Cache-Control": "no-store"})


@door.post("/orders/{number}/closure", SHOPPER, name="shop:close")
async def close(request: Request, building: Building, shopper: Shopper) -> Response:
    """Give up an order that is not paid; one that was paid meanwhile stays paid."""
    await read_form(request)
    number = request.path_params["number"]
    async with building.transaction(shopper.walls) as db:
        order = await orders.own(db, shopper.member_id, await orders.id_by_number(db, number))
    await due.close_with_provider(
        building.pool, building.pay, order.id, "the shopper changed their mind", building.now()
    )
    return RedirectResponse(f"/orders/{number}", 303)


@door.get("/orders/{number}/refund", SHOPPER, name="shop:refund")
async def what_back(request: Request, building: Building, shopper: Shopper) -> Response:
    """Ask what shall go back, and why."""
    return await _ask_what(request, building, shopper)


@door.post("/orders/{number}/refunds", SHOPPER, name="shop:refunds")
async def ask_back(request: Request, building: Building, shopper: Shopper) -> Response:
    """Owe the money of these pieces; the worker has the provider send it."""
    fields = await read_form(request)
    number = request.path_params["number"]
    try:
        async with building.transaction(shopper.walls) as db:
            seen = await _seen(db, shopper, number)
            asked = _back_ask(fields, shopper.member_id, seen)
            await refunds.ask(db, asked, building.now())
    except BadInput as fault:
        if fault.field not in ("lines", "reason"):
            raise
        return await _ask_what(request, building, shopper, fault)
    return RedirectResponse(f"/orders/{number}", 303)


async def _ask_what(
    request: Request, building: Building, shopper: Shopper, fault: BadInput | None = None
) -> Response:
    async with building.transaction(shopper.walls) as db:
        shop = await shop_of(request, db, shopper.visit, building.now())
        seen = await _seen(db, shopper, request.path_params["number"])
    if not seen.can_be_refunded:
        return RedirectResponse(f"/orders/{seen.order.number}", 303)
    return show(
        request,
        "refund",
        shop,
        status=fault.status if fault else 200,
        seen=seen,
        reasons=REASONS,
        refund_id=ids.new(ids.bucket_of(shopper.member_id)),
        error=fault.field if fault else "",
    )


async def _seen(db: Db, shopper: Shopper, number: str) -> Seen:
    order_id = await orders.id_by_number(db, number)
    order = await orders.own(db, shopper.member_id, order_id)
    return Seen(
        order,
        await orders.lines(db, order_id),
        await orders.log(db, order_id),
        await refunds.of_order(db, order_id),
    )


def _back_ask(fields: dict[str, str], member_id: UUID, seen: Seen) -> refunds.BackAsk:
    """Read what shall go back; a line that is not named stays with its buyer."""
    wanted = []
    for line in seen.lines:
        name = f"quantity_{line.line_no}"
        if fields.get(name, "0").strip() not in ("", "0"):
            quantity = whole(fields, name, least=0, most=line.quantity)
            wanted.append(refunds.BackLine(line.line_no, quantity))
    if not wanted:
        raise BadInput("lines", "missing")
    if fields.get("reason") not in REASONS:
        raise BadInput("reason", "unknown")
    refund_id = _refund_id(fields.get("refund_id", ""), member_id)
    return refunds.BackAsk(refund_id, seen.order.id, tuple(wanted), fields["reason"])


def _refund_id(given: str, member_id: UUID) -> UUID:
    try:
        refund_id = UUID(given)
    except ValueError:
        raise BadInput("refund_id", "malformed") from None
    if ids.bucket_of(refund_id) != ids.bucket_of(member_id):
        raise BadInput("refund_id", "malformed")
    return refund_id


def _timeline(seen: Seen) -> list[tuple[str, str, datetime | None, str]]:
    """What happened, in order, and what is awaited."""
    happened: list[tuple[datetime, int, str, str, str]] = [
        (step.logged_at, step.to_state == "refunded", "done", _(STEPS[step.to_state]), "")
        for step in seen.log
    ]
    for each in seen.refunds:
        how = {"done": "done", "stuck": "bad"}.get(each.state, "now")
        at, title = each.settled_at or each.owed_at, _(REFUND_STEPS[each.state])
        happened.append((at, 0, how, title, yuan(each.amount_fen)))
    rows: list[tuple[str, str, datetime | None, str]] = [
        (how, title, at, note) for at, _rank, how, title, note in sorted(happened)
    ]
    if seen.order.state == "placed":
        rows.append(("now", _("等您付款"), None, ""))
    elif seen.order.state == "paid" and rows[-1][0] == "done":
        rows[-1] = ("now", *rows[-1][1:])
    return rows

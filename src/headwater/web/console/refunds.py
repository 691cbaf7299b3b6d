"""Refunds: per line, and confirmed by their consequence before any money moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base import ids
from headwater.base.errors import BadInput
from headwater.trade import orders, refunds
from headwater.trade.orders import OrderLine
from headwater.trade.refunds import BackAsk, BackLine
from headwater.web.console.desk import desk_of, read_id, show
from headwater.web.console.orders import seen
from headwater.web.kit import forms
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form
from headwater.web.kit.wording import mark, refusal_sentence

door = Door()

REFUND = may("orders.refund")
REASONS: Final = (
    mark("会员不想要了"),
    mark("商品有质量问题"),
    mark("发错或少发"),
    mark("价格有误"),
    mark("其他"),
)


@dataclass(frozen=True)
class Back:
    """So many pieces of a line, and what they cost to the fen."""

    line: OrderLine
    quantity: int
    amount_fen: int


@door.get("/console/orders/{order_id}/refund", REFUND, name="console:refund")
async def ask(request: Request, building: Building, who: Staff) -> Response:
    """Ask how many pieces of each line go back, and why."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        order = await seen(db, desk, request)
        lines = await orders.lines(db, order.id)
    return show(request, "refund", desk, order=order, lines=lines, reasons=REASONS, given={},
                wrong="")  # fmt: skip


@door.post("/console/orders/{order_id}/refund", REFUND, name="console:refund.check")
async def check(request: Request, building: Building, who: Staff) -> Response:
    """Say what would follow, to the fen; nothing has moved yet."""
    fields = await read_form(request)
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        order = await seen(db, desk, request)
        lines = await orders.lines(db, order.id)
    try:
        backs = _backs(fields, lines)
    except BadInput as refusal:
        return show(request, "refund", desk, status=422, order=order, lines=lines, given=fields,
                    reasons=REASONS, wrong=refusal_sentence(refusal))  # fmt: skip
    refund_id = ids.new(ids.bucket_of(order.id))
    return show(request, "refund_check", desk, order=order, backs=backs, refund_id=refund_id,
                reason=_reason(fields), takes_back=bool(fields.get("takes_back")),
                total_fen=sum(each.amount_fen for each in backs))  # fmt: skip


@door.post("/console/orders/{order_id}/refunds", REFUND, name="console:refund.add")
async def add(request: Request, building: Building, who: Staff) -> Response:
    """Owe the money back; the same confirmation sent twice is one refund."""
    fields = await read_form(request)
    refund_id = read_id(fields.get("refund_id"))
    if refund_id is None:
        raise BadInput("refund_id", "missing")
    async with building.transaction(who.walls) as db:
        order = await seen(db, await desk_of(db, who), request)
        backs = _wanted(fields, await orders.lines(db, order.id))
        asked = BackAsk(
            refund_id, order.id, tuple(backs), _reason(fields), bool(fields.get("takes_back"))
        )
        await refunds.ask(db, asked, building.now())
    return RedirectResponse(f"/console/orders/{order.id}#refunds", 303)


def _wanted(fields: Mapping[str, str], lines: list[OrderLine]) -> list[BackLine]:
    wanted = []
    for line in lines:
        name = f"quantity_{line.line_no}"
        if fields.get(name, "").strip() not in ("", "0"):
            wanted.append(BackLine(line.line_no, forms.whole(fields, name, least=1, most=9999)))
    if not wanted:
        raise BadInput("quantity", "missing")
    return wanted


def _backs(fields: Mapping[str, str], lines: list[OrderLine]) -> list[Back]:
    by_no = {line.line_no: line for line in lines}
    backs = []
    for each in _wanted(fields, lines):
        line = by_no[each.line_no]
        to_piece = line.refunded_quantity + each.quantity
        if to_piece > line.quantity:
            raise BadInput("quantity", "too_large")
        amount = refunds.part_of_line(
            line.payable_fen, line.quantity, line.refunded_quantity, to_piece
        )
        backs.append(Back(line, each.quantity, amount))
    return backs


def _reason(fields: Mapping[str, str]) -> str:
    """One of ours, or what somebody wrote beside it."""
    chosen = fields.get("reason", "")
    return chosen if chosen in REASONS else REASONS[-1]

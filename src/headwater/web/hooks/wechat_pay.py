"""Notices of WeChat Pay: verified, settled, and answered at once."""

from __future__ import annotations

import logging
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from headwater.base.db import SYSTEM
from headwater.base.errors import Forged, NotFound
from headwater.connect.wechat_pay import (
    PaymentNotice,
    RefundNotice,
    RefundState,
    RefundStatus,
    TradeState,
)
from headwater.trade import due, payments
from headwater.web.kit.building import Building
from headwater.web.kit.doors import MACHINE, Door
from headwater.web.kit.media.bodies import raw_body

log = logging.getLogger(__name__)

door = Door()


@door.post("/hooks/wechat-pay/payments", MACHINE, name="hooks:payments")
async def paid(request: Request, building: Building) -> Response:
    """Hear that money came; 204 says heard, anything else makes WeChat say it again."""
    notice = await _read(request, building)
    if not isinstance(notice, PaymentNotice):
        raise NotFound(what="payment notice")
    if notice.trade_state is not TradeState.PAID or _was_heard(request, building, notice):
        return Response(status_code=204)
    told = payments.Paid(
        notice.out_trade_no,
        notice.transaction_id,
        notice.amount_fen,
        notice.paid_at,
        {"notice_id": notice.notice_id},
    )
    async with building.transaction(SYSTEM) as db:
        outcome = await payments.settle(db, told, building.now())
    if outcome != "wrong_amount":
        building.pay.heard.remember(notice.notice_id, request.headers, building.now())
    return _answer(outcome, notice.out_trade_no)


@door.post("/hooks/wechat-pay/refunds", MACHINE, name="hooks:refunds")
async def refunded(request: Request, building: Building) -> Response:
    """Hear that money went back."""
    notice = await _read(request, building)
    if not isinstance(notice, RefundNotice):
        raise NotFound(what="refund notice")
    state = RefundState(
        notice.out_refund_no,
        notice.out_trade_no,
        notice.refund_id,
        notice.amount_fen,
        notice.refund_status,
        notice.status_word,
        notice.refunded_at,
    )
    if state.status is RefundStatus.UNKNOWN or _was_heard(request, building, notice):
        return Response(status_code=204)
    await due.note_refund(building.pool, _id(notice.out_refund_no), state, building.now())
    building.pay.heard.remember(notice.notice_id, request.headers, building.now())
    return Response(status_code=204)


async def _read(request: Request, building: Building) -> PaymentNotice | RefundNotice:
    try:
        body = await raw_body(request)
        return await building.pay.hear(request.headers, body, building.now())
    except Forged as forged:
        log.warning("refused a notice from %s: %s", request.client and request.client.host, forged)
        raise


def _was_heard(request: Request, building: Building, notice: PaymentNotice | RefundNotice) -> bool:
    """A replay of what was acted upon needs no database to be answered."""
    return building.pay.heard.knows(notice.notice_id, request.headers, building.now())


def _answer(outcome: str, out_trade_no: str) -> Response:
    if outcome == "wrong_amount":
        log.error("payment %s came with another amount; a person must look", out_trade_no)
        return JSONResponse({"code": "FAIL", "message": "amount differs"}, 409)
    return Response(status_code=204)


def _id(out_refund_no: str) -> UUID:
    try:
        return UUID(hex=out_refund_no)
    except ValueError:
        raise NotFound(what="refund", number=out_refund_no) from None

"""The trade bill: every payment of a day, and every refund that was accepted on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from headwater.sandbox.pay.bills.form import (
    RATE,
    Row,
    bill_bytes,
    clock,
    day_of,
    escaped,
    fee_of,
    fee_yuan,
    yuan,
)
from headwater.sandbox.pay.payments import Order, Payments
from headwater.sandbox.pay.refunds import Refund, Refunds

_WHO = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额"
)
_BACK = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态"
_REST = "商品名称,商户数据包,手续费,费率,订单金额"
HEADS = {
    "ALL": f"{_WHO},{_BACK},{_REST},申请退款金额,费率备注",
    "SUCCESS": f"{_WHO},{_REST},费率备注",
    "REFUND": f"{_WHO},退款申请时间,退款成功时间,{_BACK},{_REST},申请退款金额,费率备注",
}
SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
# A bill has its own words for how a refund ended.
_ENDS = {"SUCCESS": "SUCCESS", "ABNORMAL": "CHANGE", "CLOSED": "FAIL"}


@dataclass(frozen=True)
class Entry:
    """A row of the bill, and the money in it."""

    at: datetime
    row: Row
    paid_fen: int
    back_fen: int
    fee_fen: int


def trade_entries(
    payments: Payments, refunds: Refunds, day: date, made_at: datetime
) -> list[Entry]:
    """All payments and refunds of a day in their order; `made_at` is when the picture is taken."""
    paid = [
        _paid(payments.mchid, order, order.paid_at)
        for order in payments.everything()
        if order.paid_at is not None and day_of(order.paid_at) == day
    ]
    back = [
        _back(payments.mchid, payments.find(refund.out_trade_no), refund, made_at)
        for refund in refunds.everything()
        if day_of(refund.made_at) == day
    ]
    return sorted([*paid, *back], key=lambda one: one.at)


def trade_bill(bill_type: str, entries: Sequence[Entry]) -> bytes | None:
    """The bill of one type, or nothing when the day has no such row."""
    wanted = {"SUCCESS": ("SUCCESS",), "REFUND": ("REFUND",)}.get(bill_type, ("SUCCESS", "REFUND"))
    kept = [one for one in entries if one.row["交易状态"] in wanted]
    if not kept:
        return None
    paid, back = yuan(sum(one.paid_fen for one in kept)), yuan(sum(one.back_fen for one in kept))
    fee = fee_yuan(sum(one.fee_fen for one in kept))
    sums = (str(len(kept)), paid, back, "0.00", fee, paid, back)
    return bill_bytes(HEADS[bill_type], [one.row for one in kept], SUMS, sums)


def _paid(mchid: str, order: Order, paid_at: datetime) -> Entry:
    fee = fee_of(order.total_fen)
    row = _common(mchid, order, paid_at) | {
        "交易状态": "SUCCESS",
        "应结订单金额": yuan(order.total_fen),
        "订单金额": yuan(order.total_fen),
        "手续费": fee_yuan(fee),
    }
    return Entry(paid_at, row, order.total_fen, 0, fee)


def _back(mchid: str, order: Order, refund: Refund, made_at: datetime) -> Entry:
    fee, amount = -fee_of(refund.refund_fen), yuan(refund.refund_fen)
    # What settles after the picture was taken stays PROCESSING in it; only a query knows better.
    settled_at = refund.settled_at
    is_over = settled_at is not None and settled_at <= made_at
    row = _common(mchid, order, refund.made_at) | {
        "交易状态": "REFUND",
        "退款申请时间": clock(refund.made_at),
        "退款成功时间": clock(settled_at) if is_over and refund.outcome == "SUCCESS" else "",
        "微信退款单号": refund.refund_id,
        "商户退款单号": refund.out_refund_no,
        "退款金额": amount,
        "申请退款金额": amount,
        "退款类型": "ORIGINAL",
        "退款状态": _ENDS[refund.outcome] if is_over else "PROCESSING",
        "手续费": fee_yuan(fee),
    }
    return Entry(refund.made_at, row, 0, refund.refund_fen, fee)


def _common(mchid: str, order: Order, moment: datetime) -> dict[str, str]:
    """What both kinds of row say, with nought wherever the other kind has its own."""
    return {
        "交易时间": clock(moment),
        "公众账号ID": order.appid,
        "商户号": mchid,
        "特约商户号": "0",
        "设备号": escaped(order.device_id or ""),
        "微信订单号": order.transaction_id or "",
        "商户订单号": order.out_trade_no,
        "用户标识": order.payer_openid or "",
        "交易类型": order.trade_type,
        "付款银行": "OTHERS",
        "货币种类": "CNY",
        "应结订单金额": "0.00",
        "代金券金额": "0.00",
        "微信退款单号": "0",
        "商户退款单号": "0",
        "退款金额": "0.00",
        "充值券退款金额": "0.00",
        "退款类型": "",
        "退款状态": "",
        "商品名称": escaped(order.description),
        "商户数据包": escaped(order.attach or ""),
        "费率": RATE,
        "订单金额": "0.00",
        "申请退款金额": "0.00",
        "费率备注": "",
    }

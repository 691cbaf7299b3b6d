"""The fund-flow bill: every movement of the merchant's account, with the balance after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from headwater.sandbox.pay.bills.form import bill_bytes, clock, day_of, escaped, fee_of, yuan
from headwater.sandbox.pay.payments import Order, Payments
from headwater.sandbox.pay.refunds import Refund, Refunds

HEAD = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
SUMS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


@dataclass(frozen=True)
class Flow:
    """One movement of the account; money that leaves is negative."""

    at: datetime
    business_no: str
    flow_no: str
    name: str
    amount_fen: int
    remark: str
    voucher: str


def flows_of(payments: Payments, refunds: Refunds, more: Iterable[Flow]) -> list[Flow]:
    """Everything that ever moved, in its order: payments, their fees, refunds, and the rest."""
    paid = (one for order in payments.everything() for one in _paid(order))
    back = (_back(refund) for refund in refunds.everything() if refund.outcome != "CLOSED")
    return sorted([*paid, *back, *more], key=lambda one: one.at)


def fund_bill(flows: Iterable[Flow], mchid: str, day: date) -> bytes | None:
    """The bill of a day, or nothing when nothing moved on it."""
    balance, rows, moved = 0, [], []
    for flow in flows:
        balance += flow.amount_fen
        if day_of(flow.at) == day:
            rows.append(_row(flow, balance, mchid))
            moved.append(flow.amount_fen)
    if not rows:
        return None
    came, left = [one for one in moved if one >= 0], [-one for one in moved if one < 0]
    sums = (str(len(moved)), str(len(came)), yuan(sum(came)), str(len(left)), yuan(sum(left)))
    return bill_bytes(HEAD, rows, SUMS, sums)


def _paid(order: Order) -> Iterator[Flow]:
    if order.paid_at is None or order.transaction_id is None:
        return
    fee, number = fee_of(order.total_fen), order.transaction_id
    yield Flow(order.paid_at, number, number, "交易", order.total_fen, "", order.out_trade_no)
    if fee:
        remark = f"结算总金额{yuan(order.total_fen)}元"
        yield Flow(
            order.paid_at, number, number, "扣除交易手续费", -fee, remark, order.out_trade_no
        )


def _back(refund: Refund) -> Flow:
    fee = fee_of(refund.refund_fen)
    return Flow(
        at=refund.made_at,
        business_no=refund.refund_id,
        flow_no=refund.transaction_id,
        name="退款",
        amount_fen=fee - refund.refund_fen,
        remark=f"退款总金额{yuan(refund.refund_fen)}元;含手续费{yuan(fee)}元",
        voucher=refund.out_refund_no,
    )


def _row(flow: Flow, balance_fen: int, mchid: str) -> dict[str, str]:
    return {
        "记账时间": clock(flow.at),
        "微信支付业务单号": flow.business_no,
        "资金流水单号": flow.flow_no,
        "业务名称": flow.name,
        "业务类型": flow.name,
        "收支类型": "收入" if flow.amount_fen >= 0 else "支出",
        "收支金额(元)": yuan(abs(flow.amount_fen)),
        "账户结余(元)": yuan(balance_fen),
        "资金变更提交申请人": f"{mchid}API" if flow.amount_fen < 0 else "system",
        "备注": escaped(flow.remark),
        "业务凭证号": flow.voucher,
    }

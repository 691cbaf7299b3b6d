"""The rows of a bill: yuan with decimals and backticks outside, integer fen inside.

A bill has two parts, rows and their sums, each under a line of column names; columns are found by
name. A comma inside a name comes as a backslash and a blank, and stays so.
Rules: pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html and
format-fundflow.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Generic, TypeVar

from headwater.base.errors import Trouble
from headwater.base.times import SHANGHAI
from headwater.connect.wechat_pay.states import WHOM

Row = TypeVar("Row")
Cells = Mapping[str, str]

_YUAN: Final = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,5}))?")
_COUNT: Final = re.compile(r"([0-9]{1,12})(?:\.0+)?")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_IDENTIFIER: Final = re.compile(r"[!-~]{1,128}")
_NONE: Final = ("", "0")
# Merchants of the first years get the same columns under their first names.
_FIRST_NAMES: Final = {
    "总金额": "应结订单金额",
    "企业红包金额": "代金券金额",
    "企业红包退款金额": "充值券退款金额",
}


@dataclass(frozen=True)
class TradeRow:
    """One payment, or one refund, of a trade bill; `state_word` says which.

    Fees have five decimals of a yuan, so they are counted in thousandths of a fen.
    """

    happened_at: datetime
    state_word: str
    appid: str
    mchid: str
    sub_mchid: str | None
    transaction_id: str
    out_trade_no: str
    openid: str
    trade_type: str
    bank: str
    order_fen: int
    settled_fen: int
    coupon_fen: int
    refund_id: str | None
    out_refund_no: str | None
    asked_refund_fen: int
    refund_fen: int
    coupon_refund_fen: int
    refund_status: str
    description: str
    attach: str
    fee_millifen: int
    rate: str


@dataclass(frozen=True)
class FundRow:
    """One movement on the merchant's account at WeChat Pay."""

    booked_at: datetime
    business_number: str
    flow_number: str
    business_name: str
    business_kind: str
    is_income: bool
    amount_fen: int
    balance_fen: int
    by_whom: str
    note: str
    voucher: str


@dataclass(frozen=True)
class Layout(Generic[Row]):
    """How rows of one kind are read, and what their sums must say."""

    columns: frozenset[str]
    row: Callable[[Cells], Row]
    counts: Mapping[str, Callable[[Row], bool]]
    sums_millifen: Mapping[str, Callable[[Row], int]]


def parsed(lines: Iterable[str], layout: Layout[Row]) -> Iterator[Row]:
    """Read row by row; whoever reaches the end knows that the sums agree, else it is Trouble."""
    names: list[str] | None = None
    counts = dict.fromkeys(layout.counts, 0)
    sums = dict.fromkeys(layout.sums_millifen, 0)
    rest = iter(lines)
    for line in rest:
        if names is None:
            names = _names(line)
            if missing := layout.columns - set(names):
                raise _unreadable(f"lacks the columns {sorted(missing)}")
        elif not line.startswith("`"):
            _reconcile(_summary(line, rest), counts, sums)
            return
        else:
            row = layout.row(_cells(names, line))
            for name, counted in layout.counts.items():
                counts[name] += counted(row)
            for name, adds in layout.sums_millifen.items():
                sums[name] += adds(row)
            yield row
    raise _unreadable("ends without its sums")


def _reconcile(summary: Cells, counts: Mapping[str, int], sums: Mapping[str, int]) -> None:
    """Hold the sums of the rows against those that WeChat wrote below them.

    Bills of one kind lack the sums of another, but never the number of rows.
    """
    if not summary.keys() & counts.keys():
        raise _unreadable("does not say how many rows it has")
    for name, counted in counts.items():
        if name in summary and _count(summary[name]) != counted:
            raise Trouble(f"a bill of {WHOM} says {summary[name]} for {name}, its rows {counted}")
    for name, added in sums.items():
        if name in summary and millifen(summary[name]) != added:
            raise Trouble(f"a bill of {WHOM} says {summary[name]} for {name}, its rows differ")


def _summary(header: str, rest: Iterator[str]) -> Cells:
    values = next(rest, None)
    if values is None or any(rest):
        raise _unreadable("has sums in a shape that we do not know")
    return _cells(_names(header), values)


def _names(line: str) -> list[str]:
    cells = [cell.removeprefix("`").strip() for cell in line.removeprefix("\ufeff").split(",")]
    names = [_FIRST_NAMES.get(cell, cell) for cell in cells]
    if len(set(names)) != len(names):
        raise _unreadable("names a column twice")
    return names


def _cells(names: list[str], line: str) -> Cells:
    """Part the cells at comma and backtick together, since names of goods may hold commas."""
    cells = line.removeprefix("`").split(",`")
    if len(cells) != len(names) or not line.startswith("`"):
        raise _unreadable("has a row with another number of cells than columns")
    return dict(zip(names, cells, strict=True))


def millifen(text: str) -> int:
    """Read yuan as thousandths of a fen, without a float in between."""
    found = _YUAN.fullmatch(text)
    if found is None:
        raise _unreadable("holds an amount that we cannot read")
    sign, whole, decimals = found.groups()
    value = int(whole) * 100_000 + int((decimals or "").ljust(5, "0"))
    return -value if sign else value


def fen(text: str) -> int:
    """Read yuan as fen; a fraction of a fen is nothing that can be booked."""
    value, fraction = divmod(millifen(text), 1_000)
    if fraction:
        raise _unreadable("holds a fraction of a fen")
    return value


def _count(text: str) -> int:
    found = _COUNT.fullmatch(text)
    if found is None:
        raise _unreadable("holds a number of rows that we cannot read")
    return int(found[1])


def _moment(text: str) -> datetime:
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError(text)
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _unreadable("holds a moment that we cannot read") from error


def _identifier(text: str) -> str:
    if not _IDENTIFIER.fullmatch(text):
        raise _unreadable("holds a number that cannot be one")
    return text


def _identifier_or_none(text: str) -> str | None:
    return None if text in _NONE else _identifier(text)


def _unreadable(why: str) -> Trouble:
    return Trouble(f"a bill of {WHOM} {why}")


def _trade_row(cells: Cells) -> TradeRow:
    if cells["货币种类"] != "CNY":
        raise _unreadable("names a currency that is not ours")
    settled = cells["应结订单金额"]
    return TradeRow(
        happened_at=_moment(cells["交易时间"]),
        state_word=cells["交易状态"],
        appid=cells["公众账号ID"],
        mchid=_identifier(cells["商户号"]),
        sub_mchid=_identifier_or_none(cells.get("特约商户号", "")),
        transaction_id=_identifier(cells["微信订单号"]),
        out_trade_no=_identifier(cells["商户订单号"]),
        openid=cells["用户标识"],
        trade_type=cells["交易类型"],
        bank=cells["付款银行"],
        order_fen=fen(cells.get("订单金额", settled)),
        settled_fen=fen(settled),
        coupon_fen=fen(cells.get("代金券金额", "0")),
        refund_id=_identifier_or_none(cells.get("微信退款单号", "")),
        out_refund_no=_identifier_or_none(cells.get("商户退款单号", "")),
        asked_refund_fen=fen(cells.get("申请退款金额", cells.get("退款金额", "0"))),
        refund_fen=fen(cells.get("退款金额", "0")),
        coupon_refund_fen=fen(cells.get("充值券退款金额", "0")),
        refund_status=cells.get("退款状态", ""),
        description=cells["商品名称"],
        attach=cells["商户数据包"],
        fee_millifen=millifen(cells["手续费"]),
        rate=cells["费率"],
    )


def _fund_row(cells: Cells) -> FundRow:
    direction = cells["收支类型"]
    if direction not in ("收入", "支出"):
        raise _unreadable("has money that neither came nor went")
    return FundRow(
        booked_at=_moment(cells["记账时间"]),
        business_number=cells["微信支付业务单号"],
        flow_number=_identifier(cells["资金流水单号"]),
        business_name=cells["业务名称"],
        business_kind=cells["业务类型"],
        is_income=direction == "收入",
        amount_fen=fen(cells["收支金额(元)"]),
        balance_fen=fen(cells["账户结余(元)"]),
        by_whom=cells["资金变更提交申请人"],
        note=cells["备注"],
        voucher=cells["业务凭证号"],
    )


_TRADE_COLUMNS: Final = frozenset(
    {
        "交易时间",
        "公众账号ID",
        "商户号",
        "微信订单号",
        "商户订单号",
        "用户标识",
        "交易类型",
        "交易状态",
        "付款银行",
        "货币种类",
        "应结订单金额",
        "商品名称",
        "商户数据包",
        "手续费",
        "费率",
    }
)
_FUND_COLUMNS: Final = frozenset(
    {
        "记账时间",
        "微信支付业务单号",
        "资金流水单号",
        "业务名称",
        "业务类型",
        "收支类型",
        "收支金额(元)",
        "账户结余(元)",
        "资金变更提交申请人",
        "备注",
        "业务凭证号",
    }
)

TRADE: Final = Layout[TradeRow](
    columns=_TRADE_COLUMNS,
    row=_trade_row,
    counts={"总交易单数": lambda row: True},
    sums_millifen={
        "应结订单总金额": lambda row: row.settled_fen * 1_000,
        "退款总金额": lambda row: row.refund_fen * 1_000,
        "充值券退款总金额": lambda row: row.coupon_refund_fen * 1_000,
        "手续费总金额": lambda row: row.fee_millifen,
        "订单总金额": lambda row: row.order_fen * 1_000,
        "申请退款总金额": lambda row: row.asked_refund_fen * 1_000,
    },
)
FUND_FLOW: Final = Layout[FundRow](
    columns=_FUND_COLUMNS,
    row=_fund_row,
    counts={
        "资金流水总笔数": lambda row: True,
        "收入笔数": lambda row: row.is_income,
        "支出笔数": lambda row: not row.is_income,
    },
    sums_millifen={
        "收入金额": lambda row: row.amount_fen * 1_000 if row.is_income else 0,
        "支出金额": lambda row: 0 if row.is_income else row.amount_fen * 1_000,
    },
)

"""The provider's own bill against our own books, row by row, over our own client."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.house import House

from headwater.base.db import Db
from headwater.base.errors import Forged, Trouble
from headwater.base.times import business_day
from headwater.books import transfers
from headwater.connect.errors import NoBill
from headwater.connect.wechat_pay import TradeRow

OURS = """
SELECT 'paid ' || out_trade_no AS what, amount_fen
  FROM trade.attempts WHERE state IN ('paid', 'returned')
 UNION ALL
SELECT 'back ' || out_refund_no, amount_fen
  FROM trade.refunds WHERE state = 'done'
"""
# What must be nought once everything that was paid has gone back.
ACCOUNTS = ("wechat_pay:receivable", "wechat_pay:unmatched")


@dataclass
class Compared:
    """How many rows the bills had, and where they differ from the books."""

    rows: int
    differences: list[str] = field(default_factory=list)
    balances_fen: dict[str, int] = field(default_factory=dict)


async def compared(db: Db, house: House) -> Compared:
    """Fetch the bill of every day of the house through our client and lay it beside the books."""
    today = business_day(house.now)
    # Bills are made at nine in the morning; by ten the next day they are there.
    while business_day(house.now) == today or house.now.hour != 2:
        house.wait(hours=1)
    theirs: dict[str, int] = {}
    for days in range(3):
        for row in await _rows(house, today - timedelta(days=days)):
            theirs[_name(row)] = row.refund_fen if row.out_refund_no else row.order_fen
    ours = {each["what"]: each["amount_fen"] for each in await db.raw.fetch(OURS)}
    balances = {name: (await transfers.balance(db, name)).net_fen for name in ACCOUNTS}
    return Compared(len(theirs), list(_differences(ours, theirs)), balances)


async def _rows(house: House, day: date) -> list[TradeRow]:
    for _try in range(20):
        try:
            with await house.building.pay.bills.trade(day) as bill:
                return list(bill.rows())
        except NoBill:
            return []
        except (Trouble, Forged):
            house.wait(seconds=1)
    raise AssertionError(f"there is no bill of {day}")


def _name(row: TradeRow) -> str:
    return f"back {row.out_refund_no}" if row.out_refund_no else f"paid {row.out_trade_no}"


def _differences(ours: dict[str, int], theirs: dict[str, int]) -> Iterable[str]:
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in theirs:
            yield f"{name}: {ours[name]} fen in our books, not in the bill"
        elif name not in ours:
            yield f"{name}: {theirs[name]} fen in the bill, not in our books"
        elif ours[name] != theirs[name]:
            yield f"{name}: {ours[name]} fen in our books, {theirs[name]} in the bill"

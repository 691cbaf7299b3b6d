"""Tills: what was sold and brought back in stores, as files in the form that imports take."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from headwater.world.heart.habits import Array, Habits
from headwater.world.heart.lives import Visits

ORDERS = "orders"
RETURNS = "returns"
MEMBERS = "members"
_ORDER_COLUMNS = (
    "order_id", "store_code", "member_id", "sold_at", "item_number", "quantity", "unit_price",
)  # fmt: skip
_RETURN_COLUMNS = ("return_id", "order_id", "member_id", "item_number", "quantity", "returned_at")
_MEMBER_COLUMNS = (
    "external_id", "name", "phone", "open_id", "joined_at", "allows_service", "allows_marketing",
)  # fmt: skip
_SHOP_CLOCK = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Newcomer:
    """Somebody whom another system knows already, and who comes with a file."""

    external_id: str
    name: str
    phone: str
    open_id: str
    joined_at: datetime
    allows: bool


@dataclass(frozen=True)
class Sold:
    """What came over a till, told so that it can be brought back: one row a visit."""

    order_ids: list[str]
    quantities: Array
    fen: Array


@dataclass(frozen=True)
class Return:
    """The first thing of a till's order, brought back on some day."""

    order_id: str
    member_id: str
    item_number: str
    quantity: int
    at: datetime


def order_id(visits: Visits, place: int) -> str:
    """Number a receipt by what drew it, so that the same world writes the same receipts."""
    return f"till-{int(visits.seed[place]):x}"


def write_orders(
    file: Path, visits: Visits, habits: Habits, member_ids: Sequence[str], started_at: datetime
) -> Sold:
    """Write what people carried out of stores, two lines a visit at most."""
    quantities = habits.quantities(visits.basket)
    prices = habits.prices_fen[visits.basket]
    numbers = [order_id(visits, place) for place in range(len(visits))]
    rows = []
    for place, number in enumerate(numbers):
        basket = visits.basket[place]
        at = moment(started_at, int(visits.day[place]), int(visits.second[place]))
        for line in range(quantities.shape[1]):
            quantity = int(quantities[place, line])
            if quantity:
                rows.append(
                    (
                        number,
                        habits.store_codes[habits.store[basket]],
                        member_ids[visits.who[place]],
                        _said(at),
                        habits.thing_codes[habits.things[basket, line]],
                        quantity,
                        f"{int(prices[place, line]) / 100:.2f}",
                    )
                )
    _write(file, _ORDER_COLUMNS, rows)
    return Sold(numbers, quantities, (quantities * prices).sum(axis=1))


def write_returns(file: Path, returns: Iterable[Return]) -> int:
    """Write what was brought back, and tell how much that was."""
    rows = [
        (f"back-{each.order_id}", each.order_id, each.member_id, each.item_number, each.quantity,
         _said(each.at))
        for each in returns
    ]  # fmt: skip
    _write(file, _RETURN_COLUMNS, rows)
    return len(rows)


def write_members(file: Path, newcomers: Iterable[Newcomer]) -> None:
    """Write members whom another system knows."""
    rows = [
        (each.external_id, each.name, each.phone, each.open_id, _said(each.joined_at), "yes",
         "yes" if each.allows else "no")
        for each in newcomers
    ]  # fmt: skip
    _write(file, _MEMBER_COLUMNS, rows)


def moment(started_at: datetime, day: int, second: int) -> datetime:
    """Give the moment of a second of a day of this world."""
    return started_at + timedelta(days=day, seconds=second)


def day(at: datetime) -> date:
    """Give the day of a moment on the clock of a shop."""
    return at.astimezone(_SHOP_CLOCK).date()


def same_thing_twice(habits: Habits) -> Array:
    """Tell which baskets name one thing in both their lines."""
    return np.asarray(habits.things[:, 0] == habits.things[:, 1])


def _said(at: datetime) -> str:
    return at.astimezone(_SHOP_CLOCK).strftime("%Y-%m-%d %H:%M:%S")


def _write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(columns)
        writer.writerows(rows)

"""Households: how people really buy, in the shape in which worlds draw them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.outcomes import BEFORE, COVARIATES

Table = NDArray[np.float64]

WINDOW_DAYS: Final = 91
PAST_DAYS: Final = 26 * 7
ORDERS: Final = "orders"
# A window, and one before it from which the product would have planned; each has its own past.
DAYS: Final = PAST_DAYS + 2 * WINDOW_DAYS


@dataclass(frozen=True)
class Quarter:
    """What each household spent on every day of a quarter, and what was known before it."""

    daily: Table
    orders: Table
    known: Table

    @property
    def spent(self) -> Table:
        """Each household's spending in the whole window."""
        return np.asarray(self.daily.sum(axis=1), dtype=np.float64)

    @property
    def before(self) -> Table:
        """All spending of the 26 weeks before, in one figure."""
        return np.asarray(self.known[:, :3].sum(axis=1), dtype=np.float64)


@dataclass(frozen=True)
class Households:
    """Days of spending (households x days), how often they came, and the stores' weeks.

    Of the stores those stand in that sold something in every week (stores x weeks).
    """

    spending: Table
    orders: Table
    stores: Table
    source: str

    def quarter(self, back: int = 0) -> Quarter:
        """Give the last quarter, or one so many quarters back, of those who bought before it."""
        end = self.spending.shape[1] - back * WINDOW_DAYS
        start = end - WINDOW_DAYS
        past = self.spending[:, start - PAST_DAYS : start]
        bought = past.sum(axis=1) > 0
        weeks = past[bought].reshape(int(bought.sum()), 26, 7).sum(axis=2)
        known = np.column_stack(
            [
                weeks[:, 22:].sum(axis=1),
                weeks[:, 13:22].sum(axis=1),
                weeks[:, :13].sum(axis=1),
                (weeks > 0).sum(axis=1),
            ]
        )
        return Quarter(
            self.spending[bought, start:end],
            self.orders[bought, start:end].sum(axis=1),
            np.asarray(known, dtype=np.float64),
        )


# The columns of a quarter's past are those that the product itself plans with.
KNOWN: Final = COVARIATES
ALL_BEFORE: Final = BEFORE


@dataclass(frozen=True)
class Receipts:
    """Receipt lines: whose, in which basket and store, when, and how much."""

    household: NDArray[Any]
    basket: NDArray[Any]
    store: NDArray[Any]
    sold_at: NDArray[Any]
    fen: NDArray[Any]


def of_receipts(lines: Receipts) -> Households:
    """Fold receipt lines into days; the last day of all is the last day of the window."""
    _, row = np.unique(lines.household, return_inverse=True)
    day = lines.sold_at.astype("datetime64[D]").astype(np.int64)
    place = day - (int(day.max()) - DAYS + 1)
    kept = place >= 0
    shape = int(row.max()) + 1, DAYS
    spending, orders = np.zeros(shape), np.zeros(shape)
    np.add.at(spending, (row[kept], place[kept]), lines.fen[kept] / 100)
    _, first = np.unique(lines.basket, return_index=True)
    first = first[place[first] >= 0]
    np.add.at(orders, (row[first], place[first]), 1.0)
    _, store = np.unique(lines.store, return_inverse=True)
    stores = np.zeros((int(store.max()) + 1, DAYS // 7))
    np.add.at(stores, (store[kept], place[kept] // 7), lines.fen[kept] / 100)
    busy = stores[(stores > 0).all(axis=1)]
    source = f"{shape[0]:,} households and {len(busy)} stores of real receipts"
    return Households(spending, orders, busy, source)


def made(seed: int = 1, count: int = 2_500) -> Households:
    """Make households with the spread of real ones, where none are at hand.

    Each comes at a rate of its own, moves slowly between busy and quiet months, and fills baskets
    of very different sizes.
    """
    noise = np.random.default_rng([seed, count])
    rate = 0.16 * noise.gamma(1.2, 1 / 1.2, count)
    size = 27 * np.exp(0.5 * noise.standard_normal(count) - 0.12)
    months = DAYS // 28 + 1
    mood = np.zeros((count, months))
    mood[:, 0] = noise.standard_normal(count)
    for month in range(1, months):
        mood[:, month] = 0.8 * mood[:, month - 1] + 0.6 * noise.standard_normal(count)
    busy = np.exp(0.35 * mood - 0.06)[:, np.arange(DAYS) // 28]
    week = np.array([0.9, 0.9, 0.9, 0.95, 1.05, 1.25, 1.05])[np.arange(DAYS) % 7]
    orders = noise.poisson(rate[:, None] * busy * week).astype(np.float64)
    spending = orders * size[:, None] * np.exp(0.7 * noise.standard_normal(orders.shape) - 0.25)
    stores = _stores(noise)
    source = f"{count:,} households and {len(stores)} stores, made with the spread of real ones"
    return Households(spending, orders, stores, source)


def _stores(noise: np.random.Generator, count: int = 100) -> Table:
    """Make stores of different sizes whose weeks follow a common season and their own luck."""
    weeks = DAYS // 7
    size = np.exp(0.6 * noise.standard_normal(count))
    season = 0.08 * np.sin(2 * np.pi * np.arange(weeks) / 52) + 0.03 * noise.standard_normal(weeks)
    luck = np.zeros((count, weeks))
    for week in range(weeks):
        before = luck[:, week - 1] if week else np.zeros(count)
        luck[:, week] = 0.4 * before + 0.18 * noise.standard_normal(count)
    return np.asarray(1_000 * size[:, None] * np.exp(season + luck), dtype=np.float64)

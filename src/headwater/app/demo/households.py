"""Households of the real-pattern year, as the habits of a simulated world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from headwater.app.demo.weeks import Town
from headwater.app.imports.complete_journey import people, places, source
from headwater.app.imports.complete_journey.source import Sales
from headwater.members.imports import member_id
from headwater.sandbox import Sandbox
from headwater.world.heart.habits import LINES, Array, Habits, of_baskets
from headwater.world.people import Person

# So many weeks the source tells of; how often somebody comes next is told by the last half-year
# rather than by the whole, which counts as so many weeks more.
WEEKS = 53
LATE_WEEKS = 26
WHOLE_YEAR_COUNTS_WEEKS = 8
# What costs less fills no basket; what costs nothing is no sale.
PRICE_LEAST_FEN = 100


def town_of(sandbox: Sandbox) -> Town:
    """Give the households' habits, and their people where a year of them was taken in."""
    sales = source.read_sales(source.folder())
    phones = {each.phone_number: each.id for each in sandbox.people.everybody()}
    known = []
    for number in np.unique(sales.household).tolist():
        person, external_id = phones.get(people.phone(number)), people.external_id(number)
        if person is not None:
            known.append(Person(person, external_id, str(member_id(external_id))))
    return Town(of_sales(sales), known)


def of_sales(sales: Sales) -> Habits:
    """Fold receipt lines into baskets: whose, where, how much, and the two largest things."""
    basket_ids, first, basket = np.unique(sales.basket, return_index=True, return_inverse=True)
    fen = np.bincount(basket, sales.sales_fen).astype(np.int64)
    stores, store = np.unique(sales.store[first], return_inverse=True)
    numbers, things = np.unique(sales.product, return_inverse=True)
    chosen, prices = _largest(basket, things, _unit_prices(sales), len(basket_ids))
    _, household = np.unique(sales.household[first], return_inverse=True)
    sold = (fen >= PRICE_LEAST_FEN) & (prices[:, 0] >= PRICE_LEAST_FEN)
    # A household with nothing but trifles keeps its first basket, so that nobody is lost.
    sold[np.unique(household, return_index=True)[1]] = True
    prices = np.maximum(prices, [[PRICE_LEAST_FEN, 0]])
    late = sales.sold_at[first] >= sales.sold_at.max() - np.timedelta64(LATE_WEEKS * 7, "D")
    weekly = _weekly(household[sold], late[sold])
    found = of_baskets(
        household[sold],
        WEEKS,
        Habits(
            weekly=np.zeros(0),
            starts=np.zeros(1, dtype=np.int64),
            fen=np.maximum(fen[sold], PRICE_LEAST_FEN),
            store=store[sold],
            things=chosen[sold],
            prices_fen=prices[sold],
            store_codes=tuple(places.code_of(int(each)) for each in stores),
            thing_codes=tuple(str(each) for each in numbers),
        ),
    )
    return replace(found, weekly=weekly)


def _weekly(household: Array, late: Array) -> Array:
    """Say how often each household comes; no one is quite gone who came at all in the year."""
    whole = np.bincount(household) / WEEKS
    lately = np.bincount(household, late)
    weeks = LATE_WEEKS + WHOLE_YEAR_COUNTS_WEEKS
    return np.asarray((lately + WHOLE_YEAR_COUNTS_WEEKS * whole) / weeks)


def _unit_prices(sales: Sales) -> Array:
    quantity = np.maximum(sales.quantity, 1)
    return np.asarray((sales.sales_fen + quantity // 2) // quantity, dtype=np.int64)


def _largest(basket: Array, thing: Array, price: Array, baskets: int) -> tuple[Array, Array]:
    """Give the dearest things of each basket; a basket of one thing names it alone."""
    order = np.lexsort((-price, basket))
    starts = np.searchsorted(basket[order], np.arange(baskets))
    counts = np.diff(np.append(starts, len(order)))
    things = np.zeros((baskets, LINES), dtype=np.int64)
    prices = np.zeros((baskets, LINES), dtype=np.int64)
    for line in range(LINES):
        there = counts > line
        at = order[starts[there] + line]
        things[there, line], prices[there, line] = thing[at], price[at]
    return things, prices

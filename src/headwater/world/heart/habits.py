"""Habits: how often a household comes, to which store, and what lies in its basket."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
# A basket at the till is told by its two largest things, taken as often as they come to its amount.
LINES: Final = 2
QUANTITY_MOST: Final = 99


@dataclass(frozen=True)
class Brand:
    """How a brand's customers come: of a grocer's visits so many, with so large a basket.

    `spread` says how unlike its customers are: a cosmetics brand has a few who come each month,
    and many who come once a year.
    """

    name: str
    visits: float
    size: float
    spread: float


BRANDS: Final = {
    each.name: each
    for each in (
        Brand("grocery", 1.0, 1.0, 0.0),
        Brand("drug", 0.35, 0.8, 0.4),
        Brand("apparel", 0.1, 3.0, 0.7),
        Brand("cosmetics", 0.07, 2.0, 0.9),
    )
}


@dataclass(frozen=True)
class Habits:
    """Baskets of real-pattern households, one household after another.

    `starts` says where each household's baskets begin; a basket has a store, and two things with
    their prices. Codes are those by which a till names stores and things.
    """

    weekly: Array
    starts: Array
    fen: Array
    store: Array
    things: Array
    prices_fen: Array
    store_codes: tuple[str, ...]
    thing_codes: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many households there are."""
        return len(self.weekly)

    def of_brand(self, brand: Brand, noise: np.random.Generator) -> Habits:
        """Thin grocers' visits to a brand that is visited less, by customers less alike."""
        shape = np.exp(brand.spread * noise.standard_normal(self.count) - brand.spread**2 / 2)
        return replace(
            self,
            weekly=self.weekly * brand.visits * shape,
            fen=np.maximum(np.rint(self.fen * brand.size), 100).astype(np.int64),
        )

    def baskets(self, household: Array, noise: np.random.Generator) -> Array:
        """Draw one of its own past baskets for each visit of a household."""
        first, last = self.starts[household], self.starts[household + 1]
        return np.asarray(first + (noise.random(len(household)) * (last - first)).astype(np.int64))

    def mean_fen(self) -> Array:
        """Give what a basket of each household comes to on average."""
        sums = np.add.reduceat(self.fen.astype(np.float64), self.starts[:-1])
        return np.asarray(sums / np.diff(self.starts))

    def quantities(self, basket: Array) -> Array:
        """Say how many of each thing make up the amount of a basket, as near as whole pieces can.

        The second thing is taken once where it fits in, and the first fills up the rest.
        """
        prices = self.prices_fen[basket]
        fen = self.fen[basket]
        second = (prices[:, 1] > 0) & (prices[:, 1] * 2 <= fen)
        rest = fen - np.where(second, prices[:, 1], 0)
        first = np.clip(np.rint(rest / prices[:, 0]), 1, QUANTITY_MOST)
        return np.column_stack([first, second]).astype(np.int64)


def of_baskets(household: Array, weeks: float, baskets: Habits) -> Habits:
    """Gather baskets by household; the households are numbered from zero without a gap."""
    order = np.argsort(household, kind="stable")
    counts = np.bincount(household)
    return replace(
        baskets,
        weekly=counts / weeks,
        starts=np.concatenate([[0], np.cumsum(counts)]),
        fen=baskets.fen[order],
        store=baskets.store[order],
        things=baskets.things[order],
        prices_fen=baskets.prices_fen[order],
    )


def made(
    stores: tuple[str, ...], things: dict[str, int], seed: int = 1, count: int = 1_000
) -> Habits:
    """Make households with the spread of real ones, where none are at hand.

    Each comes at a rate of its own to a store of its own, and fills baskets of its own size.
    """
    noise = np.random.default_rng([seed, count])
    each = 20
    household = np.repeat(np.arange(count), each)
    size = 2_700 * np.exp(0.5 * noise.standard_normal(count) - 0.12)
    fen = size[household] * np.exp(0.7 * noise.standard_normal(len(household)) - 0.25)
    prices = np.array(list(things.values()), dtype=np.int64)
    drawn = noise.integers(len(prices), size=(len(household), LINES))
    # The cheaper thing comes first, since it fills up what the other leaves.
    chosen = np.take_along_axis(drawn, np.argsort(prices[drawn], axis=1), axis=1)
    home = noise.integers(len(stores), size=count)
    found = of_baskets(
        household,
        1.0,
        Habits(
            weekly=np.zeros(count),
            starts=np.zeros(count + 1, dtype=np.int64),
            fen=np.maximum(np.rint(fen), 300).astype(np.int64),
            store=home[household],
            things=chosen,
            prices_fen=prices[chosen],
            store_codes=stores,
            thing_codes=tuple(things),
        ),
    )
    return replace(found, weekly=7 * 0.16 * noise.gamma(1.2, 1 / 1.2, count))

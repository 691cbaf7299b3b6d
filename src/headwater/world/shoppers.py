"""Shoppers: how often each buys and how much, and what a message does to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LINES_MOST = 3


@dataclass(frozen=True)
class Habit:
    """A pattern of buying, taken from a real-pattern household: per week, and pieces a time."""

    orders_a_week: float
    pieces: float


@dataclass(frozen=True)
class Shopper:
    """One simulated person with a habit of their own."""

    person_id: str
    open_id: str
    habit: Habit


@dataclass(frozen=True)
class Urge:
    """A wish to buy on some day: would it be there without the message, or because of it?"""

    person_id: str
    day: int
    is_caused: bool
    seed: int


def usual_urges(shoppers: Sequence[Shopper], days: int, noise: np.random.Generator) -> list[Urge]:
    """Draw when each would buy with no message at all; orders arrive as a Poisson stream."""
    urges: list[Urge] = []
    for shopper in shoppers:
        counts = noise.poisson(shopper.habit.orders_a_week / 7, days)
        for day, count in enumerate(counts):
            urges.extend(_urges(shopper.person_id, day, int(count), False, noise))
    return urges


def caused_urges(
    shopper: Shopper, days: range, lift_share: float, noise: np.random.Generator
) -> list[Urge]:
    """Draw what a message adds: the same habit, thinned to the true lift, from that day on."""
    rate = shopper.habit.orders_a_week / 7 * lift_share
    urges: list[Urge] = []
    for day in days:
        urges.extend(_urges(shopper.person_id, day, int(noise.poisson(rate)), True, noise))
    return urges


def basket_of(shopper: Shopper, shelf_size: int, seed: int) -> list[tuple[int, int]]:
    """Draw a basket: places on the shelf and how many of each, by this urge's own seed."""
    noise = np.random.default_rng(seed)
    lines = int(noise.integers(1, LINES_MOST + 1))
    places = noise.choice(shelf_size, size=min(lines, shelf_size), replace=False)
    each = 1 + noise.poisson(max(shopper.habit.pieces / LINES_MOST - 1, 0), len(places))
    return [
        (int(place), int(min(quantity, 9))) for place, quantity in zip(places, each, strict=True)
    ]


def _urges(
    person_id: str, day: int, count: int, is_caused: bool, noise: np.random.Generator
) -> list[Urge]:
    return [
        Urge(person_id, day, is_caused, int(noise.integers(0, 2**62))) for _each in range(count)
    ]

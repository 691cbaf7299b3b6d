"""Worlds: members drawn from households, arms by the product's own draw, a known effect inside.

A world keeps only how often each household stands in each arm and how strongly its members were
moved; sums over a hundred thousand members are then sums over two thousand households.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.base import ids
from headwater.increment import assignment
from headwater.increment.statistics.moments import Moments
from headwater.world.honesty.households import ALL_BEFORE, KNOWN, ORDERS, Quarter

Table = NDArray[np.float64]
SALES: Final = "sales"


@dataclass(frozen=True)
class Design:
    """How many members take part, and the share that the product leaves alone."""

    members: int
    holdout_share: float

    def __str__(self) -> str:
        """Name it as the table does."""
        return f"{self.members:,} members, {self.holdout_share:.0%} held out"


@dataclass(frozen=True)
class World:
    """How often each household stands in an arm, and how its treated members are moved.

    Each treated member has a strength of its own with mean one; `once` and `squared` are the sums
    of strengths and of their squares by household.
    """

    held: Table
    treated: Table
    once: Table
    squared: Table


class Sums:
    """Turns worlds into the sums that the product's estimators take."""

    def __init__(self, quarter: Quarter, looks: Table | None = None) -> None:
        """Take the last column of outcomes at the end, or one for each look so far."""
        outcome = quarter.spent[:, None] if looks is None else looks
        count = outcome.shape[1]
        self.outcomes = (
            (SALES,) if count == 1 else tuple(f"{SALES} {at + 1}" for at in range(count))
        )
        self.names = (*self.outcomes, ORDERS, *KNOWN, ALL_BEFORE)
        self._moved = outcome
        self._fixed = np.column_stack([quarter.orders, quarter.known, quarter.before])

    def of(self, world: World, lift: float) -> tuple[Moments, Moments]:
        """Give (treated, held out) of a world in which the treated spend so much more."""
        first = world.treated + lift * world.once
        second = world.treated + 2 * lift * world.once + lift**2 * world.squared
        return (
            self._moments(world.treated, first, second),
            self._moments(world.held, world.held, world.held),
        )

    def _moments(self, count: Table, first: Table, second: Table) -> Moments:
        moved, fixed = self._moved, self._fixed
        across = moved.T @ (first[:, None] * fixed)
        products = np.block(
            [
                [moved.T @ (second[:, None] * moved), across],
                [across.T, fixed.T @ (count[:, None] * fixed)],
            ]
        )
        sums = np.concatenate([first @ moved, count @ fixed])
        rows = tuple(tuple(row) for row in products.tolist())
        return Moments(self.names, int(count.sum()), tuple(sums.tolist()), rows)


class Source:
    """Draws worlds, each with its own members; a salt serves for several of them."""

    def __init__(self, quarter: Quarter, design: Design, salts: int, seed: int) -> None:
        """Prepare the product's draws for as many salts as asked."""
        self.quarter, self.design, self._salts, self._seed = quarter, design, salts, seed

    @cached_property
    def held(self) -> NDArray[np.bool_]:
        """Whom the product leaves alone (salts x members), by its own function."""
        named = (str(at) for at in range(self.design.members))
        units = [ids.named_member(f"honesty-{self._seed}", each) for each in named]
        share = self.design.holdout_share
        return np.array(
            [
                [assignment.arm_of(salt, unit, share) == assignment.HOLDOUT for unit in units]
                for salt in (f"honesty-{self._seed}-{at}" for at in range(self._salts))
            ]
        )

    def worlds(self, count: int) -> Iterator[World]:
        """Draw so many worlds; the same seed gives the same members."""
        noise = np.random.default_rng([self._seed, self.design.members])
        kinds = len(self.quarter.orders)
        for at in range(count):
            held = self.held[at % self._salts]
            household = noise.integers(kinds, size=self.design.members)
            treated = household[~held]
            strength = noise.exponential(size=len(treated))
            yield World(
                held=_counts(household[held], kinds),
                treated=_counts(treated, kinds),
                once=_counts(treated, kinds, strength),
                squared=_counts(treated, kinds, strength**2),
            )


def _counts(household: NDArray[np.int64], kinds: int, strength: Table | None = None) -> Table:
    return np.bincount(household, strength, minlength=kinds).astype(np.float64)

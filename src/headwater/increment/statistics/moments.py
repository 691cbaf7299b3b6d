"""Moments: all that a comparison of arms needs of the data, added up in one pass.

A million members and a thousand leave the same few numbers behind: how many there were, the sum of
each column, and the sum of each product of two columns. Whole numbers stay whole, so that
variances of money are subtracted exactly and not between two rounded giants.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate

VERSION: Final = "2"

Number = int | float


@dataclass(frozen=True)
class Moments:
    """The sums of one arm over its units; `names` say what the columns are.

    `products[i][j]` is the sum of column i times column j; the matrix is symmetric.
    """

    names: tuple[str, ...]
    n: int
    sums: tuple[Number, ...]
    products: tuple[tuple[Number, ...], ...]

    def __post_init__(self) -> None:
        """Sums that do not belong together are a bug of the caller."""
        wide = len(self.names)
        assert len(set(self.names)) == wide == len(self.sums) == len(self.products)
        assert all(len(row) == wide for row in self.products)

    @classmethod
    def of(cls, names: Sequence[str], columns: Sequence[NDArray[np.float64]]) -> Moments:
        """Add up columns of equal length, one number a unit."""
        if any(not np.isfinite(column).all() for column in columns):
            raise CannotEstimate(why="a column holds a value that is not a finite number")
        table = np.column_stack(columns).astype(np.float64)
        products = table.T @ table
        return cls(
            tuple(names),
            len(table),
            tuple(float(each) for each in table.sum(axis=0)),
            tuple(tuple(float(each) for each in row) for row in products),
        )

    def mean(self, name: str) -> float:
        """Give the mean of a column."""
        return self.sums[self.place(name)] / self.n

    def variance(self, name: str) -> float:
        """Give the sample variance of a column."""
        return self.covariance(name, name)

    def covariance(self, one: str, other: str) -> float:
        """Give the sample covariance of two columns, with n - 1 below."""
        if self.n < 2:
            return 0.0
        i, j = self.place(one), self.place(other)
        top = self.n * self.products[i][j] - self.sums[i] * self.sums[j]
        return float(top / (self.n * (self.n - 1)))

    def covariances(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Give the matrix of sample covariances of these columns."""
        table = [[self.covariance(a, b) for b in names] for a in names]
        return np.array(table, dtype=np.float64).reshape(len(names), len(names))

    def means(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Give the means of these columns."""
        return np.array([self.mean(name) for name in names], dtype=np.float64)

    def only(self, *names: str) -> Moments:
        """Keep these columns, in this order."""
        places = [self.place(name) for name in names]
        return Moments(
            tuple(names),
            self.n,
            tuple(self.sums[place] for place in places),
            tuple(tuple(self.products[i][j] for j in places) for i in places),
        )

    def with_mix(self, name: str, shares: Mapping[str, float], constant: float = 0.0) -> Moments:
        """Add a column that is so much of some others and a constant, without the rows.

        Ratios need it: what a unit adds to a ratio is its numerator less its denominator's part.
        """
        weights = np.array([shares.get(each, 0.0) for each in self.names], dtype=np.float64)
        sums = np.array(self.sums, dtype=np.float64)
        products = np.array(self.products, dtype=np.float64)
        mixed = float(weights @ sums) + constant * self.n
        across = products @ weights + constant * sums
        square = float(weights @ products @ weights)
        square += 2 * constant * float(weights @ sums) + constant**2 * self.n
        rows = [
            (*row, float(each)) for row, each in zip(self.products, across.tolist(), strict=True)
        ]
        rows.append((*across.tolist(), square))
        return Moments((*self.names, name), self.n, (*self.sums, mixed), tuple(rows))

    def place(self, name: str) -> int:
        """Find where a column stands."""
        return self.names.index(name)

    def __add__(self, other: Moments) -> Moments:
        """Put two arms into one sample."""
        assert self.names == other.names
        return Moments(
            self.names,
            self.n + other.n,
            tuple(a + b for a, b in zip(self.sums, other.sums, strict=True)),
            tuple(
                tuple(a + b for a, b in zip(mine, theirs, strict=True))
                for mine, theirs in zip(self.products, other.products, strict=True)
            ),
        )


@dataclass(frozen=True)
class Estimate:
    """A figure with its doubt."""

    estimate: float
    standard_error: float
    low: float
    high: float
    p: float
    degrees: float
    treated_count: int
    holdout_count: int
    method: str
    version: str = VERSION

    def __post_init__(self) -> None:
        """An interval contains its estimate; anything else is a bug."""
        assert self.low <= self.estimate <= self.high


def check(arms: dict[str, Moments]) -> None:
    """Refuse sums out of which nothing can be said, and name the arm that is at fault."""
    for name, arm in arms.items():
        if arm.n < 2:
            raise CannotEstimate(why=f"the {name} arm has {arm.n} members; two are the least")
        if not all(math.isfinite(each) for each in arm.sums):
            raise CannotEstimate(why=f"the sums of the {name} arm are not finite")
        if not all(math.isfinite(each) for row in arm.products for each in row):
            raise CannotEstimate(why=f"the sums of the {name} arm are not finite")
        for column in arm.names:
            if arm.variance(column) < 0:
                raise CannotEstimate(why=f"{column} has a variance below zero in the {name} arm")

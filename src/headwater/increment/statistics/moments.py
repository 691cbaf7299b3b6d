"""Moments: all that a comparison of arms needs of the data, added up in one pass.

A million members and a thousand leave the same few numbers behind: how many there were, the sum of
each column, and the sum of each product of two columns. Whole numbers stay whole, so that
variances of money are subtracted exactly and not between two rounded giants.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate

VERSION: Final = "2"
# A spread smaller than this share of the mean square is what rounding left of a constant.
ROUNDING: Final = 1e-10
# Whole numbers below this are exact in a double, as are sums of them below it.
_EXACT: Final = 2**53

Number = int | float
Matrix = NDArray[np.float64]


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
    def of(
        cls, names: Sequence[str], columns: Sequence[NDArray[np.float64] | NDArray[np.int64]]
    ) -> Moments:
        """Add up columns of equal length, one number a unit; whole numbers stay exact."""
        if any(not np.isfinite(column).all() for column in columns):
            raise CannotEstimate("value_not_finite")
        if len({len(column) for column in columns}) > 1:
            raise CannotEstimate("columns_unequal")
        whole = [_is_whole(column) for column in columns]
        sums: list[Number] = [_sum(column, w) for column, w in zip(columns, whole, strict=True)]
        products: list[list[Number]] = [[0] * len(columns) for _ in columns]
        for i, one in enumerate(columns):
            for j in range(i, len(columns)):
                found = _product(one, columns[j], whole[i] and whole[j])
                products[i][j] = products[j][i] = found
        return cls(
            tuple(names),
            len(columns[0]) if columns else 0,
            tuple(sums),
            tuple(tuple(row) for row in products),
        )

    def mean(self, name: str) -> float:
        """Give the mean of a column."""
        if self.n == 0:
            raise CannotEstimate("empty_arm")
        return self.sums[self.place(name)] / self.n

    def variance(self, name: str) -> float:
        """Give the sample variance of a column, with n - 1 below; a constant has exactly none."""
        return self.covariance(name, name)

    def covariance(self, one: str, other: str) -> float:
        """Give the sample covariance of two columns, with n - 1 below."""
        return float(self._spreads[self.place(one), self.place(other)])

    def covariances(self, names: Sequence[str]) -> Matrix:
        """Give the matrix of sample covariances of these columns."""
        places = np.array([self.place(name) for name in names], dtype=np.intp)
        return self._spreads[places[:, None], places]

    def means(self, names: Sequence[str]) -> Matrix:
        """Give the means of these columns."""
        return np.array([self.mean(name) for name in names], dtype=np.float64)

    @cached_property
    def _spreads(self) -> Matrix:
        """All covariances at once; what only rounding made is nothing, and goes with nothing."""
        wide = len(self.names)
        if self.n < 2:
            return np.zeros((wide, wide))
        table = self._apart / (self.n * (self.n - 1))
        for i in range(wide):
            square = self.products[i][i]
            is_exact = isinstance(square, int) and isinstance(self.sums[i], int)
            noise = 0.0 if is_exact else ROUNDING * abs(square) / self.n
            if abs(table[i, i]) <= noise:
                table[i, :] = table[:, i] = 0.0
        return table

    @cached_property
    def _apart(self) -> Matrix:
        """Give n times the products less the products of sums; of whole numbers exactly."""
        wide = len(self.names)
        if all(type(total) is float for total in self.sums):
            sums = np.array(self.sums, dtype=np.float64)
            products = np.array(self.products, dtype=np.float64).reshape(wide, wide)
            return np.asarray(self.n * products - np.outer(sums, sums), dtype=np.float64)
        rows = [
            [self.n * self.products[i][j] - self.sums[i] * self.sums[j] for j in range(wide)]
            for i in range(wide)
        ]
        return np.array(rows, dtype=np.float64).reshape(wide, wide)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: at for at, name in enumerate(self.names)}

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
        place = self._places.get(name)
        if place is None:
            raise CannotEstimate("no_such_column", name=name)
        return place

    def __add__(self, other: Moments) -> Moments:
        """Put two arms into one sample."""
        if self.names != other.names:
            raise CannotEstimate("columns_differ")
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


def check(arms: Mapping[str, Moments]) -> None:
    """Refuse sums out of which nothing can be said, and name the arm that is at fault."""
    for name, arm in arms.items():
        if arm.n < 2:
            raise CannotEstimate("few_units", arm=name, count=arm.n)
        for column, total, row in zip(arm.names, arm.sums, arm.products, strict=True):
            if not math.isfinite(total) or not all(math.isfinite(each) for each in row):
                raise CannotEstimate("sums_not_finite", arm=name, column=column)
        for column in arm.names:
            if arm.variance(column) < 0:
                raise CannotEstimate("negative_variance", column=column, arm=name)


def _is_whole(column: NDArray[np.float64] | NDArray[np.int64]) -> bool:
    if column.dtype.kind in "iub":
        return True
    return bool((np.abs(column) < _EXACT).all() and (column == np.rint(column)).all())


def _sum(column: NDArray[np.float64] | NDArray[np.int64], is_whole: bool) -> Number:
    if not is_whole:
        return float(column.sum())
    return _exactly(column.astype(np.int64), np.ones(len(column), dtype=np.int64))


def _product(
    one: NDArray[np.float64] | NDArray[np.int64],
    other: NDArray[np.float64] | NDArray[np.int64],
    is_whole: bool,
) -> Number:
    if not is_whole:
        return float(one.astype(np.float64) @ other.astype(np.float64))
    return _exactly(one.astype(np.int64), other.astype(np.int64))


def _exactly(one: NDArray[np.int64], other: NDArray[np.int64]) -> int:
    """Add up products of whole numbers, in 64 bits for as long as they surely fit."""
    most = int(np.abs(one).max(initial=0)) * int(np.abs(other).max(initial=0))
    at_once = 2**62 // max(most, 1)
    if at_once == 0:
        return sum(int(a) * int(b) for a, b in zip(one.tolist(), other.tolist(), strict=True))
    starts = range(0, len(one), at_once)
    return sum(int(one[at : at + at_once] @ other[at : at + at_once]) for at in starts)

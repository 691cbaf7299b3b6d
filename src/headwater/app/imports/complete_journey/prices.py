"""Shelf prices out of a year of receipts: the data hold what was paid, not a price list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
# A product has a member price where at least this share of its sales carried the discount.
MEMBER_SHARE = 0.25


@dataclass(frozen=True)
class Sold:
    """Receipt lines of goods that were counted, with the product's place in the catalogue."""

    product: Array
    quantity: Array
    goods_fen: Array
    member_fen: Array


@dataclass(frozen=True)
class Prices:
    """One entry a product; no member price is -1."""

    price_fen: Array
    member_price_fen: Array
    is_derived: Array


def shelf(sold: Sold, category: Array, count: int) -> Prices:
    """Give each product the median of what one piece cost without and with the member discount.

    A product that was never sold takes the median of its category, or of everything; which
    products those are is told in `is_derived`.
    """
    unit = sold.goods_fen // np.maximum(sold.quantity, 1)
    counts = (sold.quantity > 0) & (unit > 0)
    price = medians(sold.product[counts], unit[counts], count)
    is_derived = price < 0
    by_category = medians(category[~is_derived], price[~is_derived], int(category.max()) + 1)
    everywhere = int(np.median(price[~is_derived])) if (~is_derived).any() else 100
    fallback = np.where(by_category[category] < 0, everywhere, by_category[category])
    price = np.where(is_derived, fallback, price)
    return Prices(price, _member(sold, counts, price, count), is_derived)


def medians(group: Array, value: Array, count: int) -> Array:
    """Give the lower median of the values of each group, -1 for a group without any."""
    order = np.lexsort((value, group))
    sizes = np.bincount(group, minlength=count)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    found = np.full(count, -1, dtype=np.int64)
    has = sizes > 0
    found[has] = value[order][starts[has] + (sizes[has] - 1) // 2]
    return found


def _member(sold: Sold, counts: Array, price: Array, count: int) -> Array:
    cut = counts & (sold.member_fen > 0)
    unit = (sold.goods_fen - sold.member_fen) // np.maximum(sold.quantity, 1)
    all_lines = np.bincount(sold.product[counts], minlength=count)
    cut_lines = np.bincount(sold.product[cut], minlength=count)
    member = medians(sold.product[cut], unit[cut], count)
    is_usual = cut_lines >= np.maximum(all_lines * MEMBER_SHARE, 1)
    return np.where(is_usual & (member > 0) & (member < price), member, -1)

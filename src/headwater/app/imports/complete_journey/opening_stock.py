"""Opening stock for the demo: the data hold no stock, so shelves are filled by what sold."""

from __future__ import annotations

from uuid import UUID

import numpy as np

from headwater.app.imports.complete_journey.receipts import Ids, pieces
from headwater.app.imports.complete_journey.shelf import Shelf
from headwater.app.imports.complete_journey.source import Array, Sales
from headwater.stock.imports import CountRow

CAUSE = "demo opening stock"
# So many of a shop's own best sellers lie on its shelf.
ITEMS_A_SHOP = 60


def make(sales: Sales, shelf: Shelf, known: Ids, online_id: UUID) -> list[CountRow]:
    """Fill the online house with everything that sold, and each shop with its best sellers."""
    listed = np.array([product.is_listed for product in shelf.products])
    online = [
        CountRow(online_id, known.variants[place], 20 + int(min(shelf.units[place], 480)))
        for place in np.flatnonzero(listed & (shelf.units > 0))
    ]
    counts = online + _shops(sales, listed, known)
    # In the order of their key, so that the counters' index grows at one end.
    return sorted(counts, key=lambda count: (count.store_id.int, count.variant_id.int))


def _shops(sales: Sales, listed: Array, known: Ids) -> list[CountRow]:
    product = np.searchsorted(known.products, sales.product)
    store = np.searchsorted(known.stores, sales.store)
    goods = listed[product]
    pair = store[goods].astype(np.int64) * len(known.products) + product[goods]
    pairs, where = np.unique(pair, return_inverse=True)
    units = np.bincount(where, pieces(sales.quantity[goods]), len(pairs)).astype(np.int64)
    owner = pairs // len(known.products)
    order = np.lexsort((pairs, -units, owner))
    rank = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
    return [
        CountRow(
            known.store_ids[int(owner[each])],
            known.variants[int(pairs[each] % len(known.products))],
            6 + int(min(units[each], 34)),
        )
        for each in order[rank < ITEMS_A_SHOP]
    ]

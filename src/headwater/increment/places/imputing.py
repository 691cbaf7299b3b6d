"""Imputing: what the treated would have sold, from the stores and weeks without treatment alone.

Borusyak, Jaravel and Spiess, Review of Economic Studies 91 (2024), 3253-3285: a level for each
store and one for each week are fitted where nothing was done yet, and carried over to where it was.
The figure is linear in the outcome, so a draw of other waves can be tested in a moment. Two-way
fixed effects over everything stands here as the mistake to compare with (Goodman-Bacon 2021).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate

Table = NDArray[np.float64]
Mask = NDArray[np.bool_]
Vector = NDArray[np.float64]


def treated_cells(starts: NDArray[np.int64], periods: int) -> Mask:
    """Mark each store's periods from its start on; a start of `periods` is never."""
    return np.asarray(starts[:, None] <= np.arange(periods)[None, :], dtype=np.bool_)


def effects(outcomes: Table, cells: Mask) -> Vector:
    """Give the mean effect over the treated cells, for each outcome (outcome, store, period)."""
    return np.asarray((outcomes * weights(cells)).sum(axis=(1, 2)), dtype=np.float64)


def weights(cells: Mask) -> Table:
    """Give each cell its weight in the mean effect, from who is treated when and nothing else.

    Treated cells count alike; what the free ones would have been carried over to is taken off.
    """
    free = (~cells).astype(np.float64)
    by_store, by_period = free.sum(axis=1), free.sum(axis=0)
    if not cells.any() or by_store.min() == 0 or by_period.min() == 0:
        raise CannotEstimate("always_treated")
    even = cells / cells.sum()
    of_stores, of_periods = even.sum(axis=1), even.sum(axis=0)
    # The first period's level is the base; the others are solved for.
    normal = np.diag(by_period) - free.T @ (free / by_store[:, None])
    known = of_periods - free.T @ (of_stores / by_store)
    try:
        solved = np.linalg.solve(normal[1:, 1:], known[1:])
    except np.linalg.LinAlgError as error:
        raise CannotEstimate("periods_like_stores") from error
    periods = np.append(0.0, solved)
    stores = (of_stores - free @ periods) / by_store
    return np.asarray(even - free * (stores[:, None] + periods[None, :]), dtype=np.float64)


def two_way(outcome: Table, cells: Mask) -> tuple[float, float]:
    """Regress on treatment with store and period effects: the value and its clustered error."""
    moved = _both_ways(cells.astype(np.float64))
    spread = float((moved**2).sum())
    if spread <= 0:
        raise CannotEstimate("all_treated_alike")
    value = float((moved * outcome).sum()) / spread
    left = _both_ways(outcome) - value * moved
    scores = (moved * left).sum(axis=1)
    stores, periods = outcome.shape
    fewer = stores / (stores - 1) * (outcome.size - 1) / (outcome.size - periods - 1)
    return value, float(np.sqrt(fewer * (scores**2).sum())) / spread


def _both_ways(table: Table) -> Table:
    rows = table.mean(axis=1, keepdims=True)
    return np.asarray(table - rows - table.mean(axis=0, keepdims=True) + table.mean())

"""Panels of stores as a brand has them: of all sizes, with a common season and noise that lasts."""

from __future__ import annotations

import numpy as np

from headwater.increment.places.panels import Panel

NOISE = 0.06


def panel(seed: int, stores: int = 24, periods: int = 40, stay: float = 0.4) -> Panel:
    """Draw a history: AR(1) noise of 6 % around each store's size and the season of all."""
    chance = np.random.default_rng(seed)
    size = chance.lognormal(10, 0.6, stores)
    season = 1 + 0.1 * np.sin(np.arange(periods) / 5)
    noise = np.zeros((stores, periods))
    noise[:, 0] = chance.normal(0, NOISE, stores)
    for at in range(1, periods):
        fresh = chance.normal(0, NOISE * np.sqrt(1 - stay**2), stores)
        noise[:, at] = stay * noise[:, at - 1] + fresh
    values = size[:, None] * season[None, :] * (1 + noise)
    return Panel.of(names(stores), list(range(periods)), values)


def names(stores: int) -> list[str]:
    """Name so many stores."""
    return [f"store {at:02}" for at in range(stores)]


def lifted(given: Panel, treated: set[str], since: int, by: float) -> Panel:
    """Give the treated stores an effect from a period on."""
    values = given.values.copy()
    rows = [given.row_of(unit) for unit in sorted(treated)]
    values[np.ix_(rows, range(since, len(given.periods)))] *= 1 + by
    return Panel(given.units, given.periods, values)

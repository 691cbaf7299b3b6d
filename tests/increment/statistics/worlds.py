"""Small worlds whose truth is known: members who differ, and whose past tells the future."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.increment.statistics.moments import Moments

Column = NDArray[Any]
COVARIATES = ("before", "long before", "weeks")
# The mean outcome of a member who is left alone.
BASE = float(np.exp(9.0 + 0.8**2 / 2) * 0.7)


def members(random: np.random.Generator, count: int, lift: float = 0.0) -> dict[str, Column]:
    """Make members: many buy nothing, few buy much, and the effect is not the same for all."""
    habit = random.lognormal(9.0, 0.8, count) * (random.random(count) < 0.7)
    return {
        "spent": np.rint(
            habit * random.gamma(4.0, 1 / 4.0, count) * (1 + lift * random.exponential(1.0, count))
        ),
        "before": np.rint(habit * random.gamma(8.0, 1 / 8.0, count)),
        "long before": np.rint(habit * random.gamma(3.0, 1 / 3.0, count)),
        "weeks": random.poisson(1 + 8 * (habit > 0), count).astype(np.float64),
    }


def weeks(random: np.random.Generator, count: int, looks: int, lift: float = 0.0) -> Moments:
    """Make members who spend week after week, and add up what they had spent by each look."""
    habit = random.lognormal(5.0, 0.8, count)
    before = habit * random.gamma(6.0, 1 / 6.0, count)
    spent = habit[:, None] * random.gamma(0.5, 2.0, (count, looks)) * (1 + lift)
    columns = {f"look {at}": spent[:, : at + 1].sum(axis=1) for at in range(looks)}
    return summed({**columns, "before": before})


def summed(table: Mapping[str, Column]) -> Moments:
    """Add up the columns of a table."""
    return Moments.of(tuple(table), list(table.values()))


def both(tables: Sequence[Mapping[str, Column]]) -> tuple[Moments, Moments]:
    """Add up the tables of two arms."""
    treated, holdout = tables
    return summed(treated), summed(holdout)


def arms(seed: int, treated: int, holdout: int, lift: float = 0.1) -> tuple[Moments, Moments]:
    """Draw one world and add up its arms."""
    random = np.random.default_rng(seed)
    return summed(members(random, treated, lift)), summed(members(random, holdout))

"""Days: seasons, weekdays, paydays, shocks that everybody feels, and days without a shop."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
# Monday first.
WEEKDAYS: Final = (0.9, 0.88, 0.9, 0.95, 1.05, 1.22, 1.1)
PAYDAYS: Final = (10, 25)
PAYDAY_LASTS: Final = 3
# The season is highest about the new year.
_PEAK_DAY: Final = 10


@dataclass(frozen=True)
class Weather:
    """What moves everybody alike: shares by which days are better or worse."""

    season: float = 0.08
    payday: float = 0.12
    day_shock: float = 0.08
    outage_days: int = 0


@dataclass(frozen=True)
class Calendar:
    """For each day how busy it is, and whether the shop on the phone can be reached."""

    first: date
    busy: Array
    is_open: Array

    @property
    def days(self) -> int:
        """How many days there are."""
        return len(self.busy)

    def since(self, day: int) -> Calendar:
        """Give the days from one of them on."""
        return Calendar(self.first + timedelta(days=day), self.busy[day:], self.is_open[day:])


def calendar(
    first: date, days: int, weather: Weather, noise: np.random.Generator, past_days: int = 0
) -> Calendar:
    """Draw the days that everybody shares; on average a day is a usual one.

    The shop on the phone fails only after the past, and neither on the first day nor on the last.
    """
    every = [first + timedelta(days=each) for each in range(days)]
    turn = 2 * math.pi / 365.25
    season = np.array([math.cos(turn * (each.timetuple().tm_yday - _PEAK_DAY)) for each in every])
    payday = np.array(
        [any(0 <= each.day - one < PAYDAY_LASTS for one in PAYDAYS) for each in every]
    )
    shock = weather.day_shock * noise.standard_normal(days) - weather.day_shock**2 / 2
    busy = (
        np.array([WEEKDAYS[each.weekday()] for each in every])
        * (1 + weather.season * season)
        * (1 + weather.payday * (payday - payday.mean()))
        * np.exp(shock)
    )
    is_open = np.ones(days, dtype=bool)
    may_fail = np.arange(past_days + 1, days - 1)
    closed = min(weather.outage_days, len(may_fail))
    is_open[noise.choice(may_fail, size=closed, replace=False)] = False
    return Calendar(first, busy, is_open)

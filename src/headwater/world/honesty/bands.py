"""Bands: what was found, how far chance alone moves it, and what is still acceptable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

# So much may coverage be off. More than a hundred promises are judged at once, so where worlds are
# few chance gets so many of its standard errors that it alone breaks one table in a hundred.
OFF: Final = 0.015
ERRORS: Final = 3.8


@dataclass(frozen=True)
class Line:
    """One claim of the table; without a band it stands there to be compared with."""

    subject: str
    claim: str
    found: float
    error: float
    worlds: int
    least: float | None = None
    most: float | None = None
    form: str = ".1%"

    @property
    def is_judged(self) -> bool:
        """Whether something was promised of it."""
        return self.least is not None or self.most is not None

    @property
    def is_within(self) -> bool:
        """Whether it keeps what was promised; what has no band keeps everything."""
        above = self.least is None or self.found >= self.least
        return above and (self.most is None or self.found <= self.most)


def share(hits: Sequence[bool] | Sequence[int]) -> tuple[float, float]:
    """Give a share and its standard error over worlds."""
    found = float(np.mean(hits))
    return found, math.sqrt(max(found * (1 - found), 0.25 / len(hits)) / len(hits))


def mean(values: Sequence[float]) -> tuple[float, float]:
    """Give a mean and its standard error over worlds."""
    return float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(len(values))


def coverage(subject: str, claim: str, hits: Sequence[bool]) -> Line:
    """Judge how often intervals of 95 % held the truth: 93.5 to 96.5 %."""
    found, error = share(hits)
    room = max(OFF, chance(0.95, len(hits)))
    return Line(subject, claim, found, error, len(hits), 0.95 - room, min(0.95 + room, 1.0))


def one_look(subject: str, claim: str, hits: Sequence[bool]) -> Line:
    """Judge how often one look finds what is not there: 3.6 to 6.4 %."""
    found, error = share(hits)
    room = max(OFF - 0.001, chance(0.05, len(hits)))
    return Line(subject, claim, found, error, len(hits), max(0.05 - room, 0.0), 0.05 + room)


def chance(share: float, worlds: int) -> float:
    """Give how far chance alone moves a share in so many worlds."""
    return ERRORS * math.sqrt(share * (1 - share) / worlds)


def at_most(
    subject: str, claim: str, hits: Sequence[bool], most: float, usual: float = 0.05
) -> Line:
    """Judge how often something was found that is not there.

    `usual` is how often an honest figure does: with few worlds chance may carry it beyond `most`.
    """
    found, error = share(hits)
    room = max(most, usual + chance(usual, len(hits)))
    return Line(subject, claim, found, error, len(hits), None, room)


def within(
    subject: str, claim: str, values: Sequence[float], room: float = 0.0, usual: float = 0.0
) -> Line:
    """Judge how far a figure lies from the truth on average; without room only chance moves it.

    `usual` is how far an honest figure may lie: with few worlds chance may carry it beyond `room`.
    """
    found, error = mean(values)
    room = max(room, usual + ERRORS * error)
    return Line(subject, claim, found, error, len(values), -room, room, "+.2%")


def beside(subject: str, claim: str, hits: Sequence[bool]) -> Line:
    """Show a share of which nothing is promised."""
    return Line(subject, claim, *share(hits), len(hits))

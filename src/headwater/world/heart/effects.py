"""Effects: what truly makes people buy more, for how long, and whom else they tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
NEVER: Final = -1
WORD_OF_MOUTH: Final = "word of mouth"
FRIENDS: Final = 2


@dataclass(frozen=True)
class Effect:
    """One cause: what it adds to the rate of buying from the day after somebody was reached.

    It grows (or fades, where growth is negative) by so much of itself each week, and ends.
    `spread` 1 makes people as unlike as can be, 0 makes all alike.
    """

    name: str
    channel: str
    lift: float
    growth: float = 0.0
    lasts_days: int = 91
    spread: float = 1.0

    def at(self, days_since: Array) -> Array:
        """Give the lift so many days after; nothing on the day itself and after the end."""
        weeks = np.floor((days_since - 1) / 7)
        lift = self.lift * np.maximum(1 + self.growth, 0.0) ** np.maximum(weeks, 0)
        return np.where((days_since >= 1) & (days_since <= self.lasts_days), lift, 0.0)

    def mean(self, days: int) -> float:
        """Give the lift averaged over so many days from the day after it began."""
        return float(self.at(np.arange(1, days + 1)).mean()) if days > 0 else 0.0


@dataclass(frozen=True)
class Day:
    """What moves each person today: all together, by cause, and what is lost without a cause."""

    lift: Array
    shares: Mapping[str, Array]
    marginal: Mapping[str, Array]


@dataclass
class Causes:
    """Who was reached by what, and since when; asked day by day what it adds.

    `overlap` is what each further cause takes off all of them where several reach one person.
    `interference` is the share of a person's lift that comes to each friend, also to one who was
    left alone on purpose.
    """

    people: int
    seed: int
    overlap: float = 0.0
    interference: float = 0.0
    effects: dict[str, Effect] = field(default_factory=dict)
    since: dict[str, Array] = field(default_factory=dict)
    strength: dict[str, Array] = field(default_factory=dict)

    def know(self, effect: Effect) -> None:
        """Take an effect into the world; nobody is reached by it yet."""
        if effect.name in self.effects:
            raise ValueError(f"there are two effects called {effect.name}")
        noise = np.random.default_rng([self.seed, len(self.effects), 1])
        drawn = noise.exponential(size=self.people)
        self.effects[effect.name] = effect
        self.since[effect.name] = np.full(self.people, NEVER, dtype=np.int64)
        self.strength[effect.name] = 1 + effect.spread * (drawn - 1)

    def reach(self, name: str, people: Array | Sequence[int], day: int, by: float = 1.0) -> int:
        """Reach people today; reached again it begins anew. `by` is the strength of who does it."""
        chosen = np.asarray(people, dtype=np.int64)
        if not len(chosen):
            return 0
        noise = np.random.default_rng([self.seed, day, len(chosen), 2])
        spread = self.effects[name].spread
        self.since[name][chosen] = day
        drawn = 1 + spread * (noise.exponential(size=len(chosen)) - 1)
        self.strength[name][chosen] = by * drawn
        return len(chosen)

    def reached(self, name: str) -> Array:
        """Give who was reached by it at any time."""
        return np.flatnonzero(self.since[name] != NEVER)

    def today(self, day: int) -> Day:
        """Add up what moves each person on a day, and what would be missing without each cause."""
        own = {name: self._alone(name, day) for name in self.effects}
        whole = self._together(list(own.values()))
        total = sum(own.values(), np.zeros(self.people))
        with np.errstate(divide="ignore", invalid="ignore"):
            shrunk = np.where(total != 0, whole / total, 0.0)
        shares = {name: lift * shrunk for name, lift in own.items()}
        marginal = {
            name: whole - self._together([own[each] for each in own if each != name])
            for name in own
        }
        if self.interference:
            told = self._told(whole)
            shares[WORD_OF_MOUTH] = told
            whole = whole + told
        return Day(whole, shares, marginal)

    def _alone(self, name: str, day: int) -> Array:
        since = self.since[name]
        lift = self.effects[name].at(day - since)
        return np.where(since == NEVER, 0.0, lift * self.strength[name])

    def _together(self, lifts: Sequence[Array]) -> Array:
        """Several causes at one person help each other less than they would alone."""
        if not lifts:
            return np.zeros(self.people)
        every = np.array(lifts)
        count = (every != 0).sum(axis=0)
        kept = np.maximum(1 - self.overlap * np.maximum(count - 1, 0), 0.0)
        return np.asarray(every.sum(axis=0) * kept)

    def _told(self, lift: Array) -> Array:
        """Let each tell friends; who they are is drawn once, whatever arm anybody is in."""
        told = np.zeros(self.people)
        for turn in range(FRIENDS):
            noise = np.random.default_rng([self.seed, turn, 3])
            told += lift[noise.permutation(self.people)]
        return self.interference * told

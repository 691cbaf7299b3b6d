"""Lives: when each person comes anyway, and when because of something; drawn, never decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.world.heart.days import Calendar
from headwater.world.heart.habits import Habits

Array = NDArray[Any]


@dataclass(frozen=True)
class Ways:
    """How lives go: staying away and coming back, moods, returns, and who shops on the phone.

    With these, half of those who stayed away for a month come back within the next by themselves.
    """

    lapse: float = 0.025
    comes_back: float = 0.155
    mood: float = 0.2
    online_share: float = 0.01
    returns_share: float = 0.03
    while_away: float = 0.05


@dataclass(frozen=True)
class Visits:
    """Visits in columns: who, on which day at which second, with which basket, and how.

    `cause` is the place of the cause in a list of names, or -1 for what would have been anyway.
    """

    who: Array
    day: Array
    second: Array
    basket: Array
    is_online: Array
    returns_after: Array
    cause: Array
    seed: Array

    def __len__(self) -> int:
        return len(self.who)

    def only(self, kept: Array) -> Visits:
        """Keep some of them."""
        return Visits(**{name: column[kept] for name, column in vars(self).items()})


@dataclass(frozen=True)
class Lives:
    """People with habits, and how often each would come on each day (people x days)."""

    habits: Habits
    household: Array
    calendar: Calendar
    ways: Ways
    rate: Array
    seed: int

    @property
    def people(self) -> int:
        """How many people live."""
        return len(self.household)

    def since(self, day: int) -> Lives:
        """Give the same lives from some day on; what is drawn of them is drawn anew."""
        later = self.calendar.since(day)
        return replace(self, calendar=later, rate=self.rate[:, day:], seed=self.seed + day)

    def until(self, day: int) -> Lives:
        """Give the same lives up to some day."""
        return replace(self, rate=self.rate[:, :day])

    def usual(self) -> Visits:
        """Draw all that happens with no word from us: the world against which we are measured."""
        noise = np.random.default_rng([self.seed, 10])
        counts = noise.poisson(self.rate)
        who, day = np.nonzero(counts)
        times = counts[who, day]
        return self._visits(np.repeat(who, times), np.repeat(day, times), -1, noise)

    def caused(self, day: int, lift: Array) -> Visits:
        """Draw what comes on top today; the caller says of each what caused it."""
        noise = np.random.default_rng([self.seed, 11, day])
        counts = noise.poisson(np.maximum(self.rate[:, day] * lift, 0.0))
        who = np.repeat(np.arange(self.people), counts)
        return self._visits(who, np.full(len(who), day), 0, noise)

    def in_stores(self, day: int, lift: Array, turn: int) -> Visits:
        """Draw what comes on top today in stores that do something for whoever shops in them.

        `lift` is each store's own; who comes, and with what, follows what they do by habit there.
        """
        noise = np.random.default_rng([self.seed, 13, turn, day])
        most = float(lift.max(initial=0.0))
        counts = noise.poisson(self.rate[:, day] * most)
        who = np.repeat(np.arange(self.people), counts)
        found = self._visits(who, np.full(len(who), day), 0, noise)
        here = lift[self.habits.store[found.basket]]
        return found.only((noise.random(len(who)) * most < here) & ~found.is_online)

    def kept_away(self, visits: Visits, lift: Array) -> Array:
        """Say which of these visits do not happen, where something drives people away."""
        noise = np.random.default_rng([self.seed, 12, len(visits)])
        return np.asarray(noise.random(len(visits)) < -lift[visits.who])

    def expected_fen(self, day: int) -> Array:
        """Give what each would spend today by habit, on average."""
        return np.asarray(self.rate[:, day] * self.habits.mean_fen()[self.household])

    def _visits(self, who: Array, day: Array, cause: int, noise: np.random.Generator) -> Visits:
        count = len(who)
        ways = self.ways
        returns = noise.random(count) < ways.returns_share
        return Visits(
            who=who,
            day=day,
            # From nine in the morning to nine in the evening.
            second=noise.integers(9 * 3600, 21 * 3600, count),
            basket=self.habits.baskets(self.household[who], noise),
            is_online=noise.random(count) < ways.online_share,
            returns_after=np.where(returns, noise.integers(7, 29, count), 0),
            cause=np.full(count, cause),
            seed=noise.integers(0, 2**62, count),
        )


def begun(habits: Habits, household: Array, calendar: Calendar, ways: Ways, seed: int) -> Lives:
    """Give people their moods and their weeks away, and so how often each comes on each day."""
    noise = np.random.default_rng([seed, 9])
    people, weeks = len(household), calendar.days // 7 + 1
    mood = np.zeros((people, weeks))
    mood[:, 0] = noise.standard_normal(people)
    for week in range(1, weeks):
        mood[:, week] = 0.95 * mood[:, week - 1] + 0.3122 * noise.standard_normal(people)
    is_away = _away(people, weeks, ways, noise)
    weekly = np.exp(ways.mood * mood - ways.mood**2 / 2)
    weekly *= np.where(is_away, ways.while_away, 1.0)
    # Who is at times away comes more often in between: over all, people come as often as ever.
    weekly /= 1 - _share_away(ways) * (1 - ways.while_away)
    daily = (habits.weekly[household] / 7)[:, None] * weekly[:, np.arange(calendar.days) // 7]
    return Lives(habits, household, calendar, ways, daily * calendar.busy, seed)


def joined(parts: list[Visits]) -> Visits:
    """Put visits together."""
    names = vars(parts[0])
    return Visits(
        **{name: np.concatenate([getattr(each, name) for each in parts]) for name in names}
    )


def with_causes(visits: Visits, shares: list[Array], noise: np.random.Generator) -> Visits:
    """Say of each visit which cause it owes itself to, in the proportion of their shares."""
    if not len(visits) or not shares:
        return visits
    weights = np.maximum(np.array([share[visits.who] for share in shares]), 0.0).cumsum(axis=0)
    draw = noise.random(len(visits)) * weights[-1]
    return replace(visits, cause=(draw[None, :] >= weights[:-1]).sum(axis=0))


def _away(people: int, weeks: int, ways: Ways, noise: np.random.Generator) -> Array:
    away = np.zeros((people, weeks), dtype=bool)
    away[:, 0] = noise.random(people) < _share_away(ways)
    for week in range(1, weeks):
        draw = noise.random(people)
        stays = draw >= ways.comes_back
        away[:, week] = np.where(away[:, week - 1], stays, draw < ways.lapse)
    return away


def _share_away(ways: Ways) -> float:
    return ways.lapse / (ways.lapse + ways.comes_back)

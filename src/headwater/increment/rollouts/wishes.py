"""Wishes: what the business asks of a rollout, checked before anything is drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from headwater.base.errors import BadInput
from headwater.base.times import business_day
from headwater.increment.places.designs import Campaign, Kind, Rules
from headwater.stores.places import Store

Choice = Literal["drawn", "picked"]
Strata = Literal["none", "city", "format", "region"]

WEEK: Final = timedelta(days=7)
WAVES_MOST: Final = 6
WAVE_WEEKS_MOST: Final = 13
WEEKS_MOST: Final = 52
# Whoever plans further ahead draws again when it is nearer: stores change.
AHEAD_MOST: Final = 26 * WEEK
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")


@dataclass(frozen=True)
class Intervention:
    """Something else that is done in stores, from one day until another, both included.

    Without units it is done in all of them; `experiment_id` is the campaign it was taken from.
    """

    since_on: date
    until_on: date
    units: tuple[str, ...] = ()
    note: str = ""
    experiment_id: UUID | None = None


@dataclass(frozen=True)
class MoneyOff:
    """What every checkout gives off by itself in a store that has started, until a last day."""

    floor_fen: int
    off_fen: int
    last_on: date


@dataclass(frozen=True)
class Wish:
    """What is wanted; units are the codes of stores, and a wave is as long as the next.

    `picked` are stores that somebody chose; nothing is drawn then. Without `money_off` all that
    stores do is done outside, by whoever asks whether they have started.
    """

    brand_id: UUID
    code: str
    name_zh: str
    name_en: str
    sizes: tuple[int, ...]
    wave_weeks: int
    starts_on: date
    salt: str
    choice: Choice = "drawn"
    kind: Kind = "paired"
    strata: Strata = "none"
    forbidden: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    contaminated: tuple[str, ...] = ()
    picked: tuple[str, ...] = ()
    calendar: tuple[Intervention, ...] = field(default=())
    money_off: MoneyOff | None = None

    def wave_starts_on(self, wave: int) -> date:
        """Give the Monday on which a wave starts, counted from one."""
        return self.starts_on + (wave - 1) * self.wave_weeks * WEEK

    @property
    def ends_on(self) -> date:
        """The Monday after the last wave's window."""
        return self.wave_starts_on(len(self.sizes) + 1)


def check(wish: Wish, stores: Sequence[Store], now: datetime) -> None:
    """Refuse what cannot be, naming the field; statistics refuse the rest in their own words."""
    if not _CODE.fullmatch(wish.code):
        raise BadInput("rollout_code", "code_malformed")
    if not wish.name_zh.strip() or not wish.name_en.strip():
        raise BadInput("name_en" if wish.name_zh.strip() else "name_zh", "missing")
    if not wish.salt.strip():
        raise BadInput("salt", "missing")
    _check_weeks(wish, now)
    known = {each.code for each in stores}
    for name, units in _named(wish).items():
        _check_units(name, units, known)
    _check_apart(wish)
    for each in wish.calendar:
        if each.until_on < each.since_on:
            raise BadInput("calendar", "backwards")
        _check_units("calendar", each.units, known)
    _check_money_off(wish)


def rules_of(wish: Wish, stores: Sequence[Store]) -> Rules:
    """Say a wish as the statistics want it, with the stores that have a history."""
    units = {each.code for each in stores}
    strata = {} if wish.strata == "none" else {
        each.code: stratum_of(each, wish.strata) for each in stores
    }  # fmt: skip
    return Rules(
        waves=wish.sizes,
        kind=wish.kind,
        strata=strata,
        forbidden=_within(wish.forbidden, units),
        forced=_within(wish.forced, units),
        contaminated=_within(wish.contaminated, units),
    )


def stratum_of(store: Store, strata: Strata) -> str:
    """Name the stratum of a store."""
    return {
        "none": "",
        "city": store.city_zh or store.city_en,
        "format": store.kind,
        "region": str(store.region_id),
    }[strata]


def campaigns_of(calendar: Sequence[Intervention], units: Sequence[str]) -> tuple[Campaign, ...]:
    """Say a calendar in weeks that begin on Mondays, for those of these stores that it touches."""
    known = set(units)
    found = []
    for each in calendar:
        stores = _within(each.units, known)
        if stores or not each.units:
            found.append(Campaign(monday(each.since_on), monday(each.until_on), stores))
    return tuple(found)


def monday(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def next_monday(now: datetime) -> date:
    """Give the first Monday that has not begun yet."""
    return monday(business_day(now)) + WEEK


def _check_weeks(wish: Wish, now: datetime) -> None:
    if not 1 <= len(wish.sizes) <= WAVES_MOST or any(size < 1 for size in wish.sizes):
        raise BadInput("sizes", "waves_malformed")
    if wish.choice == "picked" and len(wish.sizes) != 1:
        raise BadInput("sizes", "one_wave_of_picked")
    if not 1 <= wish.wave_weeks <= WAVE_WEEKS_MOST:
        raise BadInput("wave_weeks", "too_small" if wish.wave_weeks < 1 else "too_large")
    if wish.wave_weeks * len(wish.sizes) > WEEKS_MOST:
        raise BadInput("wave_weeks", "too_large")
    if wish.starts_on.weekday() != 0:
        raise BadInput("starts_on", "no_monday")
    if wish.starts_on < next_monday(now):
        raise BadInput("starts_on", "already_begun")
    if wish.starts_on > business_day(now) + AHEAD_MOST:
        raise BadInput("starts_on", "too_far_ahead")


def _check_units(name: str, units: Sequence[str], known: set[str]) -> None:
    if any(each not in known for each in units):
        raise BadInput(name, "store_unknown")
    if len(set(units)) < len(units):
        raise BadInput(name, "store_twice")


def _check_apart(wish: Wish) -> None:
    """A store has one place: it cannot be left out and taken part in at once."""
    if wish.choice == "picked" and not wish.picked:
        raise BadInput("picked", "missing")
    if wish.choice == "drawn" and wish.picked:
        raise BadInput("picked", "picked_and_drawn")
    if wish.choice == "picked" and len(wish.picked) != wish.sizes[0]:
        raise BadInput("sizes", "not_as_many_as_picked")
    taken: dict[str, str] = {}
    for name, units in _named(wish).items():
        for unit in units:
            if unit in taken:
                raise BadInput(name, "store_elsewhere")
            taken[unit] = name


def _check_money_off(wish: Wish) -> None:
    """It lasts as long as stores are compared by it, or the last look would be at a mixture."""
    given = wish.money_off
    if given is None:
        return
    if given.off_fen < 1 or given.off_fen > given.floor_fen:
        raise BadInput("off", "too_small" if given.off_fen < 1 else "off_above_floor")
    if given.last_on + timedelta(days=1) < wish.ends_on:
        raise BadInput("off_last_on", "ends_before_waves")


def _named(wish: Wish) -> Mapping[str, tuple[str, ...]]:
    names = ("forbidden", "forced", "contaminated", "picked")
    return {name: getattr(wish, name) for name in names}


def _within(units: Sequence[str], known: set[str]) -> tuple[str, ...]:
    return tuple(each for each in units if each in known)

"""Asking: what was typed on the page of a plan, read into a wish, each field with its own words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final, get_args

from headwater.base.errors import BadInput
from headwater.base.times import business_day
from headwater.increment.experiments import Experiment
from headwater.increment.places.designs import Kind
from headwater.increment.rollouts import calendars, wishes
from headwater.increment.rollouts.wishes import Choice, Intervention, MoneyOff, Strata, Wish
from headwater.stores.places import Brand
from headwater.web.console.desk import read_id
from headwater.web.kit import forms

# Until somebody saves it, a plan has no name of its own.
REHEARSAL: Final = "rehearsal"
FIELDS: Final = (
    "choice", "sizes", "wave_weeks", "starts_on", "salt", "kind", "strata", "forbidden", "forced",
    "contaminated", "picked", "since_on", "until_on", "units", "note",
)  # fmt: skip
MONEY_OFF: Final = ("off_floor", "off", "off_last_on")
_BETWEEN: Final = re.compile(r"[\s,，、;；]+")
_UNITS_MOST: Final = 8_000
_PAST: Final = timedelta(weeks=53)


def usual(brand: Brand, stores: int, now: datetime) -> dict[str, str]:
    """What a plan asks until somebody says otherwise: a quarter of the stores, in one wave."""
    return dict.fromkeys(FIELDS, "") | {
        "choice": "drawn",
        "sizes": str(max(stores // 4, 2)),
        "wave_weeks": "4",
        "starts_on": wishes.next_monday(now).isoformat(),
        "salt": f"{brand.code} {business_day(now):%Y-%m}",
        "kind": "paired",
        "strata": "none",
    }


def wish_of(
    given: Mapping[str, str], brand: Brand, asked: Sequence[Experiment], chosen: Sequence[str]
) -> Wish:
    """Read a wish; `chosen` are the campaigns whose weeks are cut out of every comparison."""
    sizes = tuple(_whole(each) for each in _parts(given, "sizes"))
    picked = _parts(given, "picked")
    choice = _one_of(given, "choice", get_args(Choice))
    if choice == "picked" and picked:
        sizes = (len(picked),)
    return Wish(
        brand_id=brand.id,
        code=given.get("rollout_code", "").strip() or REHEARSAL,
        name_zh=given.get("name_zh", "").strip() or REHEARSAL,
        name_en=given.get("name_en", "").strip() or REHEARSAL,
        sizes=sizes,
        wave_weeks=forms.whole(given, "wave_weeks", least=1, most=wishes.WAVE_WEEKS_MOST),
        starts_on=day_of(given, "starts_on"),
        salt=forms.text(given, "salt", longest=40),
        choice=choice,  # type: ignore[arg-type]
        kind=_one_of(given, "kind", get_args(Kind)),  # type: ignore[arg-type]
        strata=_one_of(given, "strata", get_args(Strata)),  # type: ignore[arg-type]
        forbidden=_parts(given, "forbidden"),
        forced=_parts(given, "forced"),
        contaminated=_parts(given, "contaminated"),
        picked=picked if choice == "picked" else (),
        calendar=(*_campaigns(asked, chosen), *_besides(given)),
    )


def named_wish(wish: Wish, given: Mapping[str, str]) -> Wish:
    """Give the wish the names under which it is written down, and what is given off with it."""
    return replace(
        wish,
        money_off=_money_off(given, wish),
        code=forms.text(given, "rollout_code", longest=40).lower(),
        name_zh=forms.text(given, "name_zh", longest=60),
        name_en=forms.text(given, "name_en", longest=60),
    )


def campaigns_between(asked: Sequence[Experiment], now: datetime) -> list[Experiment]:
    """List the brand's own campaigns that a comparison could meet, the newest first."""
    since = business_day(now) - _PAST
    known = {
        each.experiment_id
        for each in calendars.of_campaigns(asked, since, since + 3 * _PAST)
    }  # fmt: skip
    return [each for each in asked if each.id in known]


def intervention_of(given: Mapping[str, str]) -> Intervention:
    """Read one thing that is done besides."""
    return Intervention(
        day_of(given, "since_on"),
        day_of(given, "until_on"),
        _parts(given, "units"),
        given.get("note", "").strip()[:120],
    )


def day_of(given: Mapping[str, str], name: str) -> date:
    """A field that must hold a date."""
    value = forms.text(given, name, longest=20)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadInput(name, "not_a_date") from None


def _money_off(given: Mapping[str, str], wish: Wish) -> MoneyOff | None:
    """Read what checkouts give off; without a last day it ends with the last wave's window."""
    if not any(given.get(name, "").strip() for name in MONEY_OFF):
        return None
    last_on = wish.ends_on - timedelta(days=1)
    if given.get("off_last_on", "").strip():
        last_on = day_of(given, "off_last_on")
    return MoneyOff(forms.fen(given, "off_floor"), forms.fen(given, "off"), last_on)


def _besides(given: Mapping[str, str]) -> tuple[Intervention, ...]:
    if not any(given.get(name, "").strip() for name in ("since_on", "until_on", "units", "note")):
        return ()
    found = intervention_of(given)
    if found.until_on < found.since_on:
        raise BadInput("until_on", "backwards")
    return (found,)


def _campaigns(asked: Sequence[Experiment], chosen: Sequence[str]) -> list[Intervention]:
    ids = {read_id(each) for each in chosen}
    known = [each for each in asked if each.id in ids]
    if len(known) < len(ids):
        raise BadInput("calendar", "unknown")
    first = min((business_day(each.launched_at) for each in known), default=date.min)
    return calendars.of_campaigns(known, first, date.max)


def _parts(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    value = given.get(name, "").strip()
    if len(value) > _UNITS_MOST:
        raise BadInput(name, "too_long")
    return tuple(each for each in _BETWEEN.split(value) if each)


def _whole(typed: str) -> int:
    if not typed.isascii() or not typed.isdigit() or len(typed) > 4:
        raise BadInput("sizes", "waves_malformed")
    return int(typed)


def _one_of(given: Mapping[str, str], name: str, choices: Sequence[str]) -> str:
    value = given.get(name, "")
    if value not in choices:
        raise BadInput(name, "unknown")
    return value

"""What a world shall be: a preset by its name, or a file that changes parts of one."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import msgspec

from headwater.base.errors import BadInput
from headwater.world.heart.days import Weather
from headwater.world.heart.effects import Effect
from headwater.world.heart.habits import BRANDS
from headwater.world.heart.lives import Ways

# Of whom a message is meant for, so many allow it; the rest hear nothing.
ALLOWING: Final = 0.9


@dataclass(frozen=True)
class Push:
    """A campaign that the operator launches: when, to whom, and what it truly does.

    `channel` is what the world calls it: a message, or a message with a coupon in it.
    """

    effect: Effect
    name: str
    week: int
    window_days: int
    holdout_percent: int = 20
    rule: Mapping[str, str] = field(default_factory=dict)
    has_coupon: bool = False
    title_zh: str = "好久不见"
    title_en: str = "Good to see you again"
    body_zh: str = "您常买的几样东西到了新货，自提最快三十分钟。"
    body_en: str = "What you often buy is fresh in; pick it up in thirty minutes."


@dataclass(frozen=True)
class Guides:
    """How guides work: how many, how often they do their tasks, and what it truly brings.

    A guide's own strength lies about one and stays; `obedience` is the share of weeks in which
    a guide does what the page proposes.
    """

    working: int = 4
    contacts: int = 6
    obedience: float = 0.8
    every_weeks: int = 2
    lift: float = 0.3
    growth: float = -0.2
    lasts_days: int = 28
    spread: float = 0.5


@dataclass(frozen=True)
class Change:
    """Something that a store does for everybody who is at home in it, held out or not."""

    name: str
    stores: tuple[str, ...]
    week: int
    lift: float
    growth: float = 0.0


@dataclass(frozen=True)
class Rollout:
    """Something that stores do for whoever shops in them, wave after wave, as a lot decides.

    The operator plans and launches it in the console, and stores ask whether they have started.
    There people come so much more often; `spread` says how unlike stores are in that.
    """

    code: str
    name: str
    name_en: str
    lift: float
    week: int = 0
    sizes: tuple[int, ...] = (8, 8)
    wave_weeks: int = 4
    kind: str = "paired"
    strata: str = "none"
    spread: float = 0.3

    @property
    def weeks(self) -> int:
        """How many weeks it is compared for."""
        return len(self.sizes) * self.wave_weeks


@dataclass(frozen=True)
class Wanted:
    """Everything that is asked of a world; the truth file repeats it."""

    members: int | None = None
    weeks: int = 13
    true_lift: float = 0.1
    seed: int = 1
    brand: str = "grocery"
    programme_holdout_percent: int = 30
    overlap: float = 0.1
    interference: float = 0.0
    leak: float = 0.0
    ways: Ways = field(default_factory=Ways)
    weather: Weather = field(default_factory=Weather)
    guides: Guides = field(default_factory=Guides)
    pushes: tuple[Push, ...] = ()
    changes: tuple[Change, ...] = ()
    rollouts: tuple[Rollout, ...] = ()

    @property
    def days(self) -> int:
        """How many days pass."""
        return self.weeks * 7

    def check(self) -> None:
        """Refuse what cannot be lived, and name it."""
        bounds = {
            "members": (10, 1_000_000), "weeks": (1, 52), "true-lift": (-0.9, 5.0),
            "interference": (0.0, 1.0), "leak": (0.0, 1.0), "overlap": (0.0, 1.0),
            "programme_holdout_percent": (5, 50),
        }  # fmt: skip
        for name, (least, most) in bounds.items():
            value = getattr(self, name.replace("-", "_"))
            if value is not None and not least <= value <= most:
                raise BadInput(name, f"must lie from {least:,} to {most:,}")
        if self.brand not in BRANDS:
            raise BadInput("brand", f"must be one of {', '.join(BRANDS)}")
        names = [each.effect.name for each in self.pushes]
        if len(set(names)) != len(names):
            raise BadInput("pushes", "each needs an effect with a name of its own")
        codes = [each.code for each in self.rollouts]
        if len(set(codes)) != len(codes):
            raise BadInput("rollouts", "each needs a code of its own")
        if any(each.lift < 0 or each.spread < 0 for each in self.rollouts):
            raise BadInput("rollouts", "lift and spread must not be below zero")

    def calibrated(self) -> Wanted:
        """Scale what the campaigns do so that together they bring the true lift asked for.

        It is the lift of who is treated, on average over all the weeks; the world itself says
        afterwards what came of it.
        """
        expected = sum(_expected(each, self.days) for each in self.pushes)
        if not expected:
            return self
        factor = self.true_lift / expected
        return replace(
            self,
            pushes=tuple(
                replace(each, effect=replace(each.effect, lift=each.effect.lift * factor))
                for each in self.pushes
            ),
            guides=self.guides if self.true_lift else replace(self.guides, lift=0.0),
            rollouts=self.rollouts if self.true_lift else _idle(self.rollouts),
        )


def _idle(rollouts: tuple[Rollout, ...]) -> tuple[Rollout, ...]:
    """In a world without effects stores start as well, and nothing comes of it."""
    return tuple(replace(each, lift=0.0) for each in rollouts)


def _expected(push: Push, days: int) -> float:
    left = days - push.week * 7 - 1
    reached = ALLOWING * (1 - push.holdout_percent / 100)
    return reached * push.effect.mean(left) * max(left, 0) / days


_BOUGHT: Final = {"on_ordered": "yes", "ordered_least": "1", "ordered_days": "400", "how": "all"}
_RECALL = Push(
    Effect("recall", "message", 1.0, growth=0.0),
    "老客召回 · 这一年来过的人",
    0,
    84,
    rule=_BOUGHT,
)
_COUPON = Push(
    Effect("coupon", "coupon", 0.8, growth=-0.1, lasts_days=42),
    "回来看看 · 送一张券",
    3,
    42,
    rule=_BOUGHT | {"ordered_days": "200"},
    has_coupon=True,
    title_zh="送您一张券",
    title_en="A coupon for you",
    body_zh="满 99 减 15，到店和手机上都能用。",
    body_en="¥15 off ¥99, in the store and on your phone.",
)
_NEWS = Push(
    Effect("news", "message", 0.0),
    "新货到店 · 只是告诉一声",
    7,
    35,
    rule=_BOUGHT | {"ordered_days": "120"},
    title_zh="新货到店",
    title_en="New in the store",
    body_zh="这个月的新货都上架了。",
    body_en="This month's new things are on the shelf.",
)
_BAKERY = Rollout("fresh-bread", "现烤面包", "Bread baked in the store", 0.15, sizes=(12, 12, 12))
_DEMO: Final = Wanted(
    pushes=(_RECALL, _COUPON, _NEWS), rollouts=(_BAKERY,), weather=Weather(outage_days=1)
)
PRESETS: Final[dict[str, Wanted]] = {
    "grocery": _DEMO,
    "drug": replace(_DEMO, brand="drug"),
    "apparel": replace(_DEMO, brand="apparel"),
    "cosmetics": replace(_DEMO, brand="cosmetics"),
    "zero": replace(_DEMO, true_lift=0.0),
    "word-of-mouth": replace(_DEMO, interference=0.25),
    "leaky": replace(_DEMO, leak=0.05),
}


def world(named: str) -> Wanted:
    """Give a preset, or what a TOML file makes of one; what it misspells is named."""
    if named in PRESETS:
        return PRESETS[named]
    file = Path(named)
    if not file.is_file():
        raise BadInput("world", f"is neither a file nor one of {', '.join(PRESETS)}")
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput("world", f"{file.name}: {error}") from error
    base = PRESETS.get(str(given.pop("like", "grocery")))
    if base is None:
        raise BadInput("like", f"must be one of {', '.join(PRESETS)}")
    whole = _over(msgspec.to_builtins(base), given, Wanted, "")
    try:
        return msgspec.convert(whole, Wanted)
    except msgspec.ValidationError as error:
        raise BadInput("world", f"{file.name}: {error}") from error


def _over(base: dict[str, Any], given: Mapping[str, Any], kind: Any, path: str) -> dict[str, Any]:
    """Lay what was given over what was there; lists are taken whole."""
    known = {each.name for each in dataclasses.fields(kind)}
    for name in given:
        if name not in known:
            raise BadInput(f"{path}{name}", f"is unknown; known are {', '.join(sorted(known))}")
    laid = dict(base)
    for name, value in given.items():
        inner = type(getattr(Wanted(), name, None)) if kind is Wanted else None
        if isinstance(value, dict) and dataclasses.is_dataclass(inner):
            laid[name] = _over(base[name], value, inner, f"{name}.")
        else:
            laid[name] = value
    return laid

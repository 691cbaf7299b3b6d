"""A scenario: what goes wrong when, read from a file, drawn by the seed, told afterwards."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from headwater.sandbox.credentials import derive
from headwater.sandbox.faults import Faults

Nonnegative = Annotated[float, Meta(ge=0, le=864_000)]


class BadScenario(Exception):
    """The file is no scenario; the message is one clear line."""


class Rule(msgspec.Struct, forbid_unknown_fields=True):
    """One thing that goes wrong, on some of the occasions that it could."""

    fault: str
    """A field of the misbehaviour: a counter's name, or a measure's."""
    value: Nonnegative = 1.0
    """How much of it; a counter needs none."""
    share: Annotated[float, Meta(ge=0, le=1)] | None = None
    """On this share of the occasions, drawn by the seed."""
    at: list[Annotated[int, Meta(ge=1)]] | None = None
    """On these occasions, counted from one."""
    every: Annotated[int, Meta(ge=1)] | None = None
    """On each so-manieth occasion."""
    most: Annotated[int, Meta(ge=1)] | None = None
    """Not more often than this."""
    from_seconds: Nonnegative = 0.0
    """Only from this long after the start on; divided by the speed."""
    until_seconds: Nonnegative | None = None
    """Only until this long after the start; divided by the speed."""


class Script(msgspec.Struct, forbid_unknown_fields=True):
    """The file: what always holds, and the rules."""

    steady: dict[str, Any] = {}
    rule: list[Rule] = []


@dataclass
class Played:
    """How often a rule could have struck, and how often it did."""

    occasions: int = 0
    hits: int = 0


@dataclass(frozen=True)
class Stage:
    """Where a scenario plays: its draw, its clock and its speed."""

    seed: int
    speed: float
    now: Callable[[], datetime]


class Scenario:
    """Rules that are asked at each occasion; the same seed and occasions give the same faults."""

    def __init__(self, script: Script, stage: Stage) -> None:
        self._rules = script.rule
        self._stage = stage
        self._started_at = stage.now()
        self._played = [Played() for _ in script.rule]

    def hits(self, name: str) -> float:
        """The largest value that a rule gives this occasion, or nought."""
        values = [
            rule.value
            for place, rule in enumerate(self._rules)
            if rule.fault == name and self._strikes(place, rule)
        ]
        return max(values, default=0.0)

    def told(self) -> list[dict[str, Any]]:
        """Each rule with how often it could have struck and how often it did."""
        return [
            {"rule": rule, "occasions": played.occasions, "hits": played.hits}
            for rule, played in zip(self._rules, self._played, strict=True)
        ]

    def _strikes(self, place: int, rule: Rule) -> bool:
        seconds = (self._stage.now() - self._started_at).total_seconds() * self._stage.speed
        if seconds < rule.from_seconds:
            return False
        if rule.until_seconds is not None and seconds >= rule.until_seconds:
            return False
        played = self._played[place]
        played.occasions += 1
        if rule.most is not None and played.hits >= rule.most:
            return False
        strikes = self._is_drawn(place, rule, played.occasions)
        played.hits += strikes
        return strikes

    def _is_drawn(self, place: int, rule: Rule, occasion: int) -> bool:
        if rule.at is not None:
            return occasion in rule.at
        if rule.every is not None:
            return occasion % rule.every == 0
        if rule.share is not None:
            drawn = derive(self._stage.seed, "scenario", place, occasion)
            return int.from_bytes(drawn[:4]) / 2**32 < rule.share
        return True


def read_script(file: Path) -> Script:
    """The script in a TOML file, or BadScenario that says what is wrong with it."""
    try:
        return understood(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadScenario(f"{file} cannot be read: {error}") from error
    except BadScenario as error:
        raise BadScenario(f"{file}: {error}") from error


def understood(plain: object) -> Script:
    """A script out of plain data; every name in it is one that the sandbox knows."""
    try:
        script = msgspec.convert(plain, Script)
        msgspec.convert(script.steady, Faults)
    except msgspec.ValidationError as error:
        raise BadScenario(str(error)) from None
    for rule in script.rule:
        if not isinstance(getattr(Faults(), rule.fault, None), int | float):
            raise BadScenario(f"there is no misbehaviour {rule.fault!r} that a rule could ask for")
        if sum(way is not None for way in (rule.share, rule.at, rule.every)) > 1:
            raise BadScenario(f"{rule.fault}: give one of share, at, every")
    return script


def play(script: Script, faults: Faults, stage: Stage) -> Scenario:
    """Let a script begin now."""
    faults.become(msgspec.convert(script.steady, Faults))
    scenario = Scenario(script, stage)
    faults.obey(scenario)
    return scenario

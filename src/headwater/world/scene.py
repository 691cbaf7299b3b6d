"""The scene of a quarter: who lives in it, what moves them, and what came of it so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from headwater.world.doors import Thing
from headwater.world.heart.effects import WORD_OF_MOUTH, Causes, Effect
from headwater.world.heart.habits import Array
from headwater.world.heart.lives import Lives, Visits
from headwater.world.people import World
from headwater.world.tills import Return
from headwater.world.truth import STORES, Truth, rolled_out
from headwater.world.wanted import Push, Rollout, Wanted

LEAK: Final = "leak"


@dataclass(frozen=True)
class Plan:
    """What happens in a quarter: who lives, what is asked, and who launches what is planned."""

    wanted: Wanted
    lives: Lives
    starts_at: datetime
    launch: Callable[[Push], Awaitable[str]]
    roll_out: Callable[[Rollout, date], Awaitable[str]]


@dataclass(frozen=True)
class Bought:
    """An order on the phone that will be brought back."""

    who: int
    number: str
    sale: int


@dataclass
class State:
    """How far a quarter is: who may still be moved, what lies at the tills, what comes back."""

    world: World
    plan: Plan
    truth: Truth
    causes: Causes
    usual: Visits
    shelf: Sequence[Thing]
    places: list[str]
    till: list[tuple[Visits, Array]] = field(default_factory=list)
    back: dict[int, list[Bought]] = field(default_factory=lambda: defaultdict(list))
    brought: dict[int, list[tuple[Return, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @property
    def wanted(self) -> Wanted:
        """Give what was asked of this world."""
        return self.plan.wanted

    def morning(self, day: int) -> datetime:
        """Give the midnight with which a day begins."""
        return self.plan.starts_at + timedelta(days=day)


def begun(world: World, plan: Plan) -> State:
    """Set the scene: every cause is known and has reached nobody, and what is usual is drawn."""
    wanted, lives = plan.wanted, plan.lives
    causes = Causes(lives.people, wanted.seed, wanted.overlap, wanted.interference)
    for push in wanted.pushes:
        causes.know(push.effect)
    strengths = _strengths(wanted, len(world.guides))
    for colleague, strength in zip(world.guides, strengths, strict=True):
        causes.know(_guides_effect(wanted, f"guide {colleague.login}", strength))
    causes.know(_guides_effect(wanted, LEAK, 1.0))
    for change in wanted.changes:
        days = wanted.days
        causes.know(Effect(change.name, STORES, change.lift, change.growth, days, spread=0.0))
    names = list(causes.effects) + ([WORD_OF_MOUTH] if wanted.interference else [])
    codes = lives.habits.store_codes
    rolled = [
        rolled_out(each, codes, (wanted.seed, 24, no)) for no, each in enumerate(wanted.rollouts)
    ]
    every = [*names, *(each.code for each in wanted.rollouts)]
    truth = Truth(wanted, lives.people, codes, rolled, causes=every)
    truth.started_at = plan.starts_at
    truth.would_have_fen = np.zeros(lives.people)
    return State(world, plan, truth, causes, lives.usual(), [], names)


def _strengths(wanted: Wanted, guides: int) -> Array:
    """Draw how good each guide truly is; it lies about one and stays."""
    noise = np.random.default_rng([wanted.seed, 20])
    return np.maximum(1 + wanted.guides.spread * noise.standard_normal(guides), 0.0)


def _guides_effect(wanted: Wanted, name: str, strength: float) -> Effect:
    work = wanted.guides
    lift = work.lift * float(strength)
    return Effect(name, "guide", lift, work.growth, work.lasts_days, spread=0.5)

"""Contents: a bandit on good and bad days must not find a difference between equal contents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from headwater.increment.statistics import bandit
from headwater.increment.statistics.bandit import NO_CONTACT, Batch, Rules
from headwater.increment.statistics.means import Contrast, difference, estimate
from headwater.increment.statistics.moments import Moments
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line

RULES: Final = Rules(("a", "b", "c"))
SENDS: Final = 10
MEMBERS: Final = 2_000
# Days differ by half of what members do, and drift; contact brings so much, whichever content.
SHOCK: Final = 0.5
DRIFT: Final = 0.1
CONTACT: Final = 0.1
_COLUMN: Final = ("sales",)


def study(worlds: int, seed: int) -> Iterator[Line]:
    """Send ten times to members who like all contents alike."""
    noise = np.random.default_rng([seed, SENDS])
    found: dict[str, list[bool]] = {key: [] for key in ("within", "chance", "pooled", "brought")}
    selected: list[float] = []
    for _ in range(worlds):
        past = _sent(noise)
        best = max(RULES.contents, key=lambda name: past[-1].shares[name])
        other = next(name for name in RULES.contents if name != best)
        for key, by in (("within", bandit.by_batch), ("chance", bandit.by_chance)):
            each = by(past, "a", "b").estimate
            found[key].append(not each.low <= 0 <= each.high)
        each = estimate(_pooled(past, best, other))
        found["pooled"].append(not each.low <= 0 <= each.high)
        each = bandit.brought(past)
        found["brought"].append(each.low <= CONTACT <= each.high)
        selected.append(bandit.by_batch(past, best, other, is_selected=True).estimate.estimate)
    subject = f"bandit, {SENDS} sends, days that differ, equal contents"
    yield bands.at_most(subject, "within sends: found where nothing is", found["within"], 0.06)
    yield bands.at_most(subject, "weighed by chance: found where nothing is", found["chance"], 0.06)
    yield bands.beside(subject, "pooled, the best against another", found["pooled"])
    yield bands.coverage(subject, "all contents against no contact", found["brought"])
    bias, error = bands.mean(selected)
    yield Line(
        subject, "the best's own figure is too high by (sd of a member)", bias, error, worlds,
        form="+.3f",
    )  # fmt: skip


def _sent(noise: np.random.Generator) -> list[Batch]:
    past: list[Batch] = []
    for day in range(SENDS):
        shares = bandit.next_shares(RULES, past)
        contact = 1 - RULES.no_contact_share
        chances = [RULES.no_contact_share, *(contact * each for each in shares.values())]
        level = SHOCK * noise.standard_normal() + DRIFT * day
        outcomes = {}
        for name, count in zip(
            (NO_CONTACT, *shares), noise.multinomial(MEMBERS, chances), strict=True
        ):
            moved = level + (0.0 if name == NO_CONTACT else CONTACT)
            outcomes[name] = _arm(moved + noise.standard_normal(int(count)))
        past.append(Batch(shares, outcomes))
    return past


def _arm(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Moments:
    return Moments(_COLUMN, len(values), (float(values.sum()),), ((float(values @ values),),))


def _pooled(past: Sequence[Batch], one: str, other: str) -> Contrast:
    """Compare as many do: all sends thrown together, as though every day were the same."""
    arms = []
    for name in (one, other):
        whole = past[0].outcomes[name]
        for batch in past[1:]:
            whole = whole + batch.outcomes[name]
        arms.append(whole)
    return difference(arms[0], arms[1], *_COLUMN)

"""Lessons: what the contents of a campaign tell about each other, beside the campaign's own figure.

What counts is what all contents together brought against no contact; that is the campaign's
reading, and it needs nothing of this. Here each content stands against the others within each
batch, because days differ. No word is said before the last batch has had its days, since who
looks daily finds something daily; and the words hold for all contents together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from headwater.base.db import Db
from headwater.increment.errors import CannotEstimate, Why
from headwater.increment.statistics import bandit, families
from headwater.increment.statistics.bandit import Batch, Rules
from headwater.increment.statistics.moments import Estimate
from headwater.reach import batches
from headwater.reach.batches import Sending
from headwater.reach.campaigns import Campaign

# Fewer members on either side than this, and no word is said.
LEAST: Final = 100
_CLAIM: Final = 0.05
_OTHERS: Final = "others"

Word = Literal["open", "too_few", "better", "worse", "no_difference"]


@dataclass(frozen=True)
class Told:
    """One content: who got it, how likely it is the best, and how it stands against the others.

    `is_selected` says that it was picked for its own figure, which is then too high.
    """

    content_no: int
    members: int
    best_chance: float
    word: Word
    against: Estimate | None
    family_p: float | None
    lacks: Why | None
    is_selected: bool


@dataclass(frozen=True)
class Lesson:
    """The batches of a campaign as they were sent, and its contents side by side."""

    sendings: list[Sending]
    contents: list[Told]
    is_over: bool


async def of_campaign(db: Db, campaign: Campaign, now: datetime) -> Lesson | None:
    """Tell what the contents taught so far, or nothing where there is but one."""
    if not campaign.other_contents:
        return None
    sendings = await batches.sent(db, campaign.id)
    past = await batches.outcomes(db, campaign, now)
    is_over = _is_over(campaign, sendings, now)
    return Lesson(sendings, compared(batches.rules_of(campaign), past, is_over), is_over)


def compared(rules: Rules, past: Sequence[Batch], is_over: bool) -> list[Told]:
    """Put each content against all others within each batch, and say a word once all is over."""
    best = bandit.chances_of_best(rules, past)
    likely = max(rules.contents, key=lambda name: best[name])
    found = {name: _against(rules, past, name) for name in rules.contents}
    p_values = {
        name: each.p for name, each in found.items() if isinstance(each, Estimate) and _many(each)
    }
    adjusted = families.holm(p_values)
    return [
        _told(name, found[name], adjusted, is_over,
              Told(int(name), sum(each.outcomes[name].n for each in past), best[name], "open",
                   None, None, None, bool(past) and name == likely))
        for name in rules.contents
    ]  # fmt: skip


def _against(rules: Rules, past: Sequence[Batch], name: str) -> Estimate | Why:
    """Compare one content with whoever got another one in the same batch."""
    halves = []
    for each in past:
        others = [each.outcomes[other] for other in rules.contents if other != name]
        together = others[0]
        for other in others[1:]:
            together = together + other
        halves.append(Batch(each.shares, {name: each.outcomes[name], _OTHERS: together}))
    try:
        return bandit.by_batch(halves, name, _OTHERS).estimate
    except CannotEstimate as refusal:
        return refusal.why


def _told(
    name: str, found: Estimate | Why, adjusted: Mapping[str, float], is_over: bool, empty: Told
) -> Told:
    if not is_over:
        return empty
    if isinstance(found, Why):
        return replace(empty, word="too_few", lacks=found)
    if name not in adjusted:
        return replace(empty, word="too_few")
    word: Word = "no_difference"
    if adjusted[name] < _CLAIM:
        word = "better" if found.estimate > 0 else "worse"
    return replace(empty, word=word, against=found, family_p=adjusted[name])


def _many(found: Estimate) -> bool:
    return min(found.treated_count, found.holdout_count) >= LEAST


def _is_over(campaign: Campaign, sendings: Sequence[Sending], now: datetime) -> bool:
    """Tell whether no batch will follow and the last has had its days."""
    if not sendings:
        return False
    is_last = len(sendings) >= campaign.batch_count or campaign.state in ("stopped", "ended")
    return is_last and sendings[-1].sent_at + timedelta(days=campaign.batch_days) <= now

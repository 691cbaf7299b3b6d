"""Lessons: what the contents of a campaign tell about each other, beside the campaign's own figure.

What counts is what all contents together brought against no contact; that is the campaign's
reading, and it needs nothing of this. Here each content stands beside the mean of them all, drawn
towards it by what all campaigns of the brand that are over say of how far contents differ. There
is no verdict: each word comes with its probability. And no word is said before the last batch has
had its days, since who looks daily finds something daily.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from headwater.base.db import Db
from headwater.increment.errors import CannotEstimate, Why
from headwater.increment.statistics.bandit import Batch
from headwater.increment.statistics.pooled import contents
from headwater.increment.statistics.pooled.contents import Taught
from headwater.increment.statistics.shrinkage import Shrunken
from headwater.reach import batches
from headwater.reach.batches import Sending
from headwater.reach.campaigns import Campaign

# How likely the best a content must be for such a word; the word never stands without the number.
LIKELY: Final = 0.95
PERHAPS: Final = 0.8
HARDLY: Final = 0.05

Word = Literal["open", "too_few", "likely", "perhaps", "hardly", "unsure"]


@dataclass(frozen=True)
class Told:
    """One content: who got it, and how it stands beside the mean of all.

    `said` are shares of what a member of the campaign bought; `is_selected` says that of all
    contents it is the likeliest best, so that its raw figure was picked for being high.
    """

    content_no: int
    members: int
    word: Word
    said: Shrunken | None
    is_selected: bool


@dataclass(frozen=True)
class Lesson:
    """The batches of a campaign as they were sent, and its contents side by side.

    `found` is nothing before all is over, and then what was taught or why nothing was.
    """

    sendings: list[Sending]
    contents: list[Told]
    found: Taught | Why | None


async def of_campaign(db: Db, campaign: Campaign, now: datetime) -> Lesson | None:
    """Tell what the contents taught so far, or nothing where there is but one."""
    if not campaign.other_contents:
        return None
    over = await batches.over(db, campaign.brand_id, now)
    is_over = campaign.id in over
    asked = over if is_over else [campaign.id]
    past = await batches.outcomes_of(db, campaign.brand_id, asked, now)
    own = past.pop(campaign.id)
    found = learned(own, past.values()) if is_over else None
    names = batches.rules_of(campaign).contents
    return Lesson(await batches.sent(db, campaign.id), beside(names, own, found), found)


def learned(own: Sequence[Batch], others: Iterable[Sequence[Batch]]) -> Taught | Why:
    """Draw a campaign's contents together, or say what its figures lack."""
    try:
        return contents.learn(own, others)
    except CannotEstimate as refusal:
        return refusal.why


def beside(names: Sequence[str], past: Sequence[Batch], found: Taught | Why | None) -> list[Told]:
    """Put the contents side by side, each with its word."""
    said = found.contents if isinstance(found, Taught) else {}
    likeliest = max(said, key=lambda name: said[name].top_chance, default=None)
    return [
        Told(
            int(name), sum(each.outcomes[name].n for each in past),
            "open" if found is None else _word(said.get(name)), said.get(name), name == likeliest,
        )
        for name in names
    ]  # fmt: skip


def _word(said: Shrunken | None) -> Word:
    if said is None:
        return "too_few"
    if said.top_chance >= PERHAPS:
        return "likely" if said.top_chance >= LIKELY else "perhaps"
    return "hardly" if said.top_chance <= HARDLY else "unsure"

"""Channels: what a campaign of each is likely to bring, from all that were read and not the best.

Each campaign has a randomised holdout of its own, so that each figure is honest; single ones are
mostly luck, so they are drawn together. Channels were not drawn: they spoke to other members at
other times, and what differs between them may lie in those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.increment.errors import CannotEstimate
from headwater.increment.experiments import Experiment
from headwater.increment.ledger import Reading
from headwater.increment.programs import lifts
from headwater.increment.programs.lifts import LeftOut, Lifts, Over
from headwater.increment.statistics.pooled import campaigns as pooled
from headwater.increment.statistics.pooled.campaigns import (
    LEAST_CAMPAIGNS,
    LEAST_TO_RANK,
    Pooled,
)
from headwater.increment.statistics.pooled.nested import Band
from headwater.reach import campaigns

# What belongs to no campaign of ours, or speaks over all of them.
ANY = "any"


@dataclass(frozen=True)
class Campaign:
    """One campaign: what its row says, and what to expect of the next one like it."""

    experiment: Experiment
    reading: Reading
    channel: str
    expected: Band | None


@dataclass(frozen=True)
class Channel:
    """A channel: what its campaigns bring on the whole, and what the next one may bring.

    `best_chance` is None where the channel cannot be ranked; `rows` are the readings behind it.
    """

    channel: str
    rows: list[Reading]
    lift: Band
    following: Band
    best_chance: float | None


@dataclass(frozen=True)
class Channels:
    """All channels of a brand; without figures where too few campaigns were read.

    `to_rank` says of each channel how many campaigns it lacks before it can be ranked.
    """

    average: Band | None
    channels: list[Channel]
    campaigns: list[Campaign]
    left_out: list[LeftOut]
    running: int
    to_rank: Mapping[str, int]

    @property
    def lacking(self) -> int:
        """How many campaigns have to be read before anything is said."""
        return max(LEAST_CAMPAIGNS - len(self.campaigns), 0)

    @property
    def is_ranked(self) -> bool:
        """Whether channels can be compared."""
        return any(each.best_chance is not None for each in self.channels)


async def of_brand(db: Db, brand_id: UUID, now: datetime) -> Channels:
    """Draw a brand's campaigns together by channel."""
    found = await lifts.of_brand(db, brand_id, now)
    return draw_together(found, await by_code(db, brand_id))


async def by_code(db: Db, brand_id: UUID) -> dict[str, str]:
    """Give the channel of each question that is about a campaign, by the question's code."""
    every = await campaigns.of_brand(db, brand_id)
    return {f"campaign:{each.id}": each.channel for each in every}


def draw_together(found: Lifts, channels: Mapping[str, str]) -> Channels:
    """Give every channel and campaign its band, or only name them where they are too few."""
    channel_of = {
        str(each.experiment.id): channels.get(each.experiment.code, ANY) for each in found.read
    }
    together = _pooled(found.read, channel_of)
    counts = Counter(channel_of.values())
    return Channels(
        together.average if together else None,
        _channels(found.read, channel_of, together) if together else [],
        [_campaign(each, channel_of, together) for each in found.read],
        found.left_out,
        found.running,
        {name: LEAST_TO_RANK - n for name, n in sorted(counts.items()) if n < LEAST_TO_RANK},
    )


def _pooled(read: Sequence[Over], channel_of: Mapping[str, str]) -> Pooled | None:
    if len(read) < LEAST_CAMPAIGNS:
        return None
    try:
        return pooled.pool({str(each.experiment.id): each.lift for each in read}, channel_of)
    except CannotEstimate:
        return None


def _channels(
    read: Sequence[Over], channel_of: Mapping[str, str], together: Pooled
) -> list[Channel]:
    """List the channels by their names in the code: an order by lift would be a ranking."""
    return [
        Channel(
            name,
            [each.reading for each in read if channel_of[str(each.experiment.id)] == name],
            lift,
            together.following[name],
            together.best.get(name),
        )
        for name, lift in together.channels.items()
    ]


def _campaign(one: Over, channel_of: Mapping[str, str], together: Pooled | None) -> Campaign:
    name = str(one.experiment.id)
    expected = together.campaigns[name] if together else None
    return Campaign(one.experiment, one.reading, channel_of[name], expected)

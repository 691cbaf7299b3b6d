"""Leaks: held out, and touched all the same; counted for each channel, and shown.

A tenth of the held-out who are reached takes a tenth of the effect away, so a leak never flatters.
Past the share that the plan names, nothing is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)

ANY_CHANNEL = "any"


@dataclass(frozen=True)
class ChannelLeak:
    """How many held-out members one channel reached, of how many."""

    experiment_id: UUID
    channel: str
    members: int
    held_out: int

    @property
    def share(self) -> float:
        """The share of the held-out that this channel reached."""
        return self.members / self.held_out if self.held_out else 0.0


@dataclass(frozen=True)
class Leaks:
    """What leaked of one experiment: members in all, and by channel; one may count in several."""

    members: int
    held_out: int
    by_channel: dict[str, int]

    @property
    def share(self) -> float:
        """The share of the held-out who were reached at all."""
        return self.members / self.held_out if self.held_out else 0.0


async def of_experiments(db: Db, experiment_ids: Sequence[UUID]) -> list[ChannelLeak]:
    """Count what leaked by channel; the row `any` counts each member once."""
    return await db.all(sql.of_experiments, ChannelLeak, experiment_ids=list(experiment_ids))


async def of_experiment(db: Db, experiment_id: UUID) -> Leaks:
    """Count what leaked of one experiment before its window ended."""
    found = await of_experiments(db, [experiment_id])
    everybody = next((each for each in found if each.channel == ANY_CHANNEL), None)
    return Leaks(
        everybody.members if everybody else 0,
        everybody.held_out if everybody else 0,
        {each.channel: each.members for each in found if each.channel != ANY_CHANNEL},
    )

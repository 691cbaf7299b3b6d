"""Calendars: what else is done in stores, so that its weeks are compared with nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.base.times import business_day
from headwater.increment.experiments import Experiment
from headwater.increment.rollouts.wishes import Intervention

sql = statements(__file__)

# What a store is told of when a campaign ran everywhere.
_FROM_CAMPAIGNS: Final = ("campaign", "journey")


@dataclass(frozen=True)
class Entry:
    """One intervention of a rollout, with who wrote it down and when."""

    id: UUID
    since_on: date
    until_on: date
    units: list[str]
    note: str
    experiment_id: UUID | None
    added_at: datetime
    added_by: UUID | None

    @property
    def intervention(self) -> Intervention:
        """Say it as the statistics are told."""
        return Intervention(
            self.since_on, self.until_on, tuple(self.units), self.note, self.experiment_id
        )


async def add(
    db: Db, rollout_id: UUID, calendar: Sequence[Intervention], by: UUID | None, now: datetime
) -> None:
    """Write down what else is done; what is known after the launch shows when it was added."""
    for each in calendar:
        await db.run(
            sql.add, id=ids.new(), rollout_id=rollout_id, since_on=each.since_on,
            until_on=each.until_on, units=list(each.units), note=each.note,
            experiment_id=each.experiment_id, now=now, by=by,
        )  # fmt: skip


async def of_rollout(db: Db, rollout_id: UUID) -> list[Entry]:
    """List what else is done, in the order of time."""
    return await db.all(sql.of_rollout, Entry, rollout_id=rollout_id)


def of_campaigns(asked: Sequence[Experiment], since: date, until: date) -> list[Intervention]:
    """Say the brand's own campaigns between two days as a calendar; they ran in every store."""
    found = []
    for each in asked:
        first = business_day(each.launched_at)
        last = business_day(each.window_ends_at - timedelta(seconds=1))
        if each.kind in _FROM_CAMPAIGNS and first <= until and last >= since:
            found.append(Intervention(first, last, (), each.name_zh, each.id))
    return found

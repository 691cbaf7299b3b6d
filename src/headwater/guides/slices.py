"""Slices: a part of every guide's book is left alone, so that what guides bring can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.guides.errors import NobodyInAnyBook
from headwater.increment import arms, experiments, plans
from headwater.increment.books import books
from headwater.increment.books.books import Entry
from headwater.increment.experiments import Experiment, Question

sql = statements(__file__)

# A fifth of each book: with less, a guide of three hundred customers says next to nothing.
SHARE: Final = 0.2
SHARES: Final = (0.05, 0.5)
WINDOW_DAYS: Final = 91
_CODES: Final = {"member": "guides", "guide": "guides-whole"}


@dataclass(frozen=True)
class Size:
    """How many guides have customers, and how many customers these are."""

    guides: int
    customers: int


@dataclass(frozen=True)
class _Name:
    id: UUID
    name: str


async def launch(
    db: Db,
    brand_id: UUID,
    now: datetime,
    share: float = SHARE,
    window_days: int = WINDOW_DAYS,
) -> Experiment:
    """Leave a slice of each book alone by the guides' tasks and shares, and ask what those bring.

    Once a quarter; again in the same quarter gives the first. Whom a program leaves alone is no
    part of it: there is nothing that guides could do for them.
    """
    entries = await _books(db, brand_id)
    members = [each.member_id for each in entries]
    await arms.assign_to_programs(db, brand_id, members, now)
    rest = set(await arms.among_rest(db, brand_id, members))
    asked = _question("member", brand_id, share, window_days, now)
    experiment = await experiments.launch(db, asked, now)
    if experiment.launched_at != now:
        return experiment
    kept = [each for each in entries if each.member_id in rest]
    await books.write(db, experiment.id, kept)
    await arms.assign(db, experiment.id, [each.member_id for each in kept], now)
    return await experiments.get(db, experiment.id)


async def launch_whole(
    db: Db,
    brand_id: UUID,
    now: datetime,
    share: float = SHARE,
    window_days: int = WINDOW_DAYS,
) -> Experiment:
    """Let some guides work without proposals at all, and ask what their books buy less.

    Guides are few, so it sees less than slices do; but what a guide does to the own habits, who
    is told nothing, only this can tell.
    """
    entries = await _books(db, brand_id)
    asked = _question("guide", brand_id, share, window_days, now)
    experiment = await experiments.launch(db, asked, now)
    if experiment.launched_at != now:
        return experiment
    await books.write(db, experiment.id, entries)
    guide_ids = sorted({each.guide_id for each in entries})
    await arms.assign_units(db, experiment.id, guide_ids, now)
    return await experiments.get(db, experiment.id)


async def latest(db: Db, brand_id: UUID) -> Experiment | None:
    """Give the newest question about the guides of a brand, or None."""
    found = await db.value(sql.latest, brand_id=brand_id)
    return await experiments.get(db, found) if found else None


def is_of_this_quarter(experiment: Experiment, now: datetime) -> bool:
    """Tell whether a question was put this quarter; only one is put in each."""
    return plans.quarter_of(experiment.launched_at) == plans.quarter_of(now)


async def size(db: Db, brand_id: UUID) -> Size:
    """Count the guides of a brand who have customers, and their customers."""
    entries = await db.all(sql.books, Entry, brand_id=brand_id)
    return Size(len({each.guide_id for each in entries}), len(entries))


async def names(db: Db, guide_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Give the names of guides."""
    found = await db.all(sql.names, _Name, guide_ids=list(guide_ids))
    return {each.id: each.name for each in found}


async def _books(db: Db, brand_id: UUID) -> list[Entry]:
    entries = await db.all(sql.books, Entry, brand_id=brand_id)
    if not entries:
        raise NobodyInAnyBook(brand_id=brand_id)
    return entries


def _question(
    unit: Literal["member", "guide"], brand_id: UUID, share: float, window_days: int, now: datetime
) -> Question:
    if not SHARES[0] <= share <= SHARES[1]:
        raise BadInput("holdout_share", "must lie between 0.05 and 0.5")
    code = f"{_CODES[unit]}:{brand_id}:{plans.quarter_of(now)}"
    return Question(
        "guide", brand_id, code, "导购的任务", "Guides' tasks", share, window_days, unit
    )

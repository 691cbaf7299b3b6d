"""Rotation: each half year a program leaves others alone, and washes out whom it held before.

Nobody should pay for everybody's knowledge for ever. When an epoch ends, its held-out members are
let go at once, but stay out of every measurement until what they missed has worn off: neither the
next epoch nor any campaign draws them before. Then they are drawn like newcomers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.increment import arms, experiments
from headwater.increment.errors import NotOverYet
from headwater.increment.experiments import Experiment, Question

sql = statements(__file__)

EPOCH_DAYS: Final = 182
WASHOUT_DAYS: Final = 28
WASHOUT: Final = timedelta(days=WASHOUT_DAYS)


@dataclass(frozen=True)
class _Member:
    member_id: UUID


async def rotate(
    db: Db, experiment_id: UUID, now: datetime, foreseen: Mapping[str, Any] | None = None
) -> Experiment:
    """End a program's epoch and begin the next under a new salt; again gives the same next.

    The caller draws the members afterwards, before anybody is reached.
    """
    former = await experiments.get(db, experiment_id)
    if former.kind != "program" or now < former.window_ends_at:
        raise NotOverYet(experiment_id=experiment_id, until_at=former.window_ends_at.isoformat())
    await experiments.end(db, former.id, now, now + WASHOUT)
    epoch = former.epoch + 1
    question = Question(
        "program",
        former.brand_id,
        f"{first_code(former)}:{epoch}",
        former.name_zh,
        former.name_en,
        float(former.holdout_share),
        former.window_days,
        epoch=epoch,
    )
    return await experiments.launch(db, question, now, foreseen)


async def washed_out(db: Db, brand_id: UUID, now: datetime, most: int = 100_000) -> list[UUID]:
    """List former held-out members whose wash-out is over and whom the next epoch has not drawn."""
    found = await db.all(sql.washed_out, _Member, brand_id=brand_id, now=now, most=most)
    return [each.member_id for each in found]


async def draw_washed_out(db: Db, brand_id: UUID, now: datetime) -> int:
    """Draw into the running epoch whom the last one held out, and tell how many that were."""
    members: Sequence[UUID] = await washed_out(db, brand_id, now)
    return await arms.assign_to_programs(db, brand_id, members, now) if members else 0


def first_code(epoch: Experiment) -> str:
    """Give the code under which the program's first epoch was asked."""
    return epoch.code if epoch.epoch == 1 else epoch.code.removesuffix(f":{epoch.epoch}")

"""Placebos: now and then a campaign sends nothing, with all its bookkeeping, and is read like any.

Whoever reads campaigns for a living learns from them how often nothing looks like something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from headwater.base.db import Db
from headwater.increment import arms, experiments, readings, sizing
from headwater.increment.experiments import Experiment, Question
from headwater.increment.sizing import Audience

# So often a dispatch may be one.
ONE_IN: Final = 20
HOLDOUT_SHARE: Final = 0.2
WINDOW_DAYS: Final = 28
_CODE: Final = "placebo-"


@dataclass(frozen=True)
class Placebos:
    """How many ran, how many could be read, and how many claimed what cannot be."""

    ran: int
    readable: int
    claimed: int


def code_of(name: str) -> str:
    """Give the code under which the placebo of this name is asked."""
    return f"{_CODE}{name}"


def is_placebo(code: str) -> bool:
    """Tell a placebo by its code; nobody who reads it needs to know."""
    return code.startswith(_CODE)


async def launch(
    db: Db, brand_id: UUID, name: str, member_ids: Sequence[UUID], now: datetime
) -> Experiment:
    """Ask the question of a campaign that sends nothing; the same name again gives the first."""
    question = Question(
        "campaign", brand_id, code_of(name), "安慰剂", "Placebo", HOLDOUT_SHARE, WINDOW_DAYS
    )
    rest = await arms.among_rest(db, brand_id, member_ids)
    audience = Audience(brand_id, rest, WINDOW_DAYS)
    foreseen = await sizing.foreseen(db, audience, HOLDOUT_SHARE, now)
    experiment = await experiments.launch(db, question, now, foreseen)
    await arms.assign(db, experiment.id, rest, now)
    return await experiments.get(db, experiment.id)


async def results(db: Db, brand_id: UUID) -> Placebos:
    """Count what the placebos of a brand claimed when their windows had ended."""
    ran = [each for each in await experiments.of_brand(db, brand_id) if is_placebo(each.code)]
    rows = (await readings.latest(db, [each.id for each in ran])).values()
    read = [row.state for row in rows if row.state not in ("open", "planned", "not_readable")]
    return Placebos(len(ran), len(read), sum(state in ("proven", "harmful") for state in read))

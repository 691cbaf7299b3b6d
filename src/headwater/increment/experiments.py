"""Experiments: a question, written down with its plan before the answer is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.increment.errors import NoSuchExperiment

sql = statements(__file__)

METRIC: Final = "net_sales_fen.1"
PRE_PERIOD_DAYS: Final = 26 * 7
# For so long after its window an experiment is read again, since goods come back.
RETURNS_DAYS: Final = 35


@dataclass(frozen=True)
class Question:
    """What is asked, of whom, and how long we watch."""

    kind: Literal["program", "campaign"]
    brand_id: UUID
    code: str
    name_zh: str
    name_en: str
    holdout_share: float
    window_days: int


@dataclass(frozen=True)
class Experiment:
    """A question that is being answered."""

    id: UUID
    code: str
    kind: str
    brand_id: UUID
    name_zh: str
    name_en: str
    salt: str
    holdout_share: Decimal
    window_days: int
    metric: str
    plan: dict[str, Any]
    launched_at: datetime
    window_ends_at: datetime
    drawn_count: int
    ended_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Tell whether outcomes still come in, so that there can be no verdict yet."""
        return now < self.window_ends_at


async def launch(db: Db, question: Question, now: datetime) -> Experiment:
    """Write down the question and its plan; asking the same code again gives the first."""
    _check(question)
    experiment_id = ids.named("experiment", question.code)
    salt = f"{question.kind}:{question.code}:{experiment_id}"
    await db.run(
        sql.launch,
        id=experiment_id,
        code=question.code,
        kind=question.kind,
        brand_id=question.brand_id,
        name_zh=question.name_zh,
        name_en=question.name_en,
        salt=salt,
        holdout_share=Decimal(str(question.holdout_share)),
        window_days=question.window_days,
        metric=METRIC,
        plan=planned(question, salt, now),
        launched_at=now,
        window_ends_at=now + timedelta(days=question.window_days),
    )
    return await get(db, experiment_id)


async def get(db: Db, experiment_id: UUID) -> Experiment:
    """Give one experiment."""
    found = await db.maybe(sql.get, Experiment, id=experiment_id)
    if found is None:
        raise NoSuchExperiment(experiment_id=experiment_id)
    return found


async def of_brand(db: Db, brand_id: UUID) -> list[Experiment]:
    """List the experiments of a brand, newest first."""
    return await db.all(sql.of_brand, Experiment, brand_id=brand_id)


async def to_read(db: Db, now: datetime) -> list[Experiment]:
    """List what may show something new: open windows, and closed ones while returns come in."""
    return await db.all(sql.to_read, Experiment, now=now, returns_days=RETURNS_DAYS)


async def end(db: Db, experiment_id: UUID, now: datetime) -> bool:
    """Let its held-out members go; tell whether it was still on. Its readings stay."""
    return await db.run(sql.end, id=experiment_id, now=now) == 1


def planned(question: Question, salt: str, now: datetime) -> dict[str, Any]:
    """Say everything that could be chosen to please, before there is anything to please with."""
    ends_at = now + timedelta(days=question.window_days)
    return {
        "question": f"What net sales did {question.name_en} cause that would not have been?",
        "estimand": "difference in mean net sales between members drawn treated and held out",
        "unit": "member",
        "metric": METRIC,
        "metric_words": "paid orders in the window in the brand's stores, less what was refunded",
        "covariate": f"gross sales in the {PRE_PERIOD_DAYS} days before launch",
        "salt": salt,
        "holdout_share": question.holdout_share,
        "window_from": now.isoformat(),
        "window_until": ends_at.isoformat(),
        "looks": [{"at": ends_at.isoformat(), "alpha": 0.05}],
        "open_looks": "any time before the end; they show an interval and no verdict",
        "method": "cuped",
        "least_per_arm": 30,
        "least_share": 0.01,
        "ratio_alarm_p": 0.001,
    }


def _check(question: Question) -> None:
    if not 0.01 <= question.holdout_share <= 0.9:
        raise BadInput("holdout_share", "must lie between 0.01 and 0.9")
    if not 1 <= question.window_days <= 366:
        raise BadInput("window_days", "must lie between 1 and 366")
    if not question.code.strip():
        raise BadInput("code", "must not be empty")

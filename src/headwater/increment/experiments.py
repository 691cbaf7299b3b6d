"""Experiments: a question, written down with its plan before the answer is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.increment import ledger, plans
from headwater.increment.errors import NoSuchExperiment
from headwater.increment.plans import Look

sql = statements(__file__)

METRIC: Final = plans.METRIC
PRE_PERIOD_DAYS: Final = plans.PRE_PERIOD_DAYS
# For so long after its window an experiment is read again, since goods come back.
RETURNS_DAYS: Final = 35

Kind = Literal["program", "campaign", "journey", "guide", "store", "wave"]
Unit = Literal["member", "guide", "store"]


@dataclass(frozen=True)
class Question:
    """What is asked, of whom, and how long we watch.

    `kind` says what it is about and `about_id` which one; `unit` says what is drawn. A program's
    next epoch is the same question under the next number.
    """

    kind: Kind
    brand_id: UUID
    code: str
    name_zh: str
    name_en: str
    holdout_share: float
    window_days: int
    unit: Unit = "member"
    about_id: UUID | None = None
    epoch: int = 1


@dataclass(frozen=True)
class Experiment:
    """A question that is being answered."""

    id: UUID
    code: str
    kind: str
    unit: str
    about_id: UUID | None
    brand_id: UUID
    epoch: int
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
    washout_until: datetime | None

    @property
    def closes_at(self) -> datetime:
        """When outcomes stop coming in: at the window's end, or when somebody ended it before."""
        return min(self.window_ends_at, self.ended_at or self.window_ends_at)

    @property
    def is_cut_short(self) -> bool:
        """Whether somebody ended it before its window was over."""
        return self.closes_at < self.window_ends_at

    def is_open(self, now: datetime) -> bool:
        """Tell whether outcomes still come in, so that there can be no verdict yet."""
        return now < self.closes_at

    def looks_due(self, now: datetime) -> list[Look]:
        """Give the planned looks that have come; after an early end nobody is held out any more."""
        return plans.due(self.plan, min(now, self.closes_at))


async def launch(
    db: Db, question: Question, now: datetime, foreseen: Mapping[str, Any] | None = None
) -> Experiment:
    """Write down the question and its plan; asking the same code again gives the first.

    The plan goes into the ledger in the same transaction, before anybody is drawn or reached; what
    was foreseen of its power stands in it, to be held against what came.
    """
    _check(question)
    experiment_id = ids.named("experiment", question.code)
    salt = f"{question.kind}:{question.code}:{experiment_id}"
    plan = plans.written(plans.Asked(**_asked(question), salt=salt), now, foreseen)
    return await put(db, question, plan, now, now + timedelta(days=question.window_days))


async def put(
    db: Db, question: Question, plan: dict[str, Any], now: datetime, until: datetime
) -> Experiment:
    """Put a question whose plan is written already; the plan becomes a row of the ledger."""
    experiment_id = ids.named("experiment", question.code)
    is_new = await db.run(
        sql.launch,
        **asdict(question) | {"holdout_share": Decimal(str(question.holdout_share))},
        id=experiment_id,
        salt=plan["salt"],
        metric=plan["metric"],
        plan=plan,
        launched_at=now,
        window_ends_at=until,
    )
    if is_new:
        await ledger.add(db, lambda end: ledger.planned(end, experiment_id, plan, now))
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


async def latest_epoch(db: Db, code: str) -> Experiment | None:
    """Give a program's newest epoch by the code of its first, or None."""
    return await db.maybe(sql.latest_epoch, Experiment, code=code)


async def end(
    db: Db, experiment_id: UUID, now: datetime, washout_until: datetime | None = None
) -> bool:
    """Let its held-out members go; tell whether it was still on.

    Its readings stay. Ended early, it is judged by the last look that came before.
    """
    return await db.run(sql.end, id=experiment_id, now=now, washout_until=washout_until) == 1


def _asked(question: Question) -> dict[str, Any]:
    names = ("kind", "unit", "name_en", "holdout_share", "window_days")
    return {name: getattr(question, name) for name in names}


def _check(question: Question) -> None:
    if not 0.01 <= question.holdout_share <= 0.9:
        raise BadInput("holdout_share", "must lie between 0.01 and 0.9")
    if not 1 <= question.window_days <= 366:
        raise BadInput("window_days", "must lie between 1 and 366")
    if not question.code.strip():
        raise BadInput("code", "must not be empty")
    if question.unit != "member" and question.kind in ("program", "campaign", "journey"):
        raise BadInput("unit", "programs, campaigns and journeys draw members")

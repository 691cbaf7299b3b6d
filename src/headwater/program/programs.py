"""Programs: a project with a holdout of its own, and a target for each quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.base.times import business_day
from headwater.increment import arms, experiments, sizing
from headwater.increment.experiments import Question
from headwater.increment.programs import rotation
from headwater.increment.sizing import Audience
from headwater.program.errors import NoSuchProgram, ProgramRuns
from headwater.reach import segments

sql = statements(__file__)

# Newcomers are drawn each hour; two days leave room for a worker that slept.
NEWCOMER_DAYS: Final = 2


@dataclass(frozen=True)
class Target:
    """What a quarter owes; the last one listed goes on."""

    quarter_no: int
    low_share: float
    high_share: float


# Enough held out to see a per cent, and no more: who is left alone costs what we would have sold.
HOLDOUT_SHARES: Final = (0.05, 0.10)
# A pilot has few members for a while, and may leave alone up to half of them.
PILOT_MOST: Final = 0.5

# The path of the source case: two quarters of learning, two of running, then self-sustaining.
PATH: Final = (
    Target(1, 0.01, 0.03),
    Target(2, 0.01, 0.03),
    Target(3, 0.03, 0.05),
    Target(4, 0.03, 0.05),
    Target(5, 0.05, 0.09),
)


@dataclass(frozen=True)
class Plan:
    """A program as the chief decides it."""

    code: str
    brand_id: UUID
    name_zh: str
    name_en: str
    starts_on: date
    holdout_share: float = 0.1
    window_days: int = rotation.EPOCH_DAYS
    region_ids: tuple[UUID, ...] = ()
    is_pilot: bool = False


@dataclass(frozen=True)
class Program:
    """The CEO's project; it has no experiment while its holdout is still to be drawn."""

    id: UUID
    brand_id: UUID
    name_zh: str
    name_en: str
    starts_on: date
    experiment_id: UUID | None


@dataclass(frozen=True)
class _Asked:
    code: str
    brand_id: UUID
    name_zh: str
    name_en: str
    holdout_share: Decimal
    window_days: int

    def question(self) -> Question:
        return Question(
            "program",
            self.brand_id,
            f"program:{self.code}",
            self.name_zh,
            self.name_en,
            float(self.holdout_share),
            self.window_days,
        )


@dataclass(frozen=True)
class Scope:
    """Where a program runs, and how far it is there."""

    id: UUID
    region_id: UUID | None
    stage: str
    starts_on: date


async def ask(db: Db, plan: Plan, now: datetime, targets: Sequence[Target] = PATH) -> Program:
    """Write a program down, and leave the drawing to the worker: a brand has many members.

    The code makes a repeat harmless. A program without regions runs everywhere, and a brand has
    one at a time: two holdouts of the same members could not tell their programs apart.
    """
    _check(plan, now)
    program_id = ids.named("program", plan.code)
    await db.run(sql.one_at_a_time, brand_id=plan.brand_id)
    for other in await every(db):
        if other.brand_id == plan.brand_id and other.id != program_id and await runs(db, other):
            raise ProgramRuns(program_id=other.id)
    await _write_down(db, plan, program_id, targets)
    return await get(db, program_id)


async def draw(db: Db, program_id: UUID, now: datetime) -> Program:
    """Draw a program's holdout from every member, before anything is done to them; once."""
    asked = await db.maybe(sql.take, _Asked, id=program_id)
    if asked is None:
        return await get(db, program_id)
    everybody = await segments.everybody(db, asked.brand_id, now)
    audience = Audience(asked.brand_id, everybody, asked.window_days)
    foreseen = await sizing.foreseen(db, audience, float(asked.holdout_share), now)
    experiment = await experiments.launch(db, asked.question(), now, foreseen)
    await arms.assign(db, experiment.id, everybody, now)
    await db.run(sql.begin, id=program_id, experiment_id=experiment.id)
    return await get(db, program_id)


async def begin(db: Db, plan: Plan, now: datetime, targets: Sequence[Target] = PATH) -> Program:
    """Ask for a program and draw its holdout at once."""
    program = await ask(db, plan, now, targets)
    return await draw(db, program.id, now)


async def asked(db: Db) -> list[Program]:
    """List the programs whose holdouts are still to be drawn."""
    return [each for each in await every(db) if each.experiment_id is None]


async def runs(db: Db, program: Program) -> bool:
    """Tell whether a program leaves members alone, or is about to."""
    if program.experiment_id is None:
        return True
    return (await experiments.get(db, program.experiment_id)).ended_at is None


async def _write_down(db: Db, plan: Plan, program_id: UUID, targets: Sequence[Target]) -> None:
    await db.run(
        sql.ask,
        id=program_id,
        code=plan.code,
        brand_id=plan.brand_id,
        name_zh=plan.name_zh,
        name_en=plan.name_en,
        starts_on=plan.starts_on,
        holdout_share=Decimal(str(plan.holdout_share)),
        window_days=plan.window_days,
    )
    regions: tuple[UUID | None, ...] = plan.region_ids or (None,)
    await db.run(
        sql.add_scopes,
        program_id=program_id,
        ids=[ids.named("scope", f"{plan.code}:{region}") for region in regions],
        region_ids=list(regions),
        starts_on=plan.starts_on,
    )
    await db.run(
        sql.add_targets,
        program_id=program_id,
        quarter_nos=[each.quarter_no for each in targets],
        low_shares=[each.low_share for each in targets],
        high_shares=[each.high_share for each in targets],
    )


async def get(db: Db, program_id: UUID) -> Program:
    """Give one program."""
    found = await db.maybe(sql.get, Program, id=program_id)
    if found is None:
        raise NoSuchProgram(program_id=program_id)
    return found


async def every(db: Db) -> list[Program]:
    """List the programs, the latest first."""
    return await db.all(sql.every, Program)


async def scopes(db: Db, program_id: UUID) -> list[Scope]:
    """List where a program runs."""
    return await db.all(sql.scopes, Scope, program_id=program_id)


async def target_of(db: Db, program_id: UUID, quarter_no: int) -> Target | None:
    """Give what a quarter owes; after the last target written, that one goes on."""
    return await db.maybe(sql.target_of, Target, program_id=program_id, quarter_no=quarter_no)


async def draw_newcomers(db: Db, program: Program, now: datetime) -> int:
    """Draw members who joined lately into the program's arms, and tell how many were new."""
    joined = {"is": "joined", "days": NEWCOMER_DAYS}
    newcomers = await segments.members(db, joined, program.brand_id, now)
    drawn = await arms.assign_to_programs(db, program.brand_id, newcomers, now)
    return drawn + await rotation.draw_washed_out(db, program.brand_id, now)


async def rotate(db: Db, program: Program, now: datetime) -> bool:
    """Leave others alone when the half year is over; tell whether it was.

    Whom the last epoch held out is drawn by nobody until the wash-out is over. A program that
    somebody ended does not go on by itself.
    """
    if program.experiment_id is None:
        return False
    current = await experiments.get(db, program.experiment_id)
    if current.is_open(now) or current.is_cut_short:
        return False
    everybody = await segments.everybody(db, program.brand_id, now)
    audience = Audience(program.brand_id, everybody, current.window_days)
    foreseen = await sizing.foreseen(db, audience, float(current.holdout_share), now)
    following = await rotation.rotate(db, current.id, now, foreseen)
    await db.run(sql.follow, id=program.id, former_id=current.id, experiment_id=following.id)
    await arms.assign(db, following.id, everybody, now)
    return True


def _check(plan: Plan, now: datetime) -> None:
    if plan.starts_on > business_day(now):
        raise BadInput("starts_on", "must not lie in the future: the holdout is drawn now")
    least, most = HOLDOUT_SHARES[0], PILOT_MOST if plan.is_pilot else HOLDOUT_SHARES[1]
    if not least <= plan.holdout_share <= most:
        raise BadInput("holdout_share", f"must lie between {least} and {most}")


def quarter_of(starts_on: date, today: date) -> int:
    """Count the quarters of a program from its own first day, beginning with one."""
    months = (today.year - starts_on.year) * 12 + today.month - starts_on.month
    if today.day < starts_on.day:
        months -= 1
    return max(months, 0) // 3 + 1

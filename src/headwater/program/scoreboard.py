"""The scoreboard: what the program caused, beside what it owes; parts are shown, never summed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.times import business_day
from headwater.increment import experiments, readings
from headwater.increment.experiments import Experiment
from headwater.increment.ledger import Reading
from headwater.program import programs
from headwater.program.programs import Program, Scope, Target


@dataclass(frozen=True)
class Line:
    """One experiment and what it shows so far: nothing before its first reading."""

    experiment: Experiment
    reading: Reading | None


@dataclass(frozen=True)
class Scoreboard:
    """What a chief sees first.

    The total is the program's own reading, from members whom nobody speaks to at all. Campaigns
    show what each added while the others ran; their sum is not the total, so there is none here.
    """

    program: Program
    quarter_no: int
    target: Target | None
    total: Line | None
    campaigns: list[Line]
    scopes: list[Scope]
    true_at: datetime


async def scoreboard(db: Db, program_id: UUID, now: datetime) -> Scoreboard:
    """Gather the newest readings of a program and of its brand's campaigns."""
    program = await programs.get(db, program_id)
    asked = await experiments.of_brand(db, program.brand_id)
    found = await readings.latest(db, [each.id for each in asked])
    lines = [Line(each, found.get(each.id)) for each in asked]
    quarter_no = programs.quarter_of(program.starts_on, business_day(now))
    return Scoreboard(
        program=program,
        quarter_no=quarter_no,
        target=await programs.target_of(db, program_id, quarter_no),
        total=_of(lines, program.experiment_id),
        campaigns=[line for line in lines if line.experiment.kind == "campaign"],
        scopes=await programs.scopes(db, program_id),
        true_at=now,
    )


def _of(lines: list[Line], experiment_id: UUID | None) -> Line | None:
    return next((line for line in lines if line.experiment.id == experiment_id), None)

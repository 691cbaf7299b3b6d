"""The scoreboard: what the program caused, each campaign beside it, and the ledger behind both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import Db
from headwater.base.errors import NotFound
from headwater.increment import experiments, ledger, readings
from headwater.increment.experiments import Experiment
from headwater.increment.ledger import Reading
from headwater.program import programs
from headwater.program.programs import PATH, Program, Target
from headwater.program.scoreboard import Line, Scoreboard, scoreboard
from headwater.stores.places import Brand
from headwater.web.console import words
from headwater.web.console.desk import Desk, desk_of, named, path_id, read_id, show
from headwater.web.console.words import Interval
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may

door = Door()

READ = may("scoreboard.read")


@dataclass(frozen=True)
class Health:
    """What must be in order before any figure is believed."""

    ratio_p: float | None
    ratio_alarm_p: float
    leaked: int
    unread: int
    true_at: datetime | None

    @property
    def is_good(self) -> bool:
        """Whether nothing here speaks against the figures."""
        return self.leaked == 0 and self.is_balanced

    @property
    def is_balanced(self) -> bool:
        """Whether the arms have the sizes they were drawn with."""
        return self.ratio_p is None or self.ratio_p >= self.ratio_alarm_p


@dataclass(frozen=True)
class Row:
    """One campaign's line on the shared axis; without figures it has a word and no interval."""

    name: str
    experiment: Experiment
    reading: Reading | None
    interval: Interval | None


@door.get("/console/scoreboard", READ, name="console:scoreboard")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Show what we truly added: the program first, each campaign beside it, never their sum."""
    now = building.now()
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = _brand(desk, request)
        every = [each for each in await programs.every(db) if brand and each.brand_id == brand.id]
        program = _program(every, request)
        board = await scoreboard(db, program.id, now) if program else None
        lines = board.campaigns if board else await _without_program(db, brand)
    context: dict[str, Any] = {
        "brand": brand, "brands": list(desk.brands.values()), "programs": every, "board": board,
        "rows": [_row(line) for line in lines], "path": _path(board), "now": now,
        "health": _health([*([board.total] if board and board.total else []), *lines]),
    }  # fmt: skip
    return show(request, "scoreboard", desk, **context)


@door.get("/console/experiments/{experiment_id}", READ, name="console:experiment")
async def experiment(request: Request, building: Building, who: Staff) -> Response:
    """Show an experiment's plan and every reading of it, newest first."""
    desk, question, history = await _ledger(request, building, who)
    return show(request, "experiment", desk, experiment=question, history=history,
                named_as=named(question), now=building.now())  # fmt: skip


@door.get("/console/experiments/{experiment_id}/readings/{place}", READ, name="console:reading")
async def reading(request: Request, building: Building, who: Staff) -> Response:
    """Show one row of the ledger: its raw numbers, its method, and the seal over both."""
    desk, question, history = await _ledger(request, building, who)
    asked = request.path_params["place"]
    row = next((each for each in history if str(each.place) == asked), None)
    if row is None:
        raise NotFound
    is_sealed = row.computed_hash() == row.hash
    return show(request, "reading", desk, experiment=question, row=row, is_sealed=is_sealed,
                named_as=named(question), guards=row.details["guards"],
                sums=row.details.get("sums"), interval=_interval(question, row))  # fmt: skip


async def _ledger(
    request: Request, building: Building, who: Staff
) -> tuple[Desk, Experiment, list[Reading]]:
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        question = await experiments.get(db, path_id(request, "experiment_id"))
        if question.brand_id not in desk.brands:
            raise NotFound
        return desk, question, await ledger.history(db, question.id)


def _brand(desk: Desk, request: Request) -> Brand | None:
    """The brand whose increment is shown; a region's supervisor reads the whole brand's."""
    asked = read_id(request.query_params.get("brand"))
    if asked is not None and asked not in desk.brands:
        raise NotFound
    return desk.brands[asked] if asked else next(iter(desk.brands.values()), None)


def _program(every: list[Program], request: Request) -> Program | None:
    asked = read_id(request.query_params.get("program"))
    return next((each for each in every if each.id == asked), every[0] if every else None)


async def _without_program(db: Db, brand: Brand | None) -> list[Line]:
    """Campaigns are shown also where no program has begun; then there is no total."""
    if brand is None:
        return []
    asked = [each for each in await experiments.of_brand(db, brand.id) if each.kind == "campaign"]
    found = await readings.latest(db, [each.id for each in asked])
    return [Line(each, found.get(each.id)) for each in asked]


def _row(line: Line) -> Row:
    interval = _interval(line.experiment, line.reading) if line.reading else None
    return Row(named(line.experiment), line.experiment, line.reading, interval)


def _interval(question: Experiment, row: Reading) -> Interval | None:
    return None if row.estimate_fen is None else words.interval(named(question), row)


def _path(board: Scoreboard | None) -> list[tuple[Target, bool]]:
    """The path of targets, and on which of its steps the program is now."""
    if board is None:
        return []
    steps = [PATH[0], PATH[2], PATH[4]]
    now = max(each.quarter_no for each in steps if each.quarter_no <= board.quarter_no)
    return [(each, each.quarter_no == now) for each in steps]


def _health(lines: list[Line]) -> Health:
    """Take the worst of what the newest readings say about themselves."""
    found = [line.reading for line in lines if line.reading]
    guards = [each.details["guards"] for each in found]
    worst = min(guards, key=lambda each: float(each["ratio_p"]), default=None)
    return Health(
        ratio_p=float(worst["ratio_p"]) if worst else None,
        ratio_alarm_p=float(worst["ratio_alarm_p"]) if worst else 0.0,
        leaked=sum(int(each["leaked_count"]) for each in guards),
        unread=sum(line.reading is None for line in lines),
        true_at=max((each.true_at for each in found), default=None),
    )

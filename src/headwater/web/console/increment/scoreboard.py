"""The scoreboard: what the program caused, where it came from, and the credit beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import SYSTEM, Db
from headwater.increment import experiments, readings
from headwater.increment.experiments import Experiment
from headwater.increment.honesty import placebos
from headwater.increment.ledger import Reading
from headwater.increment.plans import Look
from headwater.program import bridge as bridging
from headwater.program import channels, programs
from headwater.program.bridge import Bridge
from headwater.program.programs import PATH, Program
from headwater.program.scoreboard import Line, Scoreboard, scoreboard
from headwater.stores.places import Brand
from headwater.web.console import words
from headwater.web.console.desk import brand_seen, desk_of, named, read_id, show
from headwater.web.console.increment.experiments import READ, interval, next_look
from headwater.web.console.words import Interval
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff
from headwater.web.kit.drawing.ranges import Step
from headwater.web.kit.wording import _

door = Door()

# Refusals that concern the data and not the calendar.
SICK: Final = {"missing_rows", "ratio_off", "leak", "imbalance", "sales_off", "no_estimate"}


@dataclass(frozen=True)
class Health:
    """What must be in order before any figure is believed, and what is not."""

    ratio_p: float | None
    leaks: dict[str, int]
    missing: int
    sick: list[Line]
    unread: int
    true_at: datetime | None

    @property
    def leaked(self) -> int:
        """Held-out members who were reached, over all channels."""
        return sum(self.leaks.values())


@dataclass(frozen=True)
class Row:
    """One campaign's line on the shared axis; without figures it has a word and no interval."""

    name: str
    experiment: Experiment
    reading: Reading | None
    interval: Interval | None
    next_look: Look | None


@dataclass(frozen=True)
class Sum:
    """A quarter's total as all that was read, and the rest; one row of the ledger says all three.

    `rows` are the readings that took part; what ran and could not be read is only named.
    """

    reading: Reading
    rows: set[str]
    whole: Interval
    parts: Interval | None
    rest: Interval
    unmeasured: list[str]


@dataclass(frozen=True)
class Lift:
    """A lift as the path draws it."""

    low: float
    point: float
    high: float


@door.get("/console/scoreboard", READ, name="console:scoreboard")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Show what we truly added: the program first, each campaign beside it, never their sum."""
    now = building.now()
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_seen(desk, request)
        asked = [each for each in await programs.every(db) if brand and each.brand_id == brand.id]
        every = [each for each in asked if each.experiment_id is not None]
        program = _program(every, request)
        board = await scoreboard(db, program.id, now) if program else None
        lines = board.campaigns if board else await _without_program(db, brand)
        lines = [each for each in lines if not placebos.is_placebo(each.experiment.code)]
    bridges = await _bridges(building, program)
    bridge = bridges[-1] if bridges else None
    async with building.transaction(who.walls) as db:
        total = await _total(db, board, bridge)
        pooled = await channels.of_brand(db, brand.id, now) if brand and bridge else None
    names = {line.experiment.code: named(line.experiment) for line in lines}
    context: dict[str, Any] = {
        "brand": brand, "brands": list(desk.brands.values()), "programs": every, "board": board,
        "drawing": next((each for each in asked if each.experiment_id is None), None),
        "rows": [_row(line, now) for line in lines], "path": _path(board), "now": now,
        "total_row": _row(total, now) if total else None, "lift": _lift(total),
        "health": _health([*([total] if total else []), *lines]), "bridge": bridge,
        "bridges": bridges,
        "expected": {each.channel: each for each in pooled.channels} if pooled else {},
        "sum": _sum(bridge.total, names) if bridge else None,
    }  # fmt: skip
    return show(request, "increment/scoreboard", desk, **context)


def _program(every: list[Program], request: Request) -> Program | None:
    asked = read_id(request.query_params.get("program"))
    return next((each for each in every if each.id == asked), every[0] if every else None)


async def _bridges(building: Building, program: Program | None) -> list[Bridge]:
    """Every quarter that was read; they look at all members, and only sums come out."""
    if program is None:
        return []
    async with building.transaction(SYSTEM) as db:
        return await bridging.bridges(db, program.id)


async def _total(db: Db, board: Scoreboard | None, bridge: Bridge | None) -> Line | None:
    """The quarter that is over where there is one; until then, the epoch as far as it was read.

    The newest quarter may be of the epoch before, and then that one's draw stands beside it.
    """
    if board is None or board.total is None or bridge is None:
        return board.total if board else None
    return Line(await experiments.get(db, bridge.total.experiment_id), bridge.total)


def _sum(row: Reading, names: dict[str, str]) -> Sum | None:
    """Say where a quarter's total came from, as its row has it."""
    rest = row.details.get("rest")
    if rest is None or not words.has_figure(row):
        return None
    parts = row.details.get("sum_of_parts")
    return Sum(
        row,
        {each["reading_id"] for each in row.details["parts"]},
        words.interval(_("全程增量"), row),
        _figure(_("以上读完的合计，输赢都在内"), parts) if parts else None,
        _figure(_("相互影响和没量到的"), rest),
        [names.get(code, code) for code in row.details["unmeasured"]],
    )


def _figure(name: str, found: dict[str, Any]) -> Interval:
    return Interval(name, found["low_fen"], found["estimate_fen"], found["high_fen"], "")


async def _without_program(db: Db, brand: Brand | None) -> list[Line]:
    """Campaigns are shown also where no program has begun; then there is no total."""
    if brand is None:
        return []
    asked = [each for each in await experiments.of_brand(db, brand.id) if each.kind == "campaign"]
    found = await readings.latest(db, [each.id for each in asked])
    return [Line(each, found.get(each.id)) for each in asked]


def _row(line: Line, now: datetime) -> Row:
    question = line.experiment
    return Row(named(question), question, line.reading, interval(question, line.reading),
               next_look(question, now))  # fmt: skip


def _lift(total: Line | None) -> Lift | None:
    row = total.reading if total else None
    if total is None or row is None or interval(total.experiment, row) is None:
        return None
    if not words.has_lift(row):
        return None
    assert row.lift_share is not None
    assert row.lift_low_share is not None
    assert row.lift_high_share is not None
    return Lift(row.lift_low_share, row.lift_share, row.lift_high_share)


def _path(board: Scoreboard | None) -> list[Step]:
    """The path of targets, and on which of its steps the program is now."""
    if board is None:
        return []
    steps = [PATH[0], PATH[2], PATH[4]]
    now = max(each.quarter_no for each in steps if each.quarter_no <= board.quarter_no)
    return [Step(each.low_share, each.high_share, each.quarter_no == now) for each in steps]


def _health(lines: list[Line]) -> Health:
    """Take the worst of what the newest readings say about themselves."""
    read = [(line, line.reading) for line in lines if line.reading]
    looked = [(line, row) for line, row in read if row.why != "look_not_planned"]
    guards = [row.details["guards"] for _line, row in looked]
    leaks: dict[str, int] = {}
    for each in guards:
        for channel, members in each.get("leaks", {}).items():
            leaks[channel] = leaks.get(channel, 0) + int(members)
    return Health(
        ratio_p=min((float(each["ratio_p"]) for each in guards), default=None),
        leaks=leaks,
        missing=sum(
            int(row.details["guards"]["drawn_count"]) - row.treated_count - row.holdout_count
            for _line, row in looked
        ),
        sick=[line for line, row in read if row.why in SICK],
        unread=sum(line.reading is None for line in lines),
        true_at=max((row.true_at for _line, row in read), default=None),
    )

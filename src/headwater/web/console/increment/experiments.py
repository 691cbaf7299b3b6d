"""Experiments: what is being asked, when one may look, and what each look has shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import SYSTEM
from headwater.base.errors import NotFound
from headwater.increment import experiments, leaks, ledger, plans, readings
from headwater.increment.experiments import RETURNS_DAYS, Experiment
from headwater.increment.ledger import Reading
from headwater.increment.plans import Look
from headwater.reach import campaigns
from headwater.web.console import words
from headwater.web.console.desk import Desk, brand_seen, desk_of, named, path_id, show
from headwater.web.console.words import Interval
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.filters import percent
from headwater.web.kit.forms import read_form
from headwater.web.kit.wording import _

door = Door()

READ = may("scoreboard.read")
LOOK = may("campaigns.write")
STAGES: Final = ("running", "settling", "archived")


@dataclass(frozen=True)
class Row:
    """One experiment in the list, on the axis that all share."""

    name: str
    experiment: Experiment
    reading: Reading | None
    interval: Interval | None
    stage: str
    next_look: Look | None


@dataclass(frozen=True)
class Stop:
    """A planned look, and the newest row in which it was taken."""

    look: Look
    reading: Reading | None
    interval: Interval | None
    is_next: bool


@dataclass(frozen=True)
class Point:
    """A look as a ribbon draws it."""

    share: float
    low: int
    point: int
    high: int


@door.get("/console/experiments", READ, name="console:experiments")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """List what is asked, what may still change, and what was read for the last time."""
    now = building.now()
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_seen(desk, request)
        every = await experiments.of_brand(db, brand.id) if brand else []
        known = await readings.latest(db, [each.id for each in every])
    rows = [_row(each, known.get(each.id), now) for each in every]
    stage = request.query_params.get("stage", "")
    stage = stage if stage in STAGES else ""
    counts = {each: sum(row.stage == each for row in rows) for each in STAGES}
    return show(request, "increment/experiments", desk, brand=brand, now=now, stage=stage,
                brands=list(desk.brands.values()), counts=counts, total=len(rows),
                rows=[row for row in rows if stage in ("", row.stage)])  # fmt: skip


@door.get("/console/experiments/{experiment_id}", READ, name="console:experiment")
async def one(request: Request, building: Building, who: Staff) -> Response:
    """Show an experiment: its plan, its looks one after another, and every row of its ledger."""
    now = building.now()
    desk, question, history = await ledger_of(request, building, who)
    if question.kind == "wave":
        return RedirectResponse(f"/console/waves/{question.id}", 303)
    async with building.transaction(SYSTEM) as db:
        plan_row = await ledger.plan_of(db, question.id)
        leaked = await leaks.of_experiment(db, question.id)
        campaign = await _campaign(db, question)
    reading = history[0] if history else None
    context: dict[str, Any] = {
        "experiment": question, "history": history, "reading": reading, "plan_row": plan_row,
        "interval": interval(question, reading), "stops": stops(question, history, now),
        "leaked": leaked, "campaign": campaign, "stage": stage_of(question, now),
        "named_as": named(question), "now": now, "foreseen": _foreseen(question),
        "can_rotate": question.kind == "program" and now >= question.window_ends_at,
    }  # fmt: skip
    context["points"] = _points(context["stops"])
    return show(request, "increment/experiment", desk, **context)


@door.post("/console/experiments/{experiment_id}/readings", LOOK, name="console:experiment.read")
async def look(request: Request, building: Building, who: Staff) -> Response:
    """Take the look that is due, instead of waiting for the night's reading."""
    await read_form(request)
    _desk, question, _history = await ledger_of(request, building, who)
    if question.kind == "wave":
        return RedirectResponse(f"/console/waves/{question.id}", 303)
    async with building.transaction(SYSTEM) as db:
        await readings.read(db, question.id, building.now())
    return RedirectResponse(f"/console/experiments/{question.id}", 303)


async def ledger_of(
    request: Request, building: Building, who: Staff
) -> tuple[Desk, Experiment, list[Reading]]:
    """Give an experiment of a brand inside somebody's walls, with its readings, newest first."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        question = await experiments.get(db, path_id(request, "experiment_id"))
        if question.brand_id not in desk.brands:
            raise NotFound
        return desk, question, await ledger.history(db, question.id)


def _foreseen(question: Experiment) -> str:
    """Say what was foreseen of its power when it was launched."""
    found = question.plan.get("foreseen")
    if not found or found["least_share"] is None:
        return _("没有估计：启动前没有可用的历史")
    return _("{count} 人，五次里有四次能看出 {least}", count=f"{found['members']:,}",
             least=percent(found["least_share"], 1))  # fmt: skip


def interval(question: Experiment, row: Reading | None) -> Interval | None:
    """A reading as a chart draws it, where it may show a number."""
    if row is None or not words.has_figure(row):
        return None
    return words.interval(named(question), row)


def next_look(question: Experiment, now: datetime) -> Look | None:
    """The first planned look that is still to come."""
    return next((each for each in plans.looks_of(question.plan) if each.at > now), None)


def stage_of(question: Experiment, now: datetime) -> str:
    """Whether outcomes come in, only returns do, or nothing will change any more."""
    if question.is_open(now):
        return "running"
    is_settling = now < question.closes_at + timedelta(days=RETURNS_DAYS)
    return "settling" if is_settling else "archived"


def stops(question: Experiment, history: list[Reading], now: datetime) -> list[Stop]:
    """Every planned look beside what it showed."""
    newest: dict[int, Reading] = {}
    for row in history:
        if row.look_no is not None:
            newest.setdefault(row.look_no, row)
    following = next_look(question, now)
    return [
        Stop(each, newest.get(each.no), interval(question, newest.get(each.no)),
             following is not None and each.no == following.no)
        for each in plans.looks_of(question.plan)
    ]  # fmt: skip


def _points(found: list[Stop]) -> list[Point]:
    drawn = [(each.look.share, each.interval) for each in found if each.interval]
    return [Point(share, each.low, each.point, each.high) for share, each in drawn]


def _row(question: Experiment, reading: Reading | None, now: datetime) -> Row:
    return Row(named(question), question, reading, interval(question, reading),
               stage_of(question, now), next_look(question, now))  # fmt: skip


async def _campaign(db: Any, question: Experiment) -> campaigns.Campaign | None:
    every = await campaigns.of_brand(db, question.brand_id)
    return next((each for each in every if each.experiment_id == question.id), None)

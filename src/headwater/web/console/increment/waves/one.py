"""One rollout: its draw and its plan, the board, what each look showed, and what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import SYSTEM, Db
from headwater.base.errors import BadInput, NotFound, Refusal
from headwater.base.times import business_day
from headwater.increment import ledger
from headwater.increment.ledger import Reading
from headwater.increment.plans import Look, looks_of
from headwater.increment.rollouts import calendars, readings, rollouts
from headwater.increment.rollouts.designing import BEFORE_WEEKS
from headwater.increment.rollouts.rollouts import Place, Rollout
from headwater.increment.rollouts.wishes import WEEK
from headwater.insight import daily_sales
from headwater.web.console.desk import (
    PAGE,
    Desk,
    address,
    desk_of,
    named,
    own_brand,
    page_number,
    path_id,
    show,
)
from headwater.web.console.increment.experiments import READ
from headwater.web.console.increment.waves import asking, boards, told
from headwater.web.console.increment.waves.listed import interval_of, next_look
from headwater.web.console.increment.waves.planning import WRITE
from headwater.web.console.increment.waves.shown import Shown, shown_of
from headwater.web.console.words import Interval
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff
from headwater.web.kit.forms import read_form
from headwater.web.kit.wording import refusal_sentence

door = Door()

# What one sees four times in five lies so many standard errors from zero.
REACH = 2.8


@dataclass(frozen=True)
class Stop:
    """A planned look: what it could show, as told before the launch, and what it showed."""

    look: Look
    wave: int
    stores: int
    planned_mde: float | None
    alpha: float
    reading: Reading | None
    interval: Interval | None
    realised_mde: float | None
    is_next: bool


@door.get("/console/waves/{rollout_id}", READ, name="console:wave")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Show a rollout as far as it is: the check before the launch, or what became of it."""
    desk, rollout = await seen_rollout(request, building, who)
    return await _show(request, building, desk, rollout)


@door.post("/console/waves/{rollout_id}/launch", WRITE, name="console:wave.launch")
async def launch(request: Request, building: Building, who: Staff) -> Response:
    """Launch it, after somebody said that they looked at the draw, its power and its dates."""
    fields = await read_form(request)
    desk, rollout = await _own(request, building, who)
    try:
        if fields.get("confirm") != "yes":
            raise BadInput("confirm", "missing")
        async with building.transaction(SYSTEM) as db:
            await rollouts.launch(db, rollout.id, who.id, building.now())
    except Refusal as refusal:
        return await _show(request, building, desk, rollout, refusal)
    return _back(rollout)


@door.post("/console/waves/{rollout_id}/stop", WRITE, name="console:wave.stop")
async def stop(request: Request, building: Building, who: Staff) -> Response:
    """Switch every store off."""
    await read_form(request)
    _desk, rollout = await _own(request, building, who)
    async with building.transaction(SYSTEM) as db:
        await rollouts.stop(db, rollout.id, who.id, building.now())
    return _back(rollout)


@door.post("/console/waves/{rollout_id}/readings", WRITE, name="console:wave.read")
async def look(request: Request, building: Building, who: Staff) -> Response:
    """Take the look that is due, instead of waiting for the night's reading."""
    await read_form(request)
    _desk, rollout = await _own(request, building, who)
    if not rollout.is_launched:
        raise NotFound
    async with building.transaction(SYSTEM) as db:
        await readings.read(db, rollout.id, building.now())
    return _back(rollout)


@door.post("/console/waves/{rollout_id}/interventions", WRITE, name="console:wave.intervene")
async def intervene(request: Request, building: Building, who: Staff) -> Response:
    """Write down what else is done in stores; its weeks are cut out of every later look."""
    fields = await read_form(request)
    desk, rollout = await _own(request, building, who)
    try:
        found = asking.intervention_of(fields)
        async with building.transaction(SYSTEM) as db:
            await rollouts.intervene(db, rollout.id, found, who.id, building.now())
    except BadInput as refusal:
        return await _show(request, building, desk, rollout, refusal, fields)
    return _back(rollout)


async def seen_rollout(request: Request, building: Building, who: Staff) -> tuple[Desk, Rollout]:
    """Give a rollout of a brand inside somebody's walls."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        rollout = await rollouts.get(db, path_id(request, "rollout_id"))
    if rollout.brand_id not in desk.brands:
        raise NotFound
    return desk, rollout


async def _own(request: Request, building: Building, who: Staff) -> tuple[Desk, Rollout]:
    """Give a rollout of a brand of which somebody has all; it moves every store."""
    desk, rollout = await seen_rollout(request, building, who)
    own_brand(desk, rollout.brand_id)
    return desk, rollout


async def _show(
    request: Request,
    building: Building,
    desk: Desk,
    rollout: Rollout,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    now = building.now()
    async with building.transaction(SYSTEM) as db:
        places = await rollouts.places_of(db, rollout.id)
        entries = await calendars.of_rollout(db, rollout.id)
        history = await ledger.history(db, rollout.id)
        plan_row = await ledger.plan_of(db, rollout.id)
        latest = await ledger.latest(db, rollout.id)
        board = await _board(db, request, desk, (rollout, places), now)
    context: dict[str, Any] = {
        "rollout": rollout, "named_as": named(rollout), "places": places, "entries": entries,
        "history": history, "plan_row": plan_row, "reading": latest, "now": now,
        "interval": interval_of(rollout, latest), "stops": stops(rollout, history, now),
        "next_look": next_look(rollout, now), "shown": _shown(latest),
        "given": given or {}, "wrong": refusal_sentence(refusal) if refusal else "",
        "bad": refusal.field if isinstance(refusal, BadInput) else "", **board,
        "whole": desk.staff.member.may("waves.write")
        and any(each.id == rollout.brand_id for each in desk.whole_brands()),
    }  # fmt: skip
    status = refusal.status if refusal else 200
    return show(request, "increment/waves/one", desk, told=told, status=status, **context)


def stops(rollout: Rollout, history: Sequence[Reading], now: datetime) -> list[Stop]:
    """Put every planned look beside what it showed, and its power as told beside as it came."""
    newest: dict[int, Reading] = {}
    for row in history:
        if row.look_no is not None:
            newest.setdefault(row.look_no, row)
    following = next_look(rollout, now)
    return [
        _stop(each, foreseen, newest.get(each.no), rollout, following)
        for each, foreseen in zip(looks_of(rollout.plan), rollout.plan["outlook"], strict=True)
    ]


def _stop(
    look: Look, foreseen: dict[str, Any], row: Reading | None, rollout: Rollout, next_: Look | None
) -> Stop:
    return Stop(
        look, foreseen["wave"], foreseen["stores"], foreseen["mde"], foreseen["alpha"], row,
        interval_of(rollout, row), _realised(row), next_ is not None and next_.no == look.no,
    )  # fmt: skip


def _realised(row: Reading | None) -> float | None:
    """The least effect that these stores could show, now that their noise is known."""
    if row is None or not row.standard_error or not row.lift_share or not row.estimate_fen:
        return None
    base = row.estimate_fen / row.treated_count / row.lift_share
    return abs(REACH * row.standard_error / base) if base else None


async def _board(
    db: Db, request: Request, desk: Desk, what: tuple[Rollout, list[Place]], now: datetime
) -> dict[str, Any]:
    """Lay out the stores that may be seen, a page at a time."""
    rollout, places = what
    names = {each.unit: named(desk.stores[each.store_id]) for each in places
             if each.store_id in desk.stores}  # fmt: skip
    units: dict[UUID, str] = {each.store_id: each.unit for each in places if each.unit in names}
    first = rollout.starts_on - BEFORE_WEEKS * WEEK
    sold = {
        (units[each.store_id], each.week): each.net_fen
        for each in await daily_sales.weeks_of(db, list(units), first, rollout.ends_on)
    }
    weeks = boards.weeks_of(rollout)
    today = business_day(now)
    rows = boards.of_rollout(places, weeks, sold, _usual(sold, rollout.starts_on), (names, today))
    at = (page_number(request) - 1) * PAGE
    more = at + PAGE < len(rows)
    return {
        "weeks": weeks, "rows": rows[at : at + PAGE], "at": at, "total": len(rows),
        "back": address(request, page=at // PAGE) if at else None,
        "next": address(request, page=at // PAGE + 2) if more else None,
        "unseen": len(places) - len(rows),
    }  # fmt: skip


def _usual(sold: dict[tuple[str, date], int], start: date) -> dict[str, float]:
    """A store's usual week is the mean of its weeks before the start."""
    by_store: dict[str, list[int]] = {}
    for (unit, week), fen in sold.items():
        if week < start:
            by_store.setdefault(unit, []).append(fen)
    return {unit: sum(found) / len(found) for unit, found in by_store.items()}


def _shown(row: Reading | None) -> Shown | None:
    return shown_of(row) if row is not None and "per_member" in row.details else None


def _back(rollout: Rollout) -> Response:
    return RedirectResponse(f"/console/waves/{rollout.id}", 303)

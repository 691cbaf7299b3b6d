"""Programs: who is left alone from end to end, begun, ended and rotated with a second look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import SYSTEM
from headwater.base.errors import BadInput, NotFound
from headwater.base.times import business_day
from headwater.increment import experiments, sizing
from headwater.increment.experiments import Experiment
from headwater.increment.programs import rotation
from headwater.increment.sizing import Audience
from headwater.program import programs
from headwater.program.programs import HOLDOUT_SHARES, PILOT_MOST, Plan, Program
from headwater.reach import segments
from headwater.stores.places import Brand
from headwater.web.console.desk import Desk, brand_of, desk_of, own_brand, read_id, show
from headwater.web.console.increment.experiments import ledger_of
from headwater.web.console.increment.planning import Asked, Outlook, weighed, within
from headwater.web.kit import forms
from headwater.web.kit.answers import led_to
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form
from headwater.web.kit.wording import refusal_sentence

door = Door()

WRITE = may("programs.write")
LEAST, MOST, PILOT = (round(100 * each) for each in (*HOLDOUT_SHARES, PILOT_MOST))
CONFIRMED = "yes"


@dataclass(frozen=True)
class Wish:
    """A program as somebody thinks of it, before it is begun."""

    name_zh: str = ""
    name_en: str = ""
    holdout: int = MOST
    is_pilot: bool = False


@door.get("/console/programs/new", WRITE, name="console:programs.new")
async def new(request: Request, building: Building, who: Staff) -> Response:
    """Weigh how many are left alone for half a year; nothing is written down here."""
    asked = request.query_params
    is_pilot = asked.get("pilot") == CONFIRMED
    holdout = within(request, "holdout", MOST, LEAST, PILOT if is_pilot else MOST)
    names = asked.get("name_zh", "")[:60], asked.get("name_en", "")[:60]
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_of(desk, request)
    wish = Wish(*names, holdout, is_pilot)
    return await _page(request, building, desk, brand, wish)


@door.post("/console/programs", WRITE, name="console:programs.begin")
async def begin(request: Request, building: Building, who: Staff) -> Response:
    """Ask for the holdout of a whole brand; the worker draws it, which takes a while."""
    fields = await read_form(request)
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = own_brand(desk, _brand_id(fields))
    wish = Wish(is_pilot=fields.get("pilot") == CONFIRMED)
    try:
        wish = replace(
            wish,
            name_zh=forms.text(fields, "name_zh", longest=60),
            name_en=forms.text(fields, "name_en", longest=60),
            holdout=forms.whole(
                fields, "holdout", least=LEAST, most=PILOT if wish.is_pilot else MOST
            ),
        )
        make_sure(fields)
    except BadInput as refusal:
        return await _page(request, building, desk, brand, wish, refusal)
    async with building.transaction(SYSTEM) as db:
        begun = await programs.ask(db, _plan(brand, wish, building), building.now())
    return RedirectResponse(_page_of(begun), 303)


@door.get("/console/programs/{program_id}", WRITE, name="console:program")
async def drawing(request: Request, building: Building, who: Staff) -> Response:
    """Wait for the worker to draw the holdout; then lead to what is read of it."""
    program_id = read_id(request.path_params["program_id"])
    if program_id is None:
        raise NotFound
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        program = await programs.get(db, program_id)
    brand = own_brand(desk, program.brand_id)
    if program.experiment_id is not None:
        return led_to(request, _page_of(program))
    return show(request, "increment/program_drawing", desk, block="drawing",
                brand=brand, program=program)  # fmt: skip


@door.post("/console/experiments/{experiment_id}/end", WRITE, name="console:experiment.end")
async def end(request: Request, building: Building, who: Staff) -> Response:
    """Let the held-out go before the window is over; the last look before is the verdict."""
    make_sure(await read_form(request))
    question = await _whole(request, building, who)
    now = building.now()
    washing = now + rotation.WASHOUT if question.kind == "program" else None
    async with building.transaction(SYSTEM) as db:
        await experiments.end(db, question.id, now, washing)
    return RedirectResponse(f"/console/experiments/{question.id}", 303)


@door.post("/console/experiments/{experiment_id}/rotation", WRITE, name="console:program.rotate")
async def rotate(request: Request, building: Building, who: Staff) -> Response:
    """Leave others alone, now that the half year is over, instead of waiting for the hour."""
    make_sure(await read_form(request))
    question = await _whole(request, building, who)
    async with building.transaction(SYSTEM) as db:
        program = next(
            (each for each in await programs.every(db) if each.experiment_id == question.id), None
        )
        if program is None:
            raise NotFound
        await programs.rotate(db, program, building.now())
        following = (await programs.get(db, program.id)).experiment_id
    return RedirectResponse(f"/console/experiments/{following}", 303)


def _page_of(program: Program) -> str:
    """Where a program is looked at: among the experiments, once it is drawn."""
    if program.experiment_id is None:
        return f"/console/programs/{program.id}"
    return f"/console/experiments/{program.experiment_id}"


async def _page(
    request: Request,
    building: Building,
    desk: Desk,
    brand: Brand,
    wish: Wish,
    refusal: BadInput | None = None,
) -> Response:
    asked = Asked(wish.holdout, rotation.EPOCH_DAYS, 0.03)
    running, outlook = await _outlook(building, brand, asked)
    return show(request, "increment/program_new", desk, block=() if refusal else "outlook",
                status=422 if refusal else 200, brand=brand, wish=wish, asked=asked,
                running=_page_of(running) if running else "", outlook=outlook, segment=None,
                least=LEAST,
                most=PILOT if wish.is_pilot else MOST, confirmed=CONFIRMED,
                brands=desk.whole_brands(), bad=refusal.field if refusal else "",
                wrong=refusal_sentence(refusal) if refusal else "")  # fmt: skip


async def _outlook(
    building: Building, brand: Brand, asked: Asked
) -> tuple[Program | None, Outlook | None]:
    """Look at everybody's past; only numbers come out of these walls."""
    now = building.now()
    async with building.transaction(SYSTEM) as db:
        for each in await programs.every(db):
            if each.brand_id == brand.id and await programs.runs(db, each):
                return each, None
        everybody = await segments.everybody(db, brand.id, now)
        past = await sizing.past_of(db, Audience(brand.id, everybody, asked.window_days), now)
    return None, weighed(past, asked, (0.05, 0.06, 0.08, 0.1))


async def _whole(request: Request, building: Building, who: Staff) -> Experiment:
    """An experiment of a brand of which somebody has all; waves of stores are stopped elsewhere."""
    desk, question, _history = await ledger_of(request, building, who)
    own_brand(desk, question.brand_id)
    if question.kind == "wave":
        raise NotFound
    return question


def make_sure(fields: dict[str, str]) -> None:
    """Ask for the second look: what cannot be undone is confirmed by a word of its own."""
    if fields.get("confirmed") != CONFIRMED:
        raise BadInput("confirmed", "missing")


def _plan(brand: Brand, wish: Wish, building: Building) -> Plan:
    today = business_day(building.now())
    return Plan(f"{brand.code}-{today:%Y%m%d}", brand.id, wish.name_zh, wish.name_en, today,
                wish.holdout / 100, is_pilot=wish.is_pilot)  # fmt: skip


def _brand_id(fields: dict[str, str]) -> UUID:
    found = read_id(fields.get("brand"))
    if found is None:
        raise BadInput("brand", "unknown")
    return found

"""Segments: a rule put together in sentences, counted while one writes, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import SYSTEM
from headwater.base.errors import BadInput
from headwater.catalog import products
from headwater.catalog.products import Department
from headwater.reach import segments
from headwater.reach.conditions import FIELDS
from headwater.reach.segments import Segment
from headwater.stores.places import Brand, Region, Store
from headwater.web.console.desk import (
    Desk,
    brand_of,
    desk_of,
    named,
    own_brand,
    path_id,
    read_id,
    show,
)
from headwater.web.kit import forms
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form
from headwater.web.kit.wording import _, language, mark, refusal_sentence

door = Door()

WRITE = may("segments.write")
CHANNEL = "official_account"
LEVELS = (
    ("basic", mark("普通会员")),
    ("silver", mark("银卡")),
    ("gold", mark("金卡")),
    ("black", mark("黑金卡")),
)
# What stands in the sentences before anybody has typed.
USUAL: dict[str, str] = {
    "how": "all",
    "lapsed_days": "60",
    "bought_days": "180",
    "spent_least": "200",
    "spent_days": "90",
    "ordered_least": "3",
    "ordered_days": "365",
    "joined_days": "30",
    "allows_code": CHANNEL,
}


@dataclass(frozen=True)
class Counted:
    """How many a rule holds now, and how many of them may be spoken to."""

    members: int
    allowing: int


@dataclass(frozen=True)
class Row:
    """A segment with its rule in words."""

    segment: Segment
    words: str


@door.get("/console/segments", WRITE, name="console:segments")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """List the segments of a brand, newest first."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_of(desk, request)
        found = await segments.of_brand(db, brand.id)
        rows = [Row(each, await segments.in_words(db, each.rule, language())) for each in found]
    return show(request, "segments", desk, brand=brand, rows=rows, now=building.now())


@door.get("/console/segments/new", WRITE, name="console:segments.new")
async def new(request: Request, building: Building, who: Staff) -> Response:
    """Open an empty rule; recalling who stayed away is what most people come for."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_of(desk, request)
        shelves = await products.departments(db)
    given = {**USUAL, "on_lapsed": "yes", "on_allows": "yes", "name": ""}
    return _form(request, desk, brand, shelves, given)


@door.get("/console/segments/count", WRITE, name="console:segments.count")
async def count(request: Request, building: Building, who: Staff) -> Response:
    """Answer how many the rule holds, while somebody is writing it."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_of(desk, request)
    try:
        counted, wrong = await _count(building, brand, read_rule(request.query_params)), ""
    except BadInput as refusal:
        counted, wrong = None, refusal_sentence(refusal)
    return show(request, "segment_count", desk, counted=counted, wrong=wrong, block="count")


@door.post("/console/segments", WRITE, name="console:segments.add")
async def add(request: Request, building: Building, who: Staff) -> Response:
    """Keep a rule and whom it holds now; what is wrong is said beside what was typed."""
    fields = await read_form(request)
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = _brand_in(desk, fields)
        shelves = await products.departments(db)
    try:
        rule = read_rule(fields)
        if fields.get("step") == "count":
            counted = await _count(building, brand, rule)
            return _form(request, desk, brand, shelves, fields, counted=counted)
        made = await _keep(building, who, brand, forms.text(fields, "name", longest=60), rule)
    except BadInput as refusal:
        words = refusal_sentence(refusal)
        return _form(request, desk, brand, shelves, fields, wrong=words)
    return RedirectResponse(f"/console/segments/{made.id}", 303)


@door.get("/console/segments/{segment_id}", WRITE, name="console:segment")
async def one(request: Request, building: Building, who: Staff) -> Response:
    """Show one segment: its rule in words, how many, and when that was true."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        segment = await segments.get(db, path_id(request, "segment_id"))
        brand = own_brand(desk, segment.brand_id)
        words = await segments.in_words(db, segment.rule, language())
    counted = await _count(building, brand, segment.rule)
    return show(request, "segment", desk, segment=segment, words=words, counted=counted,
                brand=brand, now=building.now())  # fmt: skip


@door.post("/console/segments/{segment_id}/members", WRITE, name="console:segment.materialise")
async def materialise(request: Request, building: Building, who: Staff) -> Response:
    """Look anew whom the rule holds."""
    await read_form(request)
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        segment = await segments.get(db, path_id(request, "segment_id"))
        own_brand(desk, segment.brand_id)
    async with building.transaction(SYSTEM) as db:
        await segments.materialise(db, segment.id, building.now())
    return RedirectResponse(f"/console/segments/{segment.id}", 303)


def read_rule(given: Mapping[str, str]) -> dict[str, Any]:
    """Put the ticked sentences together into one rule."""
    parts = [_condition(kind, given) for kind in FIELDS if given.get(f"on_{kind}")]
    if not parts:
        raise BadInput("rule", "missing")
    return {"any" if given.get("how") == "any" else "all": parts}


def _condition(kind: str, given: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {"is": kind}
    for name in FIELDS[kind]:
        field = f"{kind}_{name}"
        if name == "code":
            tree[name] = forms.text(given, field)
        elif kind == "spent" and name == "least":
            tree[name] = forms.fen(given, field)
        else:
            tree[name] = forms.whole(given, field, least=1, most=3660)
    return {"not": tree} if given.get(f"not_{kind}") else tree


async def _count(building: Building, brand: Brand, rule: Any) -> Counted:
    """Count over every member of a brand; only numbers come out of these walls."""
    allowing = {"all": [rule, {"is": "allows", "code": CHANNEL}]}
    async with building.transaction(SYSTEM) as db:
        held = await segments.count(db, rule, brand.id, building.now())
        return Counted(held, await segments.count(db, allowing, brand.id, building.now()))


async def _keep(building: Building, who: Staff, brand: Brand, name: str, rule: Any) -> Segment:
    draft = segments.Draft(brand.id, name, rule, who.id)
    async with building.transaction(SYSTEM) as db:
        made = await segments.draft(db, draft, building.now())
        return await segments.materialise(db, made.id, building.now())


def _brand_in(desk: Desk, fields: Mapping[str, str]) -> Brand:
    asked = read_id(fields.get("brand"))
    if asked is None:
        raise BadInput("brand", "missing")
    return own_brand(desk, asked)


def _form(
    request: Request,
    desk: Desk,
    brand: Brand,
    shelves: list[Department],
    given: Mapping[str, str],
    **more: Any,
) -> Response:
    context: dict[str, Any] = {"counted": None, "wrong": "", **more}
    context["given"] = {**USUAL, **given}
    context["choices"] = {
        "shelves": [(each.code, named(each)) for each in shelves],
        "regions": _of_brand(desk.regions.values(), brand),
        "stores": _of_brand(desk.stores.values(), brand),
        "levels": [(code, _(words)) for code, words in LEVELS],
    }
    status = 422 if context["wrong"] else 200
    return show(request, "segment_new", desk, status=status, brand=brand, **context)


def _of_brand(rows: Iterable[Region | Store], brand: Brand) -> list[tuple[str, str]]:
    return [(each.code, named(each)) for each in rows if each.brand_id == brand.id]

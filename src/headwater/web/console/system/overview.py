"""The back office: the books on one page, and what waits for a person."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base import events, jobs
from headwater.base.db import SYSTEM
from headwater.base.errors import NotFound
from headwater.books import transfers
from headwater.increment import ledger
from headwater.trade import incidents
from headwater.web.console.desk import desk_of, path_id, read_id, show
from headwater.web.kit import forms
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form

door = Door()

RUN = may("system.read")


@door.get("/console/books", may("books.read"), name="console:books")
async def books(request: Request, building: Building, who: Staff) -> Response:
    """Show the trial balance; the books are the company's, so a part of it sees none of them."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        lines = await transfers.trial(db)
    debit, credit = sum(each.debit_fen for each in lines), sum(each.credit_fen for each in lines)
    return show(request, "books", desk, lines=lines, debit_fen=debit, credit_fen=credit,
                now=building.now())  # fmt: skip


@door.get("/console/system", RUN, name="console:system")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Show what lies before the workers, and what has failed to the end."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
    async with building.transaction(SYSTEM) as db:
        context: dict[str, Any] = {
            "waiting": await events.waiting(db),
            "jobs": await jobs.count(db),
            "dead_reactions": await events.dead(db),
            "dead_jobs": await jobs.dead(db),
            "incidents": await incidents.unsolved(db),
            "broken": await ledger.verify(db),
        }
    return show(request, "system", desk, now=building.now(), **context)


@door.post("/console/system/jobs/{job_id}/retry", RUN, name="console:system.job")
async def retry_job(request: Request, building: Building, who: Staff) -> Response:
    """Let dead work be tried again."""
    await read_form(request)
    async with building.transaction(SYSTEM) as db:
        is_there = await jobs.revive(db, path_id(request, "job_id"), building.now())
    return _back(is_there)


@door.post("/console/system/reactions/retry", RUN, name="console:system.reaction")
async def retry_reaction(request: Request, building: Building, who: Staff) -> Response:
    """Let a dead reaction be tried again."""
    fields = await read_form(request)
    fact_id = read_id(fields.get("fact_id"))
    if fact_id is None:
        raise NotFound
    async with building.transaction(SYSTEM) as db:
        reaction = forms.text(fields, "reaction")
        is_there = await events.revive(db, fact_id, reaction, building.now())
    return _back(is_there)


@door.post("/console/system/incidents/{incident_id}/solve", RUN, name="console:system.incident")
async def solve(request: Request, building: Building, who: Staff) -> Response:
    """Note that a person has seen to it."""
    await read_form(request)
    by_whom = f"staff:{who.member.login}"
    async with building.transaction(SYSTEM) as db:
        incident_id = path_id(request, "incident_id")
        is_there = await incidents.solve(db, incident_id, by_whom, building.now())
    return _back(is_there)


def _back(is_there: bool) -> Response:
    if not is_there:
        raise NotFound
    return RedirectResponse("/console/system", 303)

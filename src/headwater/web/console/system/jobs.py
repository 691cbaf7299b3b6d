"""Jobs: what lies before the workers, by kind and one by one, and what the clock calls next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base import backlog
from headwater.base.backlog import ClockHand, KindCount
from headwater.base.db import SYSTEM
from headwater.base.errors import NotFound
from headwater.web.console.desk import desk_of, show
from headwater.web.kit import forms
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form

door = Door()

RUN = may("system.read")
PER_PAGE = 50
PAGES_MOST = 200
# Workers look every second; whatever waits this long has nobody who takes it.
LATE = timedelta(minutes=5)


@door.get("/console/system/jobs", RUN, name="console:jobs")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Show the work that waits, and whether somebody takes it."""
    now, kind = building.now(), request.query_params.get("kind", "")[:100].replace("\x00", "")
    number = _page_number(request)
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
    async with building.transaction(SYSTEM) as db:
        kinds = await backlog.kinds(db, now)
        found = await backlog.listed(db, kind, PER_PAGE + 1, (number - 1) * PER_PAGE)
        clocks = await backlog.clocks(db)
    return show(
        request, "jobs", desk, kinds=kinds, kind=kind, found=found[:PER_PAGE], clocks=clocks,
        number=number, has_more=len(found) > PER_PAGE, late_minutes=_late(kinds, clocks, now),
        now=now,
    )  # fmt: skip


@door.post("/console/system/jobs/retry", RUN, name="console:jobs.retry")
async def retry_kind(request: Request, building: Building, who: Staff) -> Response:
    """Let all dead work of a kind be tried again, once its cause is gone."""
    fields = await read_form(request)
    async with building.transaction(SYSTEM) as db:
        revived = await backlog.revive_kind(db, forms.text(fields, "kind"), building.now())
    if not revived:
        raise NotFound
    return RedirectResponse("/console/system/jobs", 303)


def _late(kinds: Sequence[KindCount], clocks: Sequence[ClockHand], now: datetime) -> int:
    """Say by how many minutes the workers are behind, or nothing while they keep up."""
    waited = [each.first_due_at for each in kinds if each.due and each.first_due_at is not None]
    waited += [each.next_at for each in clocks if not each.is_running(now)]
    behind = now - min(waited, default=now)
    return int(behind.total_seconds() // 60) if behind >= LATE else 0


def _page_number(request: Request) -> int:
    asked = request.query_params.get("page", "1")
    return min(max(int(asked), 1), PAGES_MOST) if asked.isascii() and asked.isdigit() else 1

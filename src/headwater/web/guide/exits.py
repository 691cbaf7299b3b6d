"""The exit: look at a pass, and let somebody out once."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.errors import BadInput, Refusal
from headwater.scango import exits
from headwater.web.guide.desk import show
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form, text
from headwater.web.kit.wording import refusal_sentence

door = Door()
_MAY_CHECK = may("exits.check")


@door.get("/guide/exits", _MAY_CHECK, name="guide:exits")
async def ready(request: Request, building: Building, staff: Staff) -> Response:
    """Wait for the next pass."""
    return show(request, "exits", staff, left=None, refusal=None, why="")


@door.post("/guide/exits", _MAY_CHECK, name="guide:let-out")
async def let_out(request: Request, building: Building, staff: Staff) -> Response:
    """Let somebody out, or say in words why not."""
    fields = await read_form(request)
    try:
        shown = text(fields, "pass", longest=600)
        async with building.transaction(staff.walls) as db:
            left = await exits.check(db, building.keys, staff.id, shown, building.now())
    except Refusal as refusal:
        status = 422 if isinstance(refusal, BadInput) else refusal.status
        why = refusal_sentence(refusal)
        return show(
            request, "exits", staff, block="verdict", status=status, left=None,
            refusal=refusal.code, why=why,
        )  # fmt: skip
    return show(request, "exits", staff, block="verdict", left=left, refusal=None, why="")

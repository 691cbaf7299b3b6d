"""My customers: the list, and each person's own page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headwater.guides import customers
from headwater.web.guide.desk import show
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may

door = Door()


@door.get("/guide/customers", may("workbench"), name="guide:customers")
async def everybody(request: Request, building: Building, staff: Staff) -> Response:
    """List the guide's customers, perhaps those whose name or number was typed."""
    now, typed = building.now(), request.query_params.get("q", "").strip()[:64]
    async with building.transaction(staff.walls) as db:
        found = await customers.mine(db, building.keys, staff.id, now, typed)
    return show(request, "customers", staff, block="people", people=found, typed=typed, now=now)


@door.get("/guide/customers/{member_id:uuid}", may("workbench"), name="guide:customer")
async def one(request: Request, building: Building, staff: Staff) -> Response:
    """Show one of the guide's own customers."""
    now, member_id = building.now(), request.path_params["member_id"]
    async with building.transaction(staff.walls) as db:
        known = await customers.one(db, building.keys, staff.id, member_id, now)
    return show(request, "customer", staff, known=known, who=known.customer, now=now)

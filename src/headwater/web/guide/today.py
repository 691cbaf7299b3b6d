"""Today: whom to contact, in order and with the reason, above everything else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headwater.guides import customers, earnings
from headwater.web.guide.desk import show
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may

door = Door()


@door.get("/guide", may("workbench"), name="guide:today")
async def today(request: Request, building: Building, staff: Staff) -> Response:
    """Show whom to contact today and what this month brought so far."""
    now = building.now()
    async with building.transaction(staff.walls) as db:
        found = await customers.today(db, building.keys, staff.id, now)
        month = await earnings.month(db, staff.id, now)
    return show(request, "today", staff, today=found, money=month.money, now=now)

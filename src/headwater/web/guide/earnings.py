"""My earnings: each line with its reason, and the money that follows."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headwater.guides import earnings, policies
from headwater.web.guide.desk import show
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may

door = Door()


@door.get("/guide/earnings", may("workbench"), name="guide:earnings")
async def month(request: Request, building: Building, staff: Staff) -> Response:
    """Show this month's credit and commissions, and the rules they follow."""
    now = building.now()
    async with building.transaction(staff.walls) as db:
        found = await earnings.month(db, staff.id, now)
        policy = await policies.in_force(db, now)
    return show(request, "earnings", staff, month=found, policy=policy, now=now)

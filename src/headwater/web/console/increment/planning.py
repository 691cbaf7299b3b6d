"""Planning: how small a lift a holdout of some size could see, and what leaving it alone costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import SYSTEM
from headwater.gate import messages
from headwater.increment import arms, outcomes, sizing
from headwater.increment.sizing import Audience
from headwater.increment.statistics.moments import Moments
from headwater.reach import segments
from headwater.reach.segments import Segment
from headwater.stores.places import Brand
from headwater.web.console.desk import brand_of, desk_of, read_id, show
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may

door = Door()

WRITE = may("campaigns.write")
SHARES: Final = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
WINDOWS: Final = (14, 28, 56, 91, 182)
CHANNEL: Final = "official_account"


@dataclass(frozen=True)
class Asked:
    """What somebody thinks of trying."""

    holdout: int
    window_days: int
    lift_share: float


@dataclass(frozen=True)
class Option:
    """One size of holdout: who is left alone, what can be seen, and what it costs."""

    share: float
    held: int
    least_share: float | None
    cost_fen: int


@dataclass(frozen=True)
class Outlook:
    """What the past of these members says about every size."""

    members: int
    mean_fen: int
    options: list[Option]
    chosen: Option


@door.get("/console/experiments/plan", WRITE, name="console:experiments.plan")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Weigh the size of a holdout before anybody is drawn; nothing is written down here."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_of(desk, request)
        known = await segments.of_brand(db, brand.id)
    asked = Asked(
        within(request, "holdout", 10, 5, 50),
        within(request, "window_days", 28, 1, 182),
        within(request, "lift", 3, 1, 50) / 100,
    )
    wanted = read_id(request.query_params.get("segment"))
    segment = next((each for each in known if each.id == wanted), known[0] if known else None)
    outlook = await _outlook(building, brand, segment, asked) if segment else None
    return show(request, "increment/plan", desk, block="outlook", brand=brand, segments=known,
                segment=segment, asked=asked, windows=WINDOWS, outlook=outlook)  # fmt: skip


async def _outlook(
    building: Building, brand: Brand, segment: Segment, asked: Asked
) -> Outlook | None:
    """Look at these members' past; only numbers come out of these walls."""
    now: datetime = building.now()
    async with building.transaction(SYSTEM) as db:
        found = await segments.members(db, segment.rule, brand.id, now)
        rest = await messages.reachable(db, await arms.among_rest(db, brand.id, found), CHANNEL)
        past = await sizing.past_of(db, Audience(brand.id, rest, asked.window_days), now)
    return weighed(past, asked, SHARES)


def weighed(past: Moments, asked: Asked, usual: Sequence[float]) -> Outlook | None:
    """Say of each size what it could see of these members, and what it would cost."""
    if past.n == 0:
        return None
    mean = past.mean(outcomes.sales(1)[0])

    def option(share: float) -> Option:
        held = round(past.n * share)
        cost = round(held * mean * asked.lift_share)
        return Option(share, held, sizing.least_visible(past, share), cost)

    shares = sorted({*usual, asked.holdout / 100})
    options = [option(each) for each in shares]
    chosen = next(each for each in options if each.share == asked.holdout / 100)
    return Outlook(past.n, round(mean), options, chosen)


def within(request: Request, name: str, usual: int, least: int, most: int) -> int:
    """A whole number out of the address, drawn into its bounds: a slider knows no other."""
    given = request.query_params.get(name, "")
    is_number = given.isascii() and given.isdigit() and len(given) < 6
    return min(max(int(given), least), most) if is_number else usual

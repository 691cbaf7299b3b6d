"""The list of rollouts: what is planned, under way, stopped and read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from headwater.increment import ledger
from headwater.increment.experiments import Experiment
from headwater.increment.ledger import Reading
from headwater.increment.plans import Look, looks_of
from headwater.increment.rollouts import rollouts
from headwater.increment.rollouts.rollouts import Rollout
from headwater.web.console import words
from headwater.web.console.desk import brand_seen, desk_of, named, show
from headwater.web.console.increment.experiments import READ
from headwater.web.console.increment.waves import told
from headwater.web.console.words import Interval
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff

door = Door()


@dataclass(frozen=True)
class Row:
    """One rollout in the list, on the axis that all share."""

    rollout: Rollout
    name: str
    reading: Reading | None
    interval: Interval | None
    next_look: Look | None


@door.get("/console/waves", READ, name="console:waves")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """List the rollouts of a brand, with what each was read to bring."""
    now = building.now()
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_seen(desk, request)
        every = await rollouts.of_brand(db, brand.id) if brand else []
        found = await ledger.latest_of(db, [each.id for each in every])
    readings = {each.experiment_id: each for each in found}
    rows = [row_of(each, readings.get(each.id), now) for each in every]
    return show(request, "increment/waves/list", desk, told=told, brand=brand, rows=rows,
                brands=list(desk.brands.values()), now=now)  # fmt: skip


def row_of(rollout: Rollout, reading: Reading | None, now: datetime) -> Row:
    """Say of a rollout what its newest row may say."""
    return Row(rollout, named(rollout), reading, interval_of(rollout, reading),
               next_look(rollout, now))  # fmt: skip


def interval_of(rollout: Rollout | Experiment, reading: Reading | None) -> Interval | None:
    """A reading as a chart draws it, where it may show a number."""
    if reading is None or not words.has_figure(reading):
        return None
    return words.interval(named(rollout), reading)


def next_look(rollout: Rollout, now: datetime) -> Look | None:
    """The first planned look that is still to come."""
    if rollout.state != "launched":
        return None
    return next((each for each in looks_of(rollout.plan) if each.at > now), None)

"""A row of the ledger about stores, opened: what it says, its weeks, its method and its seal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import SYSTEM
from headwater.base.errors import NotFound
from headwater.base.times import day_start
from headwater.increment import experiments, ledger
from headwater.increment.rollouts import rollouts
from headwater.web.console.desk import named, show
from headwater.web.console.increment.experiments import READ
from headwater.web.console.increment.waves import told
from headwater.web.console.increment.waves.listed import interval_of
from headwater.web.console.increment.waves.one import seen_rollout, stops
from headwater.web.console.increment.waves.shown import shown_of, why_of
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff

door = Door()


@door.get("/console/waves/{rollout_id}/readings/{place}", READ, name="console:wave.row")
async def row(request: Request, building: Building, who: Staff) -> Response:
    """Show one row: what it says, the weeks it was worked out from, its method and its seal."""
    desk, rollout = await seen_rollout(request, building, who)
    async with building.transaction(SYSTEM) as db:
        plan_row = await ledger.plan_of(db, rollout.id)
        every = [*await ledger.history(db, rollout.id), *([plan_row] if plan_row else [])]
        asked = request.path_params["place"]
        found = next((each for each in every if str(each.place) == asked), None)
        if found is None:
            raise NotFound
        question = await experiments.get(db, rollout.id)
        units = {each.unit for each in await rollouts.places_of(db, rollout.id)
                 if each.store_id in desk.stores}  # fmt: skip
    # Outcomes count from the first start on, however long before it the launch was.
    question = replace(question, launched_at=day_start(rollout.starts_on))
    around: dict[str, Any] = {
        "rollout": rollout, "experiment": question, "row": found, "plan_row": plan_row,
        "named_as": named(rollout), "is_sealed": found.computed_hash() == found.hash,
    }  # fmt: skip
    if found.entry == "plan":
        return show(request, "increment/waves/plan_row", desk, plan=found.details["plan"],
                    stops=stops(rollout, [], building.now()), **around)  # fmt: skip
    is_told = "per_member" in found.details
    return show(request, "increment/waves/row", desk, told=told, guards=found.details["guards"],
                sums=_seen(found.details.get("sums"), units),
                shown=shown_of(found) if is_told else None,
                lacks=why_of(found.details["guards"]["lacks"]),
                cannot=why_of(found.details.get("cannot")),
                interval=interval_of(rollout, found), **around)  # fmt: skip


def _seen(sums: dict[str, Any] | None, units: set[str]) -> dict[str, Any] | None:
    """Show the sums of all stores, and of single ones those inside somebody's walls."""
    if sums is None or "stores" not in sums:
        return sums
    return sums | {"stores": {unit: row for unit, row in sums["stores"].items() if unit in units}}

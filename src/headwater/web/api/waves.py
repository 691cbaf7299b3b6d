"""Waves over the API: systems outside ask whether a store has started, before they act in it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import SYSTEM
from headwater.increment.rollouts import switches
from headwater.stores.machines import Machine
from headwater.web.api.bodies import json
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, asks

door = Door()

READ = asks("waves.read")


@door.get("/api/waves/{code}", READ, name="api:waves")
async def every(request: Request, building: Building, machine: Machine) -> Response:
    """Tell of every store of a rollout whether it is on, and since when."""
    now = building.now()
    async with building.transaction(SYSTEM) as db:
        found = await switches.of_code(db, request.path_params["code"], machine.brand_ids, now)
    return json({"code": request.path_params["code"], "stores": found, "true_at": now})


@door.get("/api/waves/{code}/stores/{store_id:uuid}", READ, name="api:wave")
async def one(request: Request, building: Building, machine: Machine) -> Response:
    """Tell whether one store is on, in which wave, and since when."""
    code, store_id = request.path_params["code"], request.path_params["store_id"]
    async with building.transaction(SYSTEM) as db:
        found = await switches.of_store(db, code, store_id, machine.brand_ids, building.now())
    return json(found)

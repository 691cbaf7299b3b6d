"""Holdouts over the API: systems outside ask before they speak to a member of ours."""

from __future__ import annotations

from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import SYSTEM
from headwater.base.errors import BadInput
from headwater.increment import arms
from headwater.members.errors import MemberGone
from headwater.stores.machines import Machine
from headwater.web.api.bodies import json, read
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, asks

door = Door()

READ = asks("holdouts.read")
# One answer is one statement; who has more members asks again.
MOST = 1_000


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """Of which members somebody wants to know."""

    member_ids: list[UUID]


_asked = msgspec.json.Decoder(Asked)


@door.get("/api/holdouts/{member_id:uuid}", READ, name="api:holdout")
async def one(request: Request, building: Building, machine: Machine) -> Response:
    """Tell whether a member is held out, of what, and until when."""
    member_id = request.path_params["member_id"]
    async with building.transaction(SYSTEM) as db:
        found = await arms.answers(db, [member_id], machine.brand_ids, building.now())
    if not found:
        raise MemberGone(member_id=str(member_id))
    return json(found[0])


@door.post("/api/holdouts", READ, name="api:holdouts")
async def batch(request: Request, building: Building, machine: Machine) -> Response:
    """Tell it of up to a thousand members; whom we do not know is listed apart."""
    asked = read(_asked, await request.body()).member_ids
    if not 1 <= len(asked) <= MOST:
        raise BadInput("member_ids", f"from 1 to {MOST} members at a time")
    async with building.transaction(SYSTEM) as db:
        found = await arms.answers(db, asked, machine.brand_ids, building.now())
    known = {each.member_id for each in found}
    unknown = [each for each in dict.fromkeys(asked) if each not in known]
    return json({"members": found, "unknown": unknown, "true_at": building.now()})

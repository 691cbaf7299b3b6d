"""Holdouts over the API: systems outside ask before they speak to a member of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import SYSTEM, Db
from headwater.base.errors import BadInput
from headwater.increment import arms
from headwater.increment.arms import Answer
from headwater.members import merging
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
        found = await _answers(db, [member_id], machine.brand_ids, building.now())
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
        found = await _answers(db, asked, machine.brand_ids, building.now())
    known = {each.member_id for each in found}
    unknown = [each for each in dict.fromkeys(asked) if each not in known]
    return json({"members": found, "unknown": unknown, "true_at": building.now()})


async def _answers(
    db: Db, asked: Sequence[UUID], brand_ids: Sequence[UUID], now: datetime
) -> list[Answer]:
    """Answer under the ids that were asked, also where one of them is another's by now.

    Who is unknown may look free to contact, so an id that was given up is answered for the person.
    """
    others = await merging.became_others(db, asked)
    people = [others.get(each, each) for each in asked]
    found = {each.member_id: each for each in await arms.answers(db, people, brand_ids, now)}
    return [
        replace(found[who], member_id=each)
        for each, who in dict(zip(asked, people, strict=True)).items()
        if who in found
    ]

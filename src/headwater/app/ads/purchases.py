"""Purchases told to the ads platform, so that an ad's effect can be read; only with a yes to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from headwater.app.ads.audiences import CHANNEL, identity_of
from headwater.base import crypto, ids, jobs
from headwater.base.db import SYSTEM, Db
from headwater.base.events import reacts_to_many
from headwater.base.sql import statements
from headwater.connect.tencent_ads import kept
from headwater.connect.tencent_ads.actions import Action, ActionKind
from headwater.connect.tencent_ads.people import MeasuredPerson
from headwater.members import consents
from headwater.members.identities import VALUE
from headwater.trade.events import OrderPaid
from headwater.web.kit.building import Building

sql = statements(__file__)

JOB: Final = "ads.purchases"
PURPOSE: Final = "measurement"


@dataclass(frozen=True)
class _Phone:
    member_id: UUID
    value_sealed: bytes = field(repr=False)


@reacts_to_many(OrderPaid)
async def tell_later(db: Db, paid: list[OrderPaid]) -> None:
    """Keep which purchases are to be told, where telling is switched on; asked twice, told once.

    The job holds ids and sums, and whose they are is looked up when it is done.
    """
    telling = await kept.telling(db)
    told = [each for each in paid if telling is not None and each.paid_at >= telling.since_at]
    if telling is None or not told:
        return
    body = {
        "set_id": telling.set_id,
        "purchases": [
            {
                "order": str(each.order_id),
                "member": str(each.member_id),
                "paid_fen": each.paid_fen,
                "at": each.paid_at.isoformat(),
            }
            for each in told
        ],
    }
    key = ",".join(sorted(each.order_id.hex for each in told))
    await jobs.enqueue(db, JOB, body, max(each.paid_at for each in told), key=key)


async def tell(building: Building, body: Any) -> None:
    """Tell of those who said yes to it; a repeat counts once there, by the order's own number."""
    if building.ads is None:
        return
    purchases: list[dict[str, Any]] = body["purchases"]
    member_ids = [UUID(each["member"]) for each in purchases]
    async with building.transaction(SYSTEM) as db:
        yes = await consents.granted(db, member_ids, PURPOSE, CHANNEL)
        phones = await _phones(db, building, list(yes))
    actions = [
        Action(
            kind=ActionKind.BOUGHT,
            person=MeasuredPerson(yes[who], identity),
            at=datetime.fromisoformat(each["at"]),
            once_key=each["order"],
            value_fen=int(each["paid_fen"]),
        )
        for each in purchases
        if (who := UUID(each["member"])) in yes
        and (identity := identity_of(phones.get(who, ""))) is not None
    ]
    if actions:
        await building.ads.actions.add(int(body["set_id"]), actions)


async def _phones(db: Db, building: Building, member_ids: Sequence[UUID]) -> dict[UUID, str]:
    found = await db.all(
        sql.phones,
        _Phone,
        buckets=[ids.bucket_of(each) for each in member_ids],
        member_ids=list(member_ids),
    )
    return {
        each.member_id: crypto.unseal(building.keys, each.value_sealed, VALUE) for each in found
    }

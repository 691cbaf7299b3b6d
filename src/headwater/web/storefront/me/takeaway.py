"""The takeaway: all that is kept about a member, in words that other programs can read."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from headwater.base.crypto import Keys
from headwater.base.db import Db
from headwater.members import consents, identities, members
from headwater.pricing import coupons
from headwater.trade import carts, orders, refunds

ORDERS_MOST = 10_000


async def takeaway(db: Db, keys: Keys, member_id: UUID, now: datetime) -> dict[str, Any]:
    """Gather a member's own data, opened for their own eyes."""
    member = await members.one(db, member_id)
    bought = await orders.of_member(db, member_id, ORDERS_MOST)
    return {
        "made_at": now,
        "member": {
            "number": member.member_no,
            "name": member.name(keys),
            "phone": member.phone(keys),
            "level": member.level,
            "source": member.source,
            "language": member.language,
            "joined_at": member.joined_at,
        },
        "ids": [
            {"kind": each.kind, "value": each.value(keys), "linked_at": each.linked_at}
            for each in await identities.of_member(db, member_id)
        ],
        "consents": [asdict(each) for each in await consents.in_force(db, member_id)],
        "coupons": [asdict(each) for each in await coupons.usable(db, member_id, now)],
        "cart": [
            asdict(line)
            for store in await carts.stores(db, member_id)
            for line in await carts.lines(db, member_id, store.store_id)
        ],
        "orders": [
            {
                **asdict(each),
                "lines": [asdict(line) for line in await orders.lines(db, each.id)],
                "refunds": [asdict(refund) for refund in await refunds.of_order(db, each.id)],
            }
            for each in bought
        ],
    }

"""What deals do when an order closes, and when two members turn out to be one."""

from __future__ import annotations

from headwater.base.db import Db
from headwater.base.events import reacts_to
from headwater.deals import flash, merging
from headwater.members.events import MembersMerged
from headwater.members.merging import became
from headwater.trade.events import OrderClosed


@reacts_to(OrderClosed)
async def free_claim(db: Db, closed: OrderClosed) -> None:
    """Let somebody whose order ended unpaid take part again.

    A person who took part under two accounts still has the other claim.
    """
    await flash.free(db, closed.member_id, closed.order_id)
    member_id = await became(db, closed.member_id)
    if member_id != closed.member_id:
        await flash.free(db, member_id, closed.order_id)
    await merging.follow(db, member_id)


@reacts_to(MembersMerged)
async def follow(db: Db, merged: MembersMerged) -> None:
    """Let one person take part in a sale once, whoever of the two accounts did."""
    await merging.follow(db, await became(db, merged.member_id))

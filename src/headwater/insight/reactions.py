"""What insight learns when something is sold."""

from __future__ import annotations

from headwater.base.db import Db
from headwater.base.events import reacts_to, reacts_to_many
from headwater.insight import preferences
from headwater.members.events import MembersMerged
from headwater.members.merging import became
from headwater.trade.events import OrderPaid


@reacts_to(MembersMerged)
async def follow(db: Db, merged: MembersMerged) -> None:
    """Remember of one person what two accounts bought."""
    await preferences.follow(db, await became(db, merged.member_id), merged.gone_member_id)


@reacts_to_many(OrderPaid)
async def learn_preferences(db: Db, paid: list[OrderPaid]) -> None:
    """Remember what kind of thing each member bought; a repeat is the same memory."""
    await preferences.note(db, [each.order_id for each in paid])

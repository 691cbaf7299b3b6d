"""What deals do when trade announces something."""

from __future__ import annotations

from headwater.base.db import Db
from headwater.base.events import reacts_to
from headwater.deals import flash
from headwater.trade.events import OrderClosed


@reacts_to(OrderClosed)
async def free_claim(db: Db, closed: OrderClosed) -> None:
    """Let somebody whose order ended unpaid take part again."""
    await flash.free(db, closed.member_id, closed.order_id)

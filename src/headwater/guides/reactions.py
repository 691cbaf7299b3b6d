"""What the guides' room does when trade announces something."""

from __future__ import annotations

from headwater.base.db import Db
from headwater.base.events import reacts_to
from headwater.guides import commissions, credits, policies, relations
from headwater.trade.events import OrderPaid, OrderRefunded


@reacts_to(OrderPaid)
async def credit_order(db: Db, paid: OrderPaid) -> None:
    """Credit the guide whose share, or whose relation, brought this order."""
    policy = await policies.in_force(db, paid.paid_at)
    decision = await credits.weigh(db, paid, policy)
    written = await credits.record(db, paid, decision, policy)
    if not written:
        return
    await commissions.accrue(db, paid.order_id, paid.member_id, written, policy, paid.paid_at)
    await relations.meet(db, paid.member_id, written[0].claim, policy, paid.paid_at)
    # A refund may have been heard of before the payment was.
    await commissions.claw_back(db, paid.order_id, paid.member_id, "paid", paid.paid_at)


@reacts_to(OrderRefunded)
async def take_back(db: Db, refunded: OrderRefunded) -> None:
    """Take back the part of a commission whose money went back to the shopper."""
    await commissions.claw_back(
        db,
        refunded.order_id,
        refunded.member_id,
        str(refunded.refund_id),
        refunded.refunded_at,
    )

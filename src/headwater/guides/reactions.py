"""What the guides' room does when trade announces something."""

from __future__ import annotations

from headwater.base.db import Db
from headwater.base.events import reacts_to_many
from headwater.guides import commissions, credits, policies, relations
from headwater.trade.events import OrderPaid, OrderRefunded


@reacts_to_many(OrderPaid)
async def credit_orders(db: Db, paid: list[OrderPaid]) -> None:
    """Credit the guides whose shares, or whose relations, brought these orders."""
    concerned = await credits.concerned(db, paid)
    for each in sorted(concerned, key=lambda order: order.paid_at):
        await credit_order(db, each)


@reacts_to_many(OrderRefunded)
async def take_back(db: Db, refunded: list[OrderRefunded]) -> None:
    """Take back the part of each commission whose money went back to the shopper."""
    concerned = await commissions.concerned(db, [each.order_id for each in refunded])
    for each in refunded:
        if each.order_id in concerned:
            await commissions.claw_back(
                db, each.order_id, each.member_id, str(each.refund_id), each.refunded_at
            )


async def credit_order(db: Db, paid: OrderPaid) -> None:
    """Decide one order, pay for it, and let guide and member know each other."""
    policy = await policies.in_force(db, paid.paid_at)
    decision = await credits.weigh(db, paid, policy)
    written = await credits.record(db, paid, decision, policy)
    if not written:
        return
    await commissions.accrue(db, paid.order_id, paid.member_id, written, policy, paid.paid_at)
    await relations.meet(db, paid.member_id, written[0].claim, policy, paid.paid_at)
    # A refund may have been heard of before the payment was.
    await commissions.claw_back(db, paid.order_id, paid.member_id, "paid", paid.paid_at)

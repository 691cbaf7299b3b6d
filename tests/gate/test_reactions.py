"""Members hear of their own order once, however often the fact is handed over."""

from __future__ import annotations

from tests import make_audience as make
from tests.gate.test_messages import CHANNEL
from tests.make_audience import NOON

from headwater.base import ids
from headwater.base.db import Db
from headwater.gate import messages, reactions, rules
from headwater.trade.events import OrderPaid, OrderRefunded


async def test_a_paid_order_and_its_refund_are_told_once_each(db: Db) -> None:
    where = await make.place(db)
    await rules.open_channel(db, CHANNEL, NOON)
    member = (await make.members(db, where, 1))[0]
    await make.follow(db, [member])
    order_id, refund_id = ids.new(), ids.new()
    paid = OrderPaid(order_id, member, where.store_id, 12_345, None, NOON)
    refunded = OrderRefunded(order_id, member, where.store_id, refund_id, 5, NOON)
    await reactions.tell_paid(db, [paid, paid])
    await reactions.tell_paid(db, [paid])
    await reactions.tell_refunded(db, [refunded])
    told = await messages.of_member(db, member)
    assert {(m.content["title"], m.content["body"], m.purpose) for m in told} == {
        ("订单已支付", "¥123.45", "service"),
        ("退款已退回", "¥0.05", "service"),
    }
    assert len(told) == 2

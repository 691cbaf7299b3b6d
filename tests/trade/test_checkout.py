"""Checkout: all of an order or none of it, once."""

from __future__ import annotations

from tests import make

from headwater.base.db import Db
from headwater.trade import checkout
from headwater.trade.events import OrderPlaced


async def test_an_order_exists_with_its_stock_held_and_its_amount_owed(db: Db) -> None:
    shop = await make.shop(db)
    milk = await make.item(db, shop, price_fen=1_990, stock=10)
    member = await make.member(db)
    order = await make.placed(db, member, shop, (milk, 3))
    assert (order.state, order.payable_fen, order.due_at) == ("placed", 5_970, make.later(15))
    assert await make.levels(db, shop, [milk]) == [(10, 3)]
    assert await make.announced(db, OrderPlaced, order.id) == 1
    assert await checkout.find(db, member, order.id) == order

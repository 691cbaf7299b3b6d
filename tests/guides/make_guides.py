"""Guides, their shares, and what people buy through them; on top of the makers of the shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tests import make

from headwater.base import ids
from headwater.base.db import Db
from headwater.guides import reactions, shares
from headwater.guides.shares import Scene, Share
from headwater.trade import checkout, payments
from headwater.trade.checkout import Placed
from headwater.trade.events import OrderPaid, OrderRefunded


@dataclass(frozen=True)
class Counter:
    """A store with a guide in it and two things on its shelf."""

    shop: make.Shop
    guide_id: UUID
    milk: make.Item
    bread: make.Item


async def counter(db: Db, beside: make.Shop | None = None) -> Counter:
    """Open a store in which one guide works."""
    shop = await make.shop(db, beside)
    guide = await make.employee(db, "guide", "store", shop.store_id, shop.store_id)
    milk = await make.item(db, shop, 1_990, 100)
    bread = await make.item(db, shop, 3_333, 100)
    return Counter(shop, guide.id, milk, bread)


async def share(db: Db, at: Counter, now: datetime = make.NOON, scene: Scene = "link") -> Share:
    """Let the guide share the milk."""
    return await shares.create(db, at.guide_id, at.shop.store_id, at.milk.product_id, scene, now)


async def bought(
    db: Db,
    member_id: UUID,
    at: Counter,
    now: datetime = make.NOON,
    touch_code: str | None = None,
) -> tuple[Placed, OrderPaid]:
    """Let somebody buy three milks and a bread, and hear of it as the worker would."""
    placed, fact = await paid_for(db, member_id, at, now, touch_code)
    await reactions.credit_orders(db, [fact])
    return placed, fact


async def paid_for(
    db: Db,
    member_id: UUID,
    at: Counter,
    now: datetime = make.NOON,
    touch_code: str | None = None,
) -> tuple[Placed, OrderPaid]:
    """Let somebody buy three milks and a bread, of which nobody has heard yet."""
    ask = checkout.Ask(
        ids.new(ids.bucket_of(member_id)),
        member_id,
        at.shop.store_id,
        make.ask(member_id, at.shop, (at.milk, 3), (at.bread, 1)).wanted,
        touch_code=touch_code,
    )
    placed = await checkout.place(db, ask, now)
    tried = await payments.open_attempt(db, member_id, placed.id, "jsapi", now)
    paid_at = make.later(1, now)
    money = payments.Paid(tried.out_trade_no, f"wx{tried.id.hex}", tried.amount_fen, paid_at)
    assert await payments.settle(db, money, paid_at) == "paid"
    fact = OrderPaid(
        placed.id, member_id, at.shop.store_id, placed.payable_fen, touch_code, paid_at
    )
    return placed, fact


async def sent_back(db: Db, fact: OrderPaid, *lines: tuple[int, int]) -> OrderRefunded:
    """Let lines go back, and hear of it as the worker would."""
    refund = await make.refunded(db, fact.order_id, *lines, now=make.later(60, fact.paid_at))
    heard = OrderRefunded(
        fact.order_id,
        fact.member_id,
        fact.store_id,
        refund.id,
        refund.amount_fen,
        make.later(60, fact.paid_at),
    )
    await reactions.take_back(db, [heard])
    return heard

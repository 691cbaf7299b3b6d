"""A member's last purchase of a category is remembered once, from a sale or from all of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tests import make_audience as make
from tests.make_audience import NOON, day

from headwater.base.db import Db
from headwater.insight import preferences, reactions
from headwater.trade.events import OrderPaid


async def kept(db: Db, *members: UUID) -> list[tuple[UUID, datetime]]:
    rows = await db.raw.fetch(
        "SELECT member_id, bought_at FROM insight.preferences WHERE member_id = ANY ($1)",
        list(members),
    )
    return [(row["member_id"], row["bought_at"]) for row in rows]


async def rebuilt(db: Db) -> int:
    """Learn from all sales; called first for those that other tests left behind."""
    return sum([await preferences.rebuild(db, part) for part in preferences.SLICES])


async def test_the_last_purchase_counts_whichever_way_it_is_learned(db: Db) -> None:
    await rebuilt(db)
    where = await make.place(db)
    (member,) = await make.members(db, where, 1)
    older, newer = await make.orders(db, where, [(member, 9, day(-9)), (member, 9, day(-2))])
    await make.lines(db, where, [older, newer], "MILK")
    facts = [OrderPaid(each, member, where.store_id, 9, None, NOON) for each in (newer, older)]
    for fact in facts:
        await reactions.learn_preferences(db, [fact])
    assert await kept(db, member) == [(member, day(-2))]
    await reactions.learn_preferences(db, facts)
    assert await rebuilt(db) == 0
    assert await kept(db, member) == [(member, day(-2))]


async def test_what_was_imported_is_learned_at_night(db: Db) -> None:
    await rebuilt(db)
    where = await make.place(db)
    one, two = await make.members(db, where, 2)
    sold = await make.orders(db, where, [(one, 9, day(-9)), (two, 9, day(-2))])
    await make.lines(db, where, sold, "MILK")
    (unpaid,) = await make.orders(db, where, [(one, 9, day(-1))])
    await make.lines(db, where, [unpaid], "BREAD")
    await db.raw.execute("UPDATE trade.orders SET paid_at = NULL WHERE id = $1", unpaid)
    assert await rebuilt(db) == 2
    assert set(await kept(db, one, two)) == {(one, day(-9)), (two, day(-2))}

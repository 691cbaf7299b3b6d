"""A day's sales are the orders paid on it, by the shop's own clock, however often counted."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests import make_audience as make

from headwater.base.db import Db
from headwater.insight import daily_sales
from headwater.insight.daily_sales import Day

JUNE = date(2026, 6, 1)
# The first of June in Shanghai begins at 16:00 of the day before, in UTC.
FIRST, LAST = datetime(2026, 5, 31, 16, tzinfo=UTC), datetime(2026, 6, 1, 15, 59, tzinfo=UTC)
AFTER = datetime(2026, 6, 1, 16, tzinfo=UTC)


async def test_a_day_is_the_shops_and_counting_again_is_counting_once(db: Db) -> None:
    where = await make.place(db)
    (member,) = await make.members(db, where, 1)
    sold = await make.orders(
        db, where, [(member, 100, FIRST), (member, 30, LAST), (member, 7, AFTER)]
    )
    await make.lines(db, where, sold[:2], "MILK")
    for _ in range(2):
        assert await daily_sales.rebuild(db, JUNE, date(2026, 6, 2)) == 2
    days = await daily_sales.of_stores(db, [where.store_id], JUNE, date(2026, 6, 2))
    assert days == [Day(JUNE, 2, 2, 130, 0), Day(date(2026, 6, 2), 1, 0, 7, 0)]


async def test_a_return_is_seen_on_the_day_of_its_sale(db: Db) -> None:
    where = await make.place(db)
    (member,) = await make.members(db, where, 1)
    await make.orders(db, where, [(member, 100, FIRST)])
    await daily_sales.rebuild(db, JUNE, JUNE)
    await db.raw.execute("UPDATE trade.orders SET refunded_fen = 40")
    await daily_sales.rebuild_lately(db, datetime(2026, 7, 1, tzinfo=UTC), days=35)
    days = await daily_sales.of_stores(db, [where.store_id], JUNE, JUNE)
    assert [(each.paid_fen, each.refunded_fen) for each in days] == [(100, 40)]


async def test_an_order_that_is_gone_leaves_no_day_behind(db: Db) -> None:
    where = await make.place(db)
    (member,) = await make.members(db, where, 1)
    await make.orders(db, where, [(member, 100, FIRST)])
    await daily_sales.rebuild(db, JUNE, JUNE)
    await db.raw.execute("UPDATE trade.orders SET paid_at = NULL")
    await daily_sales.rebuild(db, JUNE, JUNE)
    assert await daily_sales.of_stores(db, [where.store_id], JUNE, JUNE) == []

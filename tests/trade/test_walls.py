"""Walls: with the condition taken out of a query, the database still shows nobody else's rows."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest
from tests import make

from headwater.base.db import NOBODY, SYSTEM, Db, Pool, Walls, member_walls
from headwater.books import transfers
from headwater.members import members
from headwater.stores import staff
from headwater.trade import checkout, orders, payments, refunds
from headwater.trade.errors import OrderGone

MEMBERS_TABLES = (
    "members.members",
    "members.identities",
    "members.consents",
    "pricing.coupons",
    "trade.cart_lines",
    "trade.orders",
    "trade.order_lines",
    "trade.order_log",
    "trade.payables",
    "trade.attempts",
    "trade.refunds",
    "trade.refund_lines",
)
NOBODYS_TABLES = (
    "members.finders",
    "members.phone_codes",
    "books.transfers",
    "trade.payment_events",
    "trade.incidents",
    "base.outbox",
    "base.missed_reactions",
)


async def count(db: Db, table: str) -> int:
    """Count what a query without any condition sees."""
    return int(await db.raw.fetchval(f"SELECT count(*) FROM {table}"))


async def _life(db: Db, shop: make.Shop) -> tuple[checkout.Placed, refunds.Refund]:
    """Let somebody have a row in every table of members."""
    milk = await make.item(db, shop)
    member = await make.member(db, shop)
    await make.coupon(db, shop, member, 100)
    await make.in_cart(db, member, shop, milk)
    order = await make.paid(db, member, shop, (milk, 2))
    return order, await make.refunded(db, order.id, (1, 1))


async def test_a_member_sees_own_rows_only_without_any_condition(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        order, _ = await _life(db, shop)
        await _life(db, shop)
        owner = (await orders.one(db, order.id)).member_id
        everything = {table: await count(db, table) for table in MEMBERS_TABLES}
    async with pool.transaction(member_walls(owner)) as db:
        for table in MEMBERS_TABLES:
            seen = await count(db, table)
            assert 0 < seen < everything[table], table
        for table in NOBODYS_TABLES:
            assert await count(db, table) == 0, table
    async with pool.transaction(member_walls(await _stranger(pool))) as db:
        seen_by = {table: await count(db, table) for table in MEMBERS_TABLES[3:]}
        assert set(seen_by.values()) == {0}
    for walls in (NOBODY, Walls("staff"), Walls("member")):
        async with pool.transaction(walls) as db:
            for table in MEMBERS_TABLES + NOBODYS_TABLES:
                assert await count(db, table) == 0, (walls.kind, table)


async def test_a_member_writes_nothing_for_another(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        milk = await make.item(db, shop)
        mine, other = await make.member(db), await make.member(db)
        order = await make.placed(db, other, shop, (milk, 1))
        await make.in_cart(db, other, shop, milk)
    async with pool.transaction(member_walls(mine)) as db:
        for change in (
            "UPDATE trade.orders SET touch_code = 'stolen'",
            "UPDATE trade.payables SET paid_fen = amount_fen",
            "DELETE FROM trade.cart_lines",
        ):
            assert (await db.raw.execute(change)).endswith(" 0")
        assert await db.raw.execute("UPDATE members.members SET name_mask = '我'") == "UPDATE 1"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.attempt():
                await make.in_cart(db, other, shop, milk)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.attempt():
                await make.placed(db, other, shop, (milk, 1))
    async with pool.transaction(SYSTEM) as db:
        assert (await orders.one(db, order.id)).touch_code is None
        assert (await members.one(db, other)).name_mask == ""


async def test_a_member_cannot_settle_or_book_what_only_the_provider_can_say(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        member = await make.member(db)
        order = await make.placed(db, member, shop, (await make.item(db, shop), 1))
    async with pool.transaction(member_walls(member)) as db:
        tried = await make.attempt(db, member, order.id)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.attempt():
                await payments.settle(db, make.money(tried), make.NOON)
        movement = transfers.Movement("a", "b", 1, f"stolen:{order.id}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.attempt():
                await transfers.book(db, member, movement, make.NOON)


async def test_staff_see_orders_and_members_of_their_scope_only(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        here = await make.shop(db)
        next_door = await make.shop(db, beside=here, same_region=True)
        same_brand = await make.shop(db, beside=here)
        other_brand = await make.shop(db)
        for each in (here, next_door, same_brand, other_brand):
            await _life(db, each)
        people = {
            1: await make.employee(db, "store_manager", "store", here.store_id),
            2: await make.employee(db, "supervisor", "region", here.region_id),
            3: await make.employee(db, "analyst", "brand", here.brand_id),
        }
        chief = await make.employee(db, "operator", "company", None)
        everything = await count(db, "trade.orders")
    tables = ("trade.orders", "trade.refunds", "trade.attempts", "trade.payables")
    for expected, who in people.items():
        async with pool.transaction(who.walls("orders.read")) as db:
            assert len(await staff.visible_stores(db)) == expected
            for table in (*tables, "trade.order_lines", "members.members"):
                assert await count(db, table) == expected, (expected, table)
            for table in ("members.identities", "trade.cart_lines", *NOBODYS_TABLES):
                assert await count(db, table) == 0, table
    async with pool.transaction(chief.walls("orders.read")) as db:
        assert await count(db, "trade.orders") == everything
    async with pool.transaction(people[1].walls("orders.refund")) as db:
        assert await count(db, "trade.orders") == 0


async def test_staff_refund_an_order_of_their_own_store_inside_their_walls(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        here, other = await make.shop(db), await make.shop(db)
        milk = await make.item(db, here)
        order = await make.paid(db, await make.member(db), here, (milk, 2))
        clerk = await make.employee(db, "operator", "store", here.store_id)
        stranger = await make.employee(db, "operator", "store", other.store_id)
    ask = make.back(order.id, (1, 1))
    async with pool.transaction(clerk.walls("orders.refund")) as db:
        assert (await refunds.ask(db, ask, make.NOON)).amount_fen == milk.price_fen
    async with pool.transaction(stranger.walls("orders.refund")) as db:
        with pytest.raises(OrderGone):
            await refunds.ask(db, make.back(order.id, (1, 1)), make.NOON)


async def _stranger(pool: Pool) -> UUID:
    async with pool.transaction(SYSTEM) as db:
        return await make.member(db)

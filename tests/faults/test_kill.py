"""Server, worker and database killed in the middle of two hundred purchases."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tests.faults import shoppers, town
from tests.faults.patience import until
from tests.faults.shoppers import PIECES, Ledger, Shelf, Wish
from tests.faults.town import Town

from headwater.app import building as wiring
from headwater.app import invariants
from headwater.base import settings
from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Db, Pool
from headwater.stock import movements
from headwater.trade import due

SHOPPERS = 200
# What is killed, once so many orders and payments together have been acknowledged.
KILLS = (
    ("serve", 25),
    ("work", 50),
    ("database", 75),
    ("serve", 130),
    ("database", 170),
    ("work", 210),
)
MISBEHAVIOUR = {"duplicates": 1, "drop_next": 6, "fail_next": 5}
# A job of a worker that was killed waits for the end of its lease of a minute first.
SETTLES_SECONDS = 120.0


@pytest.mark.slow
async def test_kill_9_of_everything_loses_nothing(
    record_property: Callable[[str, object], None],
) -> None:
    ledger = Ledger()
    async with town.raised() as place:
        begun = time.monotonic()
        pool = await Pool.open(place.cluster.app_url, 4)
        filled = await shoppers.shelf(pool)
        wishes = await shoppers.wishes(place, pool, filled, SHOPPERS)
        await _misbehave(place)
        async with asyncio.timeout(200), asyncio.TaskGroup() as crowd:
            crowd.create_task(_havoc(place, ledger))
            for wish in wishes:
                crowd.create_task(shoppers.buy(place, filled, wish, ledger))
        bought = time.monotonic()
        await pool.close()
        await place.rejoin()
        pool = await Pool.open(place.cluster.app_url, 4)
        await _settle(place, pool)
        settled = time.monotonic()
        await _close_what_is_unpaid(place, pool)
        await _settle(place, pool)
        async with pool.transaction(SYSTEM) as db:
            await invariants.snapshot(db)
            orders = await _orders(db)
            took = f"{bought - begun:.0f} buying, {settled - bought:.0f} settling"
            record_property("table", _table(place, ledger, orders, took))
            assert await invariants.check(db) == []
            await _nothing_is_oversold(db, filled)
            await _money_equals_the_bill(db, await _bill(place), orders)
            await _every_share_is_credited_once(db, wishes, orders)
        assert ledger.acknowledged.keys() <= orders.keys()
        assert {orders[each] for each in ledger.paid} <= {"paid"}
        assert set(orders.values()) <= {"paid", "closed"}
        await pool.close()


async def _havoc(place: Town, ledger: Ledger) -> None:
    for name, steps in KILLS:
        await ledger.reach(steps)
        await place.kill(name)
        if name != "database":
            await place.start(name)


async def _misbehave(place: Town) -> None:
    doors = place.credentials["side_doors"]["base_url"]
    answer = await place.http.put(f"{doors}/misbehaviour", json=MISBEHAVIOUR)
    assert answer.status_code == 200


async def _bill(place: Town) -> dict[str, Any]:
    doors = place.credentials["side_doors"]["base_url"]
    bill: dict[str, Any] = (await place.http.get(f"{doors}/bill")).json()
    return bill


async def _settle(place: Town, pool: Pool) -> None:
    """Wait until the worker has nothing left to do and every payment has found its order."""
    missing: list[str] = []

    async def is_settled() -> bool:
        paid = [row["out_trade_no"] for row in (await _bill(place))["orders"]]
        async with pool.transaction(SYSTEM) as db:
            left = await invariants.backlog(db)
            known = await db.raw.fetchval(
                "SELECT count(*) FROM trade.attempts"
                " WHERE out_trade_no = ANY ($1) AND state IN ('paid', 'returned')",
                paid,
            )
            owed = await db.raw.fetchval("SELECT count(*) FROM trade.refunds WHERE state <> 'done'")
        missing[:] = [f"{left}, {len(paid) - known} payments unheard of, {owed} refunds"]
        return not (left.facts or left.missed or left.jobs or owed or len(paid) - known)

    try:
        await until(is_settled, SETTLES_SECONDS, "everything to settle")
    except AssertionError as error:
        raise AssertionError(f"{missing}; the worker said {place.said('work')[-3000:]}") from error
    async with pool.transaction(SYSTEM) as db:
        assert (await invariants.backlog(db)).dead == 0


async def _close_what_is_unpaid(place: Town, pool: Pool) -> None:
    """Let the hold's time pass for those who walked away; the moment is an argument."""
    config = settings.read(town.environment(place.home, place.port))
    async with httpx2.AsyncClient() as http:
        building = wiring.build(
            config, pool, Keys.load(place.home / "keys.json"), place.credentials, http
        )
        later = shoppers.now() + timedelta(seconds=config.hold_seconds + 1)
        while await due.close_unpaid(pool, building.pay, later):
            pass


async def _orders(db: Db) -> dict[UUID, str]:
    rows = await db.raw.fetch("SELECT id, state FROM trade.orders")
    return {row["id"]: row["state"] for row in rows}


async def _nothing_is_oversold(db: Db, filled: Shelf) -> None:
    assert await movements.drift(db) == []
    sold = await db.raw.fetch(
        "SELECT variant_id, sum(quantity) AS quantity FROM trade.order_lines AS line"
        " JOIN trade.orders ON orders.bucket = line.bucket AND orders.id = line.order_id"
        " WHERE orders.state = 'paid' GROUP BY variant_id"
    )
    assert {row["variant_id"] for row in sold} <= {each.variant_id for each in filled.items}
    assert all(row["quantity"] <= PIECES for row in sold)
    held = await db.raw.fetchval("SELECT sum(held) FROM stock.levels")
    left = await db.raw.fetchval("SELECT sum(on_hand) FROM stock.levels")
    assert held == 0
    assert left + sum(row["quantity"] for row in sold) == PIECES * len(filled.items)


async def _money_equals_the_bill(db: Db, bill: dict[str, Any], orders: dict[UUID, str]) -> None:
    rows = await db.raw.fetch(
        "SELECT out_trade_no, order_id, state FROM trade.attempts WHERE state <> 'closed'"
    )
    known = {row["out_trade_no"]: row for row in rows}
    assert known.keys() == {row["out_trade_no"] for row in bill["orders"]}
    for row in bill["orders"]:
        attempt = known[row["out_trade_no"]]
        if attempt["state"] == "paid":
            assert orders[attempt["order_id"]] == "paid"
            assert row["refunded_fen"] == 0
        else:
            assert attempt["state"] == "returned"
            assert row["refunded_fen"] == row["paid_fen"]
    receivable = await db.raw.fetchrow(
        "SELECT coalesce(sum(amount_fen) FILTER (WHERE debit_account = $1), 0) AS came,"
        " coalesce(sum(amount_fen) FILTER (WHERE credit_account = $1), 0) AS went"
        " FROM books.transfers",
        "wechat_pay:receivable",
    )
    assert (receivable["came"], receivable["went"]) == (bill["paid_fen"], bill["refunded_fen"])


async def _every_share_is_credited_once(
    db: Db, wishes: list[Wish], orders: dict[UUID, str]
) -> None:
    """Each paid order that a share brought has one commission and one credit a line, others none.

    So each fact was reacted to, and a reaction that ran twice did its work once.
    """
    shared = {w.order_id: len(w.items) for w in wishes if w.has_touch}
    expected = {id: n for id, n in shared.items() if orders.get(id) == "paid"}
    credits = await db.raw.fetch("SELECT order_id, count(*) FROM guides.credits GROUP BY 1")
    assert {row["order_id"]: row["count"] for row in credits} == expected
    owed = await db.raw.fetch("SELECT order_id, count(*) FROM guides.commissions GROUP BY 1")
    assert {row["order_id"]: row["count"] for row in owed} == dict.fromkeys(expected, 1)
    told = await db.raw.fetchval(
        "SELECT count(*) FROM gate.messages WHERE content ->> 'kind' = 'order_paid'"
    )
    assert told == sum(state == "paid" for state in orders.values())


def _table(place: Town, ledger: Ledger, orders: dict[UUID, str], took: str) -> str:
    """Say in a few lines what happened."""
    states = Counter(orders.values())
    rows = {
        "orders tried, acknowledged, sold out": (
            f"{SHOPPERS}, {len(ledger.acknowledged)}, {ledger.sold_out}"
        ),
        "paid on the phone, paid here, closed": (
            f"{len(ledger.paid)}, {states['paid']}, {states['closed']}"
        ),
        "kill -9": ", ".join(f"{name} {times}" for name, times in place.kills.items()),
        "seconds": took,
        "retries": ", ".join(f"{what} {times}" for what, times in ledger.retries.items()),
    }
    return "\n".join(f"  {name:<38} {what}" for name, what in rows.items())

"""Facts worked off a second: announced, handed to every reaction, forgotten.

python -m benchmarks.facts
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from benchmarks import ground
from benchmarks.ground import STORE, Ground
from headwater.app import worker
from headwater.base import events, ids
from headwater.base.db import SYSTEM, Pool, member_walls
from headwater.base.events import announce
from headwater.guides import shares
from headwater.stock.holds import Wanted
from headwater.stores import staff
from headwater.stores.staff import NewStaff
from headwater.trade import checkout, payments
from headwater.trade.events import OrderPlaced

FACTS = 20_000
PAID = 2_000
CREDITED = 1_000
LEAST = 1000
Say = Callable[[str], None]


async def main(say: Say = print) -> None:
    """Measure and print."""
    worker.load_reactions()
    say("Facts: announced in a transaction, worked off in batches of 500 by one worker.")
    async with ground.laid() as laid:
        pool = await Pool.open(laid.cluster.app_url, 4)
        try:
            await _placed(pool, laid)
            _print(say, "nobody reacts", await _work_off(pool, FACTS))
            await _paid(pool, laid, PAID, None)
            _print(say, "paid, no guide", await _work_off(pool, PAID))
            await _paid(pool, laid, CREDITED, await _share(pool))
            _print(say, "paid and credited", await _work_off(pool, CREDITED))
        finally:
            await pool.close()


def _print(say: Say, what: str, rate: float) -> None:
    say(f"  {what:18} {rate:9,.0f} a second (least {LEAST})")


async def _share(pool: Pool) -> str:
    """Let a guide share the shop, so that every order after it is credited."""
    now = datetime.now(UTC)
    guide = NewStaff(ids.named("bench", "guide"), "bench-guide", "跑分导购", STORE.id)
    async with pool.transaction(SYSTEM) as db:
        await staff.add(db, guide, now)
        return (await shares.create(db, guide.id, STORE.id, None, "link", now)).code


async def _placed(pool: Pool, laid: Ground) -> None:
    now = datetime.now(UTC)
    async with pool.transaction(SYSTEM) as db:
        for start in range(0, FACTS, 1000):
            members = [laid.members[n % len(laid.members)] for n in range(start, start + 1000)]
            facts = [
                OrderPlaced(ids.new(ids.bucket_of(m)), m, STORE.id, 1, None, now) for m in members
            ]
            await announce(db, *facts, now=now)


async def _paid(pool: Pool, laid: Ground, count: int, touch_code: str | None) -> None:
    """Place and pay orders through the verbs, so that each fact is a true one."""
    for number in range(count):
        member = laid.members[number % len(laid.members)]
        now = datetime.now(UTC)
        order_id = ids.new(ids.bucket_of(member))
        wanted = (Wanted(laid.variants[number % len(laid.variants)], 1),)
        async with pool.transaction(member_walls(member)) as db:
            ask = checkout.Ask(order_id, member, STORE.id, wanted, touch_code=touch_code)
            await checkout.place(db, ask, now)
            attempt = await payments.open_attempt(db, member, order_id, "jsapi", now)
        paid = payments.Paid(attempt.out_trade_no, attempt.id.hex, attempt.amount_fen, now)
        async with pool.transaction(SYSTEM) as db:
            await payments.settle(db, paid, now)


async def _work_off(pool: Pool, count: int) -> float:
    """Work off what lies there; only the facts that were meant to be counted count."""
    started, done = time.perf_counter(), 0
    while did := await events.work_off(pool, datetime.now(UTC)):
        done += did
    assert done >= count
    return done / (time.perf_counter() - started)


if __name__ == "__main__":
    asyncio.run(main())

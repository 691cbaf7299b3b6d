"""Orders placed a second through HTTP, beside pgbench and beside a bare route.

python -m benchmarks.orders
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from benchmarks import ground, load
from benchmarks.ground import STORE, Ground
from benchmarks.load import Plan, Result
from headwater.base import ids
from headwater.base.db import SYSTEM, Pool, member_walls
from headwater.base.postgres import account
from headwater.stock.holds import Wanted
from headwater.trade import checkout, payments
from headwater.web.kit import cookies
from headwater.web.kit.visits import LOGIN

SECONDS = 8.0
CLIENTS = 32
ROUNDS = 3
Say = Callable[[str], None]


async def main(say: Say = print) -> None:
    """Measure and print."""
    say("Orders: two lines, priced, held, payable created; durable (fsync on), one worker process.")
    async with ground.laid() as laid:
        rounds = [await _round(laid) for _each in range(ROUNDS)]
        _print_rounds(say, rounds)
        await _print_mixed(say, laid)
        await _print_settle(say, laid)


async def _round(laid: Ground) -> tuple[Result, Result, float]:
    async with ground.served(
        "benchmarks.served", "bare", laid.cluster.app_url, str(laid.home)
    ) as port:
        floor = (await load.send_from_outside(_bare_plan(laid, port)))["orders"]
    async with ground.served(
        "benchmarks.served", "ours", laid.cluster.app_url, str(laid.home)
    ) as port:
        ours = (await load.send_from_outside(_plan(laid, port, {"orders": CLIENTS})))["orders"]
    return ours, floor, await _pgbench(laid)


def _print_rounds(say: Say, rounds: list[tuple[Result, Result, float]]) -> None:
    ours, floor, limit = zip(*rounds, strict=True)
    to_floor = [o.per_second / f.per_second for o, f in zip(ours, floor, strict=True)]
    to_limit = [o.per_second / one for o, one in zip(ours, limit, strict=True)]
    failed = sum(each.failed for each in (*ours, *floor))
    say(
        f"  our path          {load.spread([o.per_second for o in ours])} a second, "
        f"p95 {ours[-1].percentile(0.95):.0f} ms, {failed} failed {ours[-1].first_failure}"
    )
    say(f"  bare route, 1 call {load.spread([f.per_second for f in floor])} a second")
    say(f"  pgbench, 1 call    {load.spread(list(limit))} a second ({CLIENTS} clients)")
    say(f"  ratio to the floor   {sorted(to_floor)[len(to_floor) // 2]:.2f} (aim 0.50)")
    say(f"  ratio to pgbench     {sorted(to_limit)[len(to_limit) // 2]:.2f} (aim 0.25)")


async def _print_mixed(say: Say, laid: Ground) -> None:
    async with ground.served(
        "benchmarks.served", "ours", laid.cluster.app_url, str(laid.home)
    ) as port:
        kinds = {"orders": 16, "product": 4, "cart": 4}
        mixed = await load.send_from_outside(_plan(laid, port, kinds))
    for kind, result in mixed.items():
        say(
            f"  under mixed load: {kind:8} {result.per_second:6,.0f} a second, "
            f"p95 {result.percentile(0.95):.0f} ms, {result.failed} failed {result.first_failure}"
        )


async def _print_settle(say: Say, laid: Ground) -> None:
    pool = await Pool.open(laid.cluster.app_url, 16)
    opened = await attempts(pool, laid, 1500)
    turns = iter(opened)
    started = time.perf_counter()

    async def settle() -> None:
        for out_trade_no, amount_fen in turns:
            now = datetime.now(UTC)
            paid = payments.Paid(out_trade_no, f"bench-{out_trade_no}", amount_fen, now)
            async with pool.transaction(SYSTEM) as db:
                assert await payments.settle(db, paid, now) == "paid"

    await asyncio.gather(*(settle() for _each in range(16)))
    say(f"  settle            {len(opened) / (time.perf_counter() - started):,.0f} a second")
    await pool.close()


async def attempts(pool: Pool, laid: Ground, count: int) -> list[tuple[str, int]]:
    """Place orders whose payment has begun; gives the number and the amount of each."""
    made = []
    for number in range(count):
        member = laid.members[number % len(laid.members)]
        now = datetime.now(UTC)
        wanted = tuple(Wanted(each, 1) for each in random.sample(laid.variants, 2))
        order_id = ids.new(ids.bucket_of(member))
        async with pool.transaction(member_walls(member)) as db:
            await checkout.place(db, checkout.Ask(order_id, member, STORE.id, wanted), now)
            attempt = await payments.open_attempt(db, member, order_id, "jsapi", now)
        made.append((attempt.out_trade_no, attempt.amount_fen))
    return made


def _plan(laid: Ground, port: int, connections: dict[str, int]) -> Plan:
    now = datetime.now(UTC)
    drawn = random.Random(1)
    requests: dict[str, list[bytes]] = {kind: [] for kind in connections}
    for member in laid.members:
        payload = {"member": str(member), "open_id": None, "at": int(now.timestamp())}
        cookie = f"{LOGIN}={cookies.seal(laid.keys.signing, LOGIN, payload, now)}"
        first, second = drawn.sample(laid.variants, 2)
        lines = [{"variant_id": first, "quantity": 1}, {"variant_id": second, "quantity": 1}]
        body = msgspec.json.encode({"store_id": STORE.id, "lines": lines})
        product = ids.named("bench-product", str(drawn.randrange(ground.VARIANTS)))
        all_kinds = {
            "orders": load.request("POST", "/api/orders", cookie, body),
            "cart": load.request(
                "POST", f"/api/stores/{STORE.id}/cart", cookie, msgspec.json.encode(lines[0])
            ),
            "product": load.request("GET", f"/products/{product}", f"{cookie}; store={STORE.id}"),
        }
        for kind in connections:
            requests[kind].append(all_kinds[kind])
    return Plan(port, SECONDS, 2.0, connections, requests)


def _bare_plan(laid: Ground, port: int) -> Plan:
    bodies = [msgspec.json.encode({"member": n}) for n in range(len(laid.members))]
    requests = [load.request("POST", "/orders", "", body) for body in bodies]
    return Plan(port, SECONDS, 2.0, {"orders": CLIENTS}, {"orders": requests})


async def _pgbench(laid: Ground) -> float:
    script = laid.home / "order.pgbench"
    script.write_text(
        f"\\set m random(0, {ground.MEMBERS - 1})\n"
        f"\\set a random(0, {ground.VARIANTS // 2 - 1})\n"
        f"\\set b random({ground.VARIANTS // 2}, {ground.VARIANTS - 1})\n"
        f"SELECT bench.place_order('{STORE.id}', :m, :a, :b);\n"
    )
    binary = account.programs(account.account()) / "pgbench"
    mark = "&" if "?" in laid.cluster.app_url else "?"
    url = laid.cluster.app_url + mark + "options=-cheadwater.wall%3Dsystem"
    process = await asyncio.create_subprocess_exec(
        str(binary), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(int(SECONDS)),
        "-f", str(script), url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _nothing = await process.communicate()
    found = re.search(rb"tps = ([0-9.]+)", said)
    if found is None:
        raise RuntimeError(said.decode())
    return float(found[1])


if __name__ == "__main__":
    asyncio.run(main())

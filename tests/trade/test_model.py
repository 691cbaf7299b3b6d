"""The sale against a model of itself: whatever happens in whatever order, both say the same."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests import invariants, make

from headwater.base.db import SYSTEM, Pool
from headwater.books import transfers
from headwater.stock import movements
from headwater.stock.errors import SoldOut
from headwater.trade import checkout, closing, orders, payments, refunds
from headwater.trade.errors import NotPayable, NotRefundable

Answer = TypeVar("Answer")
STOCK = 3


@dataclass
class Sale:
    """What the model knows of one order."""

    id: UUID
    member: UUID
    wanted: dict[int, int]
    payable_fen: int
    held_until: datetime
    state: str = "placed"
    held: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    reserved_fen: int = 0
    refunded_fen: int = 0
    tries: list[payments.Attempt] = field(default_factory=list)
    brought: set[str] = field(default_factory=set)


class Selling(RuleBasedStateMachine):
    """Two items, a few shoppers, one provider that repeats itself and comes late."""

    loop: asyncio.AbstractEventLoop
    pool: Pool

    def __init__(self) -> None:
        super().__init__()
        self.now = make.NOON
        self.sales: list[Sale] = []
        self.on_hand = {0: STOCK, 1: STOCK}
        self.owed: list[tuple[Sale, refunds.Refund, dict[int, int]]] = []
        self.taken_fen = 0

    def wait_for(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Run something on the loop that the pool lives on."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=30)

    @initialize()
    def open_shop(self) -> None:
        async def build() -> None:
            async with self.pool.transaction(SYSTEM) as db:
                self.shop = await make.shop(db)
                prices = (333, 1_001)
                self.items = [
                    await make.item(db, self.shop, price_fen=each, stock=STOCK) for each in prices
                ]
                await make.offer(db, self.shop, "threshold", 100, 1_200)
                self.members = [await make.member(db) for _ in range(3)]

        self.wait_for(build())

    @rule(
        who=st.integers(0, 2),
        wanted=st.dictionaries(st.integers(0, 1), st.integers(1, 3), min_size=1),
    )
    def place(self, who: int, wanted: dict[int, int]) -> None:
        async def ask() -> checkout.Placed:
            lines = [(self.items[number], quantity) for number, quantity in wanted.items()]
            async with self.pool.transaction(SYSTEM) as db:
                order = make.ask(self.members[who], self.shop, *lines)
                first = await checkout.place(db, order, self.now)
                assert await checkout.place(db, order, self.now) == first
                return first

        is_short = any(self._free(number) < quantity for number, quantity in wanted.items())
        stale = self._stale(wanted) if is_short else dict.fromkeys(wanted, 0)
        fits = all(self._free(each) + stale[each] >= quantity for each, quantity in wanted.items())
        try:
            placed = self.wait_for(ask())
        except SoldOut:
            assert not fits
            return
        assert fits
        if is_short:
            self._let_stale_go(wanted)
        assert placed.due_at is not None
        sale = Sale(placed.id, self.members[who], wanted, placed.payable_fen, placed.due_at)
        sale.held = dict(wanted)
        self.sales.append(sale)

    @precondition(lambda self: self.sales)
    @rule(data=st.data(), channel=st.sampled_from(["jsapi", "native"]))
    def open_the_sheet(self, data: st.DataObject, channel: str) -> None:
        sale = data.draw(st.sampled_from(self.sales))

        async def open_it() -> payments.Attempt:
            async with self.pool.transaction(SYSTEM) as db:
                return await make.attempt(db, sale.member, sale.id, self.now, channel)

        may = sale.state == "placed" and self.now < sale.held_until
        try:
            tried = self.wait_for(open_it())
        except NotPayable:
            assert not may
            return
        assert may
        if tried.id not in [each.id for each in sale.tries]:
            sale.tries.append(tried)

    @precondition(lambda self: any(sale.tries for sale in self.sales))
    @rule(data=st.data())
    def money_comes(self, data: st.DataObject) -> None:
        sale = data.draw(st.sampled_from([each for each in self.sales if each.tries]))
        tried = data.draw(st.sampled_from(sale.tries))
        outcome = self.wait_for(make.settled(self.pool, make.money(tried), self.now))
        if tried.out_trade_no in sale.brought:
            assert outcome == "repeated"
            return
        sale.brought.add(tried.out_trade_no)
        missing = {
            number: quantity - sale.held.get(number, 0) for number, quantity in sale.wanted.items()
        }
        fits = all(self._free(number) >= quantity for number, quantity in missing.items())
        if sale.state in ("placed", "closed") and fits:
            assert outcome == "paid"
            sale.state, sale.held, sale.left = "paid", {}, dict(sale.wanted)
            self.taken_fen += sale.payable_fen
            for number, quantity in sale.wanted.items():
                self.on_hand[number] -= quantity
            return
        assert outcome == "returned"
        if sale.state == "placed":
            sale.state, sale.held = "closed", {}

    @precondition(lambda self: any(sale.tries for sale in self.sales))
    @rule(data=st.data())
    def another_amount_comes(self, data: st.DataObject) -> None:
        sale = data.draw(st.sampled_from([each for each in self.sales if each.tries]))
        tried = data.draw(st.sampled_from(sale.tries))
        paid = make.money(tried, tried.amount_fen + 1)
        assert self.wait_for(make.settled(self.pool, paid, self.now)) == "wrong_amount"

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        sale = data.draw(st.sampled_from(self.sales))

        async def end() -> bool:
            async with self.pool.transaction(SYSTEM) as db:
                return await closing.close(db, sale.id, "changed my mind", "member", self.now)

        assert self.wait_for(end()) == (sale.state == "placed")
        if sale.state == "placed":
            sale.state, sale.held = "closed", {}

    @rule(minutes=st.sampled_from([1, 8, 16]))
    def time_passes(self, minutes: int) -> None:
        self.now = make.later(minutes, self.now)

    @precondition(lambda self: any(sale.left for sale in self.sales))
    @rule(data=st.data(), quantity=st.integers(1, 3))
    def ask_for_money_back(self, data: st.DataObject, quantity: int) -> None:
        sale = data.draw(st.sampled_from([each for each in self.sales if each.left]))
        number = data.draw(st.sampled_from(sorted(sale.wanted)))

        async def ask() -> refunds.Refund:
            async with self.pool.transaction(SYSTEM) as db:
                lines = {each.variant_id: each.line_no for each in await orders.lines(db, sale.id)}
                line_no = lines[self.items[number].variant_id]
                return await refunds.ask(db, make.back(sale.id, (line_no, quantity)), self.now)

        may = quantity <= sale.left[number] and sale.state == "paid"
        try:
            owed = self.wait_for(ask())
        except NotRefundable:
            assert not may
            return
        assert may
        sale.left[number] -= quantity
        sale.reserved_fen += owed.amount_fen
        self.owed.append((sale, owed, {number: quantity}))

    @precondition(lambda self: self.owed)
    @rule(data=st.data())
    def money_goes_back(self, data: st.DataObject) -> None:
        sale, owed, goods = data.draw(st.sampled_from(self.owed))

        async def give() -> str:
            async with self.pool.transaction(SYSTEM) as db:
                return await refunds.settle(db, owed.id, self.now, owed.amount_fen)

        outcome = self.wait_for(give())
        if owed.state == "done":
            assert outcome == "repeated"
            return
        assert outcome == "refunded"
        self.owed.remove((sale, owed, goods))
        self.owed.append((sale, replace(owed, state="done"), goods))
        sale.refunded_fen += owed.amount_fen
        self.taken_fen -= owed.amount_fen
        for number, quantity in goods.items():
            self.on_hand[number] += quantity
        if sale.refunded_fen == sale.payable_fen:
            sale.state = "refunded"

    @invariant()
    def both_say_the_same(self) -> None:
        """Compare after every step."""
        if hasattr(self, "shop"):
            self.wait_for(self._compare())

    def teardown(self) -> None:
        """Ask at the end of each walk whether everything else holds as well."""
        assert self.wait_for(invariants.check_all(self.pool)) == []

    async def _compare(self) -> None:
        held = dict.fromkeys(self.on_hand, 0)
        async with self.pool.transaction(SYSTEM) as db:
            for sale in self.sales:
                for number, quantity in sale.held.items():
                    held[number] += quantity
                found = await orders.one(db, sale.id)
                assert (found.state, found.refunded_fen) == (sale.state, sale.reserved_fen)
            expected = [(self.on_hand[number], held[number]) for number in (0, 1)]
            assert await make.levels(db, self.shop, self.items) == expected
            sales = await transfers.balance(db, f"sales:store:{self.shop.store_id}")
            assert sales.net_fen == -self.taken_fen
            assert await movements.drift(db) == []

    def _free(self, number: int) -> int:
        return self.on_hand[number] - sum(sale.held.get(number, 0) for sale in self.sales)

    def _stale(self, wanted: dict[int, int]) -> dict[int, int]:
        over = [sale for sale in self.sales if sale.held_until < self.now]
        return {number: sum(sale.held.get(number, 0) for sale in over) for number in wanted}

    def _let_stale_go(self, wanted: dict[int, int]) -> None:
        """A shortage frees the holds whose time is over, of what is wanted and of nothing else."""
        for sale in self.sales:
            if sale.held_until < self.now:
                for number in wanted:
                    sale.held.pop(number, None)


async def test_the_sale_is_what_its_model_says(pool: Pool) -> None:
    loop = asyncio.get_running_loop()

    class Here(Selling):
        pass

    Here.loop, Here.pool = loop, pool
    Here.TestCase.settings = settings(
        max_examples=20,
        stateful_step_count=30,
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    test = Here.TestCase("runTest")
    await asyncio.to_thread(test.runTest)

"""Life: days pass, people buy by habit, a message arrives, and some buy more because of it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx2
import numpy as np

from headwater.world.doors import Clients, Thing, Visitor
from headwater.world.shoppers import Shopper, Urge, basket_of, caused_urges, usual_urges
from headwater.world.truth import Truth

log = logging.getLogger(__name__)

OPENS = timedelta(hours=9)
SHELVES = ("/", "/search?q=milk", "/search?q=面包", "/search?q=fruit", "/departments")
MESSAGE = "template"


@dataclass
class World:
    """Where simulated people live: the shop's address, their phones, and a clock that moves."""

    shop: str
    phone: str
    clients: Clients
    set_clock: Callable[[datetime], None]
    pass_time: Callable[[], Awaitable[None]]
    progress: Callable[[str, int, int], None] = lambda *_said: None
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, person_id: str) -> Visitor:
        """Give a person their own browser, the same each time."""
        if person_id not in self.visitors:
            client: httpx2.AsyncClient = self.clients()
            self.visitors[person_id] = Visitor(person_id, self.shop, self.phone, client)
        return self.visitors[person_id]

    async def close(self) -> None:
        """Let everybody put their phone away."""
        for visitor in self.visitors.values():
            await visitor.client.aclose()


@dataclass(frozen=True)
class Plan:
    """How long it lasts, what is true in it, and what an operator does on the first morning."""

    starts_at: datetime
    weeks: int
    true_lift_share: float
    seed: int
    launch: Callable[[], Awaitable[str]]

    @property
    def days(self) -> int:
        """How many days pass."""
        return self.weeks * 7


async def live(world: World, shoppers: Sequence[Shopper], plan: Plan) -> Truth:
    """Let a world run from the first morning to the last evening, and tell the truth about it.

    A message multiplies a person's own rate of buying by one plus the true lift, from the next
    day on. What it adds are urges of their own, so that the truth is known order by order.
    """
    truth = Truth(plan.seed, len(shoppers), plan.weeks, plan.true_lift_share)
    truth.started_at = plan.starts_at
    noise = np.random.default_rng(plan.seed)
    by_day = _by_day(usual_urges(shoppers, plan.days, noise), plan.days)
    world.set_clock(plan.starts_at + OPENS)
    shelf = await _shelf(world, shoppers[0])
    truth.campaign = await plan.launch()
    await world.pass_time()
    for shopper in await _reached(world, shoppers, truth):
        for urge in caused_urges(shopper, range(1, plan.days), plan.true_lift_share, noise):
            by_day[urge.day].append(urge)
    people = {shopper.person_id: shopper for shopper in shoppers}
    for day, urges in enumerate(by_day):
        world.progress("days", day, plan.days)
        await _one_day(world, plan.starts_at + timedelta(days=day), urges, people, shelf, truth)
    truth.ended_at = plan.starts_at + timedelta(days=plan.days)
    # The window ends as late in the day as the launch was; the evening after, it is read.
    world.set_clock(truth.ended_at + timedelta(hours=23))
    await world.pass_time()
    world.progress("days", plan.days, plan.days)
    return truth


async def join(world: World, person_ids: Sequence[str]) -> None:
    """Let newcomers become members who may be spoken to."""
    for number, person_id in enumerate(person_ids):
        world.progress("joining", number, len(person_ids))
        visitor = world.visitor(person_id)
        await visitor.log_in()
        await visitor.allow("marketing")


async def _shelf(world: World, shopper: Shopper) -> list[Thing]:
    shelf = await world.visitor(shopper.person_id).look_around(list(SHELVES))
    if not shelf:
        raise LookupError("there is nothing on the shelf to buy")
    return shelf


async def _reached(world: World, shoppers: Sequence[Shopper], truth: Truth) -> list[Shopper]:
    reached = []
    for shopper in shoppers:
        inbox = await world.visitor(shopper.person_id).messages()
        if any(each["kind"] == MESSAGE for each in inbox):
            reached.append(shopper)
    truth.reached = len(reached)
    return reached


async def _one_day(
    world: World,
    morning: datetime,
    urges: Sequence[Urge],
    people: dict[str, Shopper],
    shelf: Sequence[Thing],
    truth: Truth,
) -> None:
    step = timedelta(hours=12) / max(len(urges), 1)
    for number, urge in enumerate(sorted(urges, key=lambda each: each.seed)):
        world.set_clock(morning + OPENS + step * number)
        await _buy(world, people[urge.person_id], urge, shelf, truth)
    world.set_clock(morning + OPENS + timedelta(hours=13))
    await world.pass_time()


async def _buy(
    world: World, shopper: Shopper, urge: Urge, shelf: Sequence[Thing], truth: Truth
) -> None:
    visitor = world.visitor(urge.person_id)
    await visitor.log_in()
    basket = [(shelf[place], count) for place, count in basket_of(shopper, len(shelf), urge.seed)]
    here = [each for each in basket if each[0].store_id == basket[0][0].store_id]
    placed = await visitor.order(here)
    if placed is None:
        truth.sold_out += 1
        return
    await visitor.pay(placed["number"])
    if urge.is_caused:
        truth.orders_caused += 1
        truth.caused_fen += placed["payable_fen"]
    else:
        truth.orders_usual += 1
        truth.usual_fen += placed["payable_fen"]


def _by_day(urges: Sequence[Urge], days: int) -> list[list[Urge]]:
    by_day: list[list[Urge]] = [[] for _each in range(days)]
    for urge in urges:
        by_day[urge.day].append(urge)
    return by_day

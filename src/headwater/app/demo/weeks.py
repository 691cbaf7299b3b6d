"""Some weeks of simulated life, lived through the doors of a building in this process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import httpx2
import numpy as np

from headwater.app import doors, worker
from headwater.app.demo.furnish import Furnished
from headwater.app.imports.complete_journey import people as households
from headwater.app.imports.complete_journey import source
from headwater.sandbox import Sandbox
from headwater.web.kit.building import Building
from headwater.world import life
from headwater.world.life import World
from headwater.world.operator import Operator, Recall
from headwater.world.shoppers import Habit, Shopper
from headwater.world.truth import Truth

# Of a household's trips to a shop, so many would rather be an order on the phone.
ONLINE_SHARE = 0.08
ORDERS_A_WEEK_MOST = 1.0
HOLDOUT_PERCENT = 30
ROUNDS_MOST = 400

Progress = Callable[[str, int, int], None]


class Asked(Protocol):
    """How long to live, and what shall be true."""

    @property
    def members(self) -> int | None:
        """Give how many people live; None means everybody who is there."""

    @property
    def weeks(self) -> int:
        """Give the weeks."""

    @property
    def true_lift_share(self) -> float:
        """Give what a message adds to a person's rate of buying."""

    @property
    def seed(self) -> int:
        """Give the seed of everything drawn."""


async def live_them(
    building: Building,
    sandbox: Sandbox,
    furnished: Furnished,
    asked: Asked,
    times: list[datetime],
    progress: Progress,
) -> Truth:
    """Recall the members on the first morning, and let everybody live on."""
    app = doors.open_doors(building)
    sandbox.notify_through(
        lambda **more: httpx2.AsyncClient(transport=httpx2.ASGITransport(app), **more)
    )
    worker.load_reactions()
    # Days pass in seconds here; what is learned of them is counted once the doors are open.
    jobs = worker.clocks(without="insight")

    async def pass_time() -> None:
        for _round in range(ROUNDS_MOST):
            heard = await sandbox.deliver_due(times[0])
            if not heard and not await worker.work_once(building, jobs):
                return

    world = World(
        shop=building.settings.public_url,
        phone=sandbox.credentials["phone"]["base_url"],
        clients=lambda: _client(app, sandbox, building.settings.public_url),
        set_clock=lambda moment: times.__setitem__(0, moment),
        pass_time=pass_time,
        progress=progress,
    )
    operator = Operator(
        world.shop, furnished.logins["operator"], furnished.password, world.clients()
    )
    shoppers = await _shoppers(world, sandbox, asked.members)
    plan = life.Plan(
        starts_at=times[0],
        weeks=asked.weeks,
        true_lift_share=asked.true_lift_share,
        seed=asked.seed,
        launch=lambda: operator.recall(_recall(asked.weeks * 7), pass_time),
    )
    try:
        return await life.live(world, shoppers, plan)
    finally:
        await operator.client.aclose()
        await world.close()


def _client(app: object, sandbox: Sandbox, shop: str) -> httpx2.AsyncClient:
    # The shop is the client's own transport: a client without one would prepare for TLS each time.
    transport = httpx2.ASGITransport(app)  # type: ignore[arg-type]
    return httpx2.AsyncClient(transport=transport, mounts=sandbox.transports(), base_url=shop)


async def _shoppers(world: World, sandbox: Sandbox, members: int | None) -> list[Shopper]:
    """Give real-pattern habits to the households' people, and to newcomers who join first."""
    habits = household_habits()
    known = [p for p in sandbox.people.everybody() if p.phone_number in habits]
    wanted = len(known) if members is None else members
    newcomers = [sandbox.people.create(f"新朋友 {number}") for number in range(wanted - len(known))]
    await life.join(world, [person.id for person in newcomers])
    drawn = list(habits.values())
    appid = sandbox.credentials["official_account"]["appid"]
    return [
        Shopper(
            person.id,
            sandbox.people.openid(person, appid),
            habits.get(person.phone_number) or drawn[number % len(drawn)],
        )
        for number, person in enumerate([*known, *newcomers][:wanted])
    ]


def household_habits() -> dict[str, Habit]:
    """Read from the real-pattern year how often each household bought, by its demo phone."""
    sales = source.read_sales(source.folder())
    baskets, first = np.unique(sales.basket, return_index=True)
    numbers, trips = np.unique(sales.household[first], return_counts=True)
    lines = len(sales.basket) / max(len(baskets), 1)
    return {
        households.phone(int(number)): Habit(
            min(float(count) / 53 * ONLINE_SHARE, ORDERS_A_WEEK_MOST), min(lines, 3.0)
        )
        for number, count in zip(numbers, trips, strict=True)
    }


def _recall(window_days: int) -> Recall:
    return Recall(
        name="老客召回 · 这一年来过的人",
        rule={"on_ordered": "yes", "ordered_least": "1", "ordered_days": "400", "how": "all"},
        holdout_percent=HOLDOUT_PERCENT,
        window_days=window_days,
        title_zh="好久不见",
        body_zh="您常买的几样东西到了新货，自提最快三十分钟。",
        title_en="Good to see you again",
        body_en="What you often buy is fresh in; pick it up in thirty minutes.",
    )

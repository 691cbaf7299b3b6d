"""Some weeks of simulated life, lived through the doors of a building in this process."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import msgspec
import numpy as np

from headwater.app import doors, worker
from headwater.app.demo import newcomers
from headwater.app.demo.furnish import COUPON, Furnished, Programme, furnish
from headwater.app.demo.newcomers import PAST_DAYS, Past
from headwater.app.demo.nights import Nights
from headwater.app.imports import run as running
from headwater.app.imports.kinds.kind import Act
from headwater.app.imports.run import KINDS, Wish
from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.base.errors import Trouble
from headwater.base.jobs import Jobs
from headwater.base.times import business_day
from headwater.increment.programs.rotation import EPOCH_DAYS
from headwater.increment.programs.totals import TWO_QUARTERS_DAYS
from headwater.reach import campaigns
from headwater.sandbox import Sandbox
from headwater.sandbox.people import ACCOUNT
from headwater.stores import machines
from headwater.web.kit.building import Building
from headwater.world import quarter
from headwater.world.heart.days import calendar
from headwater.world.heart.effects import Causes
from headwater.world.heart.habits import BRANDS, Habits
from headwater.world.heart.lives import Lives, begun
from headwater.world.operator import Operator, Recall
from headwater.world.people import Colleague, Person, Told, World
from headwater.world.scene import Plan
from headwater.world.truth import Truth
from headwater.world.wanted import Push, Wanted

QUARTER_DAYS = 91
ROUNDS_MOST = 400
HOLDOUTS_AT_ONCE = 1_000

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Town:
    """Who may live here: households with habits, and the people whom we know already.

    The first people live in the first households, one in each; whoever comes on top lives like
    one of them, and comes with so many days of past.
    """

    habits: Habits
    known: Sequence[Person]
    past_days: int = PAST_DAYS


@dataclass(frozen=True)
class Stage:
    """Where it happens: a building and a sandbox in this process, and the clock of both."""

    building: Building
    sandbox: Sandbox
    times: list[datetime]
    folder: Path
    progress: Progress = lambda *_said: None


@dataclass(frozen=True)
class Lived:
    """What came of it: the truth, what moved people, and who can log in."""

    truth: Truth
    causes: Causes
    furnished: Furnished


async def live_them(stage: Stage, town: Town, wanted: Wanted, now: datetime) -> Lived:
    """Let a brand live a quarter that begins at the stage's own moment, and tell the truth."""
    wanted.check()
    wanted = wanted.calibrated()
    starts_at = stage.times[0]
    app = doors.open_doors(stage.building)
    stage.sandbox.notify_through(
        lambda **more: httpx2.AsyncClient(transport=httpx2.ASGITransport(app), **more)
    )
    worker.load_reactions()
    people, lives = await _settle(stage, town, wanted)
    asked = Programme(
        f"world-{wanted.seed}",
        wanted.programme_holdout_percent,
        _window(wanted.days),
        wanted.guides.working,
    )
    furnished = await furnish(stage.building, asked, starts_at, now)
    # What is learned of the days is counted where a look asks for it, and once more at the end.
    nightly = worker.clocks("insight")
    nights = Nights(stage.building, starts_at, lambda: _pass_time(stage, nightly))
    await nights.count_past()
    world = await _world(stage, furnished, people, app, nights)
    operator = Operator(
        world.shop, furnished.logins["operator"], furnished.password, world.clients()
    )
    plan = Plan(
        wanted, lives, starts_at, lambda push: operator.recall(_recall(push), _nothing),
        operator.roll_out,
    )  # fmt: skip
    try:
        # The same world lived twice in one database is another life.
        with ids.seeded(f"{wanted.seed}:{await _campaigns(stage, furnished)}"), _seldom_collected():
            truth, causes = await quarter.live(world, plan)
        await nights.end()
    finally:
        await operator.client.aclose()
        await world.close()
    return Lived(truth, causes, furnished)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for garbage seldom: weeks make much that counts for itself, and little in circles."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _window(days: int) -> int:
    """Let a program run its half-year where a quarter of it is lived, and else as long as that."""
    return EPOCH_DAYS if days >= QUARTER_DAYS else min(days, TWO_QUARTERS_DAYS - 1)


async def _settle(stage: Stage, town: Town, wanted: Wanted) -> tuple[list[Person], Lives]:
    """Say who lives, and let those who are new come with their past."""
    noise = np.random.default_rng([wanted.seed, 40])
    habits = town.habits.of_brand(BRANDS[wanted.brand], noise)
    count = len(town.known) if wanted.members is None else wanted.members
    people = list(town.known[:count])
    starts_at = stage.times[0]
    known = len(people)
    household = np.concatenate(
        [np.arange(known), noise.integers(habits.count, size=count - known)]
    ).astype(np.int64)
    first_day = business_day(starts_at) - timedelta(days=town.past_days)
    past_days = town.past_days
    days = calendar(first_day, past_days + wanted.days, wanted.weather, noise, past_days)
    lives = begun(habits, household, days, wanted.ways, wanted.seed)
    if count > known:
        joined_at = starts_at - timedelta(days=past_days + 30)
        numbers = range(known, count)
        added, rows = newcomers.create(stage.sandbox, numbers, joined_at, wanted.seed)
        people += added
        past = Past(lives, known, past_days, starts_at, stage.folder)
        await newcomers.settle(past, people, rows, lambda kind, file: _take_in(stage, kind, file))
    return people, lives.since(past_days)


async def _world(
    stage: Stage, furnished: Furnished, people: Sequence[Person], app: object, nights: Nights
) -> World:
    sandbox, shop = stage.sandbox, stage.building.settings.public_url
    # By day the worker serves people, and nights read what is due.
    daily = worker.clocks("insight", "increment", "program", "connect", "base")
    key = await _machine(stage)
    return World(
        shop=shop,
        phone=sandbox.credentials["phone"]["base_url"],
        clients=lambda: _client(app, sandbox, shop),
        people=people,
        guides=[Colleague(login, furnished.password) for login in furnished.guides],
        set_clock=lambda moment: stage.times.__setitem__(0, moment),
        pass_time=lambda: _pass_time(stage, daily),
        night=nights.pass_by,
        take_in=lambda kind, file: _take_in(stage, kind, file),
        told=lambda since: _told(sandbox, since),
        held_out=lambda asked: _held_out(_client(app, sandbox, shop), key, asked),
        started=lambda code: _started(_client(app, sandbox, shop), key, code),
        folder=stage.folder,
        progress=stage.progress,
    )


async def _campaigns(stage: Stage, furnished: Furnished) -> int:
    async with stage.building.transaction(SYSTEM) as db:
        return len(await campaigns.of_brand(db, furnished.brand_id))


def _client(app: object, sandbox: Sandbox, shop: str) -> httpx2.AsyncClient:
    # The shop is the client's own transport: a client without one would prepare for TLS each time.
    transport = httpx2.ASGITransport(app)  # type: ignore[arg-type]
    return httpx2.AsyncClient(transport=transport, mounts=sandbox.transports(), base_url=shop)


async def _pass_time(stage: Stage, jobs: Jobs) -> None:
    for _round in range(ROUNDS_MOST):
        heard = await stage.sandbox.deliver_due(stage.times[0])
        if not heard and not await worker.work_once(stage.building, jobs):
            return


async def _take_in(stage: Stage, kind: str, file: Path) -> None:
    """Take a till's file in as `headwater import` does; what a till says is never wrong."""
    building = stage.building
    act = Act(building.keys, stage.times[0], f"import:{file.name}", None, building.appid)
    outcome = await running.run(building.pool, KINDS[kind], Wish(file), act)
    if outcome.problems:
        worst = outcome.problems[0]
        raise Trouble(f"{file.name}, line {worst.line}, {worst.column}: {worst.why}")
    file.unlink()


def _told(sandbox: Sandbox, since: datetime) -> set[str]:
    """Look at everybody's phone, and tell on whose a message of the service account came."""
    return {
        person.id
        for person in sandbox.people.everybody()
        if any(
            each.kind == "template" and each.arrived_at >= since
            for each in sandbox.people.messages(person, ACCOUNT)
        )
    }


async def _machine(stage: Stage) -> str:
    async with stage.building.transaction(SYSTEM) as db:
        return await machines.add(
            db, f"simulated world {ids.code(6)}", ["holdouts.read", "waves.read"], [],
            stage.times[0],
        )  # fmt: skip


async def _held_out(client: httpx2.AsyncClient, key: str, member_ids: Sequence[str]) -> set[str]:
    """Ask the product's own door, as any system outside may, whom the program leaves alone."""
    found = set()
    async with client:
        for first in range(0, len(member_ids), HOLDOUTS_AT_ONCE):
            asked = list(member_ids[first : first + HOLDOUTS_AT_ONCE])
            answer = await client.post(
                "/api/holdouts",
                json={"member_ids": asked},
                headers={"Authorization": f"Bearer {key}"},
            )
            if answer.status_code != 200:
                raise Trouble(f"the door for holdouts answered {answer.status_code}")
            for each in answer.json()["members"]:
                if any(one["kind"] == "program" for one in each["of"]):
                    found.add(each["member_id"])
    return found


async def _started(client: httpx2.AsyncClient, key: str, code: str) -> list[Told]:
    """Ask the product's own door, as the till of any store may, which stores have started."""
    async with client:
        answer = await client.get(
            f"/api/waves/{code}", headers={"Authorization": f"Bearer {key}"}
        )  # fmt: skip
    if answer.status_code != 200:
        raise Trouble(f"the door for waves answered {answer.status_code}")
    return msgspec.convert(answer.json()["stores"], list[Told])


async def _nothing() -> None:
    """The world itself lets time pass after a launch."""


def _recall(push: Push) -> Recall:
    return Recall(
        name=push.name,
        rule=dict(push.rule),
        holdout_percent=push.holdout_percent,
        window_days=push.window_days,
        title_zh=push.title_zh,
        body_zh=push.body_zh,
        title_en=push.title_en,
        body_en=push.body_en,
        coupon=COUPON if push.has_coupon else "",
    )

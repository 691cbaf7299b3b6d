"""Shoppers who all want the same few things at once, and try again whenever nobody answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
from tests import make
from tests.faults.patience import answer_of
from tests.faults.town import Town

from headwater.base import ids
from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Pool
from headwater.guides import shares
from headwater.members import login
from headwater.members.login import Arrival
from headwater.web.kit import cookies
from headwater.web.kit.visits import LOGIN, TOUCH

SECONDS = 150.0
PIECES = 15


@dataclass(frozen=True)
class Shelf:
    """Ten things, fifteen pieces of each, and a guide who shares the shop."""

    where: make.Shop
    items: list[make.Item]
    share_code: str


@dataclass(frozen=True)
class Wish:
    """What one shopper will do; the order's id is theirs from the start."""

    order_id: UUID
    member_id: UUID
    cookie: str
    items: list[make.Item]
    has_touch: bool
    walks_away: bool
    comes_back: bool


@dataclass
class Ledger:
    """What the shoppers were told."""

    acknowledged: dict[UUID, str] = field(default_factory=dict)
    sold_out: int = 0
    paid: set[UUID] = field(default_factory=set)
    retries: Counter[str] = field(default_factory=Counter)
    steps: asyncio.Condition = field(default_factory=asyncio.Condition)
    done: int = 0

    async def step(self) -> None:
        """One more thing was achieved."""
        async with self.steps:
            self.done += 1
            self.steps.notify_all()

    async def reach(self, steps: int) -> None:
        """Wait until so many things were achieved."""
        async with self.steps:
            await self.steps.wait_for(lambda: self.done >= steps)


async def shelf(pool: Pool) -> Shelf:
    """Fill a shop and let a guide share it."""
    async with pool.transaction(SYSTEM) as db:
        where = await make.shop(db)
        items = [await make.item(db, where, 1_000 + 7 * n, PIECES) for n in range(10)]
        guide = await make.employee(db, "guide", "store", where.store_id, where.store_id)
        share = await shares.create(db, guide.id, where.store_id, None, "link", now())
    return Shelf(where, items, share.code)


async def wishes(town: Town, pool: Pool, filled: Shelf, count: int) -> list[Wish]:
    """Let people join through the account and decide what they want."""
    doors = town.credentials["side_doors"]["base_url"]
    keys, appid = Keys.load(town.home / "keys.json"), town.credentials["official_account"]["appid"]
    made = []
    for number in range(count):
        person = await town.http.post(f"{doors}/people", json={"nickname": f"顾客 {number}"})
        open_id = person.json()["openid"]
        async with pool.transaction(SYSTEM) as db:
            member_id = await login.with_open_id(
                db, keys, appid, open_id, Arrival("official_account"), now()
            )
        payload = {"member": str(member_id), "open_id": open_id, "at": int(now().timestamp())}
        jar = [f"{LOGIN}={cookies.seal(keys.signing, LOGIN, payload, now())}"]
        if number % 3 == 0:
            sealed = cookies.seal(keys.signing, TOUCH, filled.share_code, now())
            jar.append(f"{TOUCH}={sealed}")
        wanted = [filled.items[number % 10]]
        wanted += [filled.items[(number + 3) % 10]] if number % 4 == 0 else []
        made.append(
            Wish(
                ids.new(ids.bucket_of(member_id)),
                member_id,
                "; ".join(jar),
                wanted,
                has_touch=number % 3 == 0,
                walks_away=number % 10 == 9,
                comes_back=number % 2 == 0,
            )
        )
    return made


async def buy(town: Town, filled: Shelf, wish: Wish, ledger: Ledger) -> None:
    """Place an order, pay it on the phone and come back; the same words after every trouble."""
    body = {
        "store_id": str(filled.where.store_id),
        "order_id": str(wish.order_id),
        "lines": [{"variant_id": str(each.variant_id), "quantity": 1} for each in wish.items],
    }
    asks = Asks(town, wish, ledger)
    placed = await asks.answer("order", lambda: asks.post("/api/orders", body))
    if placed.status_code == 409 and placed.json()["code"] == "sold_out":
        ledger.sold_out += 1
        return
    assert placed.status_code == 201, placed.text
    number = placed.json()["number"]
    ledger.acknowledged[wish.order_id] = number
    await ledger.step()
    if wish.walks_away:
        return
    sheet = await asks.answer("pay sheet", lambda: asks.get(f"/orders/{number}/pay"))
    assert sheet.status_code == 303, sheet.text
    package = parse_qs(urlsplit(sheet.headers["location"]).query)["package"][0]
    prepay_id = package.removeprefix("prepay_id=")
    doors = town.credentials["side_doors"]["base_url"]
    paid, tries = await answer_of(
        lambda: town.http.post(f"{doors}/payments", json={"prepay_id": prepay_id}),
        SECONDS,
        "the phone",
    )
    # A phone that is asked again after its answer was lost says that this is paid already.
    assert paid.status_code == 200 or (tries and paid.status_code == 409), paid.text
    ledger.paid.add(wish.order_id)
    await ledger.step()
    if wish.comes_back:
        await asks.answer("return", lambda: asks.get(f"/orders/{number}/paid"))


@dataclass(frozen=True)
class Asks:
    """One shopper's browser."""

    town: Town
    wish: Wish
    ledger: Ledger

    async def answer(
        self, what: str, ask: Callable[[], Awaitable[httpx2.Response]]
    ) -> httpx2.Response:
        """Ask until there is an answer, and count what it took."""
        answer, retries = await answer_of(ask, SECONDS, what)
        self.ledger.retries[what] += retries
        return answer

    async def post(self, path: str, body: object) -> httpx2.Response:
        """Send JSON as our own page does."""
        return await self.town.http.post(
            self.town.url + path, json=body, headers={"Cookie": self.wish.cookie}
        )

    async def get(self, path: str) -> httpx2.Response:
        """Open a page, and do not follow where it leads."""
        return await self.town.http.get(self.town.url + path, headers={"Cookie": self.wish.cookie})


def now() -> datetime:
    """The moment on the wall, for processes have no other clock."""
    return datetime.now(UTC)

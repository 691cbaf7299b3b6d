"""A small town for browsers: one brand with its shelf, staff and members, served on a port."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from tests import grounds, make
from tests.browser import goods, past, rolled, said
from tests.house import HOSTS, SHOP, START, House, raised

from headwater.app.serve import take_port
from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.base.postgres.supervisor import Cluster
from headwater.stores import staff
from headwater.stores.grants import ROLES, Grant
from headwater.stores.places import Brand, Region, Store, add_brand, add_region, add_store
from headwater.web.kit import cookies
from headwater.web.kit.visits import LOGIN, STORE

Answer = TypeVar("Answer")
STORES = (
    ("QM001", "栖木生活 人民广场店", "Qimu Living People's Square", "黄浦区西藏中路 268 号"),
    ("QM002", "栖木生活 陆家嘴店", "Qimu Living Lujiazui", "浦东新区世纪大道 88 号"),
    ("QM003", "栖木生活 徐家汇店", "Qimu Living Xujiahui", "徐汇区虹桥路 1 号"),
)
STAFF_NAMES = ("王芳", "李强", "张敏", "赵磊", "孙丽", "周杰", "吴静", "郑伟")


@dataclass
class Town:
    """The running house, what is in it, and the port under which a browser finds it."""

    house: House
    port: int
    loop: asyncio.AbstractEventLoop
    shops: list[make.Shop]
    items: list[make.Item]
    staff_ids: dict[str, UUID]
    member_id: UUID
    paths: dict[str, str] = field(default_factory=dict)

    def run(self, doing: Coroutine[Any, Any, Answer]) -> Answer:
        """Let the house do something, from the browser's thread."""
        return asyncio.run_coroutine_threadsafe(doing, self.loop).result(60)

    @property
    def rules(self) -> str:
        """Lead the names of the town's hosts to its port."""
        hosts = (SHOP, HOSTS.phone, HOSTS.weixin)
        return ",".join(f"MAP {each.split('//')[1]} 127.0.0.1:{self.port}" for each in hosts)

    def shopper(self, member_id: UUID | None = None, open_id: str | None = None) -> dict[str, str]:
        """Give the cookies of somebody who is logged in, by phone unless WeChat knows them."""
        payload = {
            "member": str(member_id or self.member_id),
            "open_id": open_id,
            "at": int(self.house.now.timestamp()),
        }
        sealed = cookies.seal(self.house.building.keys.signing, LOGIN, payload, self.house.now)
        return {LOGIN: sealed, **self.visitor()}

    def visitor(self) -> dict[str, str]:
        """Give the cookies of somebody who has only chosen a store."""
        return {STORE: str(self.shops[0].store_id)}

    def employee(self, role: str) -> dict[str, str]:
        """Give the cookie of somebody who works here."""
        return {"staff": self.run(self._token(role))}

    async def _token(self, role: str) -> str:
        async with self.house.building.transaction(SYSTEM) as db:
            return await staff.open_session(db, self.staff_ids[role], self.house.now)


@contextmanager
def served(cluster: Cluster, folder: Path) -> Iterator[Town]:
    """Serve a town from a thread of its own for the length of a block."""
    listening = take_port("127.0.0.1", 0)
    built: list[Town] = []
    ready, stop = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def live() -> None:
        try:
            asyncio.run(_live(cluster, folder, listening, built, ready, stop))
        except BaseException as error:
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=live, name="town")
    thread.start()
    assert ready.wait(120), "the town did not open"
    try:
        if failed:
            raise failed[0]
        yield built[0]
    finally:
        stop.set()
        thread.join(30)


async def _live(
    cluster: Cluster,
    folder: Path,
    listening: socket.socket,
    built: list[Town],
    ready: threading.Event,
    stop: threading.Event,
) -> None:
    async with _opened(cluster, folder, listening.getsockname()[1]) as town:
        hosts: dict[str, ASGIApp] = {
            SHOP: town.house.app,
            HOSTS.phone: town.house.sandbox.apps["phone"],
            HOSTS.weixin: town.house.sandbox.apps["weixin"],
        }
        by_host = ByHost({address.split("//")[1]: app for address, app in hosts.items()})
        config = uvicorn.Config(
            by_host, lifespan="off", ws="none", log_level="warning", access_log=False
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        built.append(town)
        ready.set()
        await asyncio.to_thread(stop.wait)
        server.should_exit = True
        await serving


@dataclass
class ByHost:
    """Sends each request to the host that it names."""

    apps: dict[str, ASGIApp]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        named = dict(scope["headers"])[b"host"].decode()
        await self.apps[named](scope, receive, send)


@asynccontextmanager
async def _opened(cluster: Cluster, folder: Path, port: int) -> AsyncIterator[Town]:
    source = await grounds.template(cluster)
    async with grounds.clone(cluster, source, "town") as name:
        url = grounds.url_of(cluster.app_url, name)
        async with raised(url, folder) as house:
            house.times[0] = START - timedelta(days=past.DAYS)
            shops, items, staff_ids = await _furnish(house)
            member_id, paths = await past.live(house, shops, items, staff_ids)
            paths |= await rolled.out(house, START - timedelta(days=past.DAYS))
            paths |= await said.before(house, START - timedelta(days=past.DAYS))
            house.times[0] = START
            paths |= await said.begins(house)
            loop = asyncio.get_running_loop()
            yield Town(house, port, loop, shops, items, staff_ids, member_id, paths)


async def _furnish(house: House) -> tuple[list[make.Shop], list[make.Item], dict[str, UUID]]:
    """Open the stores, lay out the shelf and let people start to work."""
    async with house.building.transaction(SYSTEM) as db:
        brand = Brand(ids.named("town", "brand"), "qimu", "栖木生活", "Qimu Living")
        region = Region(ids.named("town", "region"), brand.id, "east", "华东", "East China")
        await add_brand(db, brand)
        await add_region(db, region)
        shops = []
        for code, zh, en, address in STORES:
            id = ids.named("town store", code)
            await add_store(db, Store(id, brand.id, region.id, code, "shop", zh, en,
                                      "上海", "Shanghai", address, en))  # fmt: skip
            shops.append(make.Shop(brand.id, region.id, id))
        items = await goods.shelve(db, shops[0])
        for place, item in enumerate(items):
            await make.receive(db, shops[0], item, 0 if place == 7 else 200)
            if place % 2:
                await make.receive(db, shops[1], item, 30)
        staff_ids = {}
        for role, name in zip(ROLES, STAFF_NAMES, strict=True):
            works_in = shops[0].store_id if role in ("guide", "store_manager") else None
            who = staff.NewStaff(ids.new(), role, name, works_in)
            await staff.add(db, who, house.now)
            scope = ("store", works_in) if works_in else ("company", None)
            await staff.grant(db, who.id, Grant(role, *scope), house.now)
            staff_ids[role] = who.id
    return shops, items, staff_ids

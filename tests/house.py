"""A whole building for tests: doors, worker and sandbox in one process, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
from starlette.applications import Starlette

from headwater.app import building as wiring
from headwater.app import doors, worker
from headwater.app.channels import open_channels
from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Pool, member_walls
from headwater.base.jobs import Jobs
from headwater.base.settings import Settings
from headwater.base.times import SHANGHAI
from headwater.members import login
from headwater.members.login import Arrival
from headwater.sandbox import Sandbox, make_credentials, make_sandbox
from headwater.sandbox.credentials import Hosts
from headwater.web.kit import cookies
from headwater.web.kit.building import Building
from headwater.web.kit.visits import LOGIN

SHOP = "http://shop.test"
HOSTS = Hosts("http://pay.test", "http://weixin.test", "http://sms.test", "http://phone.test")
START = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
# Within these hours of the shop nothing waits for the morning.
DAY_FROM_HOUR, DAY_UNTIL_HOUR = 10, 20


@dataclass
class House:
    """The building with a clock that tests move, and clients that come through its doors."""

    building: Building
    app: Starlette
    sandbox: Sandbox
    jobs: Jobs
    times: list[datetime]

    @property
    def now(self) -> datetime:
        """The moment in the house and in the sandbox."""
        return self.times[0]

    def wait(self, **duration: float) -> None:
        """Let time pass: `wait(minutes=16)`."""
        self.times[0] += timedelta(**duration)

    def wait_for_day(self) -> None:
        """Let time pass until ten in the morning, so that no message waits for the night to end."""
        local = self.now.astimezone(SHANGHAI)
        if not DAY_FROM_HOUR <= local.hour < DAY_UNTIL_HOUR:
            ten = local.replace(hour=DAY_FROM_HOUR, minute=0, second=0, microsecond=0)
            self.times[0] = (ten if ten > local else ten + timedelta(days=1)).astimezone(UTC)

    @asynccontextmanager
    async def client(self, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
        """A browser that keeps cookies and follows no redirect by itself."""
        transport = httpx2.ASGITransport(self.app)
        async with httpx2.AsyncClient(
            transport=transport, base_url=SHOP, headers=headers
        ) as client:
            yield client

    async def member(self, name: str = "") -> UUID:
        """Let somebody new join through WeChat's login."""
        person = self.sandbox.people.create(name or f"p{len(self.sandbox.people.everybody())}")
        open_id = self.sandbox.people.openid(person, self.building.appid)
        async with self.building.transaction(SYSTEM) as db:
            return await login.with_open_id(
                db,
                self.building.keys,
                self.building.appid,
                open_id,
                Arrival("official_account"),
                self.now,
            )

    async def open_id(self, member_id: UUID) -> str:
        """How the official account knows a member."""
        from headwater.members import identities

        async with self.building.transaction(member_walls(member_id)) as db:
            known = await identities.of_member(db, member_id)
        return next(i.value(self.building.keys) for i in known if i.kind == "open_id")

    async def log_in(self, client: httpx2.AsyncClient, member_id: UUID) -> None:
        """Give a browser the login cookie, as the login page would."""
        payload: dict[str, Any] = {
            "member": str(member_id),
            "open_id": await self.open_id(member_id),
            "at": int(self.now.timestamp()),
        }
        sealed = cookies.seal(self.building.keys.signing, LOGIN, payload, self.now)
        client.cookies.set(LOGIN, sealed)

    async def work(self, rounds: int = 400) -> None:
        """Let the worker and the sandbox do what is due, until nothing is."""
        for _round in range(rounds):
            heard = await self.sandbox.deliver_due(self.now)
            did = await worker.work_once(self.building, self.jobs)
            if not heard and not did:
                return


@asynccontextmanager
async def raised(app_url: str, folder: Path) -> AsyncIterator[House]:
    """Raise a house over a migrated database."""
    times = [START]
    settings = Settings(home=folder, public_url=SHOP, database_url=app_url)
    known = make_credentials(7, START, HOSTS)
    sandbox = make_sandbox(7, 1.0, lambda: times[0], None, known)
    pool = await Pool.open(app_url, size=8)
    async with sandbox.client() as http:
        building = wiring.build(
            settings, pool, Keys.drawn(), dict(sandbox.credentials), http, lambda: times[0]
        )
        app = doors.open_doors(building)
        sandbox.notify_through(
            lambda **more: httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app, raise_app_exceptions=False), **more
            )
        )
        worker.load_reactions()
        await open_channels(building)
        yield House(building, app, sandbox, worker.clocks(), times)
    await sandbox.close()
    await pool.close()

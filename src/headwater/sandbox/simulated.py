"""The whole simulated Tencent in one process: its state, its hosts, its clock's work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
from starlette.types import ASGIApp

from headwater.sandbox import ads, cos, sms
from headwater.sandbox.credentials import Credentials, completed, make_credentials
from headwater.sandbox.faults import Faults
from headwater.sandbox.hosts import Clock, Ground, Others, Plug, Telling
from headwater.sandbox.journal import Journal
from headwater.sandbox.outgoing import PUSHED, Callbacks, ClientFactory, Outgoing
from headwater.sandbox.pay import host as pay
from headwater.sandbox.pay.notices import Notices
from headwater.sandbox.pay.payments import Payments
from headwater.sandbox.pay.refunds import Refunds
from headwater.sandbox.people import People
from headwater.sandbox.phone import host as phone
from headwater.sandbox.phone.pages import Pages
from headwater.sandbox.side_doors import SideDoors
from headwater.sandbox.wecom import host as wecom
from headwater.sandbox.weixin import host as weixin

# In the order in which they are built; the phone comes last because it asks all the others.
PLUGS: dict[str, Plug] = {
    "pay": pay.plug,
    "weixin": weixin.plug,
    "sms": sms.plug,
    "qyapi": wecom.plug,
    "ads": ads.plug,
    "cos": cos.plug,
    "phone": phone.plug,
}
# Where in the credentials each host's address stands.
ADDRESSES = {
    "pay": ("pay", "base_url"),
    "weixin": ("official_account", "api_base_url"),
    "sms": ("sms", "base_url"),
    "phone": ("phone", "base_url"),
    "qyapi": ("wecom", "base_url"),
    "ads": ("ads", "token_url"),
    "cos": ("cos", "base_url"),
}
LONGEST_NAP_SECONDS = 0.05

log = logging.getLogger(__name__)


class Sandbox:
    """All hosts over one state; `apps` serves them, `credentials` is what their clients need."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.credentials = ground.credentials
        self.now = ground.now
        self.faults = ground.faults
        self.people = ground.people
        self.others = Others()
        for name, plug in PLUGS.items():
            self.others.by_name[name] = plug(ground, self.others)
        self._hang_side_doors()
        self.apps: dict[str, ASGIApp] = {
            name: host.app() for name, host in self.others.by_name.items()
        }

    @property
    def payments(self) -> Payments:
        """The pay host's orders."""
        return self.others.the(pay.PayHost).payments

    @property
    def refunds(self) -> Refunds:
        """The pay host's refunds."""
        return self.others.the(pay.PayHost).refunds

    @property
    def notices(self) -> Notices:
        """What the pay host tells the merchant."""
        return self.others.the(pay.PayHost).notices

    def notify_through(self, new_client: ClientFactory) -> None:
        """Send notices and pushes with this client, in process for instance."""
        self.ground.outgoing.new_client = new_client

    def client(self, **more: Any) -> httpx2.AsyncClient:
        """A client that reaches all hosts in process, by the addresses in the credentials."""
        return in_process(self.transports(), **more)

    def transports(self) -> dict[str, httpx2.AsyncBaseTransport | None]:
        """The hosts as transports by address, to be mounted into a client of one's own."""
        found: dict[str, httpx2.AsyncBaseTransport | None] = {}
        for name, app in self.apps.items():
            part, field = ADDRESSES[name]
            url = httpx2.URL(self.credentials[part][field])
            found[f"{url.scheme}://{url.netloc.decode()}"] = httpx2.ASGITransport(app)
        return found

    async def deliver_due(self, now: datetime | None = None) -> int:
        """Do what the clock owes at this moment; says how much of what was told was heard."""
        heard = await asyncio.gather(*self._take_due(now or self.now()))
        return sum(heard)

    async def keep_time(self) -> None:
        """Do what the clock owes for as long as the task lives; a slow merchant delays no other."""
        async with asyncio.TaskGroup() as tellings:
            while True:
                for telling in self._take_due(self.now()):
                    tellings.create_task(self._tell(telling))
                await asyncio.sleep(LONGEST_NAP_SECONDS)

    async def close(self) -> None:
        """Let go of connections and of the state file."""
        await self.ground.outgoing.close()
        self.ground.journal.close()

    def _take_due(self, now: datetime) -> list[Telling]:
        return [one for host in self.others.by_name.values() for one in host.take_due(now)]

    async def _tell(self, telling: Telling) -> None:
        try:
            await telling
        except Exception:
            # One notice that cannot be told must not silence all the others.
            log.exception("a notice failed")

    def _hang_side_doors(self) -> None:
        doors = [door for host in self.others.by_name.values() for door in host.side_doors()]
        mounted = SideDoors(self.ground, self.deliver_due).mount(doors)
        self.others.the(phone.PhoneHost).more = (mounted,)


class Nowhere(httpx2.AsyncBaseTransport):
    """Where addresses lead that nothing in this process answers for."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Refuse, as a port does on which nobody listens."""
        raise httpx2.ConnectError(f"{request.url.host} is not in this process", request=request)


def in_process(
    mounts: Mapping[str, httpx2.AsyncBaseTransport | None], **more: Any
) -> httpx2.AsyncClient:
    """A client of these transports alone; it reads no certificates, since it leaves no process."""
    return httpx2.AsyncClient(mounts=mounts, **{"transport": Nowhere(), **more})


def make_sandbox(
    seed: int,
    speed: float,
    now: Clock,
    http: ClientFactory | None = None,
    credentials: Credentials | None = None,
    state_file: Path | None = None,
) -> Sandbox:
    """A sandbox ready to be served or called in process.

    Credentials of an earlier run keep its keys; the state file keeps its people and its money.
    """
    if speed <= 0:
        raise ValueError("the speed is a factor above zero")
    known = completed(
        {"seed": seed, **credentials} if credentials else make_credentials(seed, now())
    )
    # Open ids follow the seed, so the seed of the first run goes on with its keys.
    sandbox = Sandbox(_ground(known, speed, now, state_file))
    if http is not None:
        sandbox.notify_through(http)
    return sandbox


def _ground(known: Credentials, speed: float, now: Clock, state_file: Path | None) -> Ground:
    journal, seed = Journal(state_file), known["seed"]
    appids = (known["official_account"]["appid"], known["mini_program"]["appid"])
    return Ground(
        credentials=known,
        journal=journal,
        seed=seed,
        speed=speed,
        now=now,
        faults=Faults(),
        people=People(seed, appids, journal),
        outgoing=Outgoing(),
        callbacks=Callbacks({name: known[name]["callback"] for name in PUSHED}, journal),
        pages=Pages(),
    )

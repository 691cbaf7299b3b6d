"""The whole simulated Tencent in one process: its state, its hosts, its clock's work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
from starlette.types import ASGIApp

from headwater.sandbox.credentials import Credentials, make_credentials, read_private
from headwater.sandbox.faults import Faults
from headwater.sandbox.journal import Journal
from headwater.sandbox.pay.host import PayHost
from headwater.sandbox.pay.notices import ClientFactory, Notice, Notices, Sealing
from headwater.sandbox.pay.payments import Payments
from headwater.sandbox.pay.refunds import Refunds
from headwater.sandbox.pay.signing import Gatekeeper
from headwater.sandbox.people import People
from headwater.sandbox.phone.host import PhoneHost
from headwater.sandbox.phone.pages import Pages
from headwater.sandbox.phone.sheet import Sheets
from headwater.sandbox.side_doors import SideDoors
from headwater.sandbox.sms import Account, SmsHost
from headwater.sandbox.weixin.host import WeixinHost
from headwater.sandbox.weixin.messages import Messages
from headwater.sandbox.weixin.oauth import WebLogin
from headwater.sandbox.weixin.tokens import Tokens

Clock = Callable[[], datetime]
LONGEST_NAP_SECONDS = 0.05

log = logging.getLogger(__name__)


class Sandbox:
    """Four hosts over one state; `apps` serves them, `credentials` is what their clients need."""

    def __init__(
        self,
        credentials: Credentials,
        journal: Journal,
        seed: int,
        speed: float,
        now: Clock,
    ) -> None:
        pay, account = credentials["pay"], credentials["official_account"]
        self.credentials = credentials
        self.now = now
        self.faults = Faults()
        self.people = People(seed, (account["appid"],), journal)
        sealing = _sealing(pay)
        self.notices = Notices(sealing, self.faults, speed, seed, journal)
        self.payments = Payments(
            seed, (pay["mchid"], account["appid"]), self.people, self.notices, journal
        )
        self.refunds = Refunds(seed, speed, self.payments, self.notices, journal)
        self.messages = Messages(account["appid"], account["template_ids"], self.people)
        self.tokens = Tokens(account["appid"], account["secret"])
        self._journal = journal
        self._pages = Pages()
        self.apps: dict[str, ASGIApp] = {
            "pay": self._pay_host(sealing, speed),
            "weixin": self._weixin_host(),
            "sms": self._sms_host(),
            "phone": self._phone_host(),
        }

    def notify_through(self, new_client: ClientFactory) -> None:
        """Send notices with this client, in process for instance, instead of over the network."""
        self.notices.new_client = new_client

    def client(self, **more: Any) -> httpx2.AsyncClient:
        """A client that reaches all four hosts in process, by the addresses in the credentials."""
        return httpx2.AsyncClient(mounts=self.transports(), **more)

    def transports(self) -> dict[str, httpx2.AsyncBaseTransport | None]:
        """The hosts as transports by address, to be mounted into a client of one's own."""
        addresses = {
            "pay": self.credentials["pay"]["base_url"],
            "weixin": self.credentials["official_account"]["api_base_url"],
            "sms": self.credentials["sms"]["base_url"],
            "phone": self.credentials["phone"]["base_url"],
        }
        return {address: httpx2.ASGITransport(self.apps[on]) for on, address in addresses.items()}

    async def deliver_due(self, now: datetime | None = None) -> int:
        """Do what the clock owes at this moment; says how many notices were heard."""
        moment = now or self.now()
        self.refunds.settle_due(moment)
        return await self.notices.deliver_due(moment)

    async def keep_time(self) -> None:
        """Do what the clock owes for as long as the task lives; a slow merchant delays no other."""
        async with asyncio.TaskGroup() as telling:
            while True:
                now = self.now()
                self.refunds.settle_due(now)
                for notice in self.notices.take_due(now):
                    telling.create_task(self._tell(notice, now))
                await asyncio.sleep(LONGEST_NAP_SECONDS)

    async def close(self) -> None:
        """Let go of connections and of the state file."""
        await self.notices.close()
        self._journal.close()

    async def _tell(self, notice: Notice, now: datetime) -> None:
        try:
            await self.notices.deliver(notice, now)
        except Exception:
            # One notice that cannot be told must not silence all the others.
            log.exception("notice %s to %s failed", notice.id, notice.url)

    def _pay_host(self, sealing: Sealing, speed: float) -> ASGIApp:
        pay = self.credentials["pay"]
        key = read_private(pay["merchant_private_key_pem"]).public_key()
        return PayHost(
            Gatekeeper(pay["mchid"], pay["merchant_serial"], key),
            sealing,
            pay["platform_certificate_pem"],
            (self.payments, self.refunds),
            (self.faults, speed, self.now),
        ).app()

    def _weixin_host(self) -> ASGIApp:
        account = self.credentials["official_account"]
        login = WebLogin(account["appid"], account["secret"], self.people)
        return WeixinHost(
            login, self.tokens, self.messages, self.people, self._pages, self.now
        ).app()

    def _sms_host(self) -> ASGIApp:
        kept = {
            name: value for name, value in self.credentials["sms"].items() if name != "base_url"
        }
        return SmsHost(Account(**kept), self.people, self.now).app()

    def _phone_host(self) -> ASGIApp:
        pay, account = self.credentials["pay"], self.credentials["official_account"]
        key = read_private(pay["merchant_private_key_pem"]).public_key()
        sheets = Sheets(self.payments, self.people, key)
        names = (pay["merchant_name"], account["name"])
        doors = SideDoors(
            self.people,
            (self.messages, self.tokens),
            (self.payments, self.refunds, self.notices),
            self.faults,
            self.deliver_due,
            self.now,
        )
        host = PhoneHost(sheets, self.people, self.messages, self._pages, names, self.now)
        return host.app(doors.mount())


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
    known = credentials or make_credentials(seed, now())
    # Open ids follow the seed, so the seed of the first run goes on with its keys.
    sandbox = Sandbox(known, Journal(state_file), known.get("seed", seed), speed, now)
    if http is not None:
        sandbox.notify_through(http)
    return sandbox


def _sealing(pay: dict[str, Any]) -> Sealing:
    held = pay["only_the_sandbox_holds"]
    public_key_id, serial = pay["platform_public_key_id"], pay["platform_certificate_serial"]
    keys = {
        public_key_id: read_private(held["platform_private_key_pem"]),
        serial: read_private(held["platform_certificate_private_key_pem"]),
    }
    return Sealing(pay["apiv3_key"], keys, public_key_id, serial)

"""The building: pool, keys and adapters, put together once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import httpx2

from headwater.app import credentials
from headwater.app.ads.audiences import CHANNEL as AUDIENCE
from headwater.app.ads.audiences import AudienceSender
from headwater.app.credentials import Credentials
from headwater.app.senders import (
    SUBSCRIPTION,
    WELCOME,
    OfficialAccountSender,
    SubscriptionSender,
    WelcomeSender,
)
from headwater.base.crypto import Keys
from headwater.base.db import Pool
from headwater.base.settings import Settings
from headwater.base.times import Clock, system_clock
from headwater.connect import token_rows
from headwater.connect.mini_program import MiniProgram
from headwater.connect.mini_program.balance import Balanced
from headwater.connect.object_storage import Cos, LocalFolder, ObjectStorage
from headwater.connect.official_account import OfficialAccount
from headwater.connect.sending import traffic_of
from headwater.connect.sms import SmsSender
from headwater.connect.tencent_ads import TencentAds
from headwater.connect.tencent_ads.grants import KeptGrant
from headwater.connect.token_rows import DatabaseRows
from headwater.connect.tokens import Tokens
from headwater.connect.wechat_pay import WechatPay
from headwater.connect.wecom import Wecom
from headwater.gate.delivery import Sender, SetSender
from headwater.web.kit.building import Building, Outside, OutsideNow, SecretsNow, Templates

KEYS_FILE = "keys.json"
OUTSIDE_SECONDS = 8.0


def build(
    settings: Settings,
    pool: Pool,
    keys: Keys,
    known: Credentials,
    http: httpx2.AsyncClient,
    clock: Clock = system_clock,
) -> Building:
    """Put the adapters around the pool; a sandbox shows the pay sheet on its phone."""
    phone = known.get("phone", {}).get("base_url")
    if settings.pay_page_url is None and phone:
        settings = replace(settings, pay_page_url=f"{phone}/phone/pay")
    secrets = SecretsNow(keys)
    ground = Standing(pool, secrets, folder_of(settings, keys))
    tokens = token_rows.shared(pool, ground.newest, clock)
    line = Line(http, clock, tokens, settings.public_url, ground)
    return Building(
        settings=settings,
        pool=pool,
        secrets=secrets,
        clock=clock,
        outside=OutsideNow(line.outside, known),
        traffic=traffic_of(http),
    )


@dataclass(frozen=True)
class Standing:
    """What adapters need of our own house: a memory, the key that finds people in it, a folder."""

    pool: Pool
    secrets: SecretsNow
    folder: LocalFolder

    @property
    def keys(self) -> Keys:
        """The keys of now."""
        return self.secrets.keys

    def newest(self) -> Keys:
        """Give the keys of now, for who asks each time."""
        return self.secrets.keys


@dataclass(frozen=True)
class Line:
    """What all adapters share, whatever their credentials are."""

    http: httpx2.AsyncClient
    clock: Clock
    tokens: Tokens
    public_url: str
    standing: Standing

    def outside(self, known: Credentials) -> Outside:
        """Make every adapter anew from these credentials; tokens and traffic go on."""
        account = OfficialAccount(
            credentials.official_account(known), self.http, self.clock, self.tokens
        )
        templates = credentials.templates(known)
        pay = credentials.wechat_pay(known, self.public_url)
        wecom = self._wecom(known)
        program = self._program(known)
        ads = self._ads(known)
        return Outside(
            pay=WechatPay(pay, self.http, self.clock),
            account=account,
            sms=SmsSender(credentials.sms(known), self.http, self.clock),
            templates=templates,
            appid=known["official_account"]["appid"],
            senders={
                **self._senders(account, templates, wecom),
                **self._subscriptions(program, known),
                **self._audiences(ads),
            },
            pushes=credentials.pushes(known),
            wecom=wecom,
            program=program,
            storage=self._storage(known),
            ads=ads,
        )

    def _storage(self, known: Credentials) -> ObjectStorage:
        bucket = credentials.cos(known)
        return self.standing.folder if bucket is None else Cos(bucket)

    def _wecom(self, known: Credentials) -> Wecom | None:
        company = credentials.wecom(known)
        return None if company is None else Wecom(company, self.http, self.clock, self.tokens)

    def _program(self, known: Credentials) -> MiniProgram | None:
        program = credentials.mini_program(known)
        if program is None:
            return None
        return MiniProgram(program, self.http, self.clock, self.tokens)

    def _subscriptions(self, program: MiniProgram | None, known: Credentials) -> dict[str, Sender]:
        if program is None:
            return {}
        own = self.standing
        balanced = Balanced(program.subscriptions, program.appid, own.pool, own.keys, self.clock)
        return {SUBSCRIPTION: SubscriptionSender(balanced, credentials.program_templates(known))}

    def _ads(self, known: Credentials) -> TencentAds | None:
        advertiser = credentials.ads(known)
        if advertiser is None:
            return None
        rows = DatabaseRows(self.standing.pool, self.standing.newest)
        keeper = KeptGrant(rows, advertiser.account_id, self.clock)
        return TencentAds(advertiser, keeper, self.http, self.clock, self.tokens)

    def _audiences(self, ads: TencentAds | None) -> dict[str, SetSender]:
        if ads is None:
            return {}
        return {AUDIENCE: AudienceSender(ads, self.standing.pool, self.clock)}

    def _senders(
        self, account: OfficialAccount, templates: Templates, wecom: Wecom | None
    ) -> dict[str, Sender]:
        senders: dict[str, Sender] = {
            "official_account": OfficialAccountSender(account, templates, self.public_url)
        }
        if wecom is not None:
            senders[WELCOME] = WelcomeSender(wecom.welcomes)
        return senders


def folder_of(settings: Settings, keys: Keys) -> LocalFolder:
    """Keep pictures in a folder; every process believes an upload that another one allowed."""
    # The one key that never changes while the house stands.
    secret = hashlib.sha256(b"uploads:" + keys.blind[0]).digest()
    return LocalFolder(settings.media_folder, f"{settings.public_url}/media", secret)


def outside() -> httpx2.AsyncClient:
    """Make the client for everything outside: patient, but not for ever."""
    return httpx2.AsyncClient(timeout=OUTSIDE_SECONDS)

"""What the doors are given: the pool, the adapters, the keys and the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from headwater.base.crypto import Keys
from headwater.base.db import Db, Pool, Walls
from headwater.base.settings import Settings
from headwater.base.times import Clock
from headwater.connect.callbacks import CallbackKeys
from headwater.connect.mini_program import MiniProgram
from headwater.connect.object_storage import ObjectStorage
from headwater.connect.official_account import OfficialAccount
from headwater.connect.sms import SmsSender
from headwater.connect.tencent_ads import TencentAds
from headwater.connect.traffic import Traffic
from headwater.connect.wechat_pay import WechatPay
from headwater.connect.wecom import Wecom
from headwater.gate.delivery import Sender, SetSender
from headwater.web.kit.visits import Logins


@dataclass(frozen=True)
class Templates:
    """The templates that the platforms have approved for us, by what they are for."""

    login_sms: str
    order_paid: str
    order_ready: str
    refunded: str
    member_care: str


@dataclass(frozen=True)
class Outside:
    """Everything that credentials make; it is replaced as a whole when they change.

    `pushes` holds what each push address shares with Tencent, the newest first: during the days
    of a change the older ones are believed as well.
    """

    pay: WechatPay
    account: OfficialAccount
    sms: SmsSender
    templates: Templates
    appid: str
    senders: Mapping[str, Sender | SetSender]
    pushes: Mapping[str, tuple[CallbackKeys, ...]]
    wecom: Wecom | None
    program: MiniProgram | None
    storage: ObjectStorage
    ads: TencentAds | None


class OutsideNow:
    """Whatever is outside at the moment; whoever has taken an adapter finishes with that one."""

    def __init__(self, make: Callable[[dict[str, Any]], Outside], known: dict[str, Any]) -> None:
        self._make = make
        self.now = make(known)

    def become(self, known: dict[str, Any]) -> None:
        """Put the adapters of these credentials in the place of the old ones, all at once."""
        self.now = self._make(known)


class SecretsNow:
    """Secrets of our own that may change while the house stands; each look finds the newest.

    Whoever keeps a copy asks to be told of the next one.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        # The settings as their file says them by now, once it has changed.
        self.settings: Settings | None = None
        self._told: list[Callable[[Keys], None]] = []

    def tell(self, listener: Callable[[Keys], None]) -> None:
        """Let somebody hear of new keys."""
        self._told.append(listener)

    def become(self, keys: Keys) -> None:
        """Put these keys in the place of the old ones, for everybody."""
        self.keys = keys
        for listener in self._told:
            listener(keys)


@dataclass(frozen=True)
class Building:
    """Everything that is wired once, at the start, and passed down."""

    settings: Settings
    pool: Pool
    secrets: SecretsNow
    clock: Clock
    outside: OutsideNow
    traffic: Traffic
    logins: Logins = field(default_factory=Logins)

    @property
    def keys(self) -> Keys:
        """Our own keys of now, which seal, find again and sign."""
        return self.secrets.keys

    @property
    def metrics_token(self) -> str | None:
        """What a machine says that watches over us; without one nobody is told."""
        return (self.secrets.settings or self.settings).metrics_token

    @property
    def pay(self) -> WechatPay:
        """WeChat Pay, with the credentials of now."""
        return self.outside.now.pay

    @property
    def account(self) -> OfficialAccount:
        """The official account, with the credentials of now."""
        return self.outside.now.account

    @property
    def sms(self) -> SmsSender:
        """The sender of texts, with the credentials of now."""
        return self.outside.now.sms

    @property
    def templates(self) -> Templates:
        """The approved templates, as the credentials name them now."""
        return self.outside.now.templates

    @property
    def appid(self) -> str:
        """The official account's own id, which never changes while the house stands."""
        return self.outside.now.appid

    @property
    def wecom(self) -> Wecom | None:
        """WeCom, with the credentials of now; None where the company has none."""
        return self.outside.now.wecom

    @property
    def program(self) -> MiniProgram | None:
        """The mini program, with the credentials of now, if the brand has one."""
        return self.outside.now.program

    @property
    def ads(self) -> TencentAds | None:
        """Tencent Ads, with the credentials of now; None where the company advertises elsewhere."""
        return self.outside.now.ads

    @property
    def storage(self) -> ObjectStorage:
        """Where pictures lie: the bucket of the credentials of now, or a folder of ours."""
        return self.outside.now.storage

    @property
    def senders(self) -> Mapping[str, Sender | SetSender]:
        """The ways out for messages, with the credentials of now."""
        return self.outside.now.senders

    def transaction(self, walls: Walls) -> AbstractAsyncContextManager[Db]:
        """Open a transaction inside these walls; a door opens one, calls a verb and answers."""
        return self.pool.transaction(walls)

    def now(self) -> datetime:
        """Read the clock once; verbs are given the moment and never ask for it."""
        return self.clock()

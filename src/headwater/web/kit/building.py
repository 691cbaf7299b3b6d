"""What the doors are given: the pool, the adapters, the keys and the clock."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from headwater.base.crypto import Keys
from headwater.base.db import Db, Pool, Walls
from headwater.base.settings import Settings
from headwater.base.times import Clock
from headwater.connect.object_storage import LocalFolder
from headwater.connect.official_account import OfficialAccount
from headwater.connect.sms import SmsSender
from headwater.connect.wechat_pay import WechatPay
from headwater.gate.delivery import Sender


@dataclass(frozen=True)
class Templates:
    """The templates that the platforms have approved for us, by what they are for."""

    login_sms: str
    order_paid: str
    order_ready: str
    refunded: str
    member_care: str


@dataclass(frozen=True)
class Building:
    """Everything that is wired once, at the start, and passed down."""

    settings: Settings
    pool: Pool
    keys: Keys
    clock: Clock
    pay: WechatPay
    account: OfficialAccount
    sms: SmsSender
    templates: Templates
    appid: str
    storage: LocalFolder
    senders: Mapping[str, Sender]

    def transaction(self, walls: Walls) -> AbstractAsyncContextManager[Db]:
        """Open a transaction inside these walls; a door opens one, calls a verb and answers."""
        return self.pool.transaction(walls)

    def now(self) -> datetime:
        """Read the clock once; verbs are given the moment and never ask for it."""
        return self.clock()

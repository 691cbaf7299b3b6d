"""The building: pool, keys and adapters, put together once."""

from __future__ import annotations

from dataclasses import replace

import httpx2

from headwater.app import credentials
from headwater.app.credentials import Credentials
from headwater.app.senders import OfficialAccountSender
from headwater.base.crypto import Keys
from headwater.base.db import Pool
from headwater.base.settings import Settings
from headwater.base.times import Clock, system_clock
from headwater.connect.object_storage import LocalFolder
from headwater.connect.official_account import OfficialAccount
from headwater.connect.sms import SmsSender
from headwater.connect.wechat_pay import WechatPay
from headwater.web.kit.building import Building

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
    account = OfficialAccount(credentials.official_account(known), http, clock)
    templates = credentials.templates(known)
    return Building(
        settings=settings,
        pool=pool,
        keys=keys,
        clock=clock,
        pay=WechatPay(credentials.wechat_pay(known, settings.public_url), http, clock),
        account=account,
        sms=SmsSender(credentials.sms(known), http, clock),
        templates=templates,
        appid=known["official_account"]["appid"],
        storage=LocalFolder(settings.media_folder, f"{settings.public_url}/media"),
        senders={
            "official_account": OfficialAccountSender(account, templates, settings.public_url)
        },
    )


def outside() -> httpx2.AsyncClient:
    """Make the client for everything outside: patient, but not for ever."""
    return httpx2.AsyncClient(timeout=OUTSIDE_SECONDS)

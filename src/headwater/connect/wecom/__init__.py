"""WeCom (企业微信): the guides' customers, and what may be said to them through it.

Each subject is one attribute: `wecom.contacts`, `wecom.broadcasts` and so on. Customers' calls go
with the token of the app that may see customers, the others with the token of our own app.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx2

from headwater.base.times import Clock
from headwater.connect.tokens import Tokens, in_memory
from headwater.connect.wecom.api import WecomApi, token_issuer
from headwater.connect.wecom.customers.contacts import Contacts
from headwater.connect.wecom.customers.groups import GroupChats
from headwater.connect.wecom.customers.tags import Tags
from headwater.connect.wecom.customers.transfers import Transfers
from headwater.connect.wecom.customers.ways import ContactWays
from headwater.connect.wecom.outreach.broadcasts import Broadcasts
from headwater.connect.wecom.outreach.media import Uploads
from headwater.connect.wecom.outreach.moments import Moments
from headwater.connect.wecom.outreach.welcomes import Welcomes
from headwater.connect.wecom.sidebar import Sidebar, agent_ticket_issuer, company_ticket_issuer
from headwater.connect.wecom.staff import Directory, Notes, StaffLogins

__all__ = ["Wecom", "WecomCredentials"]


@dataclass(frozen=True)
class WecomCredentials:
    """Who we are to WeCom; the secrets stay out of the repr.

    `secret` is that of our own app, `contact_secret` that of an app on the list of those that may
    call customers' interfaces (客户联系 · 可调用接口的应用); one app may be both.
    """

    corpid: str
    agentid: int
    secret: str = field(repr=False)
    contact_secret: str = field(repr=False)
    api_url: str = "https://qyapi.weixin.qq.com"
    login_url: str = "https://open.weixin.qq.com"


class Wecom:
    """One company at WeCom, a subject each; every app has one token however many need it."""

    def __init__(
        self,
        credentials: WecomCredentials,
        http: httpx2.AsyncClient,
        now: Clock,
        tokens: Tokens | None = None,
    ) -> None:
        store = in_memory(now) if tokens is None else tokens
        self.corpid = credentials.corpid
        name = f"wecom:{credentials.corpid}"
        agent = f"{name}:{credentials.agentid}"
        known, url = credentials, credentials.api_url
        app = WecomApi(
            http,
            url,
            store.holder(f"{agent}:access", token_issuer(http, url, known.corpid, known.secret)),
        )
        contact = WecomApi(
            http,
            url,
            store.holder(
                f"{name}:contact:access",
                token_issuer(http, url, known.corpid, known.contact_secret),
            ),
        )
        self._meet_customers(contact, now)
        self.directory = Directory(app)
        self.logins = StaffLogins(app, known.corpid, known.agentid, known.login_url)
        self.notes = Notes(app, known.agentid)
        self.sidebar = Sidebar(
            known.corpid,
            known.agentid,
            store.holder(f"{agent}:jsapi_ticket", company_ticket_issuer(app)),
            store.holder(f"{agent}:agent_ticket", agent_ticket_issuer(app)),
            now,
        )

    def _meet_customers(self, contact: WecomApi, now: Clock) -> None:
        self.contacts = Contacts(contact)
        self.tags = Tags(contact)
        self.ways = ContactWays(contact)
        self.transfers = Transfers(contact)
        self.groups = GroupChats(contact)
        self.welcomes = Welcomes(contact, now)
        self.broadcasts = Broadcasts(contact)
        self.moments = Moments(contact)
        self.uploads = Uploads(contact)

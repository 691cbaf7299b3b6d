"""The official account (服务号): who came in, who follows, and the ways to speak to them."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx2

from headwater.base.times import Clock
from headwater.connect.official_account.articles import Articles
from headwater.connect.official_account.chat import Chat
from headwater.connect.official_account.followers import Followers
from headwater.connect.official_account.mass import Mass
from headwater.connect.official_account.materials import Materials
from headwater.connect.official_account.menu import Menu
from headwater.connect.official_account.pages import Pages
from headwater.connect.official_account.qr_codes import QrCodes
from headwater.connect.official_account.tags import Tags
from headwater.connect.official_account.templates import Templates
from headwater.connect.official_account.web_login import WebLogin, WebLogins
from headwater.connect.tokens import IssuedToken, Tokens, in_memory
from headwater.connect.weixin_api import WeixinApi, WeixinApp

__all__ = ["OfficialAccount", "OfficialAccountCredentials", "WebLogin"]


@dataclass(frozen=True)
class OfficialAccountCredentials:
    """Who we are to WeChat's official-account platform; the secret stays out of the repr."""

    appid: str
    secret: str = field(repr=False)
    api_url: str = "https://api.weixin.qq.com"
    login_url: str = "https://open.weixin.qq.com"


class OfficialAccount:
    """One official account, a subject each: its calls share one token, with other processes too
    where a store is given.
    """

    def __init__(
        self,
        credentials: OfficialAccountCredentials,
        http: httpx2.AsyncClient,
        now: Clock,
        tokens: Tokens | None = None,
    ) -> None:
        self._credentials = credentials
        self._api = WeixinApi(http, credentials.api_url)
        store = tokens or in_memory(now)
        name = f"official_account:{credentials.appid}:access"
        app = WeixinApp(self._api, store.holder(name, self._issue_token))
        self.web_login = WebLogins(
            self._api, credentials.appid, credentials.secret, credentials.login_url
        )
        self.followers = Followers(app)
        self.tags = Tags(app)
        self.menu = Menu(app)
        self.qr_codes = QrCodes(app)
        self.chat = Chat(app)
        self.templates = Templates(app)
        self.mass = Mass(app)
        self.materials = Materials(app)
        self.articles = Articles(app)
        self.pages = Pages(app, credentials.appid, store)

    async def _issue_token(self, is_forced: bool) -> IssuedToken:
        return await self._api.stable_token(
            self._credentials.appid, self._credentials.secret, is_forced
        )

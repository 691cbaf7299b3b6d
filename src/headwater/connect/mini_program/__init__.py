"""The mini program (小程序): who opened it, ways into it, and what the platform demands."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx2

from headwater.base.times import Clock
from headwater.connect.mini_program.codes import Codes
from headwater.connect.mini_program.content import Content
from headwater.connect.mini_program.links import Links
from headwater.connect.mini_program.login import Login
from headwater.connect.mini_program.shipping import Shipping
from headwater.connect.mini_program.shipping_orders import ShippingOrders
from headwater.connect.mini_program.subscriptions import Subscriptions
from headwater.connect.tokens import IssuedToken, Tokens, in_memory
from headwater.connect.weixin_api import WeixinApi, WeixinApp


@dataclass(frozen=True)
class MiniProgramCredentials:
    """Who we are to WeChat's mini-program platform; the secret stays out of the repr."""

    appid: str
    secret: str = field(repr=False)
    api_url: str = "https://api.weixin.qq.com"


class MiniProgram:
    """One mini program, a subject each: its calls share one token, with other processes too where
    a store is given.
    """

    def __init__(
        self,
        credentials: MiniProgramCredentials,
        http: httpx2.AsyncClient,
        now: Clock,
        tokens: Tokens | None = None,
    ) -> None:
        self._credentials = credentials
        self.appid = credentials.appid
        self._api = WeixinApi(http, credentials.api_url)
        name = f"mini_program:{credentials.appid}:access"
        app = WeixinApp(self._api, (tokens or in_memory(now)).holder(name, self._issue_token))
        self.login = Login(app, credentials.appid, credentials.secret)
        self.codes = Codes(app)
        self.links = Links(app)
        self.subscriptions = Subscriptions(app)
        self.shipping = Shipping(app)
        self.shipping_orders = ShippingOrders(app, credentials.appid)
        self.content = Content(app)

    async def _issue_token(self, is_forced: bool) -> IssuedToken:
        return await self._api.stable_token(
            self._credentials.appid, self._credentials.secret, is_forced
        )

"""The official account (服务号): who came in by the web, and messages by template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import httpx2
import msgspec

from headwater.base.errors import BadInput
from headwater.base.times import Clock
from headwater.connect.sending import Identifier
from headwater.connect.weixin_api import IssuedToken, TokenHolder, WeixinApi

_STATE_LENGTH: Final = 128


@dataclass(frozen=True)
class OfficialAccountCredentials:
    """Who we are to WeChat's official-account platform; the secret stays out of the repr."""

    appid: str
    secret: str = field(repr=False)
    api_url: str = "https://api.weixin.qq.com"
    login_url: str = "https://open.weixin.qq.com"


@dataclass(frozen=True)
class WebLogin:
    """Who came in through WeChat's web login.

    `unionid` is there only for accounts bound to an open platform and with the visitor's consent.
    A snapshot visitor is a virtual user without a lasting identity: show pages, keep nothing.
    """

    openid: str
    unionid: str | None
    is_snapshot: bool
    scope: str


class _WebToken(msgspec.Struct):
    openid: Identifier
    unionid: str = ""
    scope: str = ""
    is_snapshotuser: int = 0


class _Sent(msgspec.Struct):
    msgid: int


class OfficialAccount:
    """One official account: its login, its messages and the token they need."""

    def __init__(
        self, credentials: OfficialAccountCredentials, http: httpx2.AsyncClient, now: Clock
    ) -> None:
        self._credentials = credentials
        self._api = WeixinApi(http, credentials.api_url)
        self._tokens = TokenHolder(self._issue_token, now)

    def login_url(self, redirect_uri: str, state: str, asks_consent: bool = False) -> str:
        """Say where to send a visitor who shall log in; the same words give the same address.

        Without consent only the openid comes back. Whoever made `state` checks it on return.
        """
        if not 1 <= len(state.encode()) <= _STATE_LENGTH:
            raise BadInput("state", f"from 1 to {_STATE_LENGTH} bytes")
        query = urlencode(
            {
                "appid": self._credentials.appid,
                "redirect_uri": redirect_uri,
                "response_type": "code",
                "scope": "snsapi_userinfo" if asks_consent else "snsapi_base",
                "state": state,
            }
        )
        host = self._credentials.login_url.rstrip("/")
        return f"{host}/connect/oauth2/authorize?{query}#wechat_redirect"

    async def exchange(self, code: str) -> WebLogin:
        """Learn who came back with this code.

        A code works once: a repeat, also after silence, is LoginCodeSpent, and the visitor
        starts the login again.
        """
        query = {
            "appid": self._credentials.appid,
            "secret": self._credentials.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        wire = await self._api.call("/sns/oauth2/access_token", query, None, _WebToken)
        return WebLogin(
            openid=wire.openid,
            unionid=wire.unionid or None,
            is_snapshot=wire.is_snapshotuser == 1,
            scope=wire.scope,
        )

    async def send_template(
        self,
        openid: str,
        template_id: str,
        fields: Mapping[str, str],
        url: str | None,
        once_key: str | None = None,
    ) -> str:
        """Send one template message and give the message id.

        A repeat is a second message, unless both carry the same `once_key` within ten minutes.
        CannotReach means that the person does not follow the account.
        """
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": template_id,
            "data": {name: {"value": value} for name, value in fields.items()},
        }
        if url:
            body["url"] = url
        if once_key:
            body["client_msg_id"] = once_key
        path = "/cgi-bin/message/template/send"
        sent = await self._api.call_with_token(self._tokens, path, body, _Sent)
        return str(sent.msgid)

    async def _issue_token(self, is_forced: bool) -> IssuedToken:
        return await self._api.stable_token(
            self._credentials.appid, self._credentials.secret, is_forced
        )

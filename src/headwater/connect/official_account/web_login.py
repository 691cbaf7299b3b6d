"""Who came in by the web: the visitor agrees at WeChat, and a code tells us who it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.errors import LoginCodeSpent, ProviderRefused
from headwater.connect.sending import Identifier
from headwater.connect.weixin_api import DEAD_TOKEN, WeixinApi

_STATE_LENGTH: Final = 128


@dataclass(frozen=True)
class WebLogin:
    """Who came in through WeChat's web login.

    `unionid` is there only for accounts bound to an open platform and with the visitor's consent.
    A snapshot visitor is a virtual user without a lasting identity: show pages, keep nothing.
    The two tokens open this visitor's profile and are no API tokens; they stay out of the repr.
    """

    openid: str
    unionid: str | None
    is_snapshot: bool
    scope: str
    token: str = field(default="", repr=False, compare=False)
    refresh_token: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True)
class Profile:
    """What a visitor who consented shows of themselves; since 2021 often a default picture."""

    openid: str
    unionid: str | None
    nickname: str
    picture_url: str | None
    is_snapshot: bool


class _WebToken(msgspec.Struct):
    openid: Identifier
    access_token: str = ""
    refresh_token: str = ""
    unionid: str = ""
    scope: str = ""
    is_snapshotuser: int = 0


class _Profile(msgspec.Struct):
    openid: Identifier
    nickname: str = ""
    headimgurl: str = ""
    unionid: str = ""
    is_snapshotuser: int = 0


@dataclass(frozen=True)
class WebLogins:
    """The web login of one official account."""

    api: WeixinApi
    appid: str
    secret: str = field(repr=False)
    login_url: str

    def url(self, redirect_uri: str, state: str, asks_consent: bool = False) -> str:
        """Say where to send a visitor who shall log in; the same words give the same address.

        Without consent only the openid comes back. Whoever made `state` checks it on return.
        """
        if not 1 <= len(state.encode()) <= _STATE_LENGTH:
            raise BadInput("state", f"from 1 to {_STATE_LENGTH} bytes")
        query = urlencode(
            {
                "appid": self.appid,
                "redirect_uri": redirect_uri,
                "response_type": "code",
                "scope": "snsapi_userinfo" if asks_consent else "snsapi_base",
                "state": state,
            }
        )
        return f"{self.login_url.rstrip('/')}/connect/oauth2/authorize?{query}#wechat_redirect"

    async def exchange(self, code: str) -> WebLogin:
        """Learn who came back with this code.

        A code works once: a repeat, also after silence, is LoginCodeSpent, and the visitor
        starts the login again.
        """
        query = {
            "appid": self.appid,
            "secret": self.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        return _login(await self.api.get("/sns/oauth2/access_token", query, _WebToken))

    async def refresh(self, refresh_token: str) -> WebLogin:
        """Keep a login alive up to thirty days; a repeat gives a token as good as the first.

        LoginCodeSpent means that the thirty days are over, and the visitor logs in again.
        """
        query = {
            "appid": self.appid,
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }
        return _login(await self.api.get("/sns/oauth2/refresh_token", query, _WebToken))

    async def profile(self, login: WebLogin) -> Profile:
        """Look at a visitor who consented; looking again changes nothing.

        LoginCodeSpent means that the two hours of this token are over: `refresh` gives another.
        """
        query = {"access_token": login.token, "openid": login.openid, "lang": "zh_CN"}
        try:
            wire = await self.api.get("/sns/userinfo", query, _Profile)
        except ProviderRefused as refusal:
            if refusal.provider_code in DEAD_TOKEN:
                raise LoginCodeSpent(refusal.provider_code, refusal.provider_message) from refusal
            raise
        return Profile(
            openid=wire.openid,
            unionid=wire.unionid or None,
            nickname=wire.nickname,
            picture_url=wire.headimgurl or None,
            is_snapshot=login.is_snapshot or wire.is_snapshotuser == 1,
        )


def _login(wire: _WebToken) -> WebLogin:
    return WebLogin(
        openid=wire.openid,
        unionid=wire.unionid or None,
        is_snapshot=wire.is_snapshotuser == 1,
        scope=wire.scope,
        token=wire.access_token,
        refresh_token=wire.refresh_token,
    )

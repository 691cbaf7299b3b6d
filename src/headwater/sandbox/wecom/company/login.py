"""A member's web login: they are asked who they are, the app trades the code for a userid."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from headwater.sandbox.wecom.api import Answer, Api, Call
from headwater.sandbox.wecom.corp import Corp
from headwater.sandbox.wecom.errors import WecomError

CODE_LIVES = timedelta(minutes=5)
SCOPES = ("snsapi_base", "snsapi_privateinfo")
LONGEST_STATE = 128


class BadLogin(Exception):
    """The login address is wrong; the page says so."""


@dataclass(frozen=True)
class Asked:
    """Where the browser goes back to, and what is given back unchanged."""

    redirect_uri: str
    state: str


class Login:
    """Codes for members: one use, five minutes."""

    def __init__(self, corp: Corp) -> None:
        wecom = corp.ground.credentials["wecom"]
        self._corp = corp
        self._corpid: str = wecom["corpid"]
        self._agentid: int = wecom["agentid"]
        self._codes: dict[str, tuple[str, datetime]] = {}

    def apis(self) -> list[Api]:
        """Who has logged in; the second path is the older one."""
        return [
            Api("/cgi-bin/auth/getuserinfo", "GET", "app", self._who),
            Api("/cgi-bin/user/getuserinfo", "GET", "app", self._who_before),
        ]

    def read(self, query: dict[str, str], by_scan: bool = False) -> Asked:
        """The request in the address, if the platform would open its page for it."""
        if query.get("appid") != self._corpid:
            raise BadLogin("appid 参数错误")
        parts = urlsplit(query.get("redirect_uri", ""))
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise BadLogin("redirect_uri 与配置的授权完成回调域名不一致")
        self._check_way(query, by_scan)
        state = query.get("state", "")
        if len(state.encode()) > LONGEST_STATE:
            raise BadLogin("state 参数错误")
        return Asked(query["redirect_uri"], state)

    def _check_way(self, query: dict[str, str], by_scan: bool) -> None:
        if by_scan:
            if query.get("login_type") != "CorpApp":
                raise BadLogin("login_type 参数错误")
            if query.get("agentid") != str(self._agentid):
                raise BadLogin("agentid 参数错误")
        elif query.get("response_type") != "code" or query.get("scope") not in SCOPES:
            raise BadLogin("scope 参数错误")

    def grant(self, asked: Asked, userid: str, now: datetime) -> str:
        """The address that takes the browser back, with a fresh code in it."""
        member = self._corp.staff.get(userid)
        code = secrets.token_urlsafe(32)
        self._codes[code] = (member.userid, now + CODE_LIVES)
        parts = urlsplit(asked.redirect_uri)
        query = [*parse_qsl(parts.query, keep_blank_values=True), ("code", code)]
        query.append(("state", asked.state))
        return urlunsplit(parts._replace(query=urlencode(query)))

    def _who(self, call: Call) -> Answer:
        return {"userid": self._trade(call)}

    def _who_before(self, call: Call) -> Answer:
        return {"UserId": self._trade(call), "DeviceId": ""}

    def _trade(self, call: Call) -> str:
        userid, until = self._codes.pop(call.needs("code", 41008), ("", call.now))
        if not userid or call.now >= until:
            raise WecomError(40029)
        return userid

"""Web login: a person agrees, a code is given out once, the shop trades it for an open id.

Web tokens are of another kind than API tokens: neither opens the other's doors.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from headwater.sandbox.credentials import letters
from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import Person
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done

CODE_LIVES = timedelta(minutes=5)
TOKEN_LIVES_SECONDS = 7_200
REFRESH_LIVES = timedelta(days=30)
SCOPES = ("snsapi_base", "snsapi_userinfo")
LONGEST_STATE = 128


class BadLogin(Exception):
    """The login address is wrong; the message is shown on the page as WeChat shows it."""


@dataclass(frozen=True)
class LoginRequest:
    """What the shop asks for when it sends a browser to the open host."""

    appid: str
    redirect_uri: str
    scope: str
    state: str


@dataclass(frozen=True)
class Granted:
    """What a code or a web token stands for; a snapshot shows a person that nobody is."""

    person: Person
    scope: str
    until: datetime
    is_snapshot: bool = False


class WebLogin:
    """Codes and web tokens of one official account."""

    def __init__(self, ground: Ground, app: App) -> None:
        self._app = app
        self._seed = ground.seed
        self._people = ground.people
        self._faults = ground.faults
        self._codes: dict[str, Granted] = {}
        self._used: set[str] = set()
        self._tokens: dict[str, Granted] = {}
        self._refreshes: dict[str, Granted] = {}

    def read(self, query: dict[str, str]) -> LoginRequest:
        """The request in the address, if the platform would open its page for it."""
        asked = LoginRequest(
            query.get("appid", ""),
            query.get("redirect_uri", ""),
            query.get("scope", ""),
            query.get("state", ""),
        )
        if asked.appid != self._app.appid:
            raise BadLogin("AppID 参数错误")
        if origin(asked.redirect_uri) is None:
            raise BadLogin("redirect_uri 参数错误")
        if query.get("response_type") != "code" or asked.scope not in SCOPES:
            raise BadLogin("Scope 参数错误或没有 Scope 权限")
        if len(asked.state) > LONGEST_STATE:
            raise BadLogin("state 参数错误")
        return asked

    def grant(
        self, asked: LoginRequest, person: Person, now: datetime, is_snapshot: bool = False
    ) -> str:
        """The address that takes the browser back, with a fresh code in it."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = Granted(person, asked.scope, now + CODE_LIVES, is_snapshot)
        parts = urlsplit(asked.redirect_uri)
        query = [*parse_qsl(parts.query, keep_blank_values=True), ("code", code)]
        query.append(("state", asked.state))
        return urlunsplit(parts._replace(query=urlencode(query)))

    def trade(self, call: Call) -> dict[str, Any]:
        """sns/oauth2/access_token: a web token for a code, one use, five minutes."""
        self._check_app(call, "secret")
        if call.query.get("grant_type") != "authorization_code":
            raise WeixinError(40002, "invalid grant_type")
        code = call.query.get("code", "")
        if not code:
            raise WeixinError(41008, "missing code")
        if code in self._used:
            raise WeixinError(40163, "code been used")
        granted = self._codes.pop(code, None)
        if granted is None or call.now >= granted.until:
            raise WeixinError(40029, "invalid code")
        self._used.add(code)
        refresh = secrets.token_urlsafe(64)
        self._refreshes[refresh] = replace(granted, until=call.now + REFRESH_LIVES)
        return self._token(granted, refresh, call.now)

    def refresh(self, call: Call) -> dict[str, Any]:
        """sns/oauth2/refresh_token: another web token within thirty days."""
        self._check_app(call, None)
        if call.query.get("grant_type") != "refresh_token":
            raise WeixinError(40002, "invalid grant_type")
        refresh = call.query.get("refresh_token", "")
        granted = self._refreshes.get(refresh)
        if granted is None:
            raise WeixinError(40030, "invalid refresh_token")
        if call.now >= granted.until:
            raise WeixinError(42002, "refresh_token expired")
        return self._token(granted, refresh, call.now)

    def check(self, call: Call) -> dict[str, Any]:
        """sns/auth: whether this web token is good for this open id."""
        self._trusted(call)
        return done()

    def about(self, call: Call) -> dict[str, Any]:
        """sns/userinfo: the person's profile, for a token of scope snsapi_userinfo."""
        granted = self._trusted(call)
        if granted.scope != "snsapi_userinfo":
            raise WeixinError(48001, "api unauthorized")
        answer = {
            "openid": self._openid(granted),
            "nickname": "微信用户" if granted.is_snapshot else granted.person.nickname,
            "sex": 0,
            "province": "",
            "city": "",
            "country": "",
            "headimgurl": "",
            "privilege": [],
        }
        return answer | self._union(granted)

    def _check_app(self, call: Call, secret: str | None) -> None:
        if call.query.get("appid") != self._app.appid:
            raise WeixinError(40013, "invalid appid")
        if secret is None:
            return
        given = call.query.get(secret, "").encode()
        if not secrets.compare_digest(given, self._app.secret.encode()):
            raise WeixinError(40125, "invalid appsecret")

    def _trusted(self, call: Call) -> Granted:
        granted = self._tokens.get(call.query.get("access_token", ""))
        if granted is None:
            raise WeixinError(40001, "invalid credential, access_token is invalid")
        if call.now >= granted.until:
            raise WeixinError(42001, "access_token expired")
        if call.query.get("openid") != self._openid(granted):
            raise WeixinError(40003, "invalid openid")
        return granted

    def _token(self, granted: Granted, refresh: str, now: datetime) -> dict[str, Any]:
        token = secrets.token_urlsafe(64)
        until = now + timedelta(seconds=TOKEN_LIVES_SECONDS)
        self._tokens[token] = replace(granted, until=until)
        answer: dict[str, Any] = {
            "access_token": token,
            "expires_in": TOKEN_LIVES_SECONDS,
            "refresh_token": refresh,
            "openid": self._openid(granted),
            "scope": granted.scope,
        }
        if granted.is_snapshot:
            answer["is_snapshotuser"] = 1
        return answer | (self._union(granted) if granted.scope == "snsapi_userinfo" else {})

    def _openid(self, granted: Granted) -> str:
        if granted.is_snapshot:
            return "o" + letters(self._seed, 27, "snapshot", granted.person.id)
        return self._people.openid(granted.person, self._app.appid)

    def _union(self, granted: Granted) -> dict[str, str]:
        if self._faults.drawn("hide_unionid") > 0:
            return {}
        if granted.is_snapshot:
            return {"unionid": "o6_" + letters(self._seed, 25, "snapshot", granted.person.id)}
        return {"unionid": granted.person.unionid}


def origin(address: str) -> str | None:
    """Scheme, host and port of an absolute http(s) address; None for anything else."""
    try:
        parts = urlsplit(address)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return None
    host = parts.hostname or ""
    # The origin goes into a header, so a host is letters, digits, dots and dashes only.
    is_plain = host != "" and all(one.isascii() and (one.isalnum() or one in ".-") for one in host)
    if parts.scheme not in ("http", "https") or not is_plain or parts.username is not None:
        return None
    return f"{parts.scheme}://{host}{port}"

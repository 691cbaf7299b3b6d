"""Web login: a person agrees, a code is given out once, the shop trades it for an open id."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from headwater.sandbox.people import People, Person
from headwater.sandbox.weixin.errors import WeixinError

CODE_LIVES = timedelta(minutes=5)
TOKEN_LIVES_SECONDS = 7_200
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
    """What a code or a web token stands for."""

    person: Person
    scope: str
    until: datetime


class WebLogin:
    """Codes and web tokens of one official account."""

    def __init__(self, appid: str, secret: str, people: People) -> None:
        self._appid = appid
        self._secret = secret
        self._people = people
        self._codes: dict[str, Granted] = {}
        self._used: set[str] = set()
        self._tokens: dict[str, Granted] = {}

    def read(self, query: dict[str, str]) -> LoginRequest:
        """The request in the address, if the platform would open its page for it."""
        asked = LoginRequest(
            query.get("appid", ""),
            query.get("redirect_uri", ""),
            query.get("scope", ""),
            query.get("state", ""),
        )
        if asked.appid != self._appid:
            raise BadLogin("AppID 参数错误")
        if origin(asked.redirect_uri) is None:
            raise BadLogin("redirect_uri 参数错误")
        if query.get("response_type") != "code" or asked.scope not in SCOPES:
            raise BadLogin("Scope 参数错误或没有 Scope 权限")
        if len(asked.state) > LONGEST_STATE:
            raise BadLogin("state 参数错误")
        return asked

    def grant(self, asked: LoginRequest, person: Person, now: datetime) -> str:
        """The address that takes the browser back, with a fresh code in it."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = Granted(person, asked.scope, now + CODE_LIVES)
        parts = urlsplit(asked.redirect_uri)
        query = [*parse_qsl(parts.query, keep_blank_values=True), ("code", code)]
        query.append(("state", asked.state))
        return urlunsplit(parts._replace(query=urlencode(query)))

    def trade(self, query: dict[str, str], now: datetime) -> dict[str, Any]:
        """A web token for a code: one use, five minutes."""
        if query.get("appid") != self._appid:
            raise WeixinError(40013, "invalid appid")
        if not secrets.compare_digest(query.get("secret", "").encode(), self._secret.encode()):
            raise WeixinError(40125, "invalid appsecret")
        if query.get("grant_type") != "authorization_code":
            raise WeixinError(40002, "invalid grant_type")
        code = query.get("code", "")
        if code in self._used:
            raise WeixinError(40163, "code been used")
        granted = self._codes.pop(code, None)
        if granted is None or now >= granted.until:
            raise WeixinError(40029, "invalid code")
        self._used.add(code)
        return self._token(granted, now)

    def about(self, query: dict[str, str], now: datetime) -> dict[str, Any]:
        """The person's profile, for a token of scope snsapi_userinfo."""
        granted = self._tokens.get(query.get("access_token", ""))
        if granted is None:
            raise WeixinError(40001, "invalid credential, access_token is invalid")
        if now >= granted.until:
            raise WeixinError(42001, "access_token expired")
        openid = self._people.openid(granted.person, self._appid)
        if query.get("openid") != openid:
            raise WeixinError(40003, "invalid openid")
        if granted.scope != "snsapi_userinfo":
            raise WeixinError(48001, "api unauthorized")
        return {
            "openid": openid,
            "nickname": granted.person.nickname,
            "sex": 0,
            "province": "",
            "city": "",
            "country": "",
            "headimgurl": "",
            "privilege": [],
            "unionid": granted.person.unionid,
        }

    def _token(self, granted: Granted, now: datetime) -> dict[str, Any]:
        token = secrets.token_urlsafe(64)
        until = now + timedelta(seconds=TOKEN_LIVES_SECONDS)
        self._tokens[token] = Granted(granted.person, granted.scope, until)
        answer = {
            "access_token": token,
            "expires_in": TOKEN_LIVES_SECONDS,
            "refresh_token": secrets.token_urlsafe(64),
            "openid": self._people.openid(granted.person, self._appid),
            "scope": granted.scope,
        }
        if granted.scope == "snsapi_userinfo":
            answer["unionid"] = granted.person.unionid
        return answer


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

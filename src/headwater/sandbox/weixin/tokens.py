"""API tokens: stable ones that stay, plain ones that replace each other, each for one app only."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

import msgspec

from headwater.sandbox.faults import Faults
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.errors import WeixinError
from headwater.sandbox.weixin.limits import Meters, refuse

LIVES = timedelta(seconds=7_200)
EARLY = timedelta(minutes=5)
FORCED_APART = timedelta(seconds=30)
LOOKS_RIGHT = re.compile(r"[0-9A-Za-z_\-]{1,512}\Z")
NOT_LATEST = "invalid credential, access_token is invalid or not latest"


class TokenRequest(msgspec.Struct):
    """The body of stable_token, or the query of token."""

    grant_type: str = ""
    appid: str = ""
    secret: str = ""
    force_refresh: bool = False


class Tokens:
    """Which API tokens of one app are good, and until when; its jsapi ticket too."""

    def __init__(self, app: App, meters: Meters) -> None:
        self.app = app
        self._meters = meters
        self._until: dict[str, datetime] = {}
        self._stable: str | None = None
        self._plain: str | None = None
        self._forced_at: datetime | None = None
        self._tickets: dict[str, tuple[str, datetime]] = {}

    def stable(self, asked: TokenRequest, now: datetime) -> dict[str, Any]:
        """Asking again changes nothing until five minutes before the end; then both are good."""
        self._meters.spend("token.minute", self.app.appid, now)
        self._meters.spend("token.day", self.app.appid, now)
        if asked.force_refresh:
            self._force(now)
        if self._stable is None or now >= self._until[self._stable] - EARLY:
            self._stable = self._issue(now)
        left = self._until[self._stable] - now
        return {"access_token": self._stable, "expires_in": int(left.total_seconds())}

    def plain(self, now: datetime) -> dict[str, Any]:
        """Each call replaces the token; the one before lives five minutes more."""
        self._meters.spend("token", self.app.appid, now)
        before, self._plain = self._plain, self._issue(now)
        if before is not None and before in self._until:
            self._until[before] = min(self._until[before], now + EARLY)
        return {"access_token": self._plain, "expires_in": int(LIVES.total_seconds())}

    def until(self, token: str) -> datetime | None:
        """How long this token is good, if it is one of this app."""
        return self._until.get(token)

    def ticket(self, kind: str, now: datetime) -> dict[str, Any]:
        """The ticket that signs JS calls: the same one until shortly before its end."""
        if kind not in ("jsapi", "wx_card"):
            raise WeixinError(40097, "invalid args")
        known = self._tickets.get(kind)
        if known is None or now >= known[1] - EARLY:
            known = (secrets.token_urlsafe(64), now + LIVES)
            self._tickets[kind] = known
        left = int((known[1] - now).total_seconds())
        return {"errcode": 0, "errmsg": "ok", "ticket": known[0], "expires_in": left}

    def kill(self, token: str) -> None:
        """This token dies early, as the platform's sometimes do."""
        self._until.pop(token, None)
        if token == self._stable:
            self._stable = None
        if token == self._plain:
            self._plain = None

    def expire(self) -> None:
        """All tokens and tickets die early."""
        self._until.clear()
        self._tickets.clear()
        self._stable = self._plain = None

    def _force(self, now: datetime) -> None:
        if self._forced_at is not None and now - self._forced_at < FORCED_APART:
            raise refuse("token.forced")
        self._meters.spend("token.forced", self.app.appid, now)
        self._forced_at = now
        if self._stable is not None:
            self.kill(self._stable)

    def _issue(self, now: datetime) -> str:
        token = secrets.token_urlsafe(96)
        self._until[token] = now + LIVES
        return token


class Keyring:
    """The tokens of all apps: says whose a token is, and refuses what is no good token."""

    def __init__(self, tokens: list[Tokens], faults: Faults) -> None:
        self._by_appid = {one.app.appid: one for one in tokens}
        self._faults = faults

    def of(self, app: App) -> Tokens:
        """The tokens of one app."""
        return self._by_appid[app.appid]

    def trusted(self, asked: TokenRequest) -> Tokens:
        """The tokens of whoever shows the right secret."""
        if asked.grant_type != "client_credential":
            raise WeixinError(40002, "invalid grant_type")
        if not asked.appid:
            raise WeixinError(41002, "appid missing")
        tokens = self._by_appid.get(asked.appid)
        if tokens is None:
            raise WeixinError(40013, "invalid appid")
        if not asked.secret:
            raise WeixinError(41004, "appsecret missing")
        if not secrets.compare_digest(asked.secret.encode(), tokens.app.secret.encode()):
            raise WeixinError(40125, "invalid appsecret")
        return tokens

    def check(self, token: str, now: datetime) -> App:
        """Whose call this is; a web token, a dead or a foreign token is nobody's."""
        if not token:
            raise WeixinError(41001, "access_token missing")
        if not LOOKS_RIGHT.match(token):
            raise WeixinError(40014, "invalid access_token")
        for tokens in self._by_appid.values():
            until = tokens.until(token)
            if until is None:
                continue
            if now >= until:
                raise WeixinError(42001, "access_token expired")
            if self._faults.spends("tokens_die_next"):
                tokens.kill(token)
                raise WeixinError(40001, NOT_LATEST)
            return tokens.app
        raise WeixinError(40001, NOT_LATEST)

    def expire(self) -> None:
        """Every token of every app dies early."""
        for tokens in self._by_appid.values():
            tokens.expire()

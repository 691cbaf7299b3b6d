"""API tokens of the official account: the same one again until shortly before its end."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

import msgspec

from headwater.sandbox.weixin.errors import WeixinError

LIVES = timedelta(seconds=7_200)
EARLY = timedelta(minutes=5)
FORCED_APART = timedelta(seconds=30)
FORCED_A_DAY = 20


class TokenRequest(msgspec.Struct):
    """The body of stable_token."""

    grant_type: str = ""
    appid: str = ""
    secret: str = ""
    force_refresh: bool = False


class Tokens:
    """Which API tokens are good, and until when."""

    def __init__(self, appid: str, secret: str) -> None:
        self._appid = appid
        self._secret = secret
        self._until: dict[str, datetime] = {}
        self._current: str | None = None
        self._forced: list[datetime] = []

    def stable(self, asked: TokenRequest, now: datetime) -> dict[str, Any]:
        """Asking again changes nothing until five minutes before the end; then both are good."""
        self._check(asked)
        if asked.force_refresh:
            self._force(now)
        if self._current is None or now >= self._until[self._current] - EARLY:
            self._current = secrets.token_urlsafe(96)
            self._until[self._current] = now + LIVES
        left = self._until[self._current] - now
        return {"access_token": self._current, "expires_in": int(left.total_seconds())}

    def check(self, token: str, now: datetime) -> None:
        """Refuse a call whose token is missing, unknown or over."""
        if not token:
            raise WeixinError(41001, "access_token missing")
        until = self._until.get(token)
        if until is None:
            raise WeixinError(40001, "invalid credential, access_token is invalid or not latest")
        if now >= until:
            raise WeixinError(42001, "access_token expired")

    def expire(self) -> None:
        """All tokens die early, as the platform's sometimes do."""
        self._until.clear()
        self._current = None

    def _check(self, asked: TokenRequest) -> None:
        if asked.grant_type != "client_credential":
            raise WeixinError(40002, "invalid grant_type")
        if asked.appid != self._appid:
            raise WeixinError(40013, "invalid appid")
        if not secrets.compare_digest(asked.secret.encode(), self._secret.encode()):
            raise WeixinError(40125, "invalid appsecret")

    def _force(self, now: datetime) -> None:
        day = [moment for moment in self._forced if now - moment < timedelta(days=1)]
        if len(day) >= FORCED_A_DAY or (day and now - day[-1] < FORCED_APART):
            raise WeixinError(45009, "reach max api daily quota limit")
        self._forced = [*day, now]
        self.expire()

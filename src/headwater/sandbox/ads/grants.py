"""Who may ask: the advertiser agrees once, tokens last a day, the permission thirty days."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from headwater.sandbox.ads.api import Answer
from headwater.sandbox.ads.errors import AdsError
from headwater.sandbox.hosts import Ground
from headwater.sandbox.shelf import Shelf

CODE_LIVES = timedelta(minutes=5)
TOKEN_LIVES = timedelta(hours=24)
GRANT_LIVES = timedelta(days=30)
CLOCK_WINDOW_SECONDS = 300
LONGEST_NONCE = 32
LONGEST_STATE = 512
LONGEST_ADDRESS = 1_024
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Source: developers.e.qq.com/tools/faq/oauth, read 2026-11: of each application and call.
MOST_A_MINUTE = 1_000
MOST_READS_A_DAY = 20_000
MOST_WRITES_A_DAY = 10_000


class BadLogin(Exception):
    """The page of the platform would not open; the message says why."""


@dataclass(frozen=True)
class Grant:
    """A permission: a code first, then a refresh token whose thirty days begin at each use."""

    code: str
    redirect_uri: str
    code_until: datetime
    refresh_token: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Token:
    """A token of a day."""

    text: str
    until: datetime


class Grants:
    """Codes, permissions and tokens of one application and one advertiser."""

    def __init__(self, ground: Ground) -> None:
        ads = ground.credentials["ads"]
        self._client_id = str(ads["client_id"])
        self._client_secret: str = ads["client_secret"]
        self.account_id: int = ads["account_id"]
        self._faults = ground.faults
        self._grants = Shelf(ground.journal, "ads_grant", Grant, lambda one: one.code)
        self._tokens = Shelf(ground.journal, "ads_token", Token, lambda one: one.text)
        self._nonces: dict[tuple[str, str], datetime] = {}
        self._counts: dict[tuple[str, timedelta], tuple[datetime, int]] = {}

    def read(self, query: dict[str, str]) -> tuple[str, str]:
        """Where the browser goes back to and with which state, if the page would open."""
        if query.get("client_id") != self._client_id:
            raise BadLogin("client_id 不存在")
        address, state = query.get("redirect_uri", ""), query.get("state", "")
        parts = urlsplit(address)
        is_good = parts.scheme in ("http", "https") and parts.netloc
        if not is_good or len(address) > LONGEST_ADDRESS:
            raise BadLogin("redirect_uri 与登记的回调域名不一致")
        if len(state.encode()) > LONGEST_STATE:
            raise BadLogin("state 参数错误")
        return address, state

    def agree(self, redirect_uri: str, now: datetime) -> str:
        """The advertiser agrees: a code, good once and for five minutes."""
        code = secrets.token_hex(16)
        self._grants.put(Grant(code, redirect_uri, now + CODE_LIVES))
        return code

    def address(self, redirect_uri: str, state: str, code: str) -> str:
        """Where the browser is sent with the code."""
        parts = urlsplit(redirect_uri)
        query = [*parse_qsl(parts.query, keep_blank_values=True), ("authorization_code", code)]
        return urlunsplit(parts._replace(query=urlencode([*query, ("state", state)])))

    def trade(self, query: dict[str, str], now: datetime) -> Answer:
        """A token for a code, or for a refresh token."""
        if query.get("client_id") != self._client_id or not secrets.compare_digest(
            query.get("client_secret", "").encode(), self._client_secret.encode()
        ):
            raise AdsError(11007)
        kind = query.get("grant_type")
        if kind == "authorization_code":
            return self._by_code(query, now)
        if kind == "refresh_token":
            return self._by_refresh(query.get("refresh_token", ""), now)
        raise AdsError(18001, "grant_type")

    def check(self, query: dict[str, str], now: datetime) -> None:
        """Refuse a call whose token, clock or nonce is wrong; a nonce counts once a token."""
        token, timestamp, nonce = (
            query.get(name, "") for name in ("access_token", "timestamp", "nonce")
        )
        if not (token and timestamp and nonce):
            raise AdsError(12000)
        known = self._tokens.get(token)
        if known is None:
            raise AdsError(11002)
        if self._faults.spends("ads_tokens_die_next"):
            known = self._tokens.put(replace(known, until=now))
        if now >= known.until:
            raise AdsError(11000)
        is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12
        if not is_number or abs(now.timestamp() - int(timestamp)) > CLOCK_WINDOW_SECONDS:
            raise AdsError(12001)
        if len(nonce) > LONGEST_NONCE:
            raise AdsError(18001, "nonce")
        self._remember(token, nonce, now)

    def count(self, path: str, is_read: bool, now: datetime) -> None:
        """Count a call against the limits of the minute and of the day."""
        most_a_day = MOST_READS_A_DAY if is_read else MOST_WRITES_A_DAY
        for length, most, code in ((MINUTE, MOST_A_MINUTE, 11017), (DAY, most_a_day, 11018)):
            start, calls = self._counts.get((path, length), (now, 0))
            if now - start >= length:
                start, calls = now, 0
            if calls >= most:
                raise AdsError(code)
            self._counts[path, length] = (start, calls + 1)

    def expire(self, now: datetime) -> None:
        """All tokens die early; the permission stays."""
        for token in self._tokens.everything():
            self._tokens.put(replace(token, until=min(token.until, now)))

    def _by_code(self, query: dict[str, str], now: datetime) -> Answer:
        grant = self._grants.get(query.get("authorization_code", ""))
        if grant is None:
            raise AdsError(11011)
        if grant.refresh_token:
            raise AdsError(11013)
        if now >= grant.code_until:
            raise AdsError(11009)
        if query.get("redirect_uri") != grant.redirect_uri:
            raise AdsError(18001, "redirect_uri")
        refresh_token = secrets.token_hex(32)
        self._grants.put(replace(grant, refresh_token=refresh_token, until=now + GRANT_LIVES))
        return {
            "authorizer_info": {
                "account_uin": 0,
                "account_id": self.account_id,
                "scope_list": [],
                "wechat_account_id": "",
                "account_role_type": "ACCOUNT_ROLE_TYPE_ADVERTISER",
                "account_type": "ACCOUNT_TYPE_ADVERTISER",
            },
            "refresh_token": refresh_token,
            "refresh_token_expires_in": int(GRANT_LIVES.total_seconds()),
            **self._new_token(now),
        }

    def _by_refresh(self, refresh_token: str, now: datetime) -> Answer:
        found = (one for one in self._grants.everything() if one.refresh_token == refresh_token)
        grant = next(found, None) if refresh_token else None
        if grant is None or grant.until is None:
            raise AdsError(11010)
        if now >= grant.until:
            raise AdsError(11012)
        # The refresh token stays; only its thirty days begin anew.
        self._grants.put(replace(grant, until=now + GRANT_LIVES))
        return self._new_token(now)

    def _new_token(self, now: datetime) -> Answer:
        token = self._tokens.put(Token(secrets.token_hex(16), now + TOKEN_LIVES))
        lasts = int(TOKEN_LIVES.total_seconds())
        return {"access_token": token.text, "access_token_expires_in": lasts}

    def _remember(self, token: str, nonce: str, now: datetime) -> None:
        if (token, nonce) in self._nonces:
            raise AdsError(12002)
        self._nonces[token, nonce] = now
        # A nonce older than both sides of the clock window can no longer pass the clock.
        oldest = now - 2 * timedelta(seconds=CLOCK_WINDOW_SECONDS)
        while self._nonces and next(iter(self._nonces.values())) < oldest:
            del self._nonces[next(iter(self._nonces))]

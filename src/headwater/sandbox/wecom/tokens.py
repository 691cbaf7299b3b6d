"""Tokens and tickets: one token per app, two kinds of ticket, each the same until it dies."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from headwater.sandbox.faults import Faults
from headwater.sandbox.wecom.api import Answer, Api, Call, Right
from headwater.sandbox.wecom.errors import WecomError
from headwater.sandbox.wecom.limits import Rates

LIVES = timedelta(seconds=7_200)
Ticket = Literal["config", "agentConfig"]


@dataclass(frozen=True)
class App:
    """An application of the company: its secret, and which family of calls it may make."""

    name: str
    secret: str
    rights: frozenset[str]


@dataclass(frozen=True)
class Issued:
    """A token or a ticket, and when it dies by itself."""

    text: str
    whose: str
    until: datetime


class Tokens:
    """Which tokens are good, and what they are good for."""

    def __init__(self, corpid: str, apps: tuple[App, ...], faults: Faults) -> None:
        self._corpid = corpid
        self._apps = {app.name: app for app in apps}
        self._faults = faults
        self._current: dict[str, Issued] = {}
        self._known: dict[str, Issued] = {}

    def apis(self) -> list[Api]:
        """The one call that needs no token."""
        return [Api("/cgi-bin/gettoken", "GET", "none", self._issue)]

    def check(self, token: str, right: Right, now: datetime) -> str:
        """The app behind a token, if the token lives and the app may do this."""
        if not token:
            raise WecomError(41001)
        issued = self._known.get(token)
        if issued is None:
            raise WecomError(40014)
        if self._faults.spends("wecom_tokens_die_next"):
            self.expire(issued.whose)
        if now >= self._known[token].until:
            raise WecomError(42001)
        if right not in self._apps[issued.whose].rights | {"any"}:
            raise WecomError(48002)
        return issued.whose

    def expire(self, whose: str | None = None) -> None:
        """Tokens die early, as the platform's sometimes do; of one app, or all."""
        for name in [whose] if whose is not None else list(self._apps):
            issued = self._current.pop(name, None)
            if issued is not None:
                dead = Issued(issued.text, name, datetime.min.replace(tzinfo=issued.until.tzinfo))
                self._known[issued.text] = dead

    def _issue(self, call: Call) -> Answer:
        corpid, secret = call.needs("corpid", 41002), call.needs("corpsecret", 41004)
        if corpid != self._corpid:
            raise WecomError(40013)
        matching = (
            app
            for app in self._apps.values()
            if secrets.compare_digest(app.secret.encode(), secret.encode())
        )
        app = next(matching, None)
        if app is None:
            raise WecomError(40001)
        issued = self._current.get(app.name)
        if issued is None or call.now >= issued.until:
            issued = Issued(secrets.token_urlsafe(160)[:214], app.name, call.now + LIVES)
            self._current[app.name] = self._known[issued.text] = issued
        left = int((issued.until - call.now).total_seconds())
        return {"access_token": issued.text, "expires_in": left}


class Tickets:
    """What web pages sign with: the company's ticket, and each app's own for agentConfig."""

    def __init__(self, rates: Rates, corpid: str) -> None:
        self._rates = rates
        self._corpid = corpid
        self._current: dict[tuple[Ticket, str], Issued] = {}

    def apis(self) -> list[Api]:
        """Both tickets; they differ, and a page needs each in its place."""
        return [
            Api("/cgi-bin/get_jsapi_ticket", "GET", "app", self._of_company),
            Api("/cgi-bin/ticket/get", "GET", "app", self._of_app),
        ]

    def is_signed(self, kind: Ticket, given: dict[str, str], now: datetime) -> bool:
        """Whether a page's signature was made with this ticket, for its address without the #."""
        address, signed = given["url"].partition("#")[0], given["signature"].encode()
        return any(
            hmac.compare_digest(_signed(issued.text, given, address).encode(), signed)
            for (of_kind, _), issued in self._current.items()
            if of_kind == kind and now < issued.until
        )

    def _of_company(self, call: Call) -> Answer:
        self._rates.count("corp_tickets_an_hour", "company", call.now)
        self._rates.count("app_tickets_an_hour", f"company {call.app}", call.now)
        return self._issue("config", self._corpid, call.now)

    def _of_app(self, call: Call) -> Answer:
        if call.query.get("type") != "agent_config":
            raise WecomError(40005)
        self._rates.count("corp_tickets_an_hour", "apps", call.now)
        self._rates.count("app_tickets_an_hour", f"app {call.app}", call.now)
        return self._issue("agentConfig", call.app, call.now)

    def _issue(self, kind: Ticket, whose: str, now: datetime) -> Answer:
        issued = self._current.get((kind, whose))
        if issued is None or now >= issued.until:
            issued = Issued(secrets.token_urlsafe(64)[:86], whose, now + LIVES)
            self._current[kind, whose] = issued
        left = int((issued.until - now).total_seconds())
        return {"ticket": issued.text, "expires_in": left}


def _signed(ticket: str, given: dict[str, str], address: str) -> str:
    parts = ("jsapi_ticket=" + ticket, "noncestr=" + given["noncestr"])
    text = "&".join((*parts, "timestamp=" + given["timestamp"], "url=" + address))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
